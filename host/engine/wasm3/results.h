// What compiled code returns: nothing, a trap's kind in the place of wasm3's message, or the address of
// one of the glue's (imports-wasm3.h).
#pragma once

#include <stdint.h>

#include "generated/abi.h"

/** Not zero for any kind, and no address of anything. */
#define RESULT_TRAP(kind) ((const char *)((uintptr_t)(kind) + 1))
#define RESULT_IS_TRAP(result) ((uintptr_t)(result) <= TRAP_BAD_IMPORT_ARGUMENT + 1u)
#define RESULT_KIND(result) ((enum trap_kind)((uintptr_t)(result) - 1))
