// What WebAssembly's instructions mean in C, for logic translated ahead of time (scripts/build/aot/).
// Functions carry the instructions' names, the dot an underscore; semantics are those of the core
// specification 4.3 and 4.4.
//
// Traps are UDF instructions whose number is the trap kind: two bytes each, no call, so that a leaf
// function stays one. fault.c tells them from faults of the processor.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "generated/abi.h"

/** The module's pages, at the place link.ld gives it. */
extern uint8_t linear_memory[];
/** Stack pointers below this leave no room for the deepest chain of calls that cannot recurse. */
extern char stack_limit[];

#define MEMORY_BYTES CONTRACT_MEMORY_BYTES
#define MEMORY_PAGES (MEMORY_BYTES / 65536u)
#define ALWAYS static inline __attribute__((always_inline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#define trap(kind)                                         \
  do {                                                     \
    __asm__ volatile("udf %0" : : "i"(kind) : "memory");   \
    __builtin_unreachable();                               \
  } while (0)

/** In front of functions that may call themselves, directly or not. */
ALWAYS void stack_check(void) {
  uint32_t stack_pointer;
  __asm__ volatile("mov %0, sp" : "=r"(stack_pointer));
  if (UNLIKELY(stack_pointer < (uint32_t)stack_limit)) trap(TRAP_CALL_STACK);
}

// ---------------------------------------------------------------- memory

/**
 * Where `bytes` at `address` + `offset` lie, or a trap. The sum has 33 bits in WebAssembly; comparing
 * the address alone with what is left needs no more than 32.
 */
ALWAYS uintptr_t place(uint32_t address, uint32_t offset, uint32_t bytes) {
  if (offset > MEMORY_BYTES - bytes) trap(TRAP_OUT_OF_BOUNDS);
  if (UNLIKELY(address > MEMORY_BYTES - bytes - offset)) trap(TRAP_OUT_OF_BOUNDS);
  return (uintptr_t)linear_memory + offset + address;
}

// The processor has no unaligned access. An address that promised alignment and breaks the promise
// faults, and fault.c does the access byte by byte; one that promised nothing is done so here.
#define LOAD(name, result, memory_type, bytes)                                                        \
  ALWAYS result name(uint32_t address, uint32_t offset) {                                             \
    typedef memory_type __attribute__((may_alias)) aliasing;                                          \
    return (result)*(const aliasing *)place(address, offset, bytes);                                  \
  }                                                                                                   \
  ALWAYS result name##_unaligned(uint32_t address, uint32_t offset) {                                 \
    struct __attribute__((packed, may_alias)) unaligned { memory_type value; };                       \
    return (result)((const struct unaligned *)place(address, offset, bytes))->value;                  \
  }

#define STORE(name, operand, memory_type, bytes)                                                      \
  ALWAYS void name(uint32_t address, uint32_t offset, operand value) {                                \
    typedef memory_type __attribute__((may_alias)) aliasing;                                          \
    *(aliasing *)place(address, offset, bytes) = (memory_type)value;                                  \
  }                                                                                                   \
  ALWAYS void name##_unaligned(uint32_t address, uint32_t offset, operand value) {                    \
    struct __attribute__((packed, may_alias)) unaligned { memory_type value; };                       \
    ((struct unaligned *)place(address, offset, bytes))->value = (memory_type)value;                  \
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

ALWAYS uint32_t memory_size(void) { return MEMORY_PAGES; }
/** The module's memory is the contract's, and it has it. */
ALWAYS uint32_t memory_grow(uint32_t pages) { return pages == 0 ? MEMORY_PAGES : 0xffffffffu; }

ALWAYS void check_block(uint32_t address, uint32_t length) {
  if (UNLIKELY(address > MEMORY_BYTES || length > MEMORY_BYTES - address)) trap(TRAP_OUT_OF_BOUNDS);
}

ALWAYS void memory_copy(uint32_t to, uint32_t from, uint32_t length) {
  check_block(to, length);
  check_block(from, length);
  memmove(linear_memory + to, linear_memory + from, length);
}

ALWAYS void memory_fill(uint32_t address, uint32_t value, uint32_t length) {
  check_block(address, length);
  memset(linear_memory + address, (int)(value & 0xff), length);
}

