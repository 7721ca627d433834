// WebAssembly's instructions in C, for logic translated ahead of time (scripts/build/aot/). Each function
// has the name of its instruction, with an underscore for the dot, and the semantics of the core
// specification 4.3 and 4.4.
//
// A trap is a UDF instruction whose number is the trap kind. It takes two bytes and no call, so a leaf
// function stays a leaf function. fault.c distinguishes traps from faults of the processor.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "generated/abi.h"
#include "words.h"

/** The module's linear memory, at the address link.ld gives it. */
extern uint8_t linear_memory[];
/** A stack pointer below this leaves too little room for the deepest chain of calls that cannot recurse. */
extern char stack_limit[];

#define MEMORY_BYTES CONTRACT_MEMORY_BYTES
#define MEMORY_PAGES (MEMORY_BYTES / 65536u)
#define INLINE static inline __attribute__((always_inline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#define trap(kind)                                         \
  do {                                                     \
    __asm__ volatile("udf %0" : : "i"(kind) : "memory");   \
    __builtin_unreachable();                               \
  } while (0)

/** Runs at the beginning of each function that may call itself, directly or indirectly. */
INLINE void stack_check(void) {
  uint32_t stack_pointer;
  __asm__ volatile("mov %0, sp" : "=r"(stack_pointer));
  if (UNLIKELY(stack_pointer < (uint32_t)stack_limit)) trap(TRAP_CALL_STACK);
}

// ---------------------------------------------------------------- memory

/**
 * Returns the address of `bytes` bytes at `address` + `offset`, or traps. The sum has 33 bits in WebAssembly.
 * Comparing the address alone with the rest of memory needs only 32.
 */
INLINE uintptr_t checked_address(uint32_t address, uint32_t offset, uint32_t bytes) {
  if (offset > MEMORY_BYTES - bytes) trap(TRAP_OUT_OF_BOUNDS);
  if (UNLIKELY(address > MEMORY_BYTES - bytes - offset)) trap(TRAP_OUT_OF_BOUNDS);
  return (uintptr_t)linear_memory + offset + address;
}

// The processor has no unaligned access. The module declares an alignment for each access. An access
// declared as aligned uses one instruction: if the address is not aligned after all, the processor faults
// and fault.c carries the access out byte by byte. An access declared as unaligned uses the functions
// ending in _unaligned.
#define LOAD(name, result, memory_type, bytes)                                                        \
  INLINE result name(uint32_t address, uint32_t offset) {                                             \
    typedef memory_type __attribute__((may_alias)) aliasing;                                          \
    return (result)*(const aliasing *)checked_address(address, offset, bytes);                        \
  }                                                                                            \
  INLINE result name##_unaligned(uint32_t address, uint32_t offset) {                                 \
    struct __attribute__((packed, may_alias)) unaligned { memory_type value; };                       \
    return (result)((const struct unaligned *)checked_address(address, offset, bytes))->value;        \
  }

#define STORE(name, operand, memory_type, bytes)                                                      \
  INLINE void name(uint32_t address, uint32_t offset, operand value) {                                \
    typedef memory_type __attribute__((may_alias)) aliasing;                                          \
    *(aliasing *)checked_address(address, offset, bytes) = (memory_type)value;                        \
  }                                                                                            \
  INLINE void name##_unaligned(uint32_t address, uint32_t offset, operand value) {                    \
    struct __attribute__((packed, may_alias)) unaligned { memory_type value; };                       \
    ((struct unaligned *)checked_address(address, offset, bytes))->value = (memory_type)value;        \
  }

LOAD(i32_load, uint32_t, uint32_t, 4)
LOAD(i64_load, uint64_t, uint64_t, 8)
LOAD(i32_load8_s, uint32_t, int8_t, 1)
LOAD(i32_load8_u, uint32_t, uint8_t, 1)
LOAD(i32_load16_s, uint32_t, int16_t, 2)
LOAD(i32_load16_u, uint32_t, uint16_t, 2)
LOAD(i64_load8_s, uint64_t, int8_t, 1)
LOAD(i64_load8_u, uint64_t, uint8_t, 1)
LOAD(i64_load16_s, uint64_t, int16_t, 2)
LOAD(i64_load16_u, uint64_t, uint16_t, 2)
LOAD(i64_load32_s, uint64_t, int32_t, 4)
LOAD(i64_load32_u, uint64_t, uint32_t, 4)
STORE(i32_store, uint32_t, uint32_t, 4)
STORE(i64_store, uint64_t, uint64_t, 8)
STORE(i32_store8, uint32_t, uint8_t, 1)
STORE(i32_store16, uint32_t, uint16_t, 2)
STORE(i64_store8, uint64_t, uint8_t, 1)
STORE(i64_store16, uint64_t, uint16_t, 2)
STORE(i64_store32, uint64_t, uint32_t, 4)

