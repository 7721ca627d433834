/**
 * The commands of `npm run smbus`. All commands of a line are read before the first one runs, so that a
 * mistake in the last one does not leave half of them done.
 */

import {
  COMMANDS,
  type Command,
  type CommandName,
  commandNamed,
  type ReadableName,
  type SendName,
  type WritableName,
} from "@racklet/client";
import { UsageError } from "../usage-error.ts";
import { nothingMore, oneOf, separate, tableName, takeFlag, takePage } from "./arguments.ts";
import {
  type Document,
  eventsDocument,
  faultDocument,
  probeDocument,
  scanDocument,
  sensorsDocument,
  statusDocument,
  traceDocument,
} from "./documents.ts";
import { parseFault, parsePolicy, parseTrace, showEnergy, showEvents } from "./records.ts";
import { scan, showProbe, showSensors, showStatus } from "./reports.ts";
import type { Action, Session } from "./session.ts";
import { readSetting } from "./settings.ts";
import { shownValue } from "./show.ts";
import { showLog, talk } from "./streams.ts";

interface CommandEntry {
  readonly usage: string;
  readonly what: string;
  readonly parse: (args: readonly string[]) => Action;
  /** The answer for --json, of commands that have one. */
  readonly document?: Document;
}

const POWER = {
  on: { value: "ON", hurts: false },
  off: { value: "OFF", hurts: true },
  "force-off": { value: "FORCE_OFF", hurts: true },
  cycle: { value: "CYCLE", hurts: true },
  reset: { value: "RESET", hurts: true },
} as const;
const POWER_NAMES = Object.keys(POWER) as (keyof typeof POWER)[];
/** Writes that do what `power` does, with the values that need no --yes. */
const POWER_WRITES: Readonly<Record<string, readonly string[]>> = {
  OPERATION: ["ON", "128", "0x80", "80h"],
  MFR_POWER_COMMAND: ["ON", "1", "0x01", "01h"],
};
/** Asks for an answer that a program can read. */
const JSON_FLAG = "--json";
const LONGEST_WAIT_S = 3600;
const CALL_ALONE = "it answers to a process call alone";
/** For each process call, the command that makes it. */
const CALLED_BY: Readonly<Record<string, string>> = {
  MFR_LOG_READ: '"log" shows it',
  MFR_CONSOLE_OUTPUT: '"console" shows it',
  MFR_EVENT_READ: '"events" shows it',
  MFR_TRACE_READ: '"trace" shows it',
};
/** The console's "log -f" ends with a key, Ctrl-C, that a typed line cannot hold. */
const FOLLOWS = /^\s*log\b.*\s-f\b/;

const TABLE: Readonly<Record<string, CommandEntry>> = {
  scan: {
    usage: "",
    what: "the devices that answer on the bus",
    parse: (args) => alone("scan", args, scan),
    document: scanDocument,
  },
  get: { usage: "NAME [--page N]", what: "one value, for example: get READ_VOUT --page 1", parse: parseGet },
  set: {
    usage: "NAME VALUE [--page N]",
    what: "set OT_WARN_LIMIT 70, set STATUS_CML BIT,BIT or 0x60",
    parse: parseSet,
  },
  send: { usage: "NAME [--page N]", what: "a command without data: send CLEAR_FAULTS", parse: parseSend },
  status: {
    usage: "",
    what: "what is wrong, if anything",
    parse: (args) => alone("status", args, showStatus),
    document: statusDocument,
  },
  sensors: {
    usage: "",
    what: "readings with their limits",
    parse: (args) => alone("sensors", args, showSensors),
    document: sensorsDocument,
  },
  power: { usage: "on|off|force-off|cycle|reset", what: "all but on want --yes", parse: parsePower },
  policy: { usage: "[last|always-on|always-off]", what: "when input power is back", parse: parsePolicy },
  events: {
    usage: "",
    what: "what has happened to the slot",
    parse: (args) => alone("events", args, showEvents),
    document: eventsDocument,
  },
  fault: {
    usage: "[clear]",
    what: "the last fault; clear lets a slot come up again",
    parse: parseFault,
    document: faultDocument,
  },
  trace: {
    usage: "[--csv]",
    what: "the readings around the last fault",
    parse: parseTrace,
    document: traceDocument,
  },
  energy: {
    usage: "",
    what: "put out since the BMC's power-on",
    parse: (args) => alone("energy", args, showEnergy),
  },
  log: { usage: "[-f]", what: "the boot log; -f follows it until it rests for 10 s", parse: parseLog },
  console: { usage: '"LINE"', what: "types a line on the BMC's console", parse: parseConsole },
  probe: {
    usage: "",
    what: "what Linux' pmbus driver will find",
    parse: (args) => alone("probe", args, showProbe),
    document: probeDocument,
  },
  identify: { usage: "on|off", what: "the LED that tells which slot is meant", parse: parseIdentify },
  wait: {
    usage: "SECONDS",
    what: "lets time pass: the emulator's, or the clock's on a real bus",
    parse: parseWait,
  },
};

