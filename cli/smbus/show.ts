/** Values as text for people: units, pages by name, names of bits, colours where they are wanted. */

import {
  COMMANDS,
  type Command,
  decodeLinear11,
  type FieldValues,
  pageName,
  type Value,
  type ValueOf,
} from "@racklet/client";
import { safeLine } from "../safe-text.ts";
import { FAULT_REASONS } from "./event-text.ts";

export interface Style {
  readonly colours: boolean;
}

/** Of a terminal nobody has widened. */
const COLUMNS = 80;

const CODES = { red: 31, green: 32, yellow: 33, dim: 2 } as const;

export function paint(text: string, colour: keyof typeof CODES, { colours }: Style): string {
  return colours ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text;
}

/** Thousandths are what the BMC measures; more digits would only show the format's steps. */
export function quantity(value: number, unit: string): string {
  if (Number.isNaN(value)) return "unreadable";
  const decimals = unit === "°C" ? 1 : 3;
  return `${value.toFixed(decimals)} ${unit}`;
}

export function shownValue(command: Command, value: Value): string {
  if (typeof value === "number")
    return command.unit ? quantity(value, command.unit) : shownNumber(command, value);
  if (typeof value === "string") return safeLine(value);
  if (value instanceof Set) return value.size > 0 ? [...value].join(", ") : "none";
  return shownFields(command, value as FieldValues);
}

function shownNumber({ values = {}, read }: Command, value: number): string {
  const name = Object.keys(values).find((candidate) => values[candidate] === value);
  const digits = read === "word" ? 4 : 2;
  const hex = `${value.toString(16).toUpperCase().padStart(digits, "0")}h`;
  return name === undefined ? `${value} (${hex})` : `${name} (${hex})`;
}

function shownFields(command: Command, values: FieldValues): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${shownField(command, name, value)}`)
    .join(", ");
}

function shownField({ code }: Command, name: string, value: number | Uint8Array): string {
  if (typeof value !== "number") return shownBytes(value);
  if (code === COMMANDS.READ_EOUT.code && name === "accumulator") return quantity(decodeLinear11(value), "W");
  const reason =
    code === COMMANDS.MFR_LAST_FAULT.code && name === "reason" ? FAULT_REASONS[value] : undefined;
  return reason === undefined ? `${value}` : `${value} (${reason})`;
}

function shownBytes(bytes: Uint8Array): string {
  return JSON.stringify(safeLine(Buffer.from(bytes).toString("latin1")));
}

/** The readings at the moment of a fault. */
export function shownReadings(fault: ValueOf<"MFR_LAST_FAULT">): string {
  const outputs = [fault.vout_0_mv, fault.vout_1_mv].map(
    (millivolts, page) => `${pageName(page)} ${quantity(millivolts / 1000, "V")}`,
  );
  const current = quantity(fault.iout_ma / 1000, "A");
  return [`input ${quantity(fault.vin_mv / 1000, "V")}`, ...outputs, current].join(", ");
}

/** Columns as wide as their widest cell, two spaces between; numbers to the right where `right` says so. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** Items with commas between them, in as few lines as fit; none is cut. */
export function wrapped(items: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  for (const [at, item] of items.entries()) {
    const text = at < items.length - 1 ? `${item},` : item;
    const longer = `${lines.at(-1)} ${text}`;
    if (lines.length > 0 && longer.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(`${indent}${text}`);
  }
  return lines;
}
