// The build includes this before m3_compile.c, which defines wasm3's operations along with the compiler.
// The operations run on the device and the compiler does not (snapshot.h). Where an operation would call
// the compiling half, a macro here replaces the call; the linker refuses any other reference.
#pragma once

#define M3_COMPILE_OPCODES
#include "calling-convention.h"

#include "bytes.h"
#include "m3_env.h"
#include "m3_compile.h"

#include "results.h"

// All functions are compiled already, and every call knows its destination. If this is reached, it traps.
#define CompileFunction(function) RESULT_TRAP(TRAP_UNKNOWN)
// The contract's memory neither grows nor shrinks: memory.grow returns -1.
#define ResizeMemory(runtime, pages) m3Err_wasmMemoryOverflow
// wasm3 calls this at every function call, to let a caller interrupt it. Nothing here uses that.
#define m3_Yield() m3Err_none

// These serve values in linear memory, the locals and constants of a function, and memory.copy and
// memory.fill.
#define memcpy(to, from, bytes) \
  (__builtin_constant_p(bytes) ? bytes_value(to, from, bytes) : bytes_copy(to, from, bytes))
#define memmove bytes_move
#define memset bytes_fill

// A result is a number: so there is neither a variable to load nor a text to keep in flash.
#define m3Err_none ((M3Result)0)
#define m3Err_trapOutOfBoundsMemoryAccess RESULT_TRAP(TRAP_OUT_OF_BOUNDS)
#define m3Err_trapDivisionByZero RESULT_TRAP(TRAP_DIVISION)
#define m3Err_trapIntegerOverflow RESULT_TRAP(TRAP_DIVISION)
#define m3Err_trapUnreachable RESULT_TRAP(TRAP_UNREACHABLE)
#define m3Err_trapIndirectCallTypeMismatch RESULT_TRAP(TRAP_INDIRECT_CALL)
#define m3Err_trapTableIndexOutOfRange RESULT_TRAP(TRAP_INDIRECT_CALL)
#define m3Err_trapTableElementIsNull RESULT_TRAP(TRAP_INDIRECT_CALL)
#define m3Err_trapStackOverflow RESULT_TRAP(TRAP_CALL_STACK)
#define m3Err_wasmMemoryOverflow RESULT_TRAP(TRAP_UNKNOWN)

#include "m3_exec.h" // its include guard keeps m3_compile.c from including it again

#undef memcpy
#undef memmove
#undef memset
#undef CompileFunction
#undef ResizeMemory
#undef m3_Yield
#undef m3Err_none
#undef m3Err_trapOutOfBoundsMemoryAccess
#undef m3Err_trapDivisionByZero
#undef m3Err_trapIntegerOverflow
#undef m3Err_trapUnreachable
#undef m3Err_trapIndirectCallTypeMismatch
#undef m3Err_trapTableIndexOutOfRange
#undef m3Err_trapTableElementIsNull
#undef m3Err_trapStackOverflow
#undef m3Err_wasmMemoryOverflow
