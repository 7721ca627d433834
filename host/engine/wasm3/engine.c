// The interpreting engine, wasm3 0.5.0. See ../engine.h.
//
// wasm3 0.5.0 does not validate modules, and malformed ones are known to corrupt it. Neither its parser nor
// its compiler is in this image: both ran when the image was built, and this file runs their result
// (snapshot.h).

#include "engine/engine.h"

#include "calling-convention.h"
#include "generated/imports-wasm3.h"
#include "m3_env.h"
#include "results.h"
#include "snapshot.h"

const char engine_name[] = "wasm3";
const char engine_bad_argument[] = "bad import argument";
const char engine_abort_called[] = "abort";

static enum trap_kind kind_of(M3Result result) {
  if (result == engine_bad_argument) return TRAP_BAD_IMPORT_ARGUMENT;
  if (result == engine_abort_called) return TRAP_ABORT;
  return RESULT_IS_TRAP(result) ? RESULT_KIND(result) : TRAP_UNKNOWN;
}

const char *engine_load(void) {
  const char *refusal = snapshot_refusal();
  if (refusal == NULL) snapshot_restore();
  return refusal;
}

// As m3_Call does: the result is in the first 64-bit cell of wasm3's stack, the argument in the second.
static struct engine_pass run(const void *function, uint32_t argument) {
  const IM3Runtime runtime = snapshot_start.runtime;
  uint64_t *cells = runtime->stack;
  cells[1] = argument;
  const M3Result result = RunCode((pc_t)function, (m3stack_t)cells, heap_start, d_m3OpDefaultArgs);
  if (result) return (struct engine_pass){.trapped = true, .trap = kind_of(result)};
  return (struct engine_pass){.deadline_us = cells[0]};
}

struct engine_pass engine_start(void) { return run(snapshot_start.start, 0); }

struct engine_pass engine_handle(uint32_t events) { return run(snapshot_start.handle, events); }

bool engine_resolve_fault(uint32_t *frame, uint32_t *r4_to_r7) {
  (void)frame, (void)r4_to_r7;
  return false; // every fault is the host's own: wasm3 checks each access before it makes it
}

extern char heap_end[]; // link.ld

uint32_t engine_heap_bytes(void) { return (uint32_t)(heap_end - (char *)heap_start); }

uint32_t engine_heap_used_bytes(void) { return snapshot_start.heap_bytes; }

uint32_t engine_module_bytes(void) { return snapshot_start.module_bytes; }
