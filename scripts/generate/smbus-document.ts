/**
 * Generates parts of docs/smbus.md: commands, status bits and values, layouts of blocks. The rest is written
 * by hand.
 */

import { MOST_PAGES } from "../../abi/quantities.ts";
import { commands, numbers } from "../../abi/smbus.ts";
import type { SmbusCommand, SmbusField } from "../../abi/smbus-schema.ts";

const SECTIONS: Readonly<Record<string, () => string>> = {
  commands: commandTable,
  bits: bitTable,
  values: valueTable,
  blocks: blockTable,
  numbers: numberTable,
};

/**
 * The document with the text between each pair of its marks replaced. A missing pair is added at the end.
 */
export function smbusDocument(document: string): string {
  return Object.entries(SECTIONS).reduce(
    (text, [name, section]) => withSection(text, name, section()),
    document,
  );
}

/** The document with the text between one pair of marks replaced, or added at the end. */
export function withSection(document: string, name: string, section: string): string {
  const first = `<!-- begin generated: ${name}, \`npm run generate\` -->`;
  const last = `<!-- end generated: ${name} -->`;
  const begin = document.indexOf(first);
  const end = document.indexOf(last, begin);
  const block = `${first}\n\n${section}\n\n${last}`;
  if (begin < 0 || end < 0) return `${document.trimEnd()}\n\n${block}\n`;
  return document.slice(0, begin) + block + document.slice(end + last.length);
}

function hex(value: number): string {
  return `${value.toString(16).toUpperCase().padStart(2, "0")}h`;
}

/** A Markdown table. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)].join("\n");
}

function commandTable(): string {
  return table(
    ["code", "name", "read", "write", "pages", "format", "meaning"],
    commands.map((command) => [
      hex(command.code),
      command.name,
      command.read === undefined ? "" : command.read + (command.prepared ? "" : " *"),
      command.write ?? "",
      pagesOf(command),
      formatOf(command),
      command.description,
    ]),
  );
}

function pagesOf({ pages }: SmbusCommand): string {
  if (pages === undefined) return "";
  return pages.length === MOST_PAGES ? "each" : pages.join(", ");
}

function formatOf({ format, unit }: SmbusCommand): string {
  const names = { linear11: "LINEAR11", linear16: "LINEAR16" } as const;
  const name = format === "linear11" || format === "linear16" ? names[format] : (format ?? "");
  return unit ? `${name}, ${unit}` : name;
}

/** A row for each bit of each register, the highest first. */
function bitTable(): string {
  const rows = commands
    .filter(({ format }) => format === "bits")
    .flatMap(({ name, values = [] }) =>
      values.map((bit, at) => [at === 0 ? name : "", `${bit.value}`, bit.name, bit.description]),
    );
  return table(["register", "bit", "name", "meaning"], rows);
}

function valueTable(): string {
  const rows = commands
    .filter(({ format }) => format === "number")
    .flatMap(({ name, values = [] }) =>
      values.map((one, at) => [at === 0 ? name : "", hex(one.value), one.name, one.description]),
    );
  return table(["command", "value", "name", "meaning"], rows);
}

function numberTable(): string {
  const rows = numbers.flatMap(({ name, description, values }) => [
    [name, "", "", description],
    ...values.map((one) => ["", `${one.value}`, one.name, one.description]),
  ]);
  return table(["number", "value", "name", "meaning"], rows);
}

function blockTable(): string {
  const rows = commands.flatMap(({ name, fields = [], callFields = [], read }) => [
    ...layout(name, callFields, "sent"),
    ...layout(name, fields, read === undefined ? "sent" : "read"),
  ]);
  return table(["command", "", "bytes", "field", "meaning"], rows);
}

function layout(name: string, fields: readonly SmbusField[], direction: string): string[][] {
  let at = 0;
  return fields.map(({ name: field, bytes, description }, index) => {
    const last = bytes === 0 ? "..." : bytes > 1 ? ` to ${at + bytes - 1}` : "";
    const row = [index === 0 ? name : "", direction, `${at}${last}`, field, description];
    at += bytes;
    return row;
  });
}