/** Zeroes words, 16 at a time while there are so many: 23 cycles where newlib's memset takes 48. */
ALWAYS uint32_t *clear_words(uint32_t *to, const uint32_t *end) {
  while (end - to >= 16) {
    __asm__ volatile(
        "movs r4, #0\n movs r5, #0\n movs r6, #0\n movs r7, #0\n"
        "stmia %0!, {r4-r7}\n stmia %0!, {r4-r7}\n stmia %0!, {r4-r7}\n stmia %0!, {r4-r7}"
        : "+l"(to)
        :
        : "r4", "r5", "r6", "r7", "cc", "memory");
  }
  while (to < end) *to++ = 0;
  return to;
}

/** Copies words, four at a time while there are so many; `to` may be in front of `from` and overlap it. */
ALWAYS uint32_t *copy_words(uint32_t *to, const uint32_t *from, const uint32_t *end) {
  while (end - from >= 4) {
    __asm__ volatile("ldmia %1!, {r4-r7}\n stmia %0!, {r4-r7}"
                     : "+l"(to), "+l"(from)
                     :
                     : "r4", "r5", "r6", "r7", "memory");
  }
  while (from < end) *to++ = *from++;
  return to;
}

/**
 * Memory as it begins: zero but for blocks, in ascending order, each its offset and its length in words, then
 * the words. The build has checked that they fit. `block` may lie in memory, where scripts/build/aot/data.ts
 * says: what is written has been read.
 */
ALWAYS void memory_unpack(const uint32_t *block, uint32_t words) {
  const uint32_t *const end = block + words;
  uint32_t *to = (uint32_t *)linear_memory;
  while (block < end) {
    const uint32_t *const next = block + 2 + block[1];
    to = clear_words(to, (const uint32_t *)linear_memory + block[0]);
    to = copy_words(to, block + 2, next);
    block = next;
  }
  clear_words(to, (const uint32_t *)(linear_memory + MEMORY_BYTES));
}

// ---------------------------------------------------------------- tables

struct table_entry {
  uint32_t type; // number of the function's type, the same for types that look the same; 0 for none
  void (*function)(void);
};

#define TABLE_ENTRY(table, size)                                               \
  typedef void (*table_function)(void);                                        \
  ALWAYS table_function table_entry(uint32_t index, uint32_t type) {           \
    if (UNLIKELY(index >= (size))) trap(TRAP_INDIRECT_CALL);                   \
    if (UNLIKELY((table)[index].type != type)) trap(TRAP_INDIRECT_CALL);       \
    return (table)[index].function;                                            \
  }

// ---------------------------------------------------------------- numbers

#define COMPARE(type, unsigned_type, signed_type)                                              \
  ALWAYS uint32_t type##_eqz(unsigned_type a) { return a == 0; }                               \
  ALWAYS uint32_t type##_eq(unsigned_type a, unsigned_type b) { return a == b; }               \
  ALWAYS uint32_t type##_ne(unsigned_type a, unsigned_type b) { return a != b; }               \
  ALWAYS uint32_t type##_lt_s(unsigned_type a, unsigned_type b) { return (signed_type)a < (signed_type)b; }  \
  ALWAYS uint32_t type##_lt_u(unsigned_type a, unsigned_type b) { return a < b; }              \
  ALWAYS uint32_t type##_gt_s(unsigned_type a, unsigned_type b) { return (signed_type)a > (signed_type)b; }  \
  ALWAYS uint32_t type##_gt_u(unsigned_type a, unsigned_type b) { return a > b; }              \
  ALWAYS uint32_t type##_le_s(unsigned_type a, unsigned_type b) { return (signed_type)a <= (signed_type)b; } \
  ALWAYS uint32_t type##_le_u(unsigned_type a, unsigned_type b) { return a <= b; }             \
  ALWAYS uint32_t type##_ge_s(unsigned_type a, unsigned_type b) { return (signed_type)a >= (signed_type)b; } \
  ALWAYS uint32_t type##_ge_u(unsigned_type a, unsigned_type b) { return a >= b; }

