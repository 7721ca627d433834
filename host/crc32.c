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

/** Entry of a table for the byte of `value` that begins at bit `at`; both in bytes, which spares a shift. */
#define ENTRY(table, value, at) \
  (*(const uint32_t *)((const char *)(table) + ((at) < 2 ? (value) << 2 : (value) >> ((at)-2) & 0x3fcu)))

/** Whole words, one at a time. The tables as pointers of their own: each in a register. */
__attribute__((noinline, optimize("O2"))) static uint32_t words(const uint32_t *from, const uint32_t *end,
                                                                uint32_t crc, const struct tables *tables) {
  const uint32_t *zero = tables->of[0], *one = tables->of[1], *two = tables->of[2], *three = tables->of[3];
  __asm__("" : "+l"(zero), "+l"(one), "+l"(two), "+l"(three)); // or the compiler adds offsets to each index
  while (from < end) {
    crc ^= *from++;
    crc = ENTRY(three, crc & 0xffu, 0) ^ ENTRY(two, crc, 8) ^ ENTRY(one, crc, 16) ^ ENTRY(zero, crc, 24);
  }
  return crc;
}

static uint32_t bytewise(const uint8_t *from, const uint8_t *end, uint32_t crc, const struct tables *tables) {
  for (; from < end; from++) crc = crc >> 8 ^ tables->of[0][(crc ^ *from) & 0xff];
  return crc;
}

uint32_t crc32(const uint8_t *bytes, uint32_t length) {
  struct tables tables;
  make(&tables);
  const uint8_t *const end = bytes + length;
  const uint8_t *first = (const uint8_t *)(((uint32_t)bytes + 3) & ~3u);
  const uint8_t *last = (const uint8_t *)((uint32_t)end & ~3u);
  if (first > last) first = last = end;
  uint32_t crc = bytewise(bytes, first, ~0u, &tables);
  crc = words((const uint32_t *)first, (const uint32_t *)last, crc, &tables);
  return ~bytewise(last, end, crc, &tables);
}
