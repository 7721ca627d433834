/**
 * Both sides of the contract, made from abi/contract.ts: externs and constants for the logic,
 * the C header and the wasm3 glue for the host, types and constants for the Node host.
 *
 * The glue is where every pointer, length, port and signal mask is checked, so that the
 * host's own functions never see a bad one and no check can be forgotten by hand.
 */
import { readFileSync } from "node:fs";
import type { Export, Import, NamedNumber, Parameter, Pointer, Signal } from "../../abi/contract.ts";
import { contract } from "../../abi/contract.ts";

export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

const NOTICE = "Generated from abi/contract.ts by `npm run generate`. Do not edit.";

const imports: readonly Import[] = contract.imports;
const exports: readonly Export[] = contract.exports;

export function abiFiles(): GeneratedFile[] {
  return [
    { path: "assembly/generated/abi.ts", text: assemblyScript() },
    { path: "assembly/generated/version.ts", text: version() },
    { path: "host/generated/abi.h", text: header() },
    { path: "host/generated/imports.h", text: importsHeader() },
    { path: "host/generated/imports.c", text: wasm3Glue() },
    { path: "simulator/generated/abi.ts", text: nodeTypes() },
  ];
}

/** Named number groups with the prefix their names get on every side. */
const GROUPS: readonly [string, readonly NamedNumber[]][] = [
  ["EVENT", contract.events],
  ["PORT", contract.ports],
  ["ADC", contract.adcChannels],
  ["RESET_CAUSE", contract.resetCauses],
  ["TRAP", contract.trapKinds],
];

function isPointer(type: Parameter["type"]): type is Pointer {
  return typeof type === "object";
}

function signalMask(direction: Signal["direction"]): number {
  return contract.signals
    .filter((signal) => signal.direction === direction)
    .reduce((mask, signal) => mask | (1 << signal.value), 0);
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function snakeCase(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, "_$1").toLowerCase();
}

function upperCase(name: string): string {
  return snakeCase(name).toUpperCase();
}

// ---------------------------------------------------------------- AssemblyScript

