// How one operation of wasm3 calls the next. As shipped, wasm3 passes its program counter, its stack
// pointer and the address of linear memory in the processor's registers, so its 64-bit register goes over
// the native stack at every operation. In this image linear memory has a fixed address, so the 64-bit
// register can have those processor registers. Then nothing goes over the stack, and a frame can be as
// small as two words.
//
// Include this before any wasm3 header that runs compiled code.
#pragma once

#include "generated/abi.h"

#define IM3Operation operation_as_shipped
#define RunCode run_as_shipped
#include "m3_exec_defs.h"
#undef IM3Operation
#undef RunCode
#undef d_m3Op
#undef nextOpImpl
#undef jumpOpImpl

typedef m3ret_t (*IM3Operation)(pc_t, m3stack_t, m3reg_t);

/** First in the heap (builder.c). */
extern M3MemoryHeader heap_start[];

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/** The compiler may assume that the size never changes: this saves loading it at every access. */
ALWAYS_INLINE M3MemoryHeader *linear_memory(void) {
  if (heap_start->length != CONTRACT_MEMORY_BYTES) __builtin_unreachable();
  return heap_start;
}

/**
 * Each operation in m3_exec.h becomes an inline function, inlined into one that supplies linear memory's
 * address.
 */
#define d_m3Op(NAME)                                                   \
  ALWAYS_INLINE m3ret_t inlined_##NAME(d_m3OpSig);                     \
  static m3ret_t op_##NAME(pc_t _pc, m3stack_t _sp, m3reg_t _r0) {     \
    return inlined_##NAME(_pc, _sp, linear_memory(), _r0);             \
  }                                                                    \
  ALWAYS_INLINE m3ret_t inlined_##NAME(d_m3OpSig)

#define nextOpImpl() ((IM3Operation)(*_pc))(_pc + 1, _sp, _r0)
#define jumpOpImpl(PC) ((IM3Operation)(*PC))(PC + 1, _sp, _r0)

ALWAYS_INLINE m3ret_t RunCode(d_m3OpSig) {
  (void)_mem;
  return nextOpImpl();
}
