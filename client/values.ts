/**
 * Converts the bytes of a command into a value and back, and has the types of these values. The format
 * "number" and the linear ones are numbers, "text" is a string, "bits" a set of names, "bytes" an object of
 * fields.
 */
import { COMMANDS, type CommandName } from "./generated/commands.ts";
import { decodeLinear11, decodeLinear16, encodeLinear11, encodeLinear16 } from "./linear.ts";

type Commands = typeof COMMANDS;
type NamesWith<Shape> = { [N in CommandName]: Commands[N] extends Shape ? N : never }[CommandName];

/** Commands whose value a plain read returns. */
export type ReadableName = NamesWith<{ read: "byte" | "word" | "block" }>;
/** Commands with data to write. */
export type WritableName = NamesWith<{ write: "byte" | "word" | "block" }>;
/** Commands that are sent without data. */
export type SendName = NamesWith<{ write: "send" }>;
/** Commands that are process calls: they answer to the bytes sent. */
export type CallName = NamesWith<{ read: "call" }>;

interface Field {
  readonly name: string;
  readonly bytes: number;
}

/** A field of 0 bytes takes the rest of the answer and stays bytes; the others are unsigned numbers. */
type Fields<List> = List extends readonly Field[]
  ? { readonly [F in List[number] as F["name"]]: F["bytes"] extends 0 ? Uint8Array : number }
  : Record<never, never>;

type Key<Values> = Extract<keyof Values, string>;

/** The value that a read of the command returns. */
export type ValueOf<N extends CommandName> = Commands[N] extends { format: "text" }
  ? string
  : Commands[N] extends { format: "bits"; values: infer Values }
    ? ReadonlySet<Key<Values>>
    : Commands[N] extends { format: "bytes"; fields: infer List }
      ? Fields<List>
      : number;

/** The fields that a process call sends. */
export type CallOf<N extends CommandName> = Commands[N] extends { callFields: infer List }
  ? Fields<List>
  : never;

/**
 * The value that a write takes. A named value may be given by its name, bits by name or as a mask. A command
 * that is a process call takes the fields it sends and those it answers.
 */
export type SettingOf<N extends CommandName> = Commands[N] extends { format: "bits"; values: infer Values }
  ? number | Iterable<Key<Values>>
  : Commands[N] extends { format: "number"; values: infer Values }
    ? number | Key<Values>
    : Commands[N] extends { format: "bytes"; callFields: infer Sent; fields: infer List }
      ? Fields<Sent> & Fields<List>
      : ValueOf<N>;

/** Any command of the table, for code that treats all alike. */
export interface Command {
  readonly code: number;
  readonly read?: "byte" | "word" | "block" | "call";
  readonly write?: "send" | "byte" | "word" | "block";
  readonly format?: "linear11" | "linear16" | "number" | "bits" | "text" | "bytes";
  readonly unit?: "V" | "A" | "W" | "°C";
  readonly pages?: readonly number[];
  readonly prepared?: boolean;
  readonly values?: Readonly<Record<string, number>>;
  readonly fields?: readonly Field[];
  readonly callFields?: readonly Field[];
}

export type Value = number | string | ReadonlySet<string> | FieldValues;
export type FieldValues = Readonly<Record<string, number | Uint8Array>>;
export type Setting = number | string | Iterable<string> | FieldValues;

/** The command does not take a value; the message says which ones it takes. */
export class ValueError extends Error {}

/** The command of that name, or undefined. */
export function commandNamed(name: string): Command | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name as CommandName] : undefined;
}

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/**
 * Reads bytes as an unsigned little-endian number. Numbers beyond 2^53 are rounded; only a microsecond
 * counter reaches them, after 285 years.
 */
