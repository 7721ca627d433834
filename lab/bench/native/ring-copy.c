// A ring buffer; see lab/bench/kernels/ring-copy.ts.

#include <string.h>

#include "kernels.h"

#define BLOCKS 128
#define LONGEST_BLOCK 200
#define RING_BYTES 2048u
#define MASK (RING_BYTES - 1)
#define SOURCE_BYTES 512

static uint8_t ring[RING_BYTES];
static uint8_t source[SOURCE_BYTES];
static uint8_t target[LONGEST_BLOCK];
static uint8_t put_sizes[BLOCKS];
static uint8_t take_sizes[BLOCKS];

// The counters run freely: their difference is the fill level, even after they have wrapped.
static uint32_t written;
static uint32_t taken;

void prepare_ring_copy(void) {
  random_seed(0x419);
  for (uint32_t i = 0; i < SOURCE_BYTES; i++) source[i] = (uint8_t)random_next();
  for (uint32_t i = 0; i < BLOCKS; i++) {
    put_sizes[i] = (uint8_t)(random_next() % LONGEST_BLOCK + 1);
    take_sizes[i] = (uint8_t)(random_next() % LONGEST_BLOCK + 1);
  }
  memset(ring, 0, sizeof ring);
  memset(target, 0, sizeof target);
  written = 0;
  taken = 0;
}

static uint32_t smaller(uint32_t left, uint32_t right) { return left < right ? left : right; }

/** Puts in as many bytes as there is room for, and returns their number. */
static uint32_t put(const uint8_t *from, uint32_t length) {
  length = smaller(length, RING_BYTES - (written - taken));
  const uint32_t offset = written & MASK;
  const uint32_t first = smaller(length, RING_BYTES - offset);
  memcpy(ring + offset, from, first);
  if (first < length) memcpy(ring, from + first, length - first);
  written += length;
  return length;
}

/** Takes out as many bytes as there are, and returns their number. */
static uint32_t take(uint8_t *to, uint32_t length) {
  length = smaller(length, written - taken);
  const uint32_t offset = taken & MASK;
  const uint32_t first = smaller(length, RING_BYTES - offset);
  memcpy(to, ring + offset, first);
  if (first < length) memcpy(to + first, ring, length - first);
  taken += length;
  return length;
}

uint32_t native_ring_copy(void) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < BLOCKS; i++) {
    sum = mix(sum, put(source + i, put_sizes[i]));
    const uint32_t length = take(target, take_sizes[i]);
    sum = mix(sum, length);
    sum = mix(sum, target[0]);
    sum = mix(sum, target[length >> 1]);
    sum = mix(sum, target[length - 1]);
  }
  return sum;
}
