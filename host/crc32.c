// See crc32.h. Four bytes at a time through four tables of 256 words ("slicing by four"): the tables are
// made on the stack, which costs less than fetching them from flash would, and the stack is empty when
// this runs. At the start of the BMC every byte counted here delays the prompt.

#include "crc32.h"

#define POLYNOMIAL 0xedb88320u

/** What each value of a byte becomes when it is followed by 0 to 3 zero bytes. */
struct tables {
  uint32_t of[4][256];
};

static void make(struct tables *tables) {
  uint32_t *first = tables->of[0];
  // A value with one bit set follows from the one before; every other is the sum of two that are there.
  first[0] = 0;
  for (uint32_t bit = 128, value = 1; bit > 0; bit >>= 1) {
    value = value >> 1 ^ (value & 1 ? POLYNOMIAL : 0);
    for (uint32_t i = 0; i < 256; i += 2 * bit) first[i + bit] = first[i] ^ value;
  }
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = first[i];
    for (uint32_t zeroes = 1; zeroes < 4; zeroes++) {
      value = value >> 8 ^ first[value & 0xff];
      tables->of[zeroes][i] = value;
    }
  }
}

__attribute__((optimize("O2"))) uint32_t crc32(const uint8_t *bytes, uint32_t length) {
  struct tables tables;
  make(&tables);
  const uint8_t *const end = bytes + length;
  uint32_t crc = ~0u;
  for (; bytes < end && (uint32_t)bytes % 4 != 0; bytes++)
    crc = crc >> 8 ^ tables.of[0][(crc ^ *bytes) & 0xff];
  for (; end - bytes >= 4; bytes += 4) {
    crc ^= *(const uint32_t *)bytes;
    crc = tables.of[3][crc & 0xff] ^ tables.of[2][crc >> 8 & 0xff] ^ tables.of[1][crc >> 16 & 0xff] ^
          tables.of[0][crc >> 24];
  }
  for (; bytes < end; bytes++) crc = crc >> 8 ^ tables.of[0][(crc ^ *bytes) & 0xff];
  return ~crc;
}
