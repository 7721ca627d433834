// A ring buffer of bytes with one writer and one reader. One of the two may be an interrupt handler. The
// counters run freely, so that a full buffer differs from an empty one; sizes are powers of two.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ring {
  uint8_t *bytes;
  uint32_t size;
  volatile uint32_t written, read;
};

static inline uint32_t ring_used(const struct ring *ring) { return ring->written - ring->read; }

static inline uint32_t ring_free(const struct ring *ring) { return ring->size - ring_used(ring); }

/** Appends a byte. The caller has checked that there is room. */
static inline void ring_put(struct ring *ring, uint8_t byte) {
  ring->bytes[ring->written & (ring->size - 1)] = byte;
  ring->written = ring->written + 1;
}

/** Removes the oldest byte. The caller has checked that there is one. */
static inline uint8_t ring_take(struct ring *ring) {
  const uint8_t byte = ring->bytes[ring->read & (ring->size - 1)];
  ring->read = ring->read + 1;
  return byte;
}
