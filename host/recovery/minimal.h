// The minimal state: the BMC stays in it when running the logic has failed again and again, or the logic
// cannot be loaded. It changes no output, and answers a few commands on the console that show the cause.

/** `why` is a sentence of the host. Returns only through a restart. */
_Noreturn void minimal_run(const char *why);
