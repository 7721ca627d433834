/**
 * Generates both sides of the contract from abi/contract.ts: imports and constants for the logic, the C
 * header for the host, types and constants for the Node host. Each engine also needs glue between the two
 * sides (aot-glue.ts, wasm3-glue.ts).
 */
import { readFileSync } from "node:fs";
import { contract } from "../../abi/contract.ts";
import type { Export, Import, NamedNumber, Parameter, Signal } from "../../abi/contract-schema.ts";
import { aotGlue } from "./aot-glue.ts";
import { C_ELEMENTS, C_TYPES, exports, imports, isPointer, NOTICE, recordOf, snakeCase } from "./c.ts";
import { wasm3Glue, wasm3Header } from "./wasm3-glue.ts";

export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

export function abiFiles(): GeneratedFile[] {
  return [
    { path: "assembly/generated/abi.ts", text: assemblyScript() },
    { path: "assembly/generated/version.ts", text: version() },
    { path: "host/generated/abi.h", text: header() },
    { path: "host/generated/imports-aot.h", text: aotGlue() },
    { path: "host/generated/imports-wasm3.h", text: wasm3Header() },
    { path: "host/generated/imports-wasm3.c", text: wasm3Glue() },
    { path: "simulator/generated/abi.ts", text: nodeTypes() },
  ];
}

/** Groups of named numbers, with the prefix of their names on every side. */
const GROUPS: readonly [string, readonly NamedNumber[]][] = [
  ["EVENT", contract.events],
  ["PORT", contract.ports],
  ["SMBUS_REQUEST", contract.smbusRequests],
  ["I2C_RESULT", contract.i2cResults],
  ["ADC", contract.adcChannels],
  ["RESET_CAUSE", contract.resetCauses],
  ["TRAP", contract.trapKinds],
  ["FLASH", contract.flashResults],
];

/** Sizes that both sides agree on. */
const SIZES = [
  ["SMBUS_REQUEST_BYTES", contract.smbus.requestBytes],
  ["SMBUS_RESPONSE_BYTES", contract.smbus.responseBytes],
  ["SMBUS_PAGES", contract.smbus.pages],
  ["SMBUS_PAGE_COMMAND", contract.smbus.pageCommand],
  ["SMBUS_REQUESTS", contract.smbus.requests],
  ["SMBUS_REQUESTS_KEPT", contract.smbus.requestsKept],
  ["SMBUS_LONG_RESPONSES_PER_PAGE", contract.smbus.longResponsesPerPage],
  ["SAMPLING_CHANNELS", contract.sampling.channels],
  ["TRACE_LENGTH", contract.sampling.traceRounds],
  ["LINEAR_CODES", contract.sampling.linearCodes],
  ["RETAINED_WORDS", contract.retained.words],
  ["RETAINED_SEQUENCER", contract.retained.sequencer],
  ["I2C_WRITE_BYTES", contract.i2c.writeBytes],
  ["I2C_READ_BYTES", contract.i2c.readBytes],
  ["FLASH_REGION_BYTES", contract.flash.regionBytes],
  ["FLASH_SECTOR_BYTES", contract.flash.sectorBytes],
  ["FLASH_PAGE_BYTES", contract.flash.pageBytes],
] as const;

function signalMask(direction: Signal["direction"]): number {
  return contract.signals
    .filter((signal) => signal.direction === direction)
    .reduce((mask, signal) => mask | (1 << signal.value), 0);
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
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
  for (const [name, value] of SIZES) lines.push(`export const ${name}: u32 = ${value};`);
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
function packageVersion(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}

function version(): string {
  const notice = "// Generated from package.json by `npm run generate`. Do not edit.";
  return `${notice}\n\nexport const VERSION: string = "${packageVersion()}";\n`;
}

// ---------------------------------------------------------------- C header

function cParameter({ name, type }: Parameter): string {
  if (!isPointer(type)) return `${C_TYPES[type]} ${name}`;
  return `${type.direction === "in" ? "const " : ""}${C_ELEMENTS[type.elementBytes]} *${name}`;
}

/** Blocks of words in the contract, which are structs in C. */
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
    `#define FIRMWARE_VERSION "${packageVersion()}"`,
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
  for (const [name, value] of SIZES) lines.push(`#define ${name} ${value}u`);
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
