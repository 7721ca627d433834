/**
 * `npm run smbus`: starts a slot in the emulator and carries out the commands of its command line on the
 * slot's SMBus. Without a command, and on a terminal, it shows a prompt. It builds the firmware first, as
 * `npm start` does. With `--served` it builds nothing and speaks to a slot that another program keeps
 * running, with `--bus` to a real one.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ServedClient } from "../../simulator/serve/client.ts";
import { Slot } from "../../simulator/slot/slot.ts";
import type { Options } from "../../simulator/start/options.ts";
import { VcdWriter } from "../../simulator/tools/vcd.ts";
import { Interrupted } from "../runner.ts";
import { safeLine } from "../safe-text.ts";
import { UsageError } from "../usage-error.ts";
import { commandLines, parseLine } from "./commands.ts";
import { emulated } from "./emulated.ts";
import { onLinuxBus } from "./linux-bus.ts";
import { isOrdinary } from "./mistakes.ts";
import { type CommandLine, optionLines, parseCommandLine, wantsHelp } from "./options.ts";
import { prompt } from "./prompt.ts";
import { onServedSlot } from "./served.ts";
import { type Connection, Session } from "./session.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** The exit status that a shell expects after SIGINT. */
const INTERRUPTED = 130;

/** The reader of the output may close it, as `head` does. `closed` then ends what runs. */
const output: { isClosed: boolean; closed: () => void } = { isClosed: false, closed: () => process.exit(0) };

const USAGE = [
  "usage: npm run smbus -- [options] [COMMAND [then COMMAND ...]]",
  "",
  "Builds the firmware, starts a slot in the emulator and speaks to it over its SMBus, for example:",
  "npm run smbus -- power on then wait 5 then log. It forgets that slot at its end. With --served it builds",
  "nothing and speaks to a slot that npm start -- --serve keeps running, with --bus to a real slot on a bus of",
  "Linux: npm run smbus -- --served status, npm run smbus -- --bus 1 --slot 3 status. On a terminal, without",
  "commands, there is a prompt: Ctrl-C ends the command that runs there or clears the line, Ctrl-D leaves.",
  "",
  "commands",
  ...commandLines(),
  "",
  "options",
  ...optionLines(),
  "",
  "output for programs",
  "  scan, status, sensors, events, fault, trace and probe take --json: one document of JSON on stdout,",
  "  everything else on stderr, as in npm run -s smbus -- status --json. With the -s, npm prints nothing itself.",
  "",
  "exit status",
  "  0 done, 1 the slot, the bus or the build failed, 2 a mistake in the command line, 130 ended by Ctrl-C",
  "",
].join("\n");

/** Builds the firmware. Its output goes to stderr, because stdout belongs to the answers. */
function build(board: string): number {
  const options = ["--import", "tsx", "scripts/build.ts", "--quiet", "--board", board];
  const { status, error } = spawnSync(process.execPath, options, { cwd: PROJECT, stdio: ["ignore", 2, 2] });
  if (error !== undefined) console.error(`the build could not be started: ${error.message}`);
  return status ?? 1;
}

function openSlot(options: Options, slotId: number, vcd: VcdWriter | undefined): Slot {
  return new Slot({
    directory: join(PROJECT, "build", options.build),
    seed: options.seed,
    slotId,
    ...(options.bootlog ? { bootlog: options.bootlog } : {}),
    ...(options.fault ? { fault: options.fault } : {}),
    ...(vcd ? { vcd } : {}),
  });
}

async function run(line: CommandLine): Promise<number> {
  const parsed = parseRest(line);
  if (line.served !== null) return await converseServed(line.served, line, parsed);
  if (line.bus !== null)
    return await converse(onLinuxBus(line.bus, line.baseAddress ?? undefined), line, parsed);
  const { run: options, hz, slotId } = line;
  const built = build(options.board);
  if (built !== 0) return built;
  const vcd = options.vcd === null ? undefined : new VcdWriter(options.vcd);
  try {
    return await converse(emulated(openSlot(options, slotId, vcd), hz), line, parsed);
  } finally {
    vcd?.close();
  }
}

/** Reads the commands. A name behind --served looks like one of them. */
function parseRest({ served, rest }: CommandLine): ReturnType<typeof parseLine> {
  if (rest.length === 0) return { actions: [], hasDocument: false };
  try {
    return parseLine(rest);
  } catch (error) {
    if (!(served === "" && error instanceof UsageError && /^unknown command/.test(error.message)))
      throw error;
    throw new UsageError(`${error.message} (a served slot is named with --served=${rest[0]})`);
  }
}

async function converseServed(
  name: string,
  line: CommandLine,
  parsed: ReturnType<typeof parseLine>,
): Promise<number> {
  const client = await ServedClient.connect(name);
  try {
    return await converse(onServedSlot(client, line.hz), line, parsed);
  } finally {
    client.close();
  }
}

/** A scan finds an address that two devices share, and so must not end with it. */
function scansAlone(rest: readonly string[]): boolean {
  return rest.length > 0 && rest.every((word) => ["scan", "--json", "then"].includes(word));
}

/** Carries out the commands. A document has stdout for itself; all other text goes to stderr then. */
async function converse(
  connection: Connection,
  { pec, slotId, bus, rest }: CommandLine,
  { actions, hasDocument }: ReturnType<typeof parseLine>,
): Promise<number> {
  const answers = hasDocument ? process.stderr : process.stdout;
  const colours = answers.isTTY === true && !process.env.NO_COLOR;
  const write = (text: string) => answers.write(text);
  const note = (line: string) => process.stderr.write(`${line}\n`);
  const document = (text: string) => process.stdout.write(text);
  const session = new Session(connection, { pec, slotId, colours, write, note, document });
  process.on("SIGINT", () => connection.interrupt());
  output.closed = () => connection.interrupt();
  await session.start();
  if (bus !== null && !scansAlone(rest)) await session.checkAlone();
  if (actions.length === 0) await prompt(session);
  for (const [at, action] of actions.entries()) {
    try {
      await action(session);
    } catch (error) {
      if (!(error instanceof Interrupted && output.isClosed)) throw error;
    }
    await nextTurn(); // Node reports a closed output in its next turn
    if (!output.isClosed || at + 1 === actions.length) continue;
    note("error: the output was closed, and the commands that were left were not carried out");
    return 1;
  }
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    const line = parseCommandLine(args);
    const hasTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
    if (line.rest.length === 0 && !hasTerminal) {
      process.stderr.write(`no command is given, and there is no terminal for a prompt\n\n${USAGE}`);
      return 2;
    }
    return await run(line);
  } catch (error) {
    if (error instanceof Interrupted) return INTERRUPTED;
    if (!isOrdinary(error)) throw error;
    process.stderr.write(`error: ${safeLine(error.message)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.exit(1);
  output.isClosed = true;
  output.closed();
});

process.exitCode = await main(process.argv.slice(2));
