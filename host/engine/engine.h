// The interface between the host and the engine that runs the logic. There are two engines, one in each
// image:
//
//   wasm3/  interprets the WebAssembly module
//   aot/    runs the same module, translated to C and compiled when the image was built
//
// Both trap exactly where WebAssembly traps, and neither lets the logic reach a byte outside its
// linear memory.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "generated/abi.h"

struct engine_pass {
  bool trapped;
  enum trap_kind trap;  // valid if trapped
  uint64_t deadline_us; // valid otherwise
};

/** Name of the engine in this image. */
extern const char engine_name[];

/**
 * Prepares the logic of this image to run, once after each start of the BMC. Returns NULL, or a sentence
 * that says why the logic must not run: it is damaged, or it was made for another host.
 */
const char *engine_load(void);
/** Run the logic's `start`, and its `handle` for these events. Neither allocates memory. */
struct engine_pass engine_start(void);
struct engine_pass engine_handle(uint32_t events);

/**
 * Handles a HardFault in thread mode. `frame` is what the processor has stacked, `r4_to_r7` what the
 * handler has saved. Returns true if the engine has resolved the fault, so that the handler may return.
 */
bool engine_resolve_fault(uint32_t *frame, uint32_t *r4_to_r7);

/** The SRAM reserved for the logic, linear memory included, and the most of it that was ever in use. */
uint32_t engine_heap_bytes(void);
uint32_t engine_heap_used_bytes(void);
/** Size of the logic as WebAssembly. */
uint32_t engine_module_bytes(void);
