/** Values as text for people: units, pages by name, names of bits, colours where they are wanted. */
import { safeLine } from "../../simulator/start/safe-text.ts";
import type { Command, FieldValues, Value } from "../values.ts";

export interface Style {
  readonly colours: boolean;
}

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
  return shownFields(value as FieldValues);
}

function shownNumber({ values = {}, read }: Command, value: number): string {
  const name = Object.keys(values).find((candidate) => values[candidate] === value);
  const digits = read === "word" ? 4 : 2;
  const hex = `${value.toString(16).toUpperCase().padStart(digits, "0")}h`;
  return name === undefined ? `${value} (${hex})` : `${name} (${hex})`;
}

function shownFields(values: FieldValues): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === "number" ? value : shownBytes(value)}`)
    .join(", ");
}

function shownBytes(bytes: Uint8Array): string {
  return JSON.stringify(safeLine(Buffer.from(bytes).toString("latin1")));
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
