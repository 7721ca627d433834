/**
 * `npm run bench:smbus`: measures how long the BMC makes an SMBus controller wait, at 100 kHz, 400 kHz and
 * 1 MHz, while the compute board prints. It runs in the emulator with cache misses counted, so the figures
 * are the same on every machine.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_ENGINE, engineNamed, imageFolder } from "../../boards/image.ts";
import { readOptions } from "../../cli/options.ts";
import { outputFile } from "../../cli/user-files.ts";
import { build } from "../../scripts/build.ts";
import { HOLD_CLOCKS, measureHolds } from "./smbus-holds.ts";
import {
  broken,
  type Holds,
  type SmbusFigures,
  smbusJson,
  smbusPage,
  tables,
  tooShort,
} from "./smbus-report.ts";
import { measureSpeed, SCENARIOS, type ScenarioName, SPEEDS_HZ, type SpeedFigures } from "./smbus-runs.ts";

const BOARD = "slot-hat";
const MESSAGES_OF_A_KIND = 1000;
/** For the shortest holds. Every pause before a message comes twice. */
const MESSAGES_OF_A_GROUP = 800;
const FIGURES = fileURLToPath(new URL("../../docs/figures.md", import.meta.url));

const USAGE = `usage: npm run bench:smbus -- [--json FILE] [--engine NAME]

Measures how long ${BOARD} holds SCL low on its SMBus while the compute board prints, with
${MESSAGES_OF_A_KIND} messages of each kind at each speed, prints tables and renews docs/figures.md. Fails
if a prepared read waits for more than one bit time, anything for more than 25 ms, or if a hold is shorter
than half a clock.
  --json FILE    the figures that are compared over time as JSON as well
  --engine NAME  measure this engine instead; docs/figures.md is not changed`;

/** Rewrites one line on a terminal; otherwise prints one line for each scenario. */
function progress(scenario: string, hz: number, kind: string, isFirst: boolean): void {
  const where = `${scenario}, ${hz / 1000} kHz`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kmeasuring ${where}: ${kind} `);
  else if (isFirst) process.stderr.write(`measuring ${where}\n`);
}

function measure(directory: string): SmbusFigures {
  const scenarios = (Object.keys(SCENARIOS) as ScenarioName[]).map((scenario) => {
    const speeds: [number, SpeedFigures][] = SPEEDS_HZ.map((hz) => {
      let kinds = 0;
      const shown = (kind: string) => progress(scenario, hz, kind, kinds++ === 0);
      return [hz, measureSpeed(directory, scenario, hz, MESSAGES_OF_A_KIND, shown)];
    });
    return [scenario, Object.fromEntries(speeds)];
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return Object.fromEntries(scenarios) as SmbusFigures;
}

function measureShortest(directory: string): Holds {
  return new Map(
    HOLD_CLOCKS.map((clock) => {
      progress("shortest holds", clock.hz, clock.name, true);
      return [clock.name, measureHolds(directory, clock, MESSAGES_OF_A_GROUP)];
    }),
  );
}

async function main(args: readonly string[]): Promise<number> {
  const given = readOptions(args, USAGE, ["json", "engine"], ({ json, engine }) => {
    if (engine !== undefined) engineNamed(engine);
    if (json !== undefined) outputFile(json);
  });
  if (typeof given === "number") return given;
  const engine = given.engine === undefined ? undefined : engineNamed(given.engine);
  await build({ board: BOARD, ...(engine ? { engine } : {}), report: "progress" });
  const folder = fileURLToPath(new URL(`../../build/${imageFolder(BOARD, engine)}`, import.meta.url));
  const figures = measure(folder);
  const holds = measureShortest(folder);
  const shown = tables(engine ?? DEFAULT_ENGINE, figures, holds);
  console.log(shown);
  if (given.json !== undefined) writeFileSync(outputFile(given.json), smbusJson(figures));
  if (engine === undefined) {
    writeFileSync(FIGURES, smbusPage(readFileSync(FIGURES, "utf8"), shown));
    console.error(`wrote ${relative(process.cwd(), FIGURES)}`);
  }
  const problems = [...broken(figures), ...tooShort(holds)];
  for (const problem of problems) console.error(problem);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
