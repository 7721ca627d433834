/** The command line of `npm start`, checked completely before anything runs. */

import { accessSync, constants, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { DEFAULT_ENGINE, ENGINES, engineNamed, imageFolder } from "../../boards/image.ts";
import { fileProblem } from "../../cli/file-problem.ts";
import { didYouMean } from "../../cli/nearest.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { fromUser, isStream, readAtMost, writableFile } from "../../cli/user-files.ts";
import { type FaultyBoard, faultNamed, faultsOf, possibleFault, withTime } from "../devices/faults.ts";

export interface Options {
  readonly board: string;
  /** Folder in build/: the board's name, and the engine's if one was asked for. */
  readonly build: string;
  readonly bootlog: Uint8Array | null;
  /** Where the boot log came from, for the transcript. */
  readonly bootlogName: string;
  readonly fault: string | null;
  readonly vcd: string | null;
  readonly plot: string | null;
  readonly curve: CurveWish;
  readonly seed: number;
  /** Null: as fits the place it runs in. */
  readonly speed: "real" | "max" | null;
  readonly gdbPort: number | null;
  /** Name or path under which the slot is served, or to which the console attaches; "" for the usual one. */
  readonly serve: string | null;
  readonly attach: string | null;
  readonly help: boolean;
  /** Only say whether the options are good. */
  readonly checkOnly: boolean;
}

/** Whether the terminal shows the power curve: "auto" where there is much room, "on" where there is any. */
export type CurveWish = "on" | "off" | "auto";

/** At 115200 baud this already takes six minutes. */
const LARGEST_BOOTLOG_BYTES = 4 * 1024 * 1024;
const REFERENCE_BOARD = "slot-hat";
const SPEEDS = ["real", "max"] as const;
const CURVES: readonly CurveWish[] = ["on", "off", "auto"];

const OPTIONS = {
  board: { type: "string", value: "NAME", what: "board to run, as built in build/NAME (default slot-hat)" },
  engine: {
    type: "string",
    value: "NAME",
    what: `what runs the logic: ${ENGINES.join(" or ")} (default: ${DEFAULT_ENGINE})`,
  },
  bootlog: {
    type: "string",
    value: "FILE",
    what: "what the compute board prints (default: the project's own log)",
  },
  fault: { type: "string", value: "NAME", what: "let something go wrong, see below" },
  vcd: { type: "string", value: "FILE", what: "write all signals as a VCD file for waveform viewers" },
  plot: {
    type: "string",
    value: "FILE.svg",
    what: "write power, voltage and current of the run as a picture",
  },
  curve: {
    type: "string",
    value: "on|off|auto",
    what: "power curve below the console (default auto: from 80x30 characters on)",
  },
  seed: { type: "string", value: "N", what: "seed of all noise, 0 to 4294967295 (default 1)" },
  speed: { type: "string", value: "real|max", what: "pace (default: real in a terminal, max without one)" },
  gdb: { type: "string", value: "PORT", what: "wait for a debugger on this port of localhost" },
  serve: {
    type: "string",
    value: "[NAME]",
    what: "keep the slot running and offer its SMBus and consoles on local sockets",
  },
  attach: { type: "string", value: "[NAME]", what: "be on the console of a slot that is served already" },
  help: { type: "boolean", value: "", what: "this text" },
} as const;

type ValueOption = Exclude<keyof typeof OPTIONS, "help">;
const VALUE_OPTIONS = Object.keys(OPTIONS).filter((name): name is ValueOption => name !== "help");
/** Options that may stand without their value. */
const OPTIONAL_VALUE: readonly ValueOption[] = ["serve", "attach"];
/** Those that need a terminal, or a run with an end, and so have no meaning for a slot that is served. */
const NOT_SERVED: readonly ValueOption[] = ["plot", "curve", "gdb"];
const SEE_HELP = "see npm start -- --help";

export function usage(): string {
  const options = Object.entries(OPTIONS).map(
    ([name, { value, what }]) => `  ${`--${name} ${value}`.padEnd(21)}${what}`,
  );
  const known = Object.entries(faultsOf(referenceBoard()));
  const width = Math.max(...known.map(([name]) => name.length)) + 2;
  const faults = known.map(([name, fault]) => `  ${name.padEnd(width)}${withTime(fault)}`);
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
    `faults of ${REFERENCE_BOARD}; those of rails and sensors have other names on a board with others`,
    ...faults,
    "",
  ].join("\n");
}