export function numberOf(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

function bytesOf(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0, rest = value; at < length; at++, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

/**
 * Decodes the data bytes of a read. `exponent` is that of LINEAR16. Throws a ValueError where bytes are
 * missing.
 */
export function decodeValue(command: Command, bytes: Uint8Array, exponent: number): Value {
  switch (command.format) {
    case "linear11":
      return decodeLinear11(numberOf(bytes));
    case "linear16":
      return decodeLinear16(numberOf(bytes), exponent);
    case "text":
      return Buffer.from(bytes).toString("latin1");
    case "bits":
      return bitNames(command, numberOf(bytes));
    case "bytes":
      return decodeFields(command.fields ?? [], grown(command, bytes));
    default:
      return numberOf(bytes);
  }
}

/**
 * The lengths that blocks had before their last fields. Firmware without MFR_RAIL, which has no pages 2 and
 * 3, ends MFR_LAST_FAULT before their voltages; later firmware still ends MFR_LOG_STATUS before started_ms.
 */
const OLDER_BYTES: Readonly<Record<number, number>> = {
  [COMMANDS.MFR_LAST_FAULT.code]: 23,
  [COMMANDS.MFR_LOG_STATUS.code]: 12,
};

/** The answer of an older firmware, with zeros for the fields that the command has got since. */
function grown({ code, fields = [] }: Command, bytes: Uint8Array): Uint8Array {
  if (OLDER_BYTES[code] !== bytes.length) return bytes;
  const whole = new Uint8Array(fields.reduce((sum, field) => sum + field.bytes, 0));
  whole.set(bytes);
  return whole;
}

/** Names of the bits that are set; a bit without a name is bit_0, bit_1 and so on. */
export function bitNames({ values = {} }: Command, word: number): Set<string> {
  const named = new Map(Object.entries(values).map(([name, bit]) => [bit, name]));
  const names = new Set<string>();
  for (let bit = 31; bit >= 0; bit--) {
    if ((word >>> bit) & 1) names.add(named.get(bit) ?? `bit_${bit}`);
  }
  return names;
}

/**
 * Throws a ValueError where bytes are missing. Bytes behind the last field are ignored, because newer
 * firmware may send more of them.
 */
export function decodeFields(fields: readonly Field[], bytes: Uint8Array): FieldValues {
  const values: Record<string, number | Uint8Array> = {};
  let at = 0;
  for (const { name, bytes: length } of fields) {
    if (at + length > bytes.length)
      throw new ValueError(`the answer ends before ${name}, after ${bytes.length} bytes`);
    values[name] = length === 0 ? bytes.slice(at) : numberOf(bytes.subarray(at, at + length));
    at += length === 0 ? bytes.length - at : length;
  }
  return values;
}

export function encodeFields(fields: readonly Field[], values: FieldValues): Uint8Array {
  const parts = fields.map(({ name, bytes }) => {
    const value = values[name];
    if (value === undefined) throw new ValueError(`${name} is missing`);
    if (typeof value !== "number") return value;
    if (!Number.isInteger(value) || value < 0 || value >= 256 ** bytes)
      throw new ValueError(`${name} is ${value}: 0 to ${256 ** bytes - 1} are possible`);
    return bytesOf(value, bytes);
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Encodes the data bytes of a write, without the count of a block. Throws a ValueError or a LinearError. */
export function encodeValue(command: Command, value: Setting, exponent: number): Uint8Array {
  const length = command.write === "word" ? 2 : 1;
  switch (command.format) {
    case "linear11":
      return bytesOf(encodeLinear11(Number(value)), length);
    case "linear16":
      return bytesOf(encodeLinear16(Number(value), exponent), length);
    case "text":
      return Buffer.from(String(value), "latin1");
    case "bits":
      if (typeof value === "number") return bytesOf(numberNamed(command, value), length);
      return bytesOf(bitMask(command, value as Iterable<string>), length);
    case "bytes":
      return encodeFields([...(command.callFields ?? []), ...(command.fields ?? [])], value as FieldValues);
    default:
      return bytesOf(numberNamed(command, value), length);
  }
}

/** The mask of these bits. Throws a ValueError for a name that is no bit of the command. */
export function bitMask({ values = {} }: Command, names: Iterable<string>): number {
  let mask = 0;
  for (const name of names) {
    const bit = values[name];
    if (bit === undefined)
      throw new ValueError(`there is no bit ${name}; there are ${Object.keys(values).join(", ")}`);
    mask |= 1 << bit;
  }
  return mask;
}

function numberNamed({ format, values = {}, write }: Command, value: Setting): number {
  const limit = write === "word" ? 0xffff : 0xff;
  const number = typeof value === "string" ? values[value] : Number(value);
  if (number !== undefined && Number.isInteger(number) && number >= 0 && number <= limit) return number;
  const names = format === "bits" ? [] : Object.keys(values);
  throw new ValueError(`${String(value)} is not ${names.length > 0 ? names.join(", ") : `0 to ${limit}`}`);
}
