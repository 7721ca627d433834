// See crc32.h. A table of 256 words, made on the stack: filling it costs less than fetching it from
// flash would, and the stack is empty when this runs.

#include "crc32.h"

#define POLYNOMIAL 0xedb88320u

uint32_t crc32(const uint8_t *bytes, uint32_t length) {
  uint32_t table[256];
  // Entry 2n follows from n: one bit more (the reflected way round: halves, from the top).
  table[0] = 0;
  for (uint32_t bit = 128, value = 1; bit > 0; bit >>= 1) {
    value = value >> 1 ^ (value & 1 ? POLYNOMIAL : 0);
    for (uint32_t i = 0; i < 256; i += 2 * bit) table[i + bit] = table[i] ^ value;
  }
  uint32_t crc = ~0u;
  for (const uint8_t *end = bytes + length; bytes < end; bytes++)
    crc = crc >> 8 ^ table[(crc ^ *bytes) & 0xff];
  return ~crc;
}
