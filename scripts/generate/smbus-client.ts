/**
 * Generates the client's side of the SMBus command table from abi/smbus.ts. The types are literal, so that
 * the compiler knows which commands can be read, and the type of each result.
 */

import { MOST_PAGES } from "../../abi/quantities.ts";
import { BLOCK_BYTES, commands, ENERGY_EXPONENT, numbers } from "../../abi/smbus.ts";
import type { NamedValue, SmbusCommand, SmbusField } from "../../abi/smbus-schema.ts";
import type { GeneratedFile } from "./abi.ts";
import { hexByte, SMBUS_NOTICE } from "./smbus.ts";

export function smbusClientFile(): GeneratedFile {
  const lines = [
    `// ${SMBUS_NOTICE}`,
    "",
    "/** Data bytes of a block at most. */",
    `export const BLOCK_BYTES = ${BLOCK_BYTES};`,
    "/** Exponent of READ_EOUT's accumulator, in watts times samples. */",
    `export const ENERGY_EXPONENT = ${ENERGY_EXPONENT};`,
    "",
    "/** Pages a board can have at most; MFR_RAIL says how many it has. */",
    `export const MOST_PAGES = ${MOST_PAGES};`,
    "",
    "/** Every command by its name. Values of bits are bit numbers, fields are little-endian and in order. */",
    "export const COMMANDS = {",
    ...commands.flatMap(entry),
    "} as const;",
    "",
    "export type CommandName = keyof typeof COMMANDS;",
    "",
    "/** What numbers in the fields of blocks mean. */",
    "export const NUMBERS = {",
    ...numbers.flatMap(({ name, description, values }) => [
      `  /** ${description} */`,
      `  ${name}: {`,
      ...rows(values, "    "),
      "  },",
    ]),
    "} as const;",
  ];
  return { path: "client/generated/commands.ts", text: `${lines.join("\n")}\n` };
}

function entry(command: SmbusCommand): string[] {
  const { name, code, description, read, write, format, unit, pages, prepared, values, fields, callFields } =
    command;
  return [
    `  /** ${description} */`,
    `  ${name}: {`,
    `    code: ${hexByte(code)},`,
    ...(Object.entries({ read, write, format, unit }) as [string, string | undefined][]).flatMap(
      ([key, value]) => (value === undefined ? [] : [`    ${key}: ${JSON.stringify(value)},`]),
    ),
    ...(pages === undefined ? [] : [`    pages: [${pages.join(", ")}],`]),
    ...(prepared ? ["    prepared: true,"] : []),
    ...(values === undefined ? [] : record("values", values)),
    ...(fields === undefined ? [] : layout("fields", fields)),
    ...(callFields === undefined ? [] : layout("callFields", callFields)),
    "  },",
  ];
}

function record(key: string, values: readonly NamedValue[]): string[] {
  return [`    ${key}: {`, ...rows(values, "      "), "    },"];
}

function rows(values: readonly NamedValue[], indent: string): string[] {
  return values.flatMap(({ name, value, description }) => [
    `${indent}/** ${description} */`,
    `${indent}${/^\w+$/.test(name) ? name : JSON.stringify(name)}: ${value > 9 ? hexByte(value) : value},`,
  ]);
}

function layout(key: string, fields: readonly SmbusField[]): string[] {
  const lines = fields.flatMap(({ name, bytes, description }) => [
    `      /** ${description} */`,
    `      { name: "${name}", bytes: ${bytes} },`,
  ]);
  return [`    ${key}: [`, ...lines, "    ],"];
}