/** Reads the command line. Throws a UsageError that says what is wrong and what would be right. */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(attachValues(args));
  const checkOnly = values["check-options"] ?? false;
  checkServing(values);
  const bootlogPath = values.bootlog ?? null;
  const board = boardName(values.board ?? REFERENCE_BOARD);
  return {
    board,
    build: imageFolder(board, values.engine === undefined ? undefined : engine(values.engine)),
    bootlog: bootlogPath === null ? null : readBootlog(bootlogPath, checkOnly),
    bootlogName: bootlogPath ?? "the project's own network boot",
    fault: values.fault === undefined ? null : fault(values.fault, board),
    vcd: values.vcd === undefined ? null : writableFile(values.vcd, "VCD file", "--vcd", "slot.vcd"),
    plot: values.plot === undefined ? null : plotFile(values.plot, values.vcd),
    curve: values.curve === undefined ? "auto" : curve(values.curve),
    seed: wholeNumber("seed", values.seed ?? "1", 0, 0xffff_ffff),
    speed: values.speed === undefined ? null : speed(values.speed),
    gdbPort: values.gdb === undefined ? null : wholeNumber("gdb", values.gdb, 1, 65535),
    serve: values.serve ?? null,
    attach: values.attach ?? null,
    help: values.help ?? false,
    checkOnly,
  };
}

/**
 * `--seed -1` becomes `--seed=-1`: parseArgs finds a value that begins with a dash ambiguous, and its
 * message would hide what is wrong with the value. Two dashes are another option: a value is missing.
 */
function attachValues(args: readonly string[]): string[] {
  const attached: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    if (arg === "--") return [...attached, ...args.slice(index)];
    const option = VALUE_OPTIONS.find((name) => arg === `--${name}`);
    if (option === undefined) {
      attached.push(arg);
      continue;
    }
    const value = args[++index];
    if (OPTIONAL_VALUE.includes(option) && (value === undefined || value.startsWith("-"))) {
      attached.push(`${arg}=`);
      index--;
      continue;
    }
    if (value === undefined || value.startsWith("--")) {
      const instead = value === undefined ? "" : `, but ${value} follows`;
      throw new UsageError(
        `--${option} needs a value${instead}: --${option} ${OPTIONS[option].value}; ${SEE_HELP}`,
      );
    }
    attached.push(`${arg}=${value}`);
  }
  return attached;
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
        engine: string,
        bootlog: string,
        fault: string,
        vcd: string,
        plot: string,
        curve: string,
        seed: string,
        speed: string,
        gdb: string,
        serve: string,
        attach: string,
        help: { type: "boolean" },
        // For the script that builds first: a slip should not cost a build.
        "check-options": { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(explain(error as Error & { code?: string }, args));
  }
}

function checkServing(values: { readonly [option in ValueOption]?: string }): void {
  const given = VALUE_OPTIONS.filter((name) => values[name] !== undefined);
  const stray = given.find((name) => name !== "attach");
  if (values.attach !== undefined && stray !== undefined)
    throw new UsageError(
      `--${stray} is for a slot that starts, and --attach goes to one that runs: leave one of them out`,
    );
  const unserved = given.find((name) => NOT_SERVED.includes(name));
  if (values.serve !== undefined && unserved !== undefined)
    throw new UsageError(`--${unserved} does not go with --serve: leave one of them out`);
}

function explain(error: Error & { code?: string }, args: readonly string[]): string {
  const known = Object.keys(OPTIONS).map((name) => `--${name}`);
  if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const named = /'(-[^']*)'/.exec(error.message)?.[1] ?? "";
    return `unknown option ${named}${didYouMean(named, known, `; ${SEE_HELP}`)}`;
  }
  if (error.code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") {
    const named = /'([^']*)'/.exec(error.message)?.[1] ?? args[0];
    return (
      `"${named}" is not an option, options begin with --; npm keeps those for itself that do not come ` +
      `after a -- of their own: npm start -- --${swallowedOption()} ${named}; ${SEE_HELP}`
    );
  }
  return `${(error.message.split("\n")[0] as string).replace(/\.$/, "")}; ${SEE_HELP}`;
}

