/**
 * Generates the glue between wasm3 and the host. wasm3 passes raw arguments. The glue checks every pointer,
 * length, port and signal mask, so that the host's functions never get a bad one. Because it is generated, no
 * check can be forgotten.
 */
import type { Import, Parameter } from "../../abi/contract-schema.ts";
import { C_TYPES, cBlock, imports, isPointer, NOTICE, scalarChecks } from "./c.ts";

export function wasm3Header(): string {
  return `// ${NOTICE}
#pragma once

#include "wasm3.h"

// Binds every import of the contract to the host's functions. An import that the module does
// not use is skipped; one that the contract does not offer stays unbound and is refused by the engine.
M3Result link_imports(IM3Module module);

// Trap reasons of the glue, told apart by address.
extern const char engine_bad_argument[];
extern const char engine_abort_called[];
`;
}

/** The signature of an import as wasm3 writes it: result, then parameters. */
function wasm3Signature(item: Import): string {
  const letter = (type: Parameter["type"]) => (type === "u64" ? "I" : "i");
  const parameters = item.parameters.map(({ type }) => letter(type)).join("");
  return `${item.returns ? letter(item.returns) : "v"}(${parameters})`;
}

function glueFunction(item: Import): string[] {
  const lines = [`static m3ApiRawFunction(import_${item.name}) {`];
  const argumentsOfHost: string[] = [];
  const checks: string[] = [];
  if (item.returns) lines.push(`  m3ApiReturnType(${C_TYPES[item.returns]})`);
  for (const parameter of item.parameters) {
    const { name, type } = parameter;
    if (isPointer(type)) {
      lines.push(`  m3ApiGetArg(uint32_t, ${name})`);
      checks.push(`!block_fits(runtime, ${name}, ${type.length}, ${type.elementBytes})`);
      argumentsOfHost.push(`(${cBlock(item, type)})((uint8_t *)_mem + ${name})`);
    } else {
      lines.push(`  m3ApiGetArg(${C_TYPES[type]}, ${name})`);
      checks.push(...scalarChecks(parameter));
      argumentsOfHost.push(name);
    }
  }
  for (const check of checks) lines.push(`  if (${check}) return engine_bad_argument;`);
  const call = `host_${item.name}(${argumentsOfHost.join(", ")})`;
  lines.push(item.returns ? `  m3ApiReturn(${call})` : `  ${call};\n  m3ApiSuccess()`, "}", "");
  return lines;
}

export function wasm3Glue(): string {
  const lines = [
    `// ${NOTICE}`,
    "//",
    "// wasm3 hands over raw arguments; here each one is checked before the host sees it.",
    "",
    '#include "imports-wasm3.h"',
    "",
    "#include <stdbool.h>",
    "#include <stddef.h>",
    "",
    '#include "abi.h"',
    "",
    '#pragma GCC diagnostic ignored "-Wunused-parameter" // the raw function signature is wasm3\'s',
    "",
    "// 64-bit sums cannot wrap: address and length are 32-bit, an element is 4 bytes at most.",
    "static bool block_fits(IM3Runtime runtime, uint32_t address, uint32_t length, uint32_t element_bytes) {",
    "  const uint64_t end = (uint64_t)address + (uint64_t)length * element_bytes;",
    "  return end <= m3_GetMemorySize(runtime) && address % element_bytes == 0;",
    "}",
    "",
  ];
  for (const item of imports) lines.push(...glueFunction(item));
  lines.push(
    "// AssemblyScript calls this when an assertion fails. The host does not use its arguments.",
    "static m3ApiRawFunction(import_abort) { return engine_abort_called; }",
    "",
    "static const struct {",
    "  const char *module;",
    "  const char *name;",
    "  const char *signature;",
    "  M3RawCall function;",
    "} bindings[] = {",
    ...imports.map(
      (item) => `  {CONTRACT_MODULE, "${item.name}", "${wasm3Signature(item)}", import_${item.name}},`,
    ),
    '  {"env", "abort", "v(iiii)", import_abort},',
    "};",
    "",
    "M3Result link_imports(IM3Module module) {",
    "  for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++) {",
    "    const M3Result result = m3_LinkRawFunction(module, bindings[i].module, bindings[i].name,",
    "                                               bindings[i].signature, bindings[i].function);",
    "    if (result && result != m3Err_functionLookupFailed) return result;",
    "  }",
    "  return m3Err_none;",
    "}",
  );
  return `${lines.join("\n")}\n`;
}
