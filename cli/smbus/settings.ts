/**
 * Reads the arguments behind `set NAME` as a value of that command. A UsageError names the values that it
 * takes.
 */

import { bitMask, type Command, type Setting } from "@racklet/client";
import { didYouMeanOrAll } from "../nearest.ts";
import { UsageError } from "../usage-error.ts";
import { parseNumber } from "./arguments.ts";

export function readSetting(name: string, command: Command, args: readonly string[]): Setting {
  if (args.length === 0) throw new UsageError(`${name} needs a value: ${expected(command)}`);
  switch (command.format) {
    case "bits":
      return readBits(name, command, args);
    case "bytes":
      return readFields(name, command, args);
    default:
      // "70 °C" is one value in two arguments.
      if (command.unit && args.length === 2) return readNumber(name, command, args.join(" "));
      if (args.length > 1) throw new UsageError(`${name} takes one value: ${expected(command)}`);
      return readNumber(name, command, args[0] as string);
  }
}

/** Reads names of bits, or masks, separated by commas or spaces. */
function readBits(name: string, command: Command, args: readonly string[]): number {
  const bits = args.flatMap((arg) => arg.split(",")).filter((bit) => bit !== "");
  return bits.reduce((mask, bit) => {
    const number = parseNumber(bit) ?? bitMask(command, [named(name, command, bit)]);
    // "|" would silently cut a mask that is too large or has a fraction to one that is neither.
    if (number < 0 || number > 0xffff || !Number.isInteger(number))
      throw new UsageError(`${name} ${bit}: ${expected(command)}`);
    return mask | number;
  }, 0);
}

function readNumber(name: string, command: Command, arg: string): number | string {
  const [, digits = "", unit] = /^(.*\d)\s*(V|A|W|°?C)$/.exec(arg) ?? [];
  const isOwnUnit = unit !== undefined && unit.at(-1) === command.unit?.at(-1);
  const number = parseNumber(arg) ?? (isOwnUnit ? parseNumber(digits) : undefined);
  if (number !== undefined) return number;
  if (command.values) return named(name, command, arg);
  throw new UsageError(`${name} ${arg}: ${expected(command)}`);
}

function named(name: string, { values = {} }: Command, arg: string): string {
  const known = Object.keys(values);
  const upper = arg.toUpperCase();
  if (known.includes(upper)) return upper;
  throw new UsageError(`${name} knows no ${arg}${didYouMeanOrAll(upper, known)}`);
}

/** Reads text where the command has one field of any length; otherwise each field as field=number. */
function readFields(name: string, command: Command, args: readonly string[]): Setting {
  const fields = [...(command.callFields ?? []), ...(command.fields ?? [])];
  const [only] = fields;
  if (fields.length === 1 && only?.bytes === 0) return { [only.name]: Buffer.from(args.join(" "), "utf8") };
  const values: Record<string, number> = {};
  for (const arg of args) {
    const [field = "", text = ""] = arg.split("=");
    const number = parseNumber(text);
    if (number === undefined || !fields.some((known) => known.name === field))
      throw new UsageError(`${name} ${arg}: ${expected(command)}`);
    values[field] = number;
  }
  const missing = fields.find((field) => !(field.name in values));
  if (missing) throw new UsageError(`${name}: ${missing.name} is missing; ${expected(command)}`);
  return values;
}

function expected({ format, unit, values, callFields = [], fields = [] }: Command): string {
  if (unit) return `a number, in ${unit}`;
  const names = Object.keys(values ?? {}).join(", ");
  if (format === "bits") return `a mask such as 0x40, or bits with commas between them, of ${names}`;
  if (values) return `one of ${names}`;
  if (format !== "bytes") return "a number, such as 17, 0x11 or 11h";
  const sized = [...callFields, ...fields].filter(({ bytes }) => bytes > 0);
  return sized.length > 0 ? sized.map(({ name }) => `${name}=NUMBER`).join(" ") : "text";
}
