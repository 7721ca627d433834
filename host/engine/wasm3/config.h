// wasm3's settings, which default to values for desktop computers, set for this device. The build includes
// this file before each of wasm3's sources, so that none can be compiled without it.
#pragma once

#include "arena.h"

#define d_m3CodePageAlignSize 1024       // unit of compiled-code memory
#define d_m3MaxFunctionStackHeight 128   // values on the stack of one function; the compiler checks
#define d_m3MaxFunctionSlots 256         // twice that: slots are 32-bit, values may be 64-bit
#define d_m3MaxLinearMemoryPages 2       // the contract's pages
#define d_m3MaxConstantTableSize 64
#define d_m3MaxDuplicateFunctionImpl 1   // names for one function; each name takes a word in every function
#define d_m3CascadedOpcodes 0            // would cost 3 KB of flash for a slightly faster compiler
#define d_m3VerboseErrorMessages 0
#define d_m3FixedHeap 0                  // arena.h replaces it, because it can free memory
#define d_m3Use32BitSlots 1
#define d_m3RecordBacktraces 0
#define d_m3EnableExceptionBreakpoint 0
#define d_m3EnableOpProfiling 0
#define d_m3EnableOpTracing 0
#define d_m3EnableStrace 0
#define d_m3LogNativeStack 0
#define d_m3HasFloat 0
#define d_m3NoFloatDynamic 1             // floating-point code compiles, and traps when it runs
#define d_m3SkipStackCheck 0
#define d_m3SkipMemoryBoundsCheck 0

#define calloc arena_calloc
#define realloc arena_realloc
#define free arena_free
