// The ahead-of-time engine: the logic is native code in this image, translated from the module by
// the build (scripts/build/aot/). See ../engine.h.

#include "engine/engine.h"

#include <setjmp.h>
#include <stddef.h>

#include "aot.h"
#include "flash/crc32.h"
#include "module.h" // from the build

const char engine_name[] = "aot";

static jmp_buf before_logic;

/** fault.c makes the processor continue here after a trap, on the stack as the trap left it. */
_Noreturn void engine_unwind(uint32_t kind) { longjmp(before_logic, (int)kind + 1); }

static struct engine_pass trapped(int caught) {
  return (struct engine_pass){.trapped = true, .trap = (enum trap_kind)(caught - 1)};
}

const char *engine_load(void) {
  // Flash may have been changed, or written by half. Native code could then do anything, unlike a module,
  // so the logic is checked first. The check reads all of it, so what is needed elsewhere is copied on the
  // way: the functions that run from SRAM, and the initial contents of memory, to the end of memory.
  const uint32_t bytes = (uint32_t)(logic_end - logic_begin);
  const uint32_t copied = (uint32_t)logic_data_copy_bytes;
  uint32_t *const data = (uint32_t *)(linear_memory + CONTRACT_MEMORY_BYTES - copied);
  const struct crc32_copy contents = {logic_data, logic_data + copied / sizeof *data, data, NULL};
  const uint32_t *const hot = (const uint32_t *)logic_begin;
  const struct crc32_copy code = {hot, hot + (logic_hot_end - logic_hot_begin), logic_hot_begin, &contents};
  if (crc32(logic_begin, bytes, &code) != (uint32_t)logic_crc32)
    return "the logic in flash is damaged: its checksum is wrong";
  if (setjmp(before_logic)) return "the logic trapped while it was set up";
  logic_instantiate(copied > 0 ? data : NULL);
  if (export_contract_version() != CONTRACT_VERSION) return "module was made for another contract version";
  return NULL;
}

struct engine_pass engine_start(void) {
  const int caught = setjmp(before_logic);
  if (caught) return trapped(caught);
  return (struct engine_pass){.deadline_us = export_start()};
}

struct engine_pass engine_handle(uint32_t events) {
  const int caught = setjmp(before_logic);
  if (caught) return trapped(caught);
  return (struct engine_pass){.deadline_us = export_handle(events)};
}

uint32_t engine_heap_bytes(void) { return CONTRACT_MEMORY_BYTES; }

uint32_t engine_heap_used_bytes(void) { return CONTRACT_MEMORY_BYTES; }

uint32_t engine_module_bytes(void) { return MODULE_BYTES; }
