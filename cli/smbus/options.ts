/**
 * The command line of `npm run smbus`. The options of the run may stand anywhere; the rest are the commands
 * with their arguments.
 */

import { type Options, parseOptions } from "../../simulator/start/options.ts";
import { didYouMean } from "../nearest.ts";
import { UsageError } from "../usage-error.ts";

export interface CommandLine {
  /** The options that `npm start` has too. */
  readonly run: Options;
  readonly hz: number;
  readonly pec: boolean;
  /** N of /dev/i2c-N, or null for the emulator. */
  readonly bus: number | null;
  /** Name or path of a served slot, "" for the usual name, or null for a slot of the run's own. */
  readonly served: string | null;
  /** Slot number, 0 to 15, which the straps of the backplane set. */
  readonly slotId: number;
  /** The address of slot 0 on a real bus, or null for the usual one. */
  readonly baseAddress: number | null;
  /** The commands and their arguments. */
  readonly rest: readonly string[];
}

interface Option {
  readonly name: string;
  readonly value?: string;
  /** The value may be missing, and is attached where it is there: --served=NAME. */
  readonly isOptional?: boolean;
  readonly what: string;
}

const SHARED: readonly Option[] = [
  { name: "--board", value: "NAME", what: "board to run (default slot-hat)" },
  {
    name: "--bootlog",
    value: "FILE",
    what: "what the compute board prints (default: the project's own log)",
  },
  { name: "--fault", value: "NAME", what: "let something go wrong; npm start -- --help lists what can" },
  { name: "--vcd", value: "FILE", what: "write all signals, SDA and SCL too, as a VCD file" },
  { name: "--seed", value: "N", what: "seed of all noise, 0 to 4294967295 (default 1)" },
];
const OWN: readonly Option[] = [
  { name: "--bus", value: "N", what: "talk to a real slot on /dev/i2c-N instead of the emulator" },
  {
    name: "--served",
    value: "[=NAME]",
    isOptional: true,
    what: "talk to a slot that runs already, started by npm start -- --serve [NAME]",
  },
  { name: "--speed", value: "100|400|1000", what: "of the bus, in kHz (default 100)" },
  {
    name: "--slot",
    value: "N",
    what: "slot number, 0 to 15; it is added to the board's address (default 0)",
  },
  {
    name: "--address",
    value: "HEX",
    what: "with --bus: address of slot 0, the smbus.address of the board's file (default 10)",
  },
  { name: "--no-pec", what: "without packet error codes" },
  { name: "--help", what: "this text" },
];
const OPTIONS = [...SHARED, ...OWN];
/** These belong to commands and stay with them. */
const OF_COMMANDS = ["--page", "--yes", "--csv", "--json"];
/** These are chosen where the slot starts, and a real one needs none of them. */
const OF_START = SHARED.map(({ name }) => name);
const OF_EMULATOR = [...OF_START, "--speed"];
const SPEEDS_KHZ = [100, 400, 1000];
const LAST_SLOT = 15;
/** SMBus reserves the addresses below and above these. */
const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;
const SEE_HELP = "see npm run smbus -- --help";

export function optionLines(): string[] {
  return OPTIONS.map(({ name, value = "", isOptional, what }) => {
    const form = isOptional ? `${name}${value}` : `${name} ${value}`;
    return `  ${form.padEnd(23)}${what}`;
  });
}

export function wantsHelp(args: readonly string[]): boolean {
  return args.includes("--help") || isHelp(args[0]);
}

/** Whether the argument asks for help, here or at the prompt. */
export function isHelp(arg: string | undefined): boolean {
  return arg === "help" || arg === "?" || arg === "-h";
}

/** Throws a UsageError whose message names the mistake and the correct form. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { given, rest } = sortOut(args);
  const bus = busNumber(given.get("--bus"));
  const served = given.get("--served") ?? null;
  checkTogether(given, bus !== null, served !== null);
  const slotId = slotNumber(given.get("--slot") ?? "0");
  const shared = SHARED.flatMap(({ name }) => {
    const value = given.get(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return {
    run: parseOptions(shared),
    hz: speed(given.get("--speed") ?? "100"),
    bus,
    served,
    pec: !given.has("--no-pec"),
    slotId,
    baseAddress: busAddress(given.get("--address"), slotId),
    rest,
  };
}

function checkTogether(given: ReadonlyMap<string, string>, isReal: boolean, isServed: boolean): void {
  if (isReal && isServed)
    throw new UsageError("--bus is for a real slot, and --served for a simulated one: leave one of them out");
  if (given.has("--address") && !isReal)
    throw new UsageError(
      "--address is for --bus alone: a simulated slot has the address that its board's file says",
    );
  const stray = (isReal ? OF_EMULATOR : isServed ? OF_START : []).find((name) => given.has(name));
  if (stray === undefined) return;
  throw new UsageError(
    isReal
      ? `${stray} is for the emulator, and --bus talks to a real slot: leave one of them out`
      : `${stray} is for a slot that starts, and --served talks to one that runs: ` +
          "give it to npm start -- --serve",
  );
}

function sortOut(args: readonly string[]): { given: Map<string, string>; rest: string[] } {
  const given = new Map<string, string>();
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    const [name = "", attached] = arg.split(/=(.*)/s);
    const option = OPTIONS.find((known) => known.name === name);
    if (option?.isOptional) {
      given.set(name, attached ?? "");
    } else if (option?.value !== undefined) {
      const value = attached ?? args[++index];
      if (value === undefined || value.startsWith("--"))
        throw new UsageError(`${name} needs a value: ${name} ${option.value}; ${SEE_HELP}`);
      given.set(name, value);
    } else if (option) {
      given.set(name, "");
    } else {
      if (arg.startsWith("--") && !OF_COMMANDS.includes(arg)) unknownOption(arg);
      rest.push(arg);
    }
  }
  return { given, rest };
}

function unknownOption(name: string): never {
  const known = [...OPTIONS.map((option) => option.name), ...OF_COMMANDS];
  throw new UsageError(`unknown option ${name}${didYouMean(name, known, `; ${SEE_HELP}`)}`);
}

function speed(text: string): number {
  const khz = SPEEDS_KHZ.find((known) => `${known}` === text);
  if (khz === undefined) throw new UsageError(`--speed ${text}: it is one of ${SPEEDS_KHZ.join(", ")} (kHz)`);
  return khz * 1000;
}

function busNumber(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--bus ${text}: the number of a bus is needed, 1 for /dev/i2c-1`);
}

function slotNumber(text: string): number {
  const slot = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (slot <= LAST_SLOT) return slot;
  throw new UsageError(`--slot ${text}: a whole number from 0 to ${LAST_SLOT} is needed`);
}

/** Reads "20", "0x20" or "20h". The slot must have an address too. */
function busAddress(text: string | undefined, slotId: number): number | null {
  if (text === undefined) return null;
  const digits = /^(?:0x)?([0-9a-f]{1,2})h?$/i.exec(text)?.[1];
  const address = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
  if (!(address >= FIRST_ADDRESS && address <= LAST_ADDRESS))
    throw new UsageError(`--address ${text}: a 7-bit address from 0x08 to 0x77 is needed, in hexadecimal`);
  if (address + slotId > LAST_ADDRESS)
    throw new UsageError(`--address ${text} leaves none for slot ${slotId}: the last address is 0x77`);
  return address;
}
