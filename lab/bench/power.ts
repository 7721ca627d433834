/**
 * `npm run bench:power`: measures how fast protection is, how accurate readings are, and that a restart of
 * the BMC never changes the compute board's power. It runs in the emulator with cache misses counted, so
 * the figures are the same on every machine. The two long runs, an hour of energy and ten thousand resets,
 * run at the same time.
 */
import { fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_ENGINE, engineNamed, imageFolder } from "../../boards/image.ts";
import { readOptions } from "../../cli/options.ts";
import { outputFile } from "../../cli/user-files.ts";
import { build } from "../../scripts/build.ts";
import { inrushTrials, measureInrush } from "./power-inrush.ts";
import { broken, type PowerFigures, powerJson, powerPage, tables } from "./power-report.ts";
import type { ResetFigures } from "./power-resets.ts";
import {
  calibratedSlot,
  type EnergyFigures,
  measureOvercurrent,
  measureOverload,
  measurePowerOn,
  measureShare,
  measureShort,
} from "./power-runs.ts";
import type { LongRun, WorkerMessage } from "./power-worker.ts";

const BOARD = "slot-hat";
const MINUTES = 60;
const RESETS = 10_000;
const SEED = 1;
const SHORTS = 300;
const OVERLOADS = 30;
const INRUSHES = 40;
const FIGURES = fileURLToPath(new URL("../../docs/figures.md", import.meta.url));
const WORKER = fileURLToPath(new URL("./power-worker.ts", import.meta.url));

const USAGE = `usage: npm run bench:power -- [--json FILE] [--minutes N] [--resets N] [--seed N]
                               [--engine NAME]

Measures protection, readings, energy and restarts of ${BOARD}, prints a table and renews docs/figures.md.
Fails if a goal is missed. Takes about a quarter of an hour on two cores.
  --json FILE    the figures that are compared over time as JSON as well
  --minutes N    emulated minutes of energy, 1 to 600 (default ${MINUTES})
  --resets N     watchdog resets at random moments, 2 to 1000000 (default ${RESETS})
  --seed N       the seed of the resets, 1 to 4294967295 (default ${SEED})
  --engine NAME  measure this engine instead
docs/figures.md is not changed if any of the last four options is given.`;

function wholeNumber(name: string, given: string | undefined, fallback: number, least: number, most: number) {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < least || value > most)
    throw new Error(`--${name} is "${given}"; allowed: ${least} to ${most}`);
  return value;
}

/** One line for all running measurements. A terminal shows it continuously, other outputs now and then. */
class Progress {
  readonly #parts = new Map<string, string>();
  #reportedMs = 0;

  show(part: string, state: string): void {
    this.#parts.set(part, state);
    const isTerminal = process.stderr.isTTY === true;
    const now = performance.now();
    if (now - this.#reportedMs < (isTerminal ? 200 : 30_000)) return;
    this.#reportedMs = now;
    const line = [...this.#parts].map(([name, what]) => `${name} ${what}`).join(", ");
    process.stderr.write(isTerminal ? `\r\x1b[K${line} ` : `${line}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}

function longRun<Result>(
  wanted: LongRun,
  progress: (done: number) => void,
  pick: (message: WorkerMessage) => Result | undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = fork(WORKER);
    worker.send(wanted);
    worker.on("message", (message: WorkerMessage) => {
      if ("progress" in message) progress(message.progress);
      const result = pick(message);
      if (result !== undefined) resolve(result);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => {
      reject(new Error(`the measurement of ${wanted.run} ended with status ${code}`));
    });
  });
}

async function measure(
  directory: string,
  minutes: number,
  resets: number,
  seed: number,
): Promise<PowerFigures> {
  const progress = new Progress();
  const counted = (part: string, all: number) => (done: number) =>
    progress.show(part, `${Math.floor(done)} of ${all}`);
  const energy = longRun<EnergyFigures>(
    { run: "energy", directory, minutes },
    (done_s) => progress.show("energy", `${Math.floor(done_s / 60)} of ${minutes} minutes`),
    (message) => ("energy" in message ? message.energy : undefined),
  );
  const resetting = longRun<ResetFigures>(
    { run: "resets", directory, resets, seed },
    counted("resets", resets),
    (message) => ("resets" in message ? message.resets : undefined),
  );
  const short = measureShort(directory, SHORTS, counted("shorts", SHORTS));
  const overcurrent = measureOvercurrent(directory, SHORTS, counted("over-currents", SHORTS));
  const inrush = measureInrush(directory, INRUSHES, counted("inrushes", inrushTrials(INRUSHES)));
  const overload = measureOverload(directory, OVERLOADS, counted("overloads", OVERLOADS));
  const figures = {
    short,
    overcurrent,
    inrush,
    overload,
    power_on_to_run_ms: measurePowerOn(directory),
    share: measureShare(directory),
    accuracy: calibratedSlot(directory).accuracy,
    energy: await energy,
    resets: await resetting,
  };
  progress.end();
  return figures;
}

async function main(args: readonly string[]): Promise<number> {
  const names = ["json", "minutes", "resets", "seed", "engine"] as const;
  let [minutes, resets, seed] = [MINUTES, RESETS, SEED];
  const given = readOptions(args, USAGE, names, (options) => {
    if (options.engine !== undefined) engineNamed(options.engine);
    if (options.json !== undefined) outputFile(options.json);
    minutes = wholeNumber("minutes", options.minutes, MINUTES, 1, 600);
    resets = wholeNumber("resets", options.resets, RESETS, 2, 1_000_000);
    seed = wholeNumber("seed", options.seed, SEED, 1, 0xffff_ffff);
  });
  if (typeof given === "number") return given;
  const engine = given.engine === undefined ? undefined : engineNamed(given.engine);
  await build({ board: BOARD, ...(engine ? { engine } : {}), report: "progress" });
  const folder = fileURLToPath(new URL(`../../build/${imageFolder(BOARD, engine)}`, import.meta.url));
  const figures = await measure(folder, minutes, resets, seed);
  console.log(tables(engine ?? DEFAULT_ENGINE, figures));
  if (given.json !== undefined) writeFileSync(outputFile(given.json), powerJson(figures));
  const isUsual = [given.minutes, given.resets, given.seed, given.engine].every((one) => one === undefined);
  if (isUsual) {
    writeFileSync(FIGURES, powerPage(readFileSync(FIGURES, "utf8"), DEFAULT_ENGINE, figures));
    console.error(`wrote ${relative(process.cwd(), FIGURES)}`);
  }
  const problems = broken(figures);
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
