// See flash-stream.h.

#include "flash-stream.h"

#define FIFO_WORDS 2u
#define ADDRESS_MASK 0x00fffffcu // of the flash; what the register keeps above is nobody's business

/**
 * Looks at the FIFO, some eight cycles each. A word takes 50 cycles, and some hundreds if an interrupt's
 * misses go first: a round number well above, 64 us.
 */
#define LOOKS 1000u

/**
 * Stops, and lets the word under way arrive, with a read that waits for it because the SSI does one thing
 * at a time: a dropped word still moves STREAM_ADDR on, and would make a new stream begin one word too far
 * (pico-sdk issue 122). A restart by the watchdog leaves the block as it was: this may meet an old stream.
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
  for (uint32_t looks = LOOKS; looks > 0; looks--)
    if (!(REGISTER(XIP_STAT) & XIP_STAT_FIFO_EMPTY)) return true;
  return false;
}

bool flash_stream_finish(const uint32_t *end) {
  const bool complete = (REGISTER(XIP_STREAM_ADDR) & ADDRESS_MASK) == ((uint32_t)end & ADDRESS_MASK);
  stop();
  return complete;
}