export function commandLines(): string[] {
  return Object.entries(TABLE).map(([name, { usage, what }]) => `  ${`${name} ${usage}`.padEnd(38)}${what}`);
}

/** Reads the arguments of one command. Throws a UsageError. */
export function parseCommand(args: readonly string[]): Action {
  const { given: asJson, rest: words } = takeFlag(args, JSON_FLAG);
  const [arg, ...rest] = words;
  if (arg?.startsWith("--"))
    throw new UsageError(`${arg} stands behind its command: power off --yes, get READ_VOUT --page 1`);
  const name = oneOf("command", arg, Object.keys(TABLE));
  const entry = TABLE[name] as CommandEntry;
  return asJson ? asDocument(name, entry, rest) : entry.parse(rest);
}

function asDocument(name: string, { document }: CommandEntry, args: readonly string[]): Action {
  const having = Object.keys(TABLE).filter((one) => TABLE[one]?.document !== undefined);
  const command = args[0] === "clear" ? `${name} clear` : name;
  if (document === undefined || command !== name)
    throw new UsageError(`${command} has no JSON form; these have one: ${having.join(", ")}`);
  nothingMore(args, `${name} ${JSON_FLAG}`);
  return async (session) => session.document(await document(session));
}

/** Reads a whole line of commands. Throws a UsageError, also where more than one would print a document. */
export function parseLine(args: readonly string[]): { actions: Action[]; hasDocument: boolean } {
  const commands = separate(args);
  const documents = commands.filter((command) => command.includes(JSON_FLAG)).length;
  if (documents > 1)
    throw new UsageError(
      `one command of a line can have ${JSON_FLAG}, as in: power on then wait 5 then status ${JSON_FLAG}`,
    );
  return { actions: commands.map(parseCommand), hasDocument: documents > 0 };
}

function alone(name: string, args: readonly string[], action: Action): Action {
  nothingMore(args, name);
  return action;
}

function parseGet(args: readonly string[]): Action {
  const { page, rest } = takePage(args);
  const [arg, ...more] = rest;
  const name = tableName(arg);
  notPage(name);
  nothingMore(more, name);
  const command = commandNamed(name);
  if (command?.read === undefined || command.read === "call") {
    const instead = command?.read === "call" ? (CALLED_BY[name] ?? CALL_ALONE) : "it is write-only";
    throw new UsageError(`${name} cannot be read by itself; ${instead}`);
  }
  return async (session) => {
    if (page !== undefined) warnOfPage(session, name);
    const value = await session.client.get(name as ReadableName, page === undefined ? {} : { page });
    session.say(`${name}  ${shownValue(command, value)}`);
  };
}