function assemblyScript(): string {
  const lines = [`// ${NOTICE}`, "", `export const CONTRACT_VERSION: u32 = ${contract.version};`];
  lines.push(
    "/** What `handle` returns to wait for events alone. */",
    `export const NO_DEADLINE: u64 = ${hex(contract.noDeadline)};`,
  );
  for (const [prefix, group] of GROUPS) {
    lines.push("");
    for (const { name, value, description } of group) {
      lines.push(`/** ${description} */`, `export const ${prefix}_${name}: u32 = ${value};`);
    }
  }
  lines.push("", "// Signal masks: bit set where asserted.");
  for (const { name, value, description } of contract.signals) {
    lines.push(`/** ${description} */`, `export const SIGNAL_${name}: u32 = ${hex(1 << value)};`);
  }
  for (const record of contract.records) {
    lines.push("", `// ${record.name}: ${record.description}; word index of each field.`);
    record.fields.forEach((field, index) => {
      lines.push(
        `/** ${field.description} */`,
        `export const ${upperCase(record.name)}_${field.name.toUpperCase()}: i32 = ${index};`,
      );
    });
    lines.push(`export const ${upperCase(record.name)}_WORDS: i32 = ${record.fields.length};`);
  }
  for (const item of imports) {
    const parameters = item.parameters.map(
      ({ name, type }) => `${name}: ${isPointer(type) ? "usize" : type}`,
    );
    lines.push(
      "",
      `/** ${item.description} */`,
      `@external("${contract.module}", "${item.name}")`,
      `export declare function ${item.name}(${parameters.join(", ")}): ${item.returns ?? "void"};`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** The firmware's version is the package's, so that there is one number to raise. */
function version(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const notice = "// Generated from package.json by `npm run generate`. Do not edit.";
  return `${notice}\n\nexport const VERSION: string = "${version}";\n`;
}

// ---------------------------------------------------------------- C header

const C_TYPES = { u32: "uint32_t", u64: "uint64_t" } as const;
const C_ELEMENTS = { 1: "uint8_t", 2: "uint16_t", 4: "uint32_t" } as const;

function cParameter({ name, type }: Parameter): string {
  if (!isPointer(type)) return `${C_TYPES[type]} ${name}`;
  return `${type.direction === "in" ? "const " : ""}${C_ELEMENTS[type.elementBytes]} *${name}`;
}

/** Records travel as blocks of words in the contract and as structs in C. */
function recordOf(item: Import): string | undefined {
  const block = item.parameters.find((parameter) => isPointer(parameter.type));
  return contract.records.find((record) => block && snakeCase(record.name).endsWith(block.name))?.name;
}

function hostPrototype(item: Import): string {
  const record = recordOf(item);
  const parameters = item.parameters.map((parameter) =>
    record && isPointer(parameter.type)
      ? `struct ${snakeCase(record)} *${parameter.name}`
      : cParameter(parameter),
  );
  const returns = item.returns ? C_TYPES[item.returns] : "void";
  return `${returns} host_${item.name}(${parameters.join(", ") || "void"})`;
}

function header(): string {
  const lines = [`// ${NOTICE}`, "#pragma once", "", "#include <stdint.h>", ""];
  lines.push(
    `#define CONTRACT_VERSION ${contract.version}u`,
    `#define CONTRACT_MODULE "${contract.module}"`,
    `#define CONTRACT_MEMORY_BYTES ${contract.memory.bytes}u`,
    `#define CONTRACT_NO_DEADLINE ${hex(contract.noDeadline)}ull`,
  );
  for (const [prefix, group] of GROUPS) {
    lines.push("");
    if (prefix === "RESET_CAUSE" || prefix === "TRAP") {
      lines.push(`enum ${prefix === "TRAP" ? "trap_kind" : "reset_cause"} {`);
      for (const { name, value, description } of group) {
        lines.push(`  ${prefix}_${name} = ${value}, // ${description}`);
      }
      lines.push("};");
    } else {
      for (const { name, value, description } of group) {
        lines.push(`#define ${prefix}_${name} ${value}u // ${description}`);
      }
    }
  }
  lines.push("", "// Bit numbers in the signal words.");
  for (const { name, value, description } of contract.signals) {
    lines.push(`#define SIGNAL_${name} ${value}u // ${description}`);
  }
  lines.push(
    `#define SIGNALS_OUT ${hex(signalMask("out"))}u`,
    `#define SIGNALS_IN ${hex(signalMask("in"))}u`,
  );
  for (const record of contract.records) {
    lines.push("", `// ${record.description}`, `struct ${snakeCase(record.name)} {`);
    for (const field of record.fields) lines.push(`  uint32_t ${field.name}; // ${field.description}`);
    lines.push("};");
  }
  lines.push(
    "",
    "// Implemented by the host. Every pointer, length, port and mask has been checked by the glue.",
  );
  for (const item of imports) lines.push(`${hostPrototype(item)};`);
  return `${lines.join("\n")}\n`;
}

// ---------------------------------------------------------------- wasm3 glue

function importsHeader(): string {
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

/** wasm3's signature string: result, then parameters. */
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
      const record = recordOf(item);
      const target = record
        ? `struct ${snakeCase(record)} *`
        : `${type.direction === "in" ? "const " : ""}${C_ELEMENTS[type.elementBytes]} *`;
      argumentsOfHost.push(`(${target})((uint8_t *)_mem + ${name})`);
    } else {
      lines.push(`  m3ApiGetArg(${C_TYPES[type]}, ${name})`);
      if (parameter.maximum !== undefined) checks.push(`${name} > ${parameter.maximum}u`);
      if (parameter.signals) checks.push(`(${name} & ~SIGNALS_${parameter.signals.toUpperCase()}) != 0`);
      argumentsOfHost.push(name);
    }
  }
  for (const check of checks) lines.push(`  if (${check}) return engine_bad_argument;`);
  const call = `host_${item.name}(${argumentsOfHost.join(", ")})`;
  lines.push(item.returns ? `  m3ApiReturn(${call})` : `  ${call};\n  m3ApiSuccess()`, "}", "");
  return lines;
}

function wasm3Glue(): string {
  const lines = [
    `// ${NOTICE}`,
    "//",
    "// wasm3 hands over raw arguments; here each one is checked before the host sees it.",
    "",
    '#include "imports.h"',
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
    "// AssemblyScript calls this when an assertion fails; its arguments point at strings nobody kept.",
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

// ---------------------------------------------------------------- TypeScript of the Node host

const TS_TYPES = { u32: "number", u64: "bigint" } as const;

function tsSignature(item: Import | Export): string {
  const parameters = item.parameters.map(
    ({ name, type }) => `${name}: ${isPointer(type) ? "number" : TS_TYPES[type]}`,
  );
  return `${item.name}(${parameters.join(", ")}): ${item.returns ? TS_TYPES[item.returns] : "void"}`;
}

function nodeTypes(): string {
  const lines = [`// ${NOTICE}`, ""];
  for (const [prefix, group] of [...GROUPS, ["SIGNAL", contract.signals] as const]) {
    const typeName = prefix
      .toLowerCase()
      .replace(/(^|_)([a-z])/g, (_match, _start, letter: string) => letter.toUpperCase());
    lines.push(`export const ${typeName} = {`);
    for (const { name, value, description } of group) {
      lines.push(`  /** ${description} */`, `  ${name}: ${prefix === "SIGNAL" ? hex(1 << value) : value},`);
    }
    lines.push("} as const;", "");
  }
  for (const record of contract.records) {
    lines.push(
      `/** Fields of a ${record.name} record, in order: ${record.description}. */`,
      `export const ${record.name}Fields = [`,
      ...record.fields.map((field) => `  "${field.name}", // ${field.description}`),
      "] as const;",
      `export type ${record.name} = Record<(typeof ${record.name}Fields)[number], number>;`,
      "",
    );
  }
  lines.push(
    `/** Module "${contract.module}": what a host offers the logic. Pointers are offsets in linear memory. */`,
  );
  lines.push("export interface HostImports {");
  for (const item of imports) lines.push(`  /** ${item.description} */`, `  ${tsSignature(item)};`);
  lines.push("}", "", "/** What the logic exports. */", "export interface LogicExports {");
  for (const item of exports) lines.push(`  /** ${item.description} */`, `  ${tsSignature(item)};`);
  lines.push("}");
  return `${lines.join("\n")}\n`;
}
