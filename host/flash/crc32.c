// See crc32.h. Processes four bytes at a time through four tables of 256 words ("slicing by four"). The
// tables are computed on the stack, which takes less time than reading them from flash, and at this point
// the stack is nearly empty. At the start of the BMC the prompt has to wait for the checksum of the logic.
// So flash is streamed: it fetches the next word while the processor works on this one.

#include "crc32.h"

#include <stdbool.h>
#include <stddef.h>

#include "flash-stream.h"

#define POLYNOMIAL 0xedb88320u

/**
 * The CRC of each byte value followed by 0 to 3 zero bytes. The four entries of a value lie side by side,
 * so that one register addresses them all.
 */
struct tables {
  uint32_t of[256][4];
};

__attribute__((noinline, optimize("O2"))) static void make_tables(struct tables *tables) {
  uint32_t(*const of)[4] = tables->of;
  // The entry of a value with one bit set follows from the one before. Any other is the XOR of two known
  // entries.
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

/** The entry for the byte of `value` that begins at bit `at`, followed by `zeroes` zero bytes. */
#define ENTRY(tables, value, at, zeroes)                                                                    \
  (*(const uint32_t *)((const char *)(tables) + (((at) < 4 ? (value) << 4 : (value) >> ((at)-4)) & 0xff0u) + \
                       4 * (zeroes)))
/** The CRC after a word; the caller has already XORed the word into `crc`. */
#define NEXT(tables, crc)                                     \
  (ENTRY(tables, crc, 0, 3) ^ ENTRY(tables, crc, 8, 2) ^      \
   ENTRY(tables, crc, 16, 1) ^ ENTRY(tables, crc, 24, 0))

/** Processes whole words from memory. */
__attribute__((noinline, optimize("O2"))) static uint32_t crc_words(const uint32_t *from, const uint32_t *end,
                                                                    uint32_t crc,
                                                                    const struct tables *tables) {
  while (from < end) {
    crc ^= *from++;
    crc = NEXT(tables, crc);
  }
  return crc;
}

static uint32_t crc_bytes(const uint8_t *from, const uint8_t *end, uint32_t crc,
                          const struct tables *tables) {
  for (; from < end; from++) crc = crc >> 8 ^ tables->of[(crc ^ *from) & 0xff][0];
  return crc;
}

/**
 * Processes words from the stream and stores each at `to`, which advances by `to_step`. False if a word is
 * missing.
 */
__attribute__((noinline, optimize("O2"))) static bool crc_stream_words(uint32_t count, uint32_t *to,
                                                                       uint32_t to_step, uint32_t *sum,
                                                                       const struct tables *tables) {
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

/** As `crc_words`, and copies. Returns false if the stream has failed; then `crc` is not valid. */
static bool crc_stream(const uint32_t *from, const uint32_t *end, const struct crc32_copy *copy,
                       uint32_t *crc, const struct tables *tables) {
  uint32_t nowhere;
  const uint32_t *at = from;
  bool delivered = true;
  flash_stream_start(from, (uint32_t)(end - from));
  for (; copy != NULL && delivered; copy = copy->next) {
    delivered = crc_stream_words((uint32_t)(copy->from - at), &nowhere, 0, crc, tables) &&
                crc_stream_words((uint32_t)(copy->end - copy->from), copy->to, 1, crc, tables);
    at = copy->end;
  }
  delivered = delivered && crc_stream_words((uint32_t)(end - at), &nowhere, 0, crc, tables);
  return flash_stream_finish(end) && delivered;
}

uint32_t crc32(const uint8_t *bytes, uint32_t length, const struct crc32_copy *copy) {
  struct tables tables;
  make_tables(&tables);
  const uint8_t *const end = bytes + length;
  const uint8_t *first = (const uint8_t *)(((uint32_t)bytes + 3) & ~3u);
  const uint8_t *last = (const uint8_t *)((uint32_t)end & ~3u);
  if (first > last) first = last = end;
  const uint32_t *const from = (const uint32_t *)first, *const to = (const uint32_t *)last;
  const uint32_t begun = crc_bytes(bytes, first, ~0u, &tables);
  uint32_t crc = begun;
  if (from == to || !flash_stream_reaches(from) || !crc_stream(from, to, copy, &crc, &tables)) {
    crc = crc_words(from, to, begun, &tables);
    for (; copy != NULL; copy = copy->next)
      for (uint32_t word = 0; copy->from + word < copy->end; word++) copy->to[word] = copy->from[word];
  }
  return ~crc_bytes(last, end, crc, &tables);
}
