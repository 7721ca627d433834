/**
 * Generates the vocabulary from abi/vocabulary.ts: enumerations, texts, predicates and tables for the logic,
 * and the same numbers as constants for TypeScript.
 */

import { MOST_PAGES, quantities } from "../../abi/quantities.ts";
import { commands } from "../../abi/smbus.ts";
import { enumerations, faultOfReason, powerStates, STATE_TRAITS } from "../../abi/vocabulary.ts";
import type { Enumeration } from "../../abi/vocabulary-schema.ts";
import type { GeneratedFile } from "./abi.ts";
import { constantName, hexByte } from "./smbus.ts";

const NOTICE = "// Generated from abi/vocabulary.ts by `npm run generate`. Do not edit.";
const LIMITS_PER_QUANTITY = 4;

export function vocabularyFiles(): GeneratedFile[] {
  return [
    { path: "assembly/generated/vocabulary.ts", text: lines(logic()) },
    { path: "abi/generated/vocabulary.ts", text: lines(constants()) },
  ];
}

function lines(text: readonly string[]): string {
  return `${text.join("\n")}\n`;
}

/** The logic's name of a term: "RailUp" for "RAIL_UP". */
function camelCase(name: string): string {
  return name
    .toLowerCase()
    .replace(/(^|_)([a-z0-9])/g, (_match, _start, first: string) => first.toUpperCase());
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

// ------------------------------------------------------------------- AssemblyScript

function logic(): string[] {
  return [
    NOTICE,
    ...enumerations.flatMap(enumeration),
    "",
    "// What a power state is: one bit for each state.",
    ...STATE_TRAITS.flatMap(predicate),
    "",
    ...table(
      "FAULT_OF_REASON",
      "u8",
      "FaultReason of each Reason; 0 for a reason that is no fault.",
      faultOfReason,
    ),
    "",
    ...quantityTables(),
  ];
}

function enumeration({ name, description, terms }: Enumeration): string[] {
  return [
    "",
    `/** ${sentence(description)} */`,
    `export enum ${name} {`,
    ...terms.flatMap((term, index) => [
      `  /** ${sentence(term.description)} */`,
      // Without a value AssemblyScript takes that of the member before, plus one.
      `  ${camelCase(term.name)}${term.value === index ? "" : ` = ${term.value}`},`,
    ]),
    "}",
    "",
    `/** Values of ${name} are below this. */`,
    `export const ${listName(name)}_END: i32 = ${Math.max(...terms.map(({ value }) => value)) + 1};`,
    ...texts(name, terms),
  ];
}

/** The constants' prefix of an enumeration: "POWER_GOOD" for "PowerGood". */
function listName(name: string): string {
  return constantName(name.replace(/(?<=[a-z])(?=[A-Z])/g, "_"));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/**
 * A function that returns the console's text of a term. The module does not contain functions without a
 * caller.
 */
function texts(name: string, terms: Enumeration["terms"]): string[] {
  if (terms.some(({ text }) => text === undefined)) return [];
  const list = `${listName(name)}_TEXT`;
  return [
    "",
    `const ${list}: StaticArray<string> = [`,
    ...terms.map(({ text }) => `  ${JSON.stringify(text)},`),
    "];",
    "",
    `export function ${lowerFirst(name)}Text(${lowerFirst(name)}: ${name}): string {`,
    `  return unchecked(${list}[${lowerFirst(name)}]);`,
    "}",
  ];
}

function predicate(trait: (typeof STATE_TRAITS)[number]): string[] {
  const mask = powerStates.reduce((bits, { value, traits }) => bits | (traits[trait] ? 1 << value : 0), 0);
  const names = powerStates.filter(({ traits }) => traits[trait]).map(({ name }) => camelCase(name));
  return [
    "",
    `/** ${names.join(", ")}. */`,
    `export function is${trait.charAt(0).toUpperCase()}${trait.slice(1)}(state: State): bool {`,
    `  return ((${hexByte(mask, 3)} >> <u32>state) & 1) != 0;`,
    "}",
  ];
}

function table(name: string, type: string, description: string, values: readonly number[]): string[] {
  return [`/** ${description} */`, `export const ${name}: StaticArray<${type}> = [${values.join(", ")}];`];
}

/**
 * Tables by quantity, and by limit. The index of a limit is four times the quantity, plus the limit's kind.
 */
function quantityTables(): string[] {
  const limits = quantities.flatMap((quantity) =>
    Array.from({ length: LIMITS_PER_QUANTITY }, (_, kind) => ({ quantity, limit: quantity.limits[kind] })),
  );
  const volts = quantities.filter(({ read }) => read === "READ_VOUT");
  const byPage = [...volts].sort((one, other) => (one.page ?? 0) - (other.page ?? 0));
  return [
    `export const QUANTITIES: i32 = ${quantities.length};`,
    `export const LIMIT_KINDS: i32 = ${LIMITS_PER_QUANTITY};`,
    "/** Rails a board can have at most: each has a page, signals and an output voltage. */",
    `export const MOST_RAILS: i32 = ${MOST_PAGES};`,
    ...table(
      "VOUT_OF_PAGE",
      "u8",
      "The output voltage of each page.",
      byPage.map(({ value }) => value),
    ),
    ...table(
      "QUANTITY_PAGE",
      "i8",
      "Page of each quantity; -1 for a quantity that all pages share.",
      quantities.map(({ page }) => page ?? -1),
    ),
    "/** Unit of each quantity, of which readings are integers. */",
    `export const QUANTITY_UNIT: StaticArray<string> = [${quantities.map(({ unit }) => JSON.stringify(unit)).join(", ")}];`,
    ...table(
      "QUANTITY_READ",
      "u8",
      "PMBus command that reads each quantity.",
      quantities.map(({ read }) => codeOf(read)),
    ),
    ...table(
      "QUANTITY_STATUS",
      "u8",
      "Status register of each quantity.",
      quantities.map(({ status }) => codeOf(status)),
    ),
    ...table(
      "LIMIT_CODE",
      "u8",
      "PMBus command of each limit; 0 where PMBus offers none.",
      limits.map(({ limit }) => (limit ? codeOf(limit.command) : 0)),
    ),
    ...table(
      "LIMIT_STATUS",
      "u8",
      "Bit of the quantity's status register for each limit.",
      limits.map(({ quantity, limit }) => (limit ? 1 << bitOf(quantity.status, limit.bit) : 0)),
    ),
  ];
}

function commandNamed(name: string) {
  const found = commands.find((command) => command.name === name);
  if (!found) throw new Error(`abi/vocabulary.ts: there is no SMBus command ${name}`);
  return found;
}

function codeOf(name: string): number {
  return commandNamed(name).code;
}

function bitOf(register: string, name: string): number {
  const bit = commandNamed(register).values?.find((value) => value.name === name);
  if (!bit) throw new Error(`abi/vocabulary.ts: ${register} has no bit ${name}`);
  return bit.value;
}

// ------------------------------------------------------------------- TypeScript

function constants(): string[] {
  return [
    NOTICE,
    "// The numbers alone. A model that fuzzes or tests the logic has its own idea of the behaviour.",
    ...enumerations.flatMap(({ name, description, terms }) => [
      "",
      `/** ${sentence(description)} */`,
      `export const ${name} = {`,
      ...terms.flatMap((term) => [
        `  /** ${sentence(term.description)} */`,
        `  ${camelCase(term.name)}: ${term.value},`,
      ]),
      "} as const;",
    ]),
    "",
    "/** Codes of the SMBus commands. */",
    "export const Code = {",
    ...commands.map(({ name, code }) => `  ${name}: ${hexByte(code)},`),
    "} as const;",
    "",
    "/** Bits of STATUS_CML, as masks. */",
    "export const Cml = {",
    ...(commandNamed("STATUS_CML").values ?? []).map(
      ({ name, value }) => `  ${name}: ${hexByte(1 << value)},`,
    ),
    "} as const;",
  ];
}
