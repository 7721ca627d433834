/** The command line of `npm start`, checked completely before anything runs. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { FAULT_NAMES, type FaultName, faultNamed, parseFaultName } from "../devices/faults.ts";
import { nearest } from "../nearest.ts";

export interface Options {
  readonly board: string;
  readonly bootlog: Uint8Array | null;
  /** Where the boot log came from, for the transcript. */
  readonly bootlogName: string;
  readonly fault: FaultName | null;
  readonly vcd: string | null;
  readonly seed: number;
  /** Null: as fits the place it runs in. */
  readonly speed: "real" | "max" | null;
  readonly gdbPort: number | null;
  readonly help: boolean;
  /** Only say whether the options are good. */
  readonly checkOnly: boolean;
}

/** A mistake of the user: shown as it is, without a stack. */
export class UsageError extends Error {}

/** At 115200 baud this already takes six minutes. */
const LARGEST_BOOTLOG_BYTES = 4 * 1024 * 1024;
const SPEEDS = ["real", "max"] as const;

const OPTIONS = {
  board: { type: "string", value: "NAME", what: "board to run, as built in build/NAME (default slot-hat)" },
  bootlog: {
    type: "string",
    value: "FILE",
    what: "what the compute board prints (default: the project's own log)",
  },
  fault: { type: "string", value: "NAME", what: "let something go wrong, see below" },
  vcd: { type: "string", value: "FILE", what: "write all signals as a VCD file for waveform viewers" },
  seed: { type: "string", value: "N", what: "seed of all noise, 0 to 4294967295 (default 1)" },
  speed: { type: "string", value: "real|max", what: "pace (default: real in a terminal, max without one)" },
  gdb: { type: "string", value: "PORT", what: "wait for a debugger on this port of localhost" },
  help: { type: "boolean", value: "", what: "this text" },
} as const;

export function usage(): string {
  const options = Object.entries(OPTIONS).map(
    ([name, { value, what }]) => `  ${`--${name} ${value}`.padEnd(18)}${what}`,
  );
  const faults = FAULT_NAMES.map((name) => `  ${name.padEnd(18)}${faultNamed(name).description}`);
  return [
    "usage: npm start -- [options]",
    "",
    "Builds the firmware, starts it on an emulated RP2040 and gives you the BMC's console: try",
    '"help" and "power on"; Ctrl-] leaves. Without a terminal it runs a demonstration instead:',
    "power on, boot, sensors, power off, and a JSON object as the last line.",
    "",
    "options",
    ...options,
    "",
    "faults",
    ...faults,
    "",
  ].join("\n");
}

/** Reads the command line. Throws a UsageError that says what is wrong and what would be right. */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(args);
  const bootlogPath = values.bootlog ?? null;
  return {
    board: boardName(values.board ?? "slot-hat"),
    bootlog: bootlogPath === null ? null : readBootlog(bootlogPath),
    bootlogName: bootlogPath ?? "the project's own network boot",
    fault: values.fault === undefined ? null : fault(values.fault),
    vcd: values.vcd === undefined ? null : writable(values.vcd),
    seed: wholeNumber("seed", values.seed ?? "1", 0, 0xffff_ffff),
    speed: values.speed === undefined ? null : speed(values.speed),
    gdbPort: values.gdb === undefined ? null : wholeNumber("gdb", values.gdb, 1, 65535),
    help: values.help ?? false,
    checkOnly: values["check-options"] ?? false,
  };
}

function parse(args: readonly string[]) {
  const string = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        board: string,
        bootlog: string,
        fault: string,
        vcd: string,
        seed: string,
        speed: string,
        gdb: string,
        help: { type: "boolean" },
        // For the script that builds first: a slip should not cost a build.
        "check-options": { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${explain(error as Error & { code?: string }, args)}; see npm start -- --help`);
  }
}

function explain(error: Error & { code?: string }, args: readonly string[]): string {
  const known = Object.keys(OPTIONS).map((name) => `--${name}`);
  if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const named = /'(-[^']*)'/.exec(error.message)?.[1] ?? "";
    return `unknown option ${named}, nearest is ${nearest(named, known)}`;
  }
  if (error.code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") {
    const named = /'([^']*)'/.exec(error.message)?.[1] ?? args[0];
    return `"${named}" is not an option, options begin with --`;
  }
  return (error.message.split("\n")[0] as string).replace(/\.$/, "");
}

/** A name becomes a folder of build/, so nothing may lead out of it. */
function boardName(name: string): string {
  if (/^[a-z0-9][a-z0-9-]*$/.test(name)) return name;
  throw new UsageError(`"${name}" is no board name: lower-case letters, digits and - only`);
}

function fault(name: string): FaultName {
  try {
    return parseFaultName(name);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function speed(name: string): "real" | "max" {
  const known = SPEEDS.find((candidate) => candidate === name);
  if (known) return known;
  throw new UsageError(`--speed ${name}: it is either real or max`);
}

function wholeNumber(option: string, text: string, smallest: number, largest: number): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= smallest && value <= largest) return value;
  throw new UsageError(`--${option} ${text}: a whole number from ${smallest} to ${largest} is needed`);
}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "that is a folder",
  ENOTDIR: "part of the path is no folder",
  EROFS: "the file system is read-only",
};

function reason(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}

/** npm runs scripts in the project's folder; the user means the one the command was typed in. */
function fromUser(path: string): string {
  return resolve(process.env.INIT_CWD ?? ".", path);
}

function readBootlog(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(fromUser(path));
  } catch (error) {
    throw new UsageError(
      `cannot read the boot log ${path}: ${reason(error)}; give --bootlog a readable file, or leave it out`,
    );
  }
  if (bytes.length === 0)
    throw new UsageError(`the boot log ${path} is empty; to test silence use --fault never-prints`);
  if (bytes.length > LARGEST_BOOTLOG_BYTES) {
    throw new UsageError(
      `the boot log ${path} has ${bytes.length} bytes, ${LARGEST_BOOTLOG_BYTES} at most are taken`,
    );
  }
  return bytes;
}

/** Made sure of early: a waveform lost at the end of a long run is a nuisance. */
function writable(name: string): string {
  const path = fromUser(name);
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw new UsageError(
      `cannot write the VCD file ${path}: ${reason(error)}; is ${dirname(path)} a folder you may write to?`,
    );
  }
  return path;
}
