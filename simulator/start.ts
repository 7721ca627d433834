/**
 * The program behind `npm start`, once the firmware is built: one slot in the emulator, with its console in
 * the terminal. Without a terminal it runs the demonstration, which ends in a JSON line. With --serve the
 * slot runs on for other programs, and --attach goes to the console of such a slot.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { fileProblem } from "../cli/file-problem.ts";
import { didYouMean } from "../cli/nearest.ts";
import { Interrupted, Runner } from "../cli/runner.ts";
import { safeLine } from "../cli/safe-text.ts";
import { UsageError } from "../cli/usage-error.ts";
import { attach } from "./serve/attach.ts";
import { ServedSlotLostError } from "./serve/client.ts";
import { placeOf } from "./serve/place.ts";
import { serve } from "./serve/serve.ts";
import { Slot } from "./slot/slot.ts";
import { curvePanel } from "./start/curve-panel.ts";
import { holdForDebugger } from "./start/debugger.ts";
import { type Demonstration, demonstrate } from "./start/demonstration.ts";
import { interact } from "./start/interactive.ts";
import { type Options, parseOptions, usage } from "./start/options.ts";
import { emptyResult, imageBytes, milliseconds } from "./start/result.ts";
import { Session } from "./start/session.ts";
import { Transcript } from "./start/transcript.ts";
import { engineOf, moduleBytes, readBuild } from "./tools/build-directory.ts";
import { PlotError, PowerPlot } from "./tools/plot/power-plot.ts";
import { VcdError, VcdWriter } from "./tools/vcd.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
/** Signals that end a demonstration in good order, with the exit status that a shell expects after each. */
const EXIT_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Errors whose message says all that the user needs. */
const ORDINARY = [UsageError, VcdError, PlotError, ServedSlotLostError];
/** Number of strict warnings that the result shows in full. */
const WARNINGS_SHOWN = 10;

/** Refuses a board that is neither built nor described. */
function checkBoard(board: string): void {
  if (existsSync(join(PROJECT, "build", board))) return;
  const described = readdirSync(join(PROJECT, "boards"))
    .filter((file) => file.endsWith(".json") && file !== "schema.json")
    .map((file) => file.slice(0, -".json".length));
  if (described.includes(board)) return;
  const known = described.join(", ");
  throw new UsageError(`unknown board ${board}; known boards: ${known}${didYouMean(board, described)}`);
}

function buildDirectory(board: string): string {
  checkBoard(board);
  const directory = join(PROJECT, "build", board);
  if (existsSync(directory)) return directory;
  throw new UsageError(`board ${board} is not built yet; run: npm run build -- --board ${board}`);
}

async function run(options: Options): Promise<number> {
  if (options.attach !== null) return await attach(options.attach);
  const startedMs = performance.now();
  const directory = buildDirectory(options.build);
  const hasTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const vcd = options.vcd === null ? undefined : new VcdWriter(options.vcd);
  const slot = openSlot(options, directory, vcd);
  const plot = options.plot === null ? null : openPlot(options.plot, slot, options);
  const panel = hasTerminal ? curvePanel(slot, options.curve) : null;
  const isHeld = () => slot.chip.debuggerHalted;
  const detach =
    options.gdbPort === null ? null : await openDebugger(slot, options.gdbPort, directory, hasTerminal);
  const runner = new Runner(slot.chip, options.speed ?? (hasTerminal ? "real" : "max"), isHeld);
  // A run listens to signals itself. After the run another signal must not prevent the files from being
  // written: without a terminal one Ctrl-C arrives several times, from each program between npm and this one.
  for (const signal of Object.keys(EXIT_STATUS)) process.on(signal, () => undefined);
  try {
    if (options.serve !== null) return await serve(slot, placeOf(options.serve), options.speed ?? "real");
    if (hasTerminal) return await interact(slot, runner, isHeld, panel);
    return await demonstration(options, directory, slot, runner, startedMs);
  } finally {
    detach?.();
    try {
      vcd?.close();
    } finally {
      plot?.save();
    }
  }
}

/** The plot is also saved when the process exits on another way, for example because its output broke off. */
function openPlot(path: string, slot: Slot, { fault, bootlogName }: Options): PowerPlot {
  const plot = new PowerPlot(slot, { path, fault, bootlogName });
  process.once("exit", () => {
    try {
      plot.save();
    } catch (error) {
      printError(error as PlotError);
      process.exitCode = 1;
    }
  });
  return plot;
}

function printError({ message }: Error): void {
  process.stderr.write(`error: ${safeLine(message)}\n`);
}

