/**
 * The commands of `npm run slot`: how each is read, what it asks of the served slot, and what it prints. All
 * arguments are checked before anything is asked.
 */
import type { ServedClient } from "../../simulator/serve/client.ts";
import type { FaultList, SlotFacts } from "../../simulator/serve/protocol.ts";
import { didYouMean } from "../nearest.ts";
import { UsageError } from "../usage-error.ts";
import { faultLines, statusLines } from "./reports.ts";

export const SEE_HELP = "see npm run slot -- --help";

export interface Output {
  say(...lines: readonly string[]): void;
  /** Prints an answer for programs instead, where the user has asked for JSON. */
  readonly json: ((value: object) => void) | null;
}

/** Carries out a command whose arguments have been read. */
export type Action = (client: ServedClient, output: Output) => Promise<void>;

interface Command {
  readonly form: string;
  readonly what: string;
  /** True if it has a document of JSON. */
  readonly json?: boolean;
  readonly parse: (args: readonly string[]) => Action;
}

const LONGEST_WAIT_S = 3600;
/** The server takes no longer pause at once. */
const PAUSE_STEP_MS = 1000;

const COMMANDS: Readonly<Record<string, Command>> = {
  status: {
    form: "status [--json]",
    what: "power, rails, input, faults in force, emulated time",
    json: true,
    parse: (args) => {
      nothingMore(args, "status");
      return async (client, output) => {
        const facts = (await client.ask("status")) as SlotFacts;
        if (output.json) output.json(facts);
        else output.say(...statusLines(client.greeting, facts));
      };
    },
  },
  fault: {
    form: "fault [NAME | clear NAME|all]",
    what: "let something go wrong now, or take it back; alone: what can (--json)",
    json: true,
    parse: parseFault,
  },
  board: {
    form: "board pull|plug",
    what: "pull the compute board out of its slot, or plug it in",
    parse: (args) => {
      const [direction, ...more] = args;
      const word = oneOf("board", direction, ["pull", "plug"]);
      nothingMore(more, `board ${word}`);
      return doing(`board.${word}`, {}, word === "pull" ? "the board is out" : "the board is in its slot");
    },
  },
  supply: {
    form: "supply VOLTS",
    what: "set the rack's supply, 0 to 26 V; 0 is a failure that lasts",
    parse: (args) => {
      const mv = thousandths("supply", args, 26);
      return doing("supply", { mv }, `the rack's supply is at ${mv / 1000} V`);
    },
  },
  load: {
    form: "load AMPERES|own",
    what: "replace the compute board's current, 0 to 20 A, or let it draw its own",
    parse: (args) => {
      if (args.length === 1 && args[0] === "own")
        return doing("load", { ma: null }, "the compute board draws its own current");
      const ma = thousandths("load", args, 20);
      return doing("load", { ma }, `the load draws ${ma / 1000} A wherever there is power`);
    },
  },
  bmc: {
    form: "bmc reset|power-cycle",
    what: "press the RUN pin of the BMC, or take its own supply away for a moment",
    parse: (args) => {
      const [kind, ...more] = args;
      const word = oneOf("bmc", kind, ["reset", "power-cycle"]);
      nothingMore(more, `bmc ${word}`);
      return doing(`bmc.${word}`, {}, "the BMC starts");
    },
  },
  wait: {
    form: "wait SECONDS",
    what: "let emulated time pass, as fast as the machine can",
    parse: (args) => {
      const ms = thousandths("wait", args, LONGEST_WAIT_S);
      return async (client) => {
        for (let left = ms; left > 0; left -= PAUSE_STEP_MS)
          await client.ask("pause", { ms: Math.min(left, PAUSE_STEP_MS) });
      };
    },
  },
  stop: {
    form: "stop",
    what: "end the served slot",
    parse: (args) => {
      nothingMore(args, "stop");
      return doing("stop", {}, "the served slot ends");
    },
  },
};

export function commandLines(): string[] {
  return Object.values(COMMANDS).map(({ form, what }) => `  ${form.padEnd(31)}${what}`);
}

/** Reads a command with its arguments. Throws a UsageError that says what would be right. */
export function parseCommand(args: readonly string[], wantsJson: boolean): Action {
  const [name = "", ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined)
    throw new UsageError(
      `unknown command ${name}${didYouMean(name, Object.keys(COMMANDS), `; ${SEE_HELP}`)}`,
    );
  if (wantsJson && !(command.json && (name !== "fault" || rest.length === 0)))
    throw new UsageError(`${args.join(" ")} has no answer in JSON; status, fault alone and list have`);
  return command.parse(rest);
}

function parseFault(args: readonly string[]): Action {
  const [first, name, ...more] = args;
  if (first === undefined || first === "list") {
    nothingMore(args.slice(1), "fault");
    return async (client, output) => {
      const list = (await client.ask("faults")) as FaultList;
      if (output.json) output.json(list);
      else output.say(...faultLines(list));
    };
  }
  if (first !== "clear") {
    nothingMore(args.slice(1), `fault ${first}`);
    return async (client, output) => {
      const { description } = (await client.ask("fault.inject", { name: first })) as { description: string };
      output.say(`${first}: ${description}`, `take it back with: fault clear ${first}`);
    };
  }
  if (name === undefined) throw new UsageError("a name is missing: fault clear NAME, or fault clear all");
  nothingMore(more, `fault clear ${name}`);
  return async (client, output) => {
    const { cleared } = (await client.ask("fault.clear", { name })) as { cleared: string[] };
    output.say(cleared.length > 0 ? `taken back: ${cleared.join(", ")}` : "no fault was in force");
  };
}

/** An action that asks for one thing and then says what is so. */
function doing(request: string, given: object, done: string): Action {
  return async (client, output) => {
    await client.ask(request, given);
    output.say(done);
  };
}

function nothingMore(args: readonly string[], command: string): void {
  if (args.length > 0) throw new UsageError(`"${args[0]}" is too much: ${command} is complete without it`);
}

function oneOf<T extends string>(command: string, given: string | undefined, known: readonly T[]): T {
  const found = known.find((name) => name === given);
  if (found !== undefined) return found;
  const wrong = given === undefined ? "a word is missing" : `unknown word ${given}`;
  throw new UsageError(`${wrong}: ${command} ${known.join(` or ${command} `)}`);
}

/** A number with at most three decimals, in thousandths. */
function thousandths(command: string, args: readonly string[], largest: number): number {
  const [given, ...more] = args;
  const value = given !== undefined && /^\d{1,5}(\.\d{1,3})?$/.test(given) ? Number(given) : Number.NaN;
  if (!(value <= largest))
    throw new UsageError(
      `${given === undefined ? "a number is missing" : `${command} ${given}`}: a number from 0 to ${largest} ` +
        `is needed, with up to three decimals, such as ${command} ${largest / 4}`,
    );
  nothingMore(more, `${command} ${given}`);
  return Math.round(value * 1000);
}
