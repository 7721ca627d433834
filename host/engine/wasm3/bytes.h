// Copies and fills bytes for wasm3's operations. The C library's functions are optimized for size and work
// byte by byte; and for a single access to linear memory even the call would cost more than the access.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) bytes_word;
typedef uint16_t __attribute__((may_alias)) bytes_half;
typedef struct __attribute__((packed, may_alias)) { uint32_t value; } bytes_any_word;
typedef struct __attribute__((packed, may_alias)) { uint16_t value; } bytes_any_half;

void *bytes_copy(void *to, const void *from, size_t bytes);
void *bytes_move(void *to, const void *from, size_t bytes);
void *bytes_fill(void *to, int byte, size_t bytes);

/**
 * Copies a WebAssembly value between a local, whose alignment the compiler knows, and linear memory, where
 * it may have any alignment. ARMv6-M faults on accesses that are not aligned.
 */
static inline __attribute__((always_inline)) void *bytes_value(void *to, const void *from, size_t bytes) {
  if (bytes == 1) {
    *(uint8_t *)to = *(const uint8_t *)from;
  } else if (bytes == 2) {
    const bool odd = (uintptr_t)from & 1;
    const uint16_t half = odd ? ((const bytes_any_half *)from)->value : *(const bytes_half *)from;
    if ((uintptr_t)to & 1) ((bytes_any_half *)to)->value = half;
    else *(bytes_half *)to = half;
  } else {
    for (size_t at = 0; at < bytes; at += 4) {
      const char *source = (const char *)from + at;
      char *target = (char *)to + at;
      const bool odd = (uintptr_t)from & 3;
      const uint32_t word = odd ? ((const bytes_any_word *)source)->value : *(const bytes_word *)source;
      if ((uintptr_t)to & 3) ((bytes_any_word *)target)->value = word;
      else *(bytes_word *)target = word;
    }
  }
  return to;
}
