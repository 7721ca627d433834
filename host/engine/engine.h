// The seam between the host and what runs the logic. Two engines are behind it, one in each image:
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
  enum trap_kind trap;  // if trapped
  uint64_t deadline_us; // otherwise
};

/** Name of the engine in this image. */
extern const char engine_name[];

/**
 * Gets the logic of this image ready to run, once after each start of the BMC. NULL, or a sentence that
 * says why it must not run: it is not what the build has checked, or not made for this host.
 */
const char *engine_load(void);
/** The logic's `start`, then `handle` for events. Allocates nothing. */
struct engine_pass engine_start(void);
struct engine_pass engine_handle(uint32_t events);

/**
 * A HardFault in thread mode; `frame` is what the processor has stacked, `r4_to_r7` what the handler has
 * saved. True if the engine has mended it and the handler may return.
 */
bool engine_absorbs_fault(uint32_t *frame, uint32_t *r4_to_r7);

/** SRAM reserved for the logic, linear memory included, and the most that was in use. */
uint32_t engine_heap_bytes(void);
uint32_t engine_heap_used_bytes(void);
/** Size of the logic as WebAssembly. */
uint32_t engine_module_bytes(void);