INLINE uint32_t memory_size(void) { return MEMORY_PAGES; }
/** Fails always, but for 0 pages: the module already has all the memory of the contract. */
INLINE uint32_t memory_grow(uint32_t pages) { return pages == 0 ? MEMORY_PAGES : 0xffffffffu; }

INLINE void check_range(uint32_t address, uint32_t length) {
  if (UNLIKELY(address > MEMORY_BYTES || length > MEMORY_BYTES - address)) trap(TRAP_OUT_OF_BOUNDS);
}

INLINE void memory_copy(uint32_t to, uint32_t from, uint32_t length) {
  check_range(to, length);
  check_range(from, length);
  memmove(linear_memory + to, linear_memory + from, length);
}

INLINE void memory_fill(uint32_t address, uint32_t value, uint32_t length) {
  check_range(address, length);
  memset(linear_memory + address, (int)(value & 0xff), length);
}

/**
 * Fills memory with its initial contents: zeroes, and segments in ascending order. A segment is its offset
 * and its length in words, then its words. The build has checked that the segments fit. `segment` may point
 * into memory itself, where scripts/build/aot/data.ts puts it: each word is read before it is overwritten.
 */
INLINE void memory_unpack(const uint32_t *segment, uint32_t words) {
  const uint32_t *const end = segment + words;
  uint32_t *to = (uint32_t *)linear_memory;
  while (segment < end) {
    const uint32_t *const next = segment + 2 + segment[1];
    to = fill_words(to, (const uint32_t *)linear_memory + segment[0], 0);
    to = copy_words(to, segment + 2, next);
    segment = next;
  }
  fill_words(to, (const uint32_t *)(linear_memory + MEMORY_BYTES), 0);
}

// ---------------------------------------------------------------- tables

struct table_entry {
  uint32_t type; // index of the function's type; equal types have equal indices; 0: no function
  void (*function)(void);
};

#define TABLE_ENTRY(table, size)                                               \
  typedef void (*table_function)(void);                                        \
  INLINE table_function table_entry(uint32_t index, uint32_t type) {           \
    if (UNLIKELY(index >= (size))) trap(TRAP_INDIRECT_CALL);                   \
    if (UNLIKELY((table)[index].type != type)) trap(TRAP_INDIRECT_CALL);       \
    return (table)[index].function;                                            \
  }

// ---------------------------------------------------------------- numbers

#define COMPARE(type, unsigned_type, signed_type)                                              \
  INLINE uint32_t type##_eqz(unsigned_type a) { return a == 0; }                               \
  INLINE uint32_t type##_eq(unsigned_type a, unsigned_type b) { return a == b; }               \
  INLINE uint32_t type##_ne(unsigned_type a, unsigned_type b) { return a != b; }               \
  INLINE uint32_t type##_lt_s(unsigned_type a, unsigned_type b) { return (signed_type)a < (signed_type)b; }  \
  INLINE uint32_t type##_lt_u(unsigned_type a, unsigned_type b) { return a < b; }              \
  INLINE uint32_t type##_gt_s(unsigned_type a, unsigned_type b) { return (signed_type)a > (signed_type)b; }  \
  INLINE uint32_t type##_gt_u(unsigned_type a, unsigned_type b) { return a > b; }              \
  INLINE uint32_t type##_le_s(unsigned_type a, unsigned_type b) { return (signed_type)a <= (signed_type)b; } \
  INLINE uint32_t type##_le_u(unsigned_type a, unsigned_type b) { return a <= b; }             \
  INLINE uint32_t type##_ge_s(unsigned_type a, unsigned_type b) { return (signed_type)a >= (signed_type)b; } \
  INLINE uint32_t type##_ge_u(unsigned_type a, unsigned_type b) { return a >= b; }

