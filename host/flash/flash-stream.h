// Flash read ahead in the background by the XIP block (datasheet 2.6.3.4), for one who works on a word
// while the next one is under way. What streams past does not enter the cache.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "registers.h"

/** Whether streams can deliver these bytes: flash by its cached address. */
static inline bool flash_stream_reaches(const void *bytes) { return (uint32_t)bytes >> 24 == XIP_BASE >> 24; }

/** Begins to read whole words. Ends what may still be under way. */
void flash_stream_start(const uint32_t *from, uint32_t words);

/**
 * Ends it. False unless it has read to `end`, and no further: with all words taken, these were the right ones
 * then.
 */
bool flash_stream_finish(const uint32_t *end);

/** Waits, when there was no word, for so long as one may take. */
bool flash_stream_wait(void);

// Inline: at two and a half words a microsecond calls would be felt.

/** Whether there is a next word; false if none has come in time. Reading an empty FIFO does not wait. */
static inline __attribute__((always_inline)) bool flash_stream_has_word(void) {
  return !(REGISTER(XIP_STAT) & XIP_STAT_FIFO_EMPTY) || flash_stream_wait();
}

/** The next word, which must be there. */
static inline __attribute__((always_inline)) uint32_t flash_stream_take(void) {
  return REGISTER(XIP_AUX_BASE);
}
