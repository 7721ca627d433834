/**
 * The prompt of `npm run smbus` on a terminal: one slot, whose time passes as outside while nothing is
 * typed.
 */
import { createInterface } from "node:readline";
import { Runner } from "../../simulator/start/runner.ts";
import { safeLine } from "../../simulator/start/safe-text.ts";
import { COMMAND_NAMES } from "../values.ts";
import { commandLines, parseCommand } from "./commands.ts";
import { isOrdinary } from "./mistakes.ts";
import type { Session } from "./session.ts";
import { paint } from "./show.ts";
import { separate, splitLine } from "./words.ts";

const PROMPT = "smbus> ";
const LEAVE = ["exit", "quit"];
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

/** Until end of input, Ctrl-C at the prompt, or "exit". */
export async function prompt(session: Session): Promise<void> {
  const lines: string[] = [];
  let open = true;
  const input = createInterface({ input: process.stdin, output: process.stdout, prompt: PROMPT, completer });
  input.on("line", (line) => lines.push(line));
  input.on("close", () => {
    open = false;
    // Ctrl-C comes this way too, and a command that waits is to end.
    session.runner.interrupt();
  });
  session.say('"help" lists the commands, Ctrl-D leaves; the slot runs on while you think');
  try {
    while (open) {
      input.prompt();
      // A new one each time: a command that waits lets emulated time run ahead of the clock on the wall.
      const pace = new Runner(session.slot.machine, "real");
      await pace.until(() => lines.length > 0 || !open, FOREVER_MS);
      for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
        if (LEAVE.includes(line.trim())) return;
        await execute(session, line);
      }
    }
    session.say("");
  } finally {
    input.close();
  }
}

async function execute(session: Session, line: string): Promise<void> {
  const words = splitLine(line);
  if (words.length === 0) return;
  if (words[0] === "help") {
    session.say(...commandLines());
    return;
  }
  try {
    for (const action of separate(words).map(parseCommand)) await action(session);
  } catch (error) {
    if (!isOrdinary(error)) throw error;
    session.say(paint(`error: ${safeLine(error.message)}`, "red", session.style));
  }
}

/** Tab completes names of the table and of commands. */
function completer(line: string): [string[], string] {
  const word = line.split(" ").at(-1) ?? "";
  const commands = commandLines().map((text) => text.trim().split(" ")[0] as string);
  const known = line.includes(" ") ? COMMAND_NAMES : commands;
  return [known.filter((name) => name.startsWith(word) || name.startsWith(word.toUpperCase())), word];
}
