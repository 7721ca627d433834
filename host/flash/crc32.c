// See crc32.h. Four bytes at a time through four tables of 256 words ("slicing by four"): the tables are
// made on the stack, which costs less than fetching them from flash would, and the stack is empty when
// this runs. At the start of the BMC every byte counted here delays the prompt, so flash is streamed: it does
// not rest while a word is worked on.

#include "crc32.h"

#include <stdbool.h>
#include <stddef.h>

#include "flash-stream.h"

#define POLYNOMIAL 0xedb88320u

/**
 * What each value of a byte becomes when it is followed by 0 to 3 zero bytes: side by side, so that one
 * register finds them all.
 */
struct tables {
  uint32_t of[256][4];
};

__attribute__((noinline, optimize("O2"))) static void make(struct tables *tables) {
  uint32_t(*const of)[4] = tables->of;
  // A value with one bit set follows from the one before; every other is the sum of two that are there.
  of[0][0] = 0;
  for (uint32_t bit = 128, value = 1; bit > 0; bit >>= 1) {
    value = value >> 1 ^ (value & 1 ? POLYNOMIAL : 0);
    for (uint32_t i = 0; i < 256; i += 2 * bit) of[i + bit][0] = of[i][0] ^ value;
  }
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = of[i][0];
    of[i][1] = value = value >> 8 ^ of[value & 0xff][0];
    of[i][2] = value = value >> 8 ^ of[value & 0xff][0];
    of[i][3] = value >> 8 ^ of[value & 0xff][0];
  }
}

/** Entry for the byte of `value` that begins at bit `at` and has so many zeroes behind it. */
#define ENTRY(tables, value, at, zeroes)                                                                    \
  (*(const uint32_t *)((const char *)(tables) + (((at) < 4 ? (value) << 4 : (value) >> ((at)-4)) & 0xff0u) + \
                       4 * (zeroes)))
/** The sum after a word, which is in it already. */
#define NEXT(tables, crc)                                     \
  (ENTRY(tables, crc, 0, 3) ^ ENTRY(tables, crc, 8, 2) ^      \
   ENTRY(tables, crc, 16, 1) ^ ENTRY(tables, crc, 24, 0))

/** Whole words, one at a time. */
__attribute__((noinline, optimize("O2"))) static uint32_t words(const uint32_t *from, const uint32_t *end,
                                                                uint32_t crc, const struct tables *tables) {
  while (from < end) {
    crc ^= *from++;
    crc = NEXT(tables, crc);
  }
  return crc;
}

static uint32_t bytewise(const uint8_t *from, const uint8_t *end, uint32_t crc, const struct tables *tables) {
  for (; from < end; from++) crc = crc >> 8 ^ tables->of[(crc ^ *from) & 0xff][0];
  return crc;
}

/** Words that the stream delivers, also stored at `to` on. False if one does not come. */
__attribute__((noinline, optimize("O2"))) static bool streamed(uint32_t count, uint32_t *to, uint32_t to_step,
                                                               uint32_t *sum, const struct tables *tables) {
  uint32_t crc = *sum;
  for (; count > 0; count--) {
    if (!flash_stream_has_word()) return false;
    const uint32_t word = flash_stream_take();
    *to = word;
    to += to_step;
    crc ^= word;
    crc = NEXT(tables, crc);
  }
  *sum = crc;
  return true;
}

/** As `words`, and copies; false if the stream has failed, and then nothing is said. */
static bool stream(const uint32_t *from, const uint32_t *end, const struct crc32_copy *copy, uint32_t *crc,
                   const struct tables *tables) {
  uint32_t nowhere;
  flash_stream_start(from, (uint32_t)(end - from));
  const bool delivered = streamed((uint32_t)(copy->from - from), &nowhere, 0, crc, tables) &&
                         streamed((uint32_t)(copy->end - copy->from), copy->to, 1, crc, tables) &&
                         streamed((uint32_t)(end - copy->end), &nowhere, 0, crc, tables);
  return flash_stream_finish(end) && delivered;
}

uint32_t crc32(const uint8_t *bytes, uint32_t length, const struct crc32_copy *copy) {
  struct tables tables;
  make(&tables);
  const uint8_t *const end = bytes + length;
  const uint8_t *first = (const uint8_t *)(((uint32_t)bytes + 3) & ~3u);
  const uint8_t *last = (const uint8_t *)((uint32_t)end & ~3u);
  if (first > last) first = last = end;
  const uint32_t *const from = (const uint32_t *)first, *const to = (const uint32_t *)last;
  const struct crc32_copy nothing = {.from = to, .end = to};
  if (copy == NULL) copy = &nothing;
  const uint32_t begun = bytewise(bytes, first, ~0u, &tables);
  uint32_t crc = begun;
  if (from == to || !flash_stream_reaches(from) || !stream(from, to, copy, &crc, &tables)) {
    crc = words(from, to, begun, &tables);
    for (uint32_t word = 0; copy->from + word < copy->end; word++) copy->to[word] = copy->from[word];
  }
  return ~bytewise(last, end, crc, &tables);
}
