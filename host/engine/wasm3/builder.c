// See builder.h. Runs once, in the build's emulator, on a module that the build has checked.
//
// The arena lies where the snapshot will lie in flash. All that wasm3 writes to while it runs is allocated
// in SRAM before anything is compiled, because the compiled code contains its addresses.

#include "builder.h"

#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "generated/imports-wasm3.h"
#include "capacities.h"
#include "results.h"

struct built built;

extern char heap_start[];

static char *heap_next;

static void *take_heap(size_t bytes) {
  void *taken = heap_next;
  heap_next += (bytes + 7) & ~(size_t)7;
  return memset(taken, 0, heap_next - (char *)taken);
}

static void *move_to_heap(void *from, size_t bytes) {
  void *to = memcpy(take_heap(bytes), from, bytes);
  arena_free(from);
  return to;
}

static IM3Runtime new_runtime(IM3Environment environment) {
  IM3Runtime made = m3_NewRuntime(environment, ENGINE_STACK_BYTES, NULL);
  if (made == NULL) return NULL;
  // First in the heap, because compiled code expects it there (calling-convention.h).
  M3MemoryHeader *memory = take_heap(sizeof(M3MemoryHeader) + CONTRACT_MEMORY_BYTES);
  IM3Runtime runtime = move_to_heap(made, sizeof *made);
  runtime->stack = move_to_heap(runtime->stack, ENGINE_STACK_BYTES + 4 * sizeof(m3slot_t));
  runtime->memory.mallocated = memory;
  runtime->memoryLimit = CONTRACT_MEMORY_BYTES;
  return runtime;
}

// An import without a binding would trap at its first call, perhaps days later. So the build refuses it here.
static bool imports_are_bound(const M3Module *module) {
  for (u32 i = 0; i < module->numFuncImports; i++) {
    if (module->functions[i].compiled == NULL) return false;
  }
  return true;
}

/**
 * Returns the compiled export if it has this signature: a result and at most one argument, by wasm3's
 * types.
 */
static pc_t exported(IM3Runtime runtime, const char *name, u8 result, u8 argument) {
  IM3Function function;
  if (m3_FindFunction(&function, runtime, name)) return NULL;
  const M3FuncType *type = function->funcType;
  const u16 arguments = argument == c_m3Type_none ? 0 : 1;
  if (type->numRets != 1 || type->types[0] != result || type->numArgs != arguments) return NULL;
  if (arguments && type->types[1] != argument) return NULL;
  return function->compiled;
}

// This also runs the module's start function, if it has one.
static M3Result check_version(IM3Runtime runtime) {
  IM3Function function;
  M3Result result = m3_FindFunction(&function, runtime, "contract_version");
  if (!result) result = m3_Call(function, 0, NULL);
  u32 version = 0;
  if (!result) result = m3_GetResultsV(function, &version);
  if (result) return RESULT_IS_TRAP(result) ? "the logic traps while it is set up" : result;
  return version == CONTRACT_VERSION ? m3Err_none : "module was made for another contract version";
}

// The device does not have the module's bytes, so no pointer to them may remain.
static void forget_bytes(IM3Module module) {
  for (u32 i = 0; i < module->numFunctions; i++) {
    module->functions[i].wasm = module->functions[i].wasmEnd = NULL;
  }
  for (u32 i = 0; i < module->numGlobals; i++) module->globals[i].initExpr = NULL;
  module->wasmStart = module->wasmEnd = module->elementSection = module->elementSectionEnd = NULL;
  arena_free(module->dataSegments);
  module->dataSegments = NULL;
  module->numDataSegments = 0;
}

static M3Result compile(const uint8_t *bytes, uint32_t length) {
  const IM3Environment environment = m3_NewEnvironment();
  if (environment == NULL) return m3Err_mallocFailed;
  IM3Runtime runtime = new_runtime(environment);
  if (runtime == NULL) return m3Err_mallocFailed;

  IM3Module module;
  M3Result result = m3_ParseModule(environment, &module, bytes, length);
  if (result) return result;
  result = m3_LoadModule(runtime, module);
  if (result) return result;
  if (m3_GetMemorySize(runtime) != CONTRACT_MEMORY_BYTES) return "module has not the memory of the contract";
  module->globals = move_to_heap(module->globals, module->numGlobals * sizeof *module->globals);
  result = link_imports(module);
  if (result) return result;
  if (!imports_are_bound(module)) return "module imports what the contract does not offer";
  result = m3_CompileModule(module);
  if (result) return result;
  result = check_version(runtime);
  if (result) return result;

  built.runtime = runtime;
  built.contract_version = exported(runtime, "contract_version", c_m3Type_i32, c_m3Type_none);
  built.start = exported(runtime, "start", c_m3Type_i64, c_m3Type_none);
  built.handle = exported(runtime, "handle", c_m3Type_i64, c_m3Type_i32);
  if (!built.contract_version || !built.start || !built.handle)
    return "an export of the module has another signature than the contract's";
  forget_bytes(module);
  memset(&runtime->compilation, 0, sizeof runtime->compilation);
  memset(runtime->stack, 0, ENGINE_STACK_BYTES); // clear what the calls above have left there
  built.heap_end = heap_next;
  built.functions = module->functions;
  built.functions_count = module->numFunctions;
  built.function_bytes = sizeof *module->functions;
  built.compiled_offset = offsetof(M3Function, compiled);
  built.type_offset = offsetof(M3Function, funcType);
  built.table = module->table0;
  built.table_size = module->table0Size;
  return m3Err_none;
}

void builder_run(const uint8_t *module, uint32_t length) {
  arena_start();
  heap_next = heap_start;
  built.refusal = compile(module, length);
  // wasm3 does not notice every failed allocation (names of functions, for one).
  if (arena_was_short()) built.refusal = "flash is too small for the compiled module";
  built.constants_end = arena_end_of_used();
}
