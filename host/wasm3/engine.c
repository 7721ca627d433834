// The interpreting engine, wasm3 0.5.0. See ../engine.h.
//
// wasm3 0.5.0 does not validate, and malformed modules are known to corrupt it: only a module
// that the build has validated and whose digest the host has checked gets here. Every function is
// compiled at load, so that nothing is left to allocate or to fail later.

#include "engine.h"

#include "arena.h"
#include "imports-wasm3.h"
#include "limits.h"
#include "m3_env.h"
#include "module-image.h"

const char engine_name[] = "wasm3";
const char engine_bad_argument[] = "bad import argument";
const char engine_abort_called[] = "abort";

static IM3Runtime runtime;
static IM3Function start_function, handle_function;

static const struct {
  const M3Result *result;
  enum trap_kind kind;
} traps[] = {
  {&m3Err_trapOutOfBoundsMemoryAccess, TRAP_OUT_OF_BOUNDS},
  {&m3Err_trapDivisionByZero, TRAP_DIVISION},
  {&m3Err_trapIntegerOverflow, TRAP_DIVISION},
  {&m3Err_trapUnreachable, TRAP_UNREACHABLE},
  {&m3Err_trapIndirectCallTypeMismatch, TRAP_INDIRECT_CALL},
  {&m3Err_trapTableIndexOutOfRange, TRAP_INDIRECT_CALL},
  {&m3Err_trapTableElementIsNull, TRAP_INDIRECT_CALL},
  {&m3Err_trapStackOverflow, TRAP_CALL_STACK},
};

static enum trap_kind kind_of(M3Result result) {
  if (result == engine_bad_argument) return TRAP_BAD_IMPORT_ARGUMENT;
  if (result == engine_abort_called) return TRAP_ABORT;
  for (size_t i = 0; i < sizeof traps / sizeof traps[0]; i++) {
    if (result == *traps[i].result) return traps[i].kind;
  }
  return TRAP_UNKNOWN;
}

// An import without a binding would trap at its first call, maybe days later: refused here.
static bool imports_are_bound(const M3Module *module) {
  for (u32 i = 0; i < module->numFuncImports; i++) {
    if (module->functions[i].compiled == NULL) return false;
  }
  return true;
}

static M3Result check_version(void) {
  IM3Function function;
  M3Result result = m3_FindFunction(&function, runtime, "contract_version");
  if (result) return result;
  result = m3_Call(function, 0, NULL);
  if (result) return result;
  u32 version = 0;
  result = m3_GetResultsV(function, &version);
  if (result) return result;
  return version == CONTRACT_VERSION ? m3Err_none : "module was made for another contract version";
}

static M3Result load(const uint8_t *bytes, uint32_t length) {
  const IM3Environment environment = m3_NewEnvironment();
  if (environment == NULL) return m3Err_mallocFailed;
  runtime = m3_NewRuntime(environment, ENGINE_STACK_BYTES, NULL);
  if (runtime == NULL) return m3Err_mallocFailed;
  runtime->memoryLimit = CONTRACT_MEMORY_BYTES;

  IM3Module module;
  M3Result result = m3_ParseModule(environment, &module, bytes, length);
  if (result) return result;
  result = m3_LoadModule(runtime, module);
  if (result) return result;
  if (m3_GetMemorySize(runtime) != CONTRACT_MEMORY_BYTES) return "module has no memory of a page";
  result = link_imports(module);
  if (result) return result;
  if (!imports_are_bound(module)) return "module imports what the contract does not offer";
  result = m3_CompileModule(module);
  if (result) return result;
  result = check_version();
  if (result) return result;
  result = m3_FindFunction(&start_function, runtime, "start");
  if (result) return result;
  return m3_FindFunction(&handle_function, runtime, "handle");
}

const char *engine_load(void) {
  const char *refusal = module_refusal();
  if (refusal != NULL) return refusal;
  arena_start();
  const M3Result result = load(module_start, MODULE_BYTES);
  arena_seal();
  // wasm3 does not notice every failed allocation (names of functions, for one).
  return arena_was_short() ? "engine heap is too small for the module" : result;
}

static struct engine_pass run(IM3Function function, uint32_t count, const void *arguments[]) {
  M3Result result = m3_Call(function, count, arguments);
  uint64_t deadline_us = CONTRACT_NO_DEADLINE;
  if (!result) result = m3_GetResultsV(function, &deadline_us);
  if (result) return (struct engine_pass){.trapped = true, .trap = kind_of(result)};
  return (struct engine_pass){.deadline_us = deadline_us};
}

struct engine_pass engine_start(void) { return run(start_function, 0, NULL); }

struct engine_pass engine_handle(uint32_t events) {
  const void *arguments[] = {&events};
  return run(handle_function, 1, arguments);
}

bool engine_absorbs_fault(uint32_t *frame, uint32_t *r4_to_r7) {
  (void)frame, (void)r4_to_r7;
  return false; // every fault is the host's own: wasm3 checks before it does anything
}

uint32_t engine_heap_bytes(void) { return arena_bytes(); }

uint32_t engine_heap_used_bytes(void) { return arena_high_water_bytes(); }

uint32_t engine_module_bytes(void) { return MODULE_BYTES; }
