/**
 * `npm run fuzz:engine`: runs random modules in V8, under wasm3 and translated ahead of time, the last two
 * in the emulator. Results, memory and traps must be the same; if not, it prints the module's seed.
 */
import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "../../cli/options.ts";
import { Wasm3 } from "../engines/wasm3.ts";
import { compareSeeds, type Verdict } from "./compare.ts";

/** Modules that differ are kept here. A run's temporary files are in a folder of their own. */
const FOLDER = fileURLToPath(new URL("../../build/fuzz", import.meta.url));
const RUN = join(FOLDER, `run-${process.pid}`);

const USAGE = `usage: npm run fuzz:engine -- [--modules N] [--seed N]

Runs random modules in V8, under wasm3 and ahead of time, the last two in the emulator, and compares
results, memory and traps. Exit status 1 if any module differs; it is then kept in build/fuzz.
  --modules N  how many; default: 2000, which takes about 20 minutes
  --seed N     the seed of the first one; default: 1. The others follow`;

const WHOLE = /^[1-9]\d{0,8}$/;

class Tally {
  modules = 0;
  skipped = 0;
  readonly different: number[] = [];
  /** The number of calls with each outcome. */
  readonly outcomes = new Map<string, number>();

  add({ seed, differences, skipped, expected }: Verdict): void {
    this.modules++;
    if (skipped) this.skipped++;
    if (differences.length > 0) this.different.push(seed);
    for (const call of expected) {
      const kind = call.startsWith("trap") ? call : "returned";
      this.outcomes.set(kind, (this.outcomes.get(kind) ?? 0) + 1);
    }
  }

  report(): string {
    const outcomes = [...this.outcomes]
      .sort(([, a], [, b]) => b - a)
      .map(([kind, count]) => `${count} ${kind}`);
    return [
      `${this.modules - this.skipped - this.different.length} of ${this.modules} modules agree everywhere`,
      `${this.different.length} differ${this.different.length ? `: seeds ${this.different.join(", ")}` : ""}`,
      `${this.skipped} skipped: a stack was too small`,
      `calls: ${outcomes.join(", ")}`,
    ].join("\n");
  }
}

async function main(args: readonly string[]): Promise<number> {
  const given = readOptions(args, USAGE, ["modules", "seed"], ({ modules = "1", seed = "1" }) => {
    if (!WHOLE.test(modules) || !WHOLE.test(seed))
      throw new Error("--modules and --seed must be whole numbers from 1 on");
  });
  if (typeof given === "number") return given;
  const { modules = "2000", seed = "1" } = given;
  mkdirSync(RUN, { recursive: true });
  const tally = new Tally();
  const wasm3 = await Wasm3.create(join(RUN, "wasm3"));
  const jobs = availableParallelism();
  process.once("SIGINT", () => {
    rmSync(RUN, { recursive: true, force: true });
    console.log(`\nstopped\n${tally.report()}`);
    process.exit(130);
  });
  await compareSeeds(Number(seed), Number(modules), jobs, wasm3, RUN, (verdict) => {
    tally.add(verdict);
    const clear = process.stderr.isTTY ? "\r\x1b[K" : "";
    for (const line of verdict.differences) console.error(`${clear}seed ${verdict.seed}: ${line}`);
    if (process.stderr.isTTY) {
      process.stderr.write(
        `${clear}${tally.modules} of ${modules} modules, ${tally.different.length} differ `,
      );
    } else if (tally.modules % 100 === 0) {
      console.error(`${tally.modules} of ${modules} modules, ${tally.different.length} differ`);
    }
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  console.log(tally.report());
  rmSync(RUN, { recursive: true, force: true });
  return tally.different.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
