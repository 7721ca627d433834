/** Values as text for a reader: units, rails by name, names of bits, colours on a terminal. */

import {
  COMMANDS,
  type Command,
  decodeLinear11,
  type FieldValues,
  type Rail,
  type Value,
  type ValueOf,
} from "@racklet/client";
import { safeLine } from "../safe-text.ts";
import { FAULT_REASONS } from "./event-text.ts";

export interface Style {
  readonly colours: boolean;
}

/** The width of a terminal as it opens. */
const COLUMNS = 80;

const CODES = { red: 31, green: 32, yellow: 33, dim: 2 } as const;

export function paint(text: string, colour: keyof typeof CODES, { colours }: Style): string {
  return colours ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text;
}

/** Rounds to thousandths, which the BMC measures; more digits would only show the steps of the format. */
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
export function shownReadings(fault: ValueOf<"MFR_LAST_FAULT">, rails: readonly Rail[]): string {
  const vout_mv = [fault.vout_0_mv, fault.vout_1_mv, fault.vout_2_mv, fault.vout_3_mv];
  const outputs = rails.map(({ page, name }) => `${name} ${quantity((vout_mv[page] ?? 0) / 1000, "V")}`);
  const current = quantity(fault.iout_ma / 1000, "A");
  return [`input ${quantity(fault.vin_mv / 1000, "V")}`, ...outputs, current].join(", ");
}

/**
 * Makes each column as wide as its widest cell, with two spaces between; `right` lists columns of numbers.
 */
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

/** Joins items with commas, on as few lines as they fit; no item is cut. */
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