// Signed division traps where C has no answer: by zero, and where the result does not fit.
#define ARITHMETIC(type, unsigned_type, signed_type, bits, minimum)                            \
  ALWAYS unsigned_type type##_add(unsigned_type a, unsigned_type b) { return a + b; }          \
  ALWAYS unsigned_type type##_sub(unsigned_type a, unsigned_type b) { return a - b; }          \
  ALWAYS unsigned_type type##_mul(unsigned_type a, unsigned_type b) { return a * b; }          \
  ALWAYS unsigned_type type##_and(unsigned_type a, unsigned_type b) { return a & b; }          \
  ALWAYS unsigned_type type##_or(unsigned_type a, unsigned_type b) { return a | b; }           \
  ALWAYS unsigned_type type##_xor(unsigned_type a, unsigned_type b) { return a ^ b; }          \
  ALWAYS unsigned_type type##_shl(unsigned_type a, unsigned_type b) { return a << (b & (bits - 1)); }  \
  ALWAYS unsigned_type type##_shr_u(unsigned_type a, unsigned_type b) { return a >> (b & (bits - 1)); } \
  ALWAYS unsigned_type type##_shr_s(unsigned_type a, unsigned_type b) {                        \
    return (unsigned_type)((signed_type)a >> (b & (bits - 1)));                                \
  }                                                                                            \
  ALWAYS unsigned_type type##_rotl(unsigned_type a, unsigned_type b) {                         \
    return a << (b & (bits - 1)) | a >> (-b & (bits - 1));                                     \
  }                                                                                            \
  ALWAYS unsigned_type type##_rotr(unsigned_type a, unsigned_type b) {                         \
    return a >> (b & (bits - 1)) | a << (-b & (bits - 1));                                     \
  }                                                                                            \
  ALWAYS unsigned_type type##_div_s(unsigned_type a, unsigned_type b) {                        \
    if (UNLIKELY(b == 0)) trap(TRAP_DIVISION);                                                 \
    if (UNLIKELY(a == minimum && b == (unsigned_type)-1)) trap(TRAP_DIVISION);                 \
    return (unsigned_type)((signed_type)a / (signed_type)b);                                   \
  }                                                                                            \
  ALWAYS unsigned_type type##_div_u(unsigned_type a, unsigned_type b) {                        \
    if (UNLIKELY(b == 0)) trap(TRAP_DIVISION);                                                 \
    return a / b;                                                                              \
  }                                                                                            \
  ALWAYS unsigned_type type##_rem_s(unsigned_type a, unsigned_type b) {                        \
    if (UNLIKELY(b == 0)) trap(TRAP_DIVISION);                                                 \
    if (UNLIKELY(b == (unsigned_type)-1)) return 0;                                            \
    return (unsigned_type)((signed_type)a % (signed_type)b);                                   \
  }                                                                                            \
  ALWAYS unsigned_type type##_rem_u(unsigned_type a, unsigned_type b) {                        \
    if (UNLIKELY(b == 0)) trap(TRAP_DIVISION);                                                 \
    return a % b;                                                                              \
  }

COMPARE(i32, uint32_t, int32_t)
COMPARE(i64, uint64_t, int64_t)
ARITHMETIC(i32, uint32_t, int32_t, 32, 0x80000000u)
ARITHMETIC(i64, uint64_t, int64_t, 64, 0x8000000000000000ull)

ALWAYS uint32_t i32_clz(uint32_t a) { return a == 0 ? 32u : (uint32_t)__builtin_clz(a); }
ALWAYS uint32_t i32_ctz(uint32_t a) { return a == 0 ? 32u : (uint32_t)__builtin_ctz(a); }
ALWAYS uint32_t i32_popcnt(uint32_t a) { return (uint32_t)__builtin_popcount(a); }
ALWAYS uint64_t i64_clz(uint64_t a) { return a == 0 ? 64u : (uint64_t)__builtin_clzll(a); }
ALWAYS uint64_t i64_ctz(uint64_t a) { return a == 0 ? 64u : (uint64_t)__builtin_ctzll(a); }
ALWAYS uint64_t i64_popcnt(uint64_t a) { return (uint64_t)__builtin_popcountll(a); }

ALWAYS uint32_t i32_wrap_i64(uint64_t a) { return (uint32_t)a; }
ALWAYS uint64_t i64_extend_i32_s(uint32_t a) { return (uint64_t)(int64_t)(int32_t)a; }
ALWAYS uint64_t i64_extend_i32_u(uint32_t a) { return a; }
ALWAYS uint32_t i32_extend8_s(uint32_t a) { return (uint32_t)(int8_t)a; }
ALWAYS uint32_t i32_extend16_s(uint32_t a) { return (uint32_t)(int16_t)a; }
ALWAYS uint64_t i64_extend8_s(uint64_t a) { return (uint64_t)(int8_t)a; }
ALWAYS uint64_t i64_extend16_s(uint64_t a) { return (uint64_t)(int16_t)a; }
ALWAYS uint64_t i64_extend32_s(uint64_t a) { return (uint64_t)(int32_t)a; }
