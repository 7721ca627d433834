// The seam between the host and whatever runs the WebAssembly module. Today that is wasm3
// (engine-wasm3.c); an ahead-of-time engine replaces that one file.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "generated/abi.h"

struct engine_pass {
  bool trapped;
  enum trap_kind trap;  // if trapped
  uint64_t deadline_us; // otherwise
};

/**
 * Gets a module ready to run; the caller has checked that it is the trusted one. NULL, or a
 * sentence that says why not. Once after each start of the BMC.
 */
const char *engine_load(const uint8_t *module, uint32_t bytes);
/** The module's `start`, then `handle` for events. Allocates nothing. */
struct engine_pass engine_start(void);
struct engine_pass engine_handle(uint32_t events);

uint32_t engine_heap_bytes(void);
uint32_t engine_heap_used_bytes(void);
