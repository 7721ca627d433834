/**
 * Reads the arguments of a command line. "then" separates one command from the next, and all of them are read
 * before the first one runs.
 */

import { COMMAND_NAMES, COMMANDS, type CommandName, commandNamed } from "@racklet/client";
import { didYouMean, didYouMeanOrAll } from "../nearest.ts";
import { UsageError } from "../usage-error.ts";

/** The arguments of each command: those between one "then" and the next. */
export function separate(args: readonly string[]): string[][] {
  const commands: string[][] = [[]];
  for (const arg of args) {
    if (arg === "then") commands.push([]);
    else commands.at(-1)?.push(arg);
  }
  if (commands.some((command) => command.length === 0))
    throw new UsageError('"then" stands between two commands, as in: power on then wait 5 then log');
  return commands;
}

/**
 * Cuts a typed line at its spaces. Quotation marks make one argument of what is between them, even of
 * nothing.
 */
export function splitLine(line: string): string[] {
  const args = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
  return args.map((arg) => (/^["']/.test(arg) ? arg.slice(1, -1) : arg));
}

/** Returns the known name, or throws a UsageError with a near one or all of them. */
export function oneOf<T extends string>(what: string, arg: string | undefined, known: readonly T[]): T {
  if (arg === undefined) throw new UsageError(`${what} is missing: ${known.join(", ")}`);
  const found = known.find((name) => name === arg);
  if (found !== undefined) return found;
  throw new UsageError(`unknown ${what} ${arg}${didYouMeanOrAll(arg, known)}`);
}

/** Finds a command of the table by its name, in capitals or not, or by its code as 0x88 or 88h. */
export function tableName(arg: string | undefined): CommandName {
  if (arg === undefined)
    throw new UsageError("a name is missing, such as READ_VIN; docs/smbus.md has all of them");
  const name = arg.toUpperCase();
  if (commandNamed(name)) return name as CommandName;
  const code = /^0x|^[0-9a-f]{1,2}h$/i.test(arg) ? parseNumber(arg) : undefined;
  if (code === undefined) throw new UsageError(`unknown name ${arg}${probable(name)}`);
  const found = COMMAND_NAMES.find((known) => COMMANDS[known].code === code);
  if (found === undefined)
    throw new UsageError(`no command has the code ${arg}; docs/smbus.md has all of them`);
  return found;
}

/** VIN most likely means READ_VIN: that is the shortest name with a word that begins so. */
function probable(name: string): string {
  const containing = name.length > 1 ? COMMAND_NAMES.filter((known) => `_${known}`.includes(`_${name}`)) : [];
  const [shortest] = containing.sort((one, other) => one.length - other.length);
  if (shortest !== undefined) return `; did you mean ${shortest}?`;
  return didYouMean(name, COMMAND_NAMES, "; docs/smbus.md has all of them");
}

/** Takes `--page N` out of the arguments. */
export function takePage(args: readonly string[]): { page?: number; rest: string[] } {
  const at = args.indexOf("--page");
  if (at < 0) return { rest: [...args] };
  const text = args[at + 1] ?? "";
  if (!/^\d{1,2}$/.test(text)) throw new UsageError("--page needs a number: --page 0 or --page 1");
  return { page: Number(text), rest: [...args.slice(0, at), ...args.slice(at + 2)] };
}

/** Takes a flag such as `--yes` or `-f` out of the arguments. */
export function takeFlag(args: readonly string[], flag: string): { given: boolean; rest: string[] } {
  return { given: args.includes(flag), rest: args.filter((arg) => arg !== flag) };
}

/** Throws a UsageError for arguments that are left over: the user meant something by them. */
export function nothingMore(args: readonly string[], after: string): void {
  if (args[0] === "--yes") throw new UsageError(`${after} asks for no --yes`);
  if (args.length > 0) throw new UsageError(`nothing may follow ${after}, but "${args[0]}" does`);
}

/** Reads "17", "0x11" or "11h", the form of the data sheets; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  if (/^[0-9a-f]+h$/i.test(text)) return Number.parseInt(text, 16);
  return undefined;
}