// Signed division traps where C leaves the result undefined: a division by zero, or a result that does not
// fit.
#define ARITHMETIC(type, unsigned_type, signed_type, bits, minimum)                            \
  INLINE unsigned_type type##_add(unsigned_type a, unsigned_type b) { return a + b; }          \
  INLINE unsigned_type type##_sub(unsigned_type a, unsigned_type b) { return a - b; }          \
  INLINE unsigned_type type##_mul(unsigned_type a, unsigned_type b) { return a * b; }          \
  INLINE unsigned_type type##_and(unsigned_type a, unsigned_type b) { return a & b; }          \
  INLINE unsigned_type type##_or(unsigned_type a, unsigned_type b) { return a | b; }           \
  INLINE unsigned_type type##_xor(unsigned_type a, unsigned_type b) { return a ^ b; }          \
  INLINE unsigned_type type##_shl(unsigned_type a, unsigned_type b) { return a << (b & (bits - 1)); }  \
  INLINE unsigned_type type##_shr_u(unsigned_type a, unsigned_type b) { return a >> (b & (bits - 1)); } \
  INLINE unsigned_type type##_shr_s(unsigned_type a, unsigned_type b) {                        \
    return (unsigned_type)((signed_type)a >> (b & (bits - 1)));                                \
  }                                                                                            \
  INLINE unsigned_type type##_rotl(unsigned_type a, unsigned_type b) {                         \
    return a << (b & (bits - 1)) | a >> (-b & (bits - 1));                                     \
  }                                                                                            \
  INLINE unsigned_type type##_rotr(unsigned_type a, unsigned_type b) {                         \
    return a >> (b & (bits - 1)) | a << (-b & (bits - 1));                                     \
  }                                                                                            \
  INLINE unsigned_type type##_div_s(unsigned_type a, unsigned_type b) {                        \
    if (UNLIKELY(b == 0)) trap(TRAP_DIVISION);                                                 \
    if (UNLIKELY(a == minimum && b == (unsigned_type)-1)) trap(TRAP_DIVISION);                 \
    return (unsigned_type)((signed_type)a / (signed_type)b);                                   \
  }                                                                                            \
  INLINE unsigned_type type##_div_u(unsigned_type a, unsigned_type b) {                        \
    if (UNLIKELY(b == 0)) trap(TRAP_DIVISION);                                                 \
    return a / b;                                                                              \
  }                                                                                            \
  INLINE unsigned_type type##_rem_s(unsigned_type a, unsigned_type b) {                        \
    if (UNLIKELY(b == 0)) trap(TRAP_DIVISION);                                                 \
    if (UNLIKELY(b == (unsigned_type)-1)) return 0;                                            \
    return (unsigned_type)((signed_type)a % (signed_type)b);                                   \
  }                                                                                            \
  INLINE unsigned_type type##_rem_u(unsigned_type a, unsigned_type b) {                        \
    if (UNLIKELY(b == 0)) trap(TRAP_DIVISION);                                                 \
    return a % b;                                                                              \
  }

COMPARE(i32, uint32_t, int32_t)
COMPARE(i64, uint64_t, int64_t)
ARITHMETIC(i32, uint32_t, int32_t, 32, 0x80000000u)
ARITHMETIC(i64, uint64_t, int64_t, 64, 0x8000000000000000ull)

INLINE uint32_t i32_clz(uint32_t a) { return a == 0 ? 32u : (uint32_t)__builtin_clz(a); }
INLINE uint32_t i32_ctz(uint32_t a) { return a == 0 ? 32u : (uint32_t)__builtin_ctz(a); }
INLINE uint32_t i32_popcnt(uint32_t a) { return (uint32_t)__builtin_popcount(a); }
INLINE uint64_t i64_clz(uint64_t a) { return a == 0 ? 64u : (uint64_t)__builtin_clzll(a); }
INLINE uint64_t i64_ctz(uint64_t a) { return a == 0 ? 64u : (uint64_t)__builtin_ctzll(a); }
INLINE uint64_t i64_popcnt(uint64_t a) { return (uint64_t)__builtin_popcountll(a); }

INLINE uint32_t i32_wrap_i64(uint64_t a) { return (uint32_t)a; }
INLINE uint64_t i64_extend_i32_s(uint32_t a) { return (uint64_t)(int64_t)(int32_t)a; }
INLINE uint64_t i64_extend_i32_u(uint32_t a) { return a; }
INLINE uint32_t i32_extend8_s(uint32_t a) { return (uint32_t)(int8_t)a; }
INLINE uint32_t i32_extend16_s(uint32_t a) { return (uint32_t)(int16_t)a; }
INLINE uint64_t i64_extend8_s(uint64_t a) { return (uint64_t)(int8_t)a; }
INLINE uint64_t i64_extend16_s(uint64_t a) { return (uint64_t)(int16_t)a; }
INLINE uint64_t i64_extend32_s(uint64_t a) { return (uint64_t)(int32_t)a; }
