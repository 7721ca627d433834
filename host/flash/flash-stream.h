// Reads flash ahead in the background with the XIP streaming FIFO (datasheet 2.6.3.4), so that the caller
// can work on one word while the next is fetched. Streamed data does not enter the cache.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "registers.h"

/** Returns whether a stream can deliver these bytes: they must lie in flash, at its cached address. */
static inline bool flash_stream_reaches(const void *bytes) { return (uint32_t)bytes >> 24 == XIP_BASE >> 24; }

/** Begins to read whole words. Ends a stream that is still under way. */
void flash_stream_start(const uint32_t *from, uint32_t words);

/**
 * Ends the stream. Returns true only if it has read exactly up to `end`. If the caller has taken all words,
 * these were then the right ones.
 */
bool flash_stream_finish(const uint32_t *end);

/**
 * Waits for a word while the FIFO is empty. Returns false if none comes within the longest time a word may
 * take.
 */
bool flash_stream_wait(void);

// Inline: the stream delivers two and a half words a microsecond, so calls would slow the caller down.

/**
 * Returns true once there is a next word, false if none comes in time. Reading an empty FIFO does not wait.
 */
static inline __attribute__((always_inline)) bool flash_stream_has_word(void) {
  return !(REGISTER(XIP_STAT) & XIP_STAT_FIFO_EMPTY) || flash_stream_wait();
}

/** Takes the next word. The caller has checked that there is one. */
static inline __attribute__((always_inline)) uint32_t flash_stream_take(void) {
  return REGISTER(XIP_AUX_BASE);
}
