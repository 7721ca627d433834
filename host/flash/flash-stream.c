// See flash-stream.h.

#include "flash-stream.h"

#define FIFO_WORDS 2u
#define ADDRESS_MASK 0x00fffffcu // of the flash; the bits of STREAM_ADDR above it have no meaning

/**
 * Polls of the FIFO, about eight cycles each. A word takes 50 cycles, or some hundreds if the cache misses
 * of an interrupt handler go first. Our choice: a round number well above, 64 us.
 */
#define POLLS 1000u

/**
 * Stops the stream and waits until the word under way has arrived. An uncached read waits for it, because
 * the SSI does one thing at a time. Without that wait, a dropped word would still advance STREAM_ADDR, and
 * a new stream would begin one word too far (pico-sdk issue 122). A restart by the watchdog does not reset
 * the XIP hardware, so an old stream may still run here.
 */
static void stop(void) {
  REGISTER(XIP_STREAM_CTR) = 0;
  (void)REGISTER(XIP_NOCACHE_NOALLOC_BASE);
  for (uint32_t left = FIFO_WORDS; left > 0 && !(REGISTER(XIP_STAT) & XIP_STAT_FIFO_EMPTY); left--)
    (void)flash_stream_take();
}

void flash_stream_start(const uint32_t *from, uint32_t words) {
  stop();
  REGISTER(XIP_STREAM_ADDR) = (uint32_t)from;
  REGISTER(XIP_STREAM_CTR) = words;
}

bool flash_stream_wait(void) {
  for (uint32_t polls = POLLS; polls > 0; polls--)
    if (!(REGISTER(XIP_STAT) & XIP_STAT_FIFO_EMPTY)) return true;
  return false;
}

bool flash_stream_finish(const uint32_t *end) {
  const bool complete = (REGISTER(XIP_STREAM_ADDR) & ADDRESS_MASK) == ((uint32_t)end & ADDRESS_MASK);
  stop();
  return complete;
}