function openSlot(options: Options, directory: string, vcd: VcdWriter | undefined): Slot {
  try {
    return new Slot({
      directory,
      seed: options.seed,
      ...(options.bootlog ? { bootlog: options.bootlog } : {}),
      ...(options.fault ? { fault: options.fault } : {}),
      ...(vcd ? { vcd } : {}),
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function openDebugger(
  slot: Slot,
  port: number,
  directory: string,
  patient: boolean,
): Promise<() => void> {
  const detach = await holdForDebugger(slot.chip, port, patient).catch((error) => {
    throw new UsageError((error as Error).message);
  });
  const elf = relative(process.cwd(), join(directory, "firmware.elf"));
  process.stderr.write(
    `The core is held until a debugger says "continue"${patient ? "" : ", for 30 s at most"}:\n` +
      `  gdb-multiarch ${elf} -ex "target remote localhost:${port}"\n`,
  );
  return detach;
}

async function demonstration(
  options: Options,
  directory: string,
  slot: Slot,
  runner: Runner,
  startedMs: number,
): Promise<number> {
  const { image } = readBuild(directory);
  const transcript = new Transcript({
    write: (text) => process.stdout.write(text),
    colours: process.stdout.isTTY === true,
    nanos: () => slot.chip.nanos,
  });
  const result = emptyResult(slot.board.name, imageBytes(image), moduleBytes(directory));
  const problems: string[] = [];
  const session = new Session(slot, runner, transcript);
  const demo: Demonstration = { session, result, problems, step: "starting" };
  introduce(options, slot, transcript, result.image_bytes, directory);
  let signalStatus = 0;
  const listeners = Object.entries(EXIT_STATUS).map(([signal, status]) => ({
    signal,
    leave: () => {
      signalStatus ||= status;
      runner.interrupt();
    },
  }));
  for (const { signal, leave } of listeners) process.on(signal, leave);
  let interrupted = false;
  try {
    await demonstrate(demo);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    interrupted = true;
  } finally {
    for (const { signal, leave } of listeners) process.off(signal, leave);
  }
  const { warnings, total } = slot.chip.log;
  result.emulated_ms = milliseconds(slot.chip.nanos);
  result.wall_ms = Math.round(performance.now() - startedMs);
  result.warnings = total;
  if (total > 0) problems.push(`${total} strict warnings: the firmware did what silicon would not forgive`);
  transcript.heading(interrupted ? "Interrupted" : "Result");
  if (interrupted) {
    problems.push(`interrupted while ${demo.step}, at ${(slot.chip.nanos / 1e9).toFixed(3)} s`);
  }
  for (const { time, source, message } of warnings.slice(0, WARNINGS_SHOWN)) {
    transcript.say(`warning at ${(time / 1e6).toFixed(3)} ms: ${source}: ${message}`);
  }
  if (problems.length === 0) transcript.say("Everything went well.");
  for (const problem of problems) transcript.say(`problem: ${problem}`);
  process.stdout.write(`\n${JSON.stringify(result)}\n`);
  if (interrupted) return signalStatus;
  return problems.length === 0 ? 0 : 1;
}

function introduce(
  options: Options,
  slot: Slot,
  transcript: Transcript,
  bytesInFlash: number,
  directory: string,
): void {
  const { plan } = slot.compute;
  transcript.heading(`A slot of the rack: ${slot.board.title}`);
  const image = relative(PROJECT, join(directory, "firmware.uf2"));
  transcript.say(`image     ${image}, ${bytesInFlash} bytes, engine ${engineOf(directory) ?? "unknown"}`);
  transcript.say(
    `boot log  ${safeLine(options.bootlogName)}, ${(plan.endNanos / 1e9).toFixed(1)} s long` +
      (plan.promptEnd === null ? ", without a log-in prompt" : ""),
  );
  if (options.fault) transcript.say(`fault     ${options.fault}`);
  transcript.say(`seed      ${options.seed}`);
  transcript.say("Times are emulated seconds since power-on.");
}

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) {
      process.stdout.write(usage());
      return 0;
    }
    checkBoard(options.board);
    if (options.serve !== null) placeOf(options.serve);
    return options.checkOnly ? 0 : await run(options);
  } catch (error) {
    if (!ORDINARY.some((kind) => error instanceof kind)) throw error;
    printError(error as Error);
    return 1;
  }
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The interactive run, or the signal that comes with it, handles a terminal that is gone.
  if (process.stdout.isTTY) return;
  // The reader of the output may have closed it on purpose ("npm start | head"), which deserves no message.
  if (error.code !== "EPIPE") process.stderr.write(`error: cannot write the output: ${fileProblem(error)}\n`);
  process.exit(1);
});

process.exitCode = await main();
