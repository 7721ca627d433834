/**
 * A mistake in what was typed: an option, a value, a name. A command line shows the message as it is, without
 * a stack, and ends with an exit status of its own.
 */
export class UsageError extends Error {}
