// See bytes.h.

#include "bytes.h"

static bool words_fit(const void *one, const void *other) {
  return (((uintptr_t)one | (uintptr_t)other) & 3) == 0;
}

// A loop of copying or clearing is not to be made a call of the C library's function again.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

void *bytes_copy(void *to, const void *from, size_t bytes) {
  uint8_t *target = to;
  const uint8_t *source = from;
  if (words_fit(to, from)) {
    for (; bytes >= 4; bytes -= 4) {
      *(bytes_word *)target = *(const bytes_word *)source;
      target += 4, source += 4;
    }
  }
  for (; bytes > 0; bytes--) *target++ = *source++;
  return to;
}

void *bytes_move(void *to, const void *from, size_t bytes) {
  if (to <= from || (const char *)to >= (const char *)from + bytes) return bytes_copy(to, from, bytes);
  uint8_t *target = (uint8_t *)to + bytes;
  const uint8_t *source = (const uint8_t *)from + bytes;
  if (words_fit(target, source)) {
    for (; bytes >= 4; bytes -= 4) {
      target -= 4, source -= 4;
      *(bytes_word *)target = *(const bytes_word *)source;
    }
  }
  for (; bytes > 0; bytes--) *--target = *--source;
  return to;
}

void *bytes_fill(void *to, int byte, size_t bytes) {
  uint8_t *target = to;
  for (; bytes > 0 && (uintptr_t)target % 4 != 0; bytes--) *target++ = (uint8_t)byte;
  const uint32_t word = (uint8_t)byte * 0x01010101u;
  for (; bytes >= 4; bytes -= 4, target += 4) *(bytes_word *)target = word;
  for (; bytes > 0; bytes--) *target++ = (uint8_t)byte;
  return to;
}
