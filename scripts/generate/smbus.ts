/**
 * Generates the logic's side of the SMBus command table from abi/smbus.ts: codes, the form of every code in
 * one byte, status bits as masks, named values, and the lengths of blocks.
 */

import { MOST_PAGES } from "../../abi/quantities.ts";
import { BLOCK_BYTES, commands, ENERGY_EXPONENT, VOUT_EXPONENT } from "../../abi/smbus.ts";
import type { NamedValue, ReadForm, SmbusCommand, SmbusField, WriteForm } from "../../abi/smbus-schema.ts";
import { enumerations } from "../../abi/vocabulary.ts";
import type { GeneratedFile } from "./abi.ts";

export const SMBUS_NOTICE = "Generated from abi/smbus.ts by `npm run generate`. Do not edit.";

/** Bits 0 to 2 of a form: the kind of read. */
const READ_FORMS: readonly (ReadForm | "none")[] = ["none", "byte", "word", "block", "call"];
/** Bits 3 to 5 of a form: the kind of write. */
const WRITE_FORMS: readonly (WriteForm | "none")[] = ["none", "send", "byte", "word", "block"];
const WRITE_SHIFT = 3;
/** Bits 6 and 7 of a form: the pages. */
const PAGE_SETS = ["COMMON", "0", "EACH"] as const;
const PAGES_SHIFT = 6;
const CODES = 256;
const BYTES_PER_LINE = 16;

/** The form of a command as one number. The logic's tests use it too. */
export function commandForm(command: SmbusCommand): number {
  const { read = "none", write = "none" } = command;
  return (
    READ_FORMS.indexOf(read) | (WRITE_FORMS.indexOf(write) << WRITE_SHIFT) | (pageSet(command) << PAGES_SHIFT)
  );
}

function pageSet({ name, pages }: SmbusCommand): number {
  if (pages === undefined) return PAGE_SETS.indexOf("COMMON");
  if (pages.length === MOST_PAGES) return PAGE_SETS.indexOf("EACH");
  if (pages.join() === "0") return PAGE_SETS.indexOf("0");
  throw new Error(`${name}: pages ${pages.join()} have no encoding; common, page 0 alone and each page do`);
}

/** The name of a bit in code. "#" marks a signal that is active low; it becomes a suffix. */
export function constantName(...words: readonly string[]): string {
  return words.join("_").replaceAll("#", "_N").toUpperCase();
}

/** Bytes of a block with this layout, or undefined if its last field has no fixed length. */
export function fixedBytes(fields: readonly SmbusField[] | undefined): number | undefined {
  if (fields === undefined || fields.some(({ bytes }) => bytes === 0)) return undefined;
  return fields.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function hexByte(value: number, digits = 2): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

export function smbusLogicFile(): GeneratedFile {
  const lines = [
    `// ${SMBUS_NOTICE}`,
    "",
    ...constant("BLOCK_BYTES", `${BLOCK_BYTES}`, "data bytes of a block at most"),
    ...constant("VOUT_EXPONENT", `${VOUT_EXPONENT}`, "of LINEAR16", "i32"),
    ...constant("ENERGY_EXPONENT", `${ENERGY_EXPONENT}`, "of READ_EOUT's accumulator", "i32"),
    "",
    "// Forms of a command, in place: bits 0 to 2 what a read brings, 3 to 5 what a write takes, 6 and 7 pages.",
    ...encoding("READ", READ_FORMS, 0, 0x07),
    ...encoding("WRITE", WRITE_FORMS, WRITE_SHIFT, 0x38),
    ...encoding("PAGES", PAGE_SETS, PAGES_SHIFT, 0xc0),
    "",
    "// Command codes.",
    ...commands.flatMap(({ name, code, description }) =>
      constant(`CODE_${name}`, hexByte(code), description),
    ),
    ...commands.flatMap(details),
    "",
    ...table("COMMAND_FORMS", "Form of every code; 0 is no command.", commandForm),
    "",
    ...table(
      "WRITABLE_UNDER",
      "Values of WRITE_PROTECT under which a code can be written all the same, as one mask.",
      ({ writableUnder = [] }) => writableUnder.reduce((mask, level) => mask | level, 0),
    ),
  ];
  return { path: "assembly/generated/smbus.ts", text: `${lines.join("\n")}\n` };
}

function constant(name: string, value: string, description: string, type = "u32"): string[] {
  return [`/** ${description} */`, `export const ${name}: ${type} = ${value};`];
}

function encoding(prefix: string, names: readonly string[], shift: number, mask: number): string[] {
  return [
    ...names.map(
      (name, index) => `export const ${constantName(prefix, name)}: u32 = ${hexByte(index << shift)};`,
    ),
    `export const ${prefix}_MASK: u32 = ${hexByte(mask)};`,
  ];
}

/** Bits or values, and lengths, of one command under a heading. Most commands have none. */
function details(command: SmbusCommand): string[] {
  const { name, format, values = [], fields, callFields } = command;
  // The logic has the terms of the vocabulary as enumerations (vocabulary.ts).
  const isVocabulary = enumerations.some(({ wire }) => wire === name);
  const named = isVocabulary ? [] : values.flatMap((value) => namedValue(command, value));
  const lengths = [
    ...length(`${name}_BYTES`, "of its block", fixedBytes(fields)),
    ...length(`${name}_CALL_BYTES`, "a process call sends", fixedBytes(callFields)),
  ];
  if (named.length + lengths.length === 0) return [];
  return ["", `// ${name}${format === "bits" ? ", bits as masks" : ""}.`, ...named, ...lengths];
}

function namedValue({ name, format, read }: SmbusCommand, value: NamedValue): string[] {
  const bit = format === "bits";
  const digits = read === "word" ? 4 : 2;
  const text =
    bit || value.value > 9 ? hexByte(bit ? 1 << value.value : value.value, digits) : `${value.value}`;
  return constant(constantName(name, value.name), text, value.description);
}

function length(name: string, what: string, bytes: number | undefined): string[] {
  return bytes === undefined ? [] : constant(name, `${bytes}`, `bytes ${what}`);
}

function table(name: string, description: string, entry: (command: SmbusCommand) => number): string[] {
  const bytes = new Array<number>(CODES).fill(0);
  for (const command of commands) bytes[command.code] = entry(command);
  const rows: string[] = [];
  for (let at = 0; at < CODES; at += BYTES_PER_LINE) {
    const row = bytes.slice(at, at + BYTES_PER_LINE).map((byte) => hexByte(byte));
    rows.push(`  ${row.join(", ")},`);
  }
  return [`/** ${description} */`, `export const ${name}: StaticArray<u8> = [`, ...rows, "];"];
}
