// Compiles the logic with wasm3. It is linked at addresses that only the build's emulator has, and no part
// of it is in the image. See snapshot.h.
#pragma once

#include "m3_env.h"

/** scripts/build/wasm3/build-machine.ts reads this, word by word in this order. */
struct built {
  const char *refusal; // why there is nothing else here; else NULL
  IM3Runtime runtime;
  pc_t contract_version, start, handle;
  const void *constants_end;
  const void *heap_end;
  M3Function *functions;
  u32 functions_count, function_bytes, compiled_offset, type_offset;
  IM3Function *table;
  u32 table_size;
};

extern struct built built;

/** Leaves its results in `built`; what is constant in the arena, what is not from heap_start on. */
void builder_run(const uint8_t *module, uint32_t length);