/** npm leaves a trace of the options it took: the likely one, or the one most often forgotten. */
function swallowedOption(): string {
  const settings: Readonly<Record<string, string>> = { engine: "engine_strict" }; // which npm takes it for
  const taken = (name: string) => process.env[`npm_config_${settings[name] ?? name}`];
  return VALUE_OPTIONS.find((name) => taken(name) !== undefined && taken(name) !== "") ?? "board";
}

function engine(name: string): string {
  try {
    return engineNamed(name);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A name becomes a folder of build/, so nothing may lead out of it. */
function boardName(name: string): string {
  if (/^[a-z0-9][a-z0-9-]*$/.test(name)) return name;
  throw new UsageError(`"${name}" is no board name: lower-case letters, digits and - only`);
}

/** Faults of a board that may not be built yet are known when its slot starts. */
function fault(name: string, board: string): string {
  if (board === REFERENCE_BOARD) faultNamed(name, referenceBoard());
  return possibleFault(name, referenceBoard());
}

/** As it stands in the file, which extends none: rails and sensors are all there. */
function referenceBoard(): FaultyBoard {
  const file = new URL(`../../boards/${REFERENCE_BOARD}.json`, import.meta.url);
  const { rails, sensors } = JSON.parse(readFileSync(file, "utf8")) as FaultyBoard;
  const named = Object.entries(sensors).filter(([name]) => name !== "note");
  return { rails, sensors: Object.fromEntries(named) };
}

function speed(name: string): "real" | "max" {
  const known = SPEEDS.find((candidate) => candidate === name);
  if (known) return known;
  throw new UsageError(`--speed ${name}: it is either real or max`);
}

function curve(name: string): CurveWish {
  const known = CURVES.find((candidate) => candidate === name);
  if (known) return known;
  throw new UsageError(`--curve ${name}: it is on, off or auto`);
}

function wholeNumber(option: string, text: string, smallest: number, largest: number): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= smallest && value <= largest) return value;
  throw new UsageError(`--${option} ${text}: a whole number from ${smallest} to ${largest} is needed`);
}

function readBootlog(path: string, checkOnly: boolean): Uint8Array | null {
  const from = fromUser(path);
  let bytes: Uint8Array;
  try {
    // What comes through a pipe comes once: the run needs it, not the check before it.
    if (checkOnly && isStream(from)) {
      accessSync(from, constants.R_OK);
      return null;
    }
    bytes = readAtMost(from, LARGEST_BOOTLOG_BYTES + 1);
  } catch (error) {
    throw new UsageError(
      `cannot read the boot log ${path}: ${fileProblem(error)}; give --bootlog a readable file, or leave it out`,
    );
  }
  if (bytes.length === 0)
    throw new UsageError(`the boot log ${path} is empty; to test silence use --fault never-prints`);
  if (bytes.length > LARGEST_BOOTLOG_BYTES) {
    throw new UsageError(
      `the boot log ${path} has more than the ${LARGEST_BOOTLOG_BYTES} bytes that are taken`,
    );
  }
  return bytes;
}

function plotFile(name: string, vcd: string | undefined): string {
  const path = writableFile(name, "plot", "--plot", "power.svg");
  // A device or a pipe may well take both.
  if (vcd !== undefined && fromUser(vcd) === path && !isStream(path))
    throw new UsageError(`--plot and --vcd both name ${path}; each needs a file of its own`);
  if (!isStream(path) && !mayBePicture(path))
    throw new UsageError(
      `cannot write the plot ${path}: what is there is no SVG file; name another one, or remove it`,
    );
  return path;
}

/** New or empty, or an SVG file: a slip of the keyboard must not cost anybody another file. */
function mayBePicture(path: string): boolean {
  const start = readFileSync(path, "latin1").trimStart();
  return start === "" || /^(<\?xml[\s\S]*?)?<svg/.test(start.slice(0, 1000));
}
