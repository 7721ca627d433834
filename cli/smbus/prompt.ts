/**
 * The prompt of `npm run smbus` on a terminal. While it waits for a line, the slot's time passes as fast as
 * the user's.
 */
import { createInterface, type Interface } from "node:readline";
import { COMMAND_NAMES } from "@racklet/client";
import { Interrupted } from "../runner.ts";
import { safeLine } from "../safe-text.ts";
import { splitLine } from "./arguments.ts";
import { commandLines, parseLine } from "./commands.ts";
import { isOrdinary } from "./mistakes.ts";
import { isHelp } from "./options.ts";
import type { Session } from "./session.ts";
import { paint } from "./show.ts";

const PROMPT = "smbus> ";
const LEAVE = ["exit", "quit"];
const HOW_TO_LEAVE = "Ctrl-D or exit leaves";

/** The streams that the prompt reads and writes; a test brings its own. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

const STANDARD: Terminal = { input: process.stdin, output: process.stdout };

/**
 * Runs until the input ends or "exit" is typed. Ctrl-C ends a command that waits, or clears a half-typed
 * line.
 */
export async function prompt(session: Session, terminal: Terminal = STANDARD): Promise<void> {
  const lines: string[] = [];
  let open = true;
  let isRunning = false;
  const input = createInterface({ ...terminal, terminal: true, prompt: PROMPT, completer });
  input.on("line", (line) => lines.push(line));
  input.on("SIGINT", () => {
    if (isRunning) session.connection.interrupt();
    else if (input.line !== "") clearLine(input);
    else {
      session.say("", HOW_TO_LEAVE);
      input.prompt();
    }
  });
  input.on("close", () => {
    open = false;
    // No user is left for whom a command could wait.
    session.connection.interrupt();
  });
  session.say('"help" lists the commands, Ctrl-D leaves; the slot runs on while you think');
  try {
    while (open) {
      input.prompt();
      await session.connection.idle(() => lines.length > 0 || !open);
      for (let line = lines.shift(); line !== undefined && open; line = lines.shift()) {
        if (LEAVE.includes(line.trim())) return;
        session.connection.resume();
        isRunning = true;
        const isDone = await execute(session, line);
        isRunning = false;
        // The lines typed ahead counted on a command that was cut short.
        if (!isDone) lines.length = 0;
      }
    }
    session.say("");
  } finally {
    input.close();
  }
}

/** Presses the keys for the end of the line (Ctrl-E) and for deleting everything before it (Ctrl-U). */
function clearLine(input: Interface): void {
  input.write(null, { ctrl: true, name: "e" });
  input.write(null, { ctrl: true, name: "u" });
}

/** Runs one line. Returns false where Ctrl-C ended it. */
async function execute(session: Session, line: string): Promise<boolean> {
  const args = splitLine(line);
  if (args.length === 0) return true;
  if (isHelp(args[0])) {
    session.say(...commandLines());
    return true;
  }
  try {
    for (const action of parseLine(args).actions) await action(session);
  } catch (error) {
    if (error instanceof Interrupted) {
      session.say("", "ended");
      return false;
    }
    if (!isOrdinary(error)) throw error;
    session.say(paint(`error: ${safeLine(error.message)}`, "red", session.style));
  }
  return true;
}

/** Completes the names of commands, and behind them those of the table, on Tab. */
function completer(line: string): [string[], string] {
  const arg = line.split(" ").at(-1) ?? "";
  const commands = commandLines().map((text) => text.trim().split(" ")[0] as string);
  const known = line.includes(" ") ? COMMAND_NAMES : commands;
  return [known.filter((name) => name.startsWith(arg) || name.startsWith(arg.toUpperCase())), arg];
}
