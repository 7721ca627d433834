/**
 * Generates the glue between the host and logic that is translated ahead of time: one function for each
 * import. The translated code calls it. It makes the same checks as the wasm3 glue, and traps in the same
 * cases.
 */
import type { Import } from "../../abi/contract-schema.ts";
import { C_TYPES, cBlock, imports, isPointer, NOTICE, scalarChecks } from "./c.ts";

function glueFunction(item: Import): string[] {
  const checks: string[] = [];
  const argumentsOfHost: string[] = [];
  const parameters = item.parameters.map(
    ({ name, type }) => `${isPointer(type) ? "uint32_t" : C_TYPES[type]} ${name}`,
  );
  for (const parameter of item.parameters) {
    const { name, type } = parameter;
    checks.push(...scalarChecks(parameter));
    if (isPointer(type)) {
      checks.push(`!block_fits(${name}, ${type.length}, ${type.elementBytes})`);
      argumentsOfHost.push(`(${cBlock(item, type)})(linear_memory + ${name})`);
    } else argumentsOfHost.push(name);
  }
  return [
    `IMPORT ${item.returns ? C_TYPES[item.returns] : "void"} import_${item.name}(${parameters.join(", ") || "void"}) {`,
    ...checks.map((check) => `  if (${check}) trap(TRAP_BAD_IMPORT_ARGUMENT);`),
    `  ${item.returns ? "return " : ""}host_${item.name}(${argumentsOfHost.join(", ")});`,
    "}",
    "",
  ];
}

export function aotGlue(): string {
  const lines = [
    `// ${NOTICE}`,
    "//",
    "// What translated logic calls for its imports: arguments are checked here, before the host sees them.",
    "#pragma once",
    "",
    '#include "runtime.h"',
    "",
    "#define IMPORT static __attribute__((unused))",
    "",
    "// 64-bit sums cannot wrap: address and length are 32-bit, an element is 4 bytes at most.",
    "INLINE bool block_fits(uint32_t address, uint32_t length, uint32_t element_bytes) {",
    "  const uint64_t end = (uint64_t)address + (uint64_t)length * element_bytes;",
    "  return end <= MEMORY_BYTES && address % element_bytes == 0;",
    "}",
    "",
  ];
  for (const item of imports) lines.push(...glueFunction(item));
  lines.push(
    "// AssemblyScript calls this when an assertion fails. The host does not use its arguments.",
    "IMPORT void import_abort(uint32_t message, uint32_t file, uint32_t line, uint32_t column) {",
    "  (void)message, (void)file, (void)line, (void)column;",
    "  trap(TRAP_ABORT);",
    "}",
  );
  return `${lines.join("\n")}\n`;
}
