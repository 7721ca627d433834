/**
 * The sizes of the logic's static memory, as far as they are our choice. `memory.data` takes these constants,
 * so that a changed size changes the reserved memory. `npm run check` refuses a number in its place. Sizes
 * that follow from the contract are computed from its constants where they are used. The logic allocates
 * nothing after start, and the build checks that everything fits the contract's linear memory.
 */

/** Boot-log ring. A whole Raspberry Pi boot with a chatty kernel is about 30 KB. Power of two. */
export const BOOT_LOG_BYTES: u32 = 32768;

/** Console output that waits for the host's queue. Power of two. */
export const OUTPUT_BYTES: u32 = 4096;

/**
 * The most that one command may print at once. A command runs only while this much is free. `help` prints the
 * most.
 */
export const COMMAND_OUTPUT_BYTES: u32 = 2048;

/** Size of the notices that are held back while the console carries raw boot-log bytes. */
export const HELD_BYTES: u32 = 512;

/**
 * Longest line that the console prints of itself. The BMC cannot know the width of the terminal, and most
 * have 80 columns. Tables and help keep to fewer, see abi/console.ts.
 */
export const LINE_COLUMNS: u32 = 78;

/** Longest command line. */
export const LINE_BYTES: u32 = 120;

/** Command lines the editor remembers. */
export const HISTORY_LINES: i32 = 4;

/** Tokens of a command line. More tokens are an error. */
export const LINE_TOKENS: i32 = 8;

/** Choices at one position of a command line. The first position has the most: all commands. */
export const CHOICES: u32 = 16;

/** Length of the longest choice. A longer name of a sensor is neither suggested nor completed. */
export const CHOICE_BYTES: u32 = 16;

/** Console bytes that wait while a long answer is printed: a few lines that a script sends ahead. */
export const INPUT_BYTES: u32 = 256;

/** Console bytes read beyond those that wait, only to find Ctrl-C in them. All of REMOTE_INPUT_BYTES fit. */
export const EXCESS_INPUT_BYTES: u32 = 64;

/** Console bytes handled in one pass, so that a flood of input cannot starve the rest. */
export const INPUT_BYTES_PER_PASS: u32 = 256;

/** SMBus requests served in one pass. Further ones wait for the next pass, which follows at once. */
export const SMBUS_REQUESTS_PER_PASS: u32 = 4;

/** Bytes of input over the SMBus that wait for the console: two blocks. */
export const REMOTE_INPUT_BYTES: u32 = 64;

/** Boot-log bytes searched or printed in one pass: about 10 ms with the slowest engine. */
export const LOG_BYTES_PER_PASS: u32 = 1024;

/** Events kept of those that a person or a fault causes. Equal events in a row are one entry. */
export const EVENT_LOG_ENTRIES: u32 = 64;
/**
 * Events kept beside them of those that readings cause again and again. A board with two rails has ten
 * warnings, each of which begins and ends.
 */
export const EVENT_LOG_REPEATING: u32 = 24;

/** Transitions of the power sequencer kept. A power cycle has eleven. */
export const POWER_HISTORY_ENTRIES: u32 = 64;

if (popcnt(BOOT_LOG_BYTES) != 1) ERROR("BOOT_LOG_BYTES must be a power of two: the ring masks its positions");
if (popcnt(OUTPUT_BYTES) != 1) ERROR("OUTPUT_BYTES must be a power of two: the queue masks its positions");
