// The values that compiled code returns: zero; or a trap kind, where wasm3 as shipped has a message; or the
// address of one of the two messages of the import glue (imports-wasm3.h).
#pragma once

#include <stdint.h>

#include "generated/abi.h"

/** Differs from zero for every kind, and is not the address of anything. */
#define RESULT_TRAP(kind) ((const char *)((uintptr_t)(kind) + 1))
#define RESULT_IS_TRAP(result) ((uintptr_t)(result) <= TRAP_BAD_IMPORT_ARGUMENT + 1u)
#define RESULT_KIND(result) ((enum trap_kind)((uintptr_t)(result) - 1))