function parseSet(args: readonly string[]): Action {
  const { given: sure, rest: unsure } = takeFlag(args, "--yes");
  const { page, rest } = takePage(unsure);
  const [arg, ...values] = rest;
  const name = tableName(arg);
  notPage(name);
  const command = commandNamed(name);
  if (command?.write === undefined) throw new UsageError(`${name} cannot be written`);
  if (command.write === "send") throw new UsageError(`${name} takes no value: send ${name}`);
  const value = readSetting(name, command, values);
  const harmless = POWER_WRITES[name];
  if (harmless && !harmless.includes(values[0]?.toUpperCase() ?? "") && !sure)
    unconfirmed(`set ${name} ${values[0]}`);
  return async (session) => {
    if (page !== undefined) warnOfPage(session, name);
    await session.client.set(name as WritableName, value as never, page === undefined ? {} : { page });
    session.say(`${name}  set`);
  };
}

/**
 * The client writes PAGE for each command: a PAGE that was set is lost, one that is read is the last
 * command's.
 */
function notPage(name: CommandName): void {
  if (name === "PAGE")
    throw new UsageError(
      "the client sets PAGE for every command; say the page with --page N, as in: get READ_VOUT --page 1",
    );
}

function warnOfPage(session: Session, name: CommandName): void {
  if (commandNamed(name)?.pages === undefined)
    session.note(`${name} has no pages: it is common to all, and --page changes nothing`);
}

function parseSend(args: readonly string[]): Action {
  const { page, rest } = takePage(args);
  const [arg, ...more] = rest;
  const name = tableName(arg);
  const { read, write }: Command = COMMANDS[name];
  if (write !== "send") {
    const instead = [...(read ? [`get ${name}`] : []), ...(write ? [`set ${name} VALUE`] : [])].join(" or ");
    throw new UsageError(`${name} is not sent alone: ${instead}`);
  }
  nothingMore(more, name);
  return async (session) => {
    await session.client.send(name as SendName, page === undefined ? {} : { page });
    session.say(`${name}  sent`);
  };
}

function parsePower(args: readonly string[]): Action {
  const { given: sure, rest } = takeFlag(args, "--yes");
  const [arg, ...more] = rest;
  const name = oneOf("power command", arg, POWER_NAMES);
  nothingMore(more, `power ${name}`);
  const { value, hurts } = POWER[name];
  if (hurts && !sure) unconfirmed(`power ${name}`);
  return async (session) => {
    await session.client.set("MFR_POWER_COMMAND", value);
    session.say(`power ${name}  asked for`);
  };
}

function unconfirmed(command: string): never {
  throw new UsageError(`this interrupts the compute board; say so with: ${command} --yes`);
}

function parseLog(args: readonly string[]): Action {
  const { given: follow, rest } = takeFlag(args, "-f");
  nothingMore(rest, "log");
  return (session) => showLog(session, follow);
}

function parseConsole(args: readonly string[]): Action {
  const line = args.join(" ");
  if (line === "") throw new UsageError('a line is missing: console "status"');
  if (FOLLOWS.test(line))
    throw new UsageError("the console would follow the log until a Ctrl-C; use the command log -f");
  return (session) => talk(session, line);
}

function parseIdentify(args: readonly string[]): Action {
  const [arg, ...more] = args;
  const state = oneOf("state", arg, ["on", "off"]);
  nothingMore(more, `identify ${state}`);
  return async (session) => {
    await session.client.set("MFR_IDENTIFY", COMMANDS.MFR_IDENTIFY.values[state === "on" ? "ON" : "OFF"]);
    session.say(`identify  ${state}`);
  };
}

function parseWait(args: readonly string[]): Action {
  const [arg, ...more] = args;
  if (arg === undefined) throw new UsageError("a number of seconds is missing: wait 5");
  nothingMore(more, "wait");
  const seconds = /^\d+(\.\d+)?$/.test(arg) ? Number(arg) : Number.NaN;
  if (!(seconds <= LONGEST_WAIT_S))
    throw new UsageError(`wait ${arg}: 0 to ${LONGEST_WAIT_S} seconds, fractions too`);
  return (session) => session.pause(seconds * 1000);
}
