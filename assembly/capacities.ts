/**
 * The sizes of the logic's static memory that are our choice. `memory.data` takes them as they are, so that a
 * changed size changes what is reserved, and `npm run check` refuses a number there. Sizes that follow from
 * the contract are computed from its constants where they are used. Nothing is allocated after start; the
 * build checks that all of it fits the contract's linear memory.
 */

/** Boot-log ring. A whole Raspberry Pi boot with a chatty kernel is about 30 KB. Power of two. */
export const BOOT_LOG_BYTES: u32 = 32768;

/** Console output waiting for the host's queue. Power of two. */
export const OUTPUT_BYTES: u32 = 4096;

/**
 * The most one command may print at once; a command runs only while this much is free. `help` is the
 * longest.
 */
export const COMMAND_OUTPUT_BYTES: u32 = 2048;

/** Notices held back while the console carries raw boot-log bytes. */
export const HELD_BYTES: u32 = 512;

/** Longest command line. */
export const LINE_BYTES: u32 = 120;

/** Command lines the editor remembers. */
export const HISTORY_LINES: i32 = 4;

/** Tokens of a command line; further ones are an error. */
export const LINE_TOKENS: i32 = 8;

/** Words that may stand at one position of a command line. The commands themselves are the most. */
export const CHOICES: u32 = 16;

/** Longest of these words. A longer name of a sensor would be neither suggested nor completed. */
export const CHOICE_BYTES: u32 = 16;

/** Console bytes read from the host at a time. */
export const INPUT_BYTES: u32 = 64;

/** Console bytes handled in one pass, so that a flood of input cannot starve the rest. */
export const INPUT_BYTES_PER_PASS: u32 = 256;

/** SMBus requests served in one pass; more wait for the next, which comes at once. */
export const SMBUS_REQUESTS_PER_PASS: u32 = 4;

/** Bytes typed over the SMBus that wait for the console: two blocks. */
export const REMOTE_INPUT_BYTES: u32 = 64;

/** Boot-log bytes searched or formatted in one pass: about 10 ms under the slowest engine. */
export const LOG_BYTES_PER_PASS: u32 = 1024;

/** Events kept; equal neighbours count as one. */
export const EVENT_LOG_ENTRIES: u32 = 64;

/** Transitions of the power sequencer kept: a power cycle has eleven. */
export const POWER_HISTORY_ENTRIES: u32 = 64;

if (popcnt(BOOT_LOG_BYTES) != 1) ERROR("BOOT_LOG_BYTES must be a power of two: the ring masks its positions");
if (popcnt(OUTPUT_BYTES) != 1) ERROR("OUTPUT_BYTES must be a power of two: the queue masks its positions");
