/**
 * Words of a command line into commands: several are separated by "then", and each is checked before the
 * first runs.
 */

import { COMMAND_NAMES, COMMANDS, type CommandName, commandNamed } from "@racklet/client";
import { nearest } from "../nearest.ts";
import { UsageError } from "../usage-error.ts";

/** Words between two "then". */
export function separate(words: readonly string[]): string[][] {
  const commands: string[][] = [[]];
  for (const word of words) {
    if (word === "then") commands.push([]);
    else commands.at(-1)?.push(word);
  }
  if (commands.some((command) => command.length === 0))
    throw new UsageError('"then" stands between two commands, as in: power on then wait 5 then log');
  return commands;
}

/** A typed line into words; quotation marks keep several together, and an empty one. */
export function splitLine(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  return words.map((word) => (/^["']/.test(word) ? word.slice(1, -1) : word));
}

/** One of these, or a UsageError with the nearest. */
export function oneOf<T extends string>(what: string, word: string | undefined, known: readonly T[]): T {
  if (word === undefined) throw new UsageError(`${what} is missing: ${known.join(", ")}`);
  const found = known.find((name) => name === word);
  if (found !== undefined) return found;
  throw new UsageError(`unknown ${what} ${word}, nearest is ${nearest(word, known)}`);
}

/** A command of the table by its name, small letters allowed, or by its code as 0x88 or 88h. */
export function tableName(word: string | undefined): CommandName {
  if (word === undefined)
    throw new UsageError("a name is missing, such as READ_VIN; docs/smbus.md has all of them");
  const name = word.toUpperCase();
  if (commandNamed(name)) return name as CommandName;
  const code = /^0x|^[0-9a-f]{1,2}h$/i.test(word) ? parseNumber(word) : undefined;
  if (code === undefined) throw new UsageError(`unknown name ${word}, nearest is ${probable(name)}`);
  const found = COMMAND_NAMES.find((known) => COMMANDS[known].code === code);
  if (found === undefined)
    throw new UsageError(`no command has the code ${word}; docs/smbus.md has all of them`);
  return found;
}

/** Who types VIN means READ_VIN, though fewer edits lead elsewhere. */
function probable(name: string): string {
  const containing = name.length > 1 ? COMMAND_NAMES.filter((known) => known.includes(name)) : [];
  return nearest(name, containing.length > 0 ? containing : COMMAND_NAMES);
}

/** Takes `--page N` out of the words. */
export function takePage(words: readonly string[]): { page?: number; rest: string[] } {
  const at = words.indexOf("--page");
  if (at < 0) return { rest: [...words] };
  const text = words[at + 1] ?? "";
  if (!/^\d{1,2}$/.test(text)) throw new UsageError("--page needs a number: --page 0 or --page 1");
  return { page: Number(text), rest: [...words.slice(0, at), ...words.slice(at + 2)] };
}

/** Takes a word like `--yes` or `-f` out of the words. */
export function takeFlag(words: readonly string[], flag: string): { given: boolean; rest: string[] } {
  return { given: words.includes(flag), rest: words.filter((word) => word !== flag) };
}

/** What is left over is a mistake, not something to pass over. */
export function nothingMore(words: readonly string[], after: string): void {
  if (words[0] === "--yes") throw new UsageError(`${after} asks for no --yes`);
  if (words.length > 0) throw new UsageError(`nothing may follow ${after}, but "${words[0]}" does`);
}

/** "17", "0x11" or "11h", as data sheets write it. */
export function parseNumber(text: string): number | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  if (/^[0-9a-f]+h$/i.test(text)) return Number.parseInt(text, 16);
  return undefined;
}
