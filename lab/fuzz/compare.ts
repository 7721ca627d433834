/** One random module in all three engines. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inNormalForm } from "../../scripts/build/wasm/normal-form.ts";
import { runTranslated } from "../engines/aot.ts";
import { callsOf, type Outcome, ranOutOfStack } from "../engines/outcome.ts";
import { runInV8 } from "../engines/v8.ts";
import type { Wasm3 } from "../engines/wasm3.ts";
import { randomModule } from "./random-module.ts";

export interface Verdict {
  readonly seed: number;
  /** What the engines do not agree on, one line each; empty where they do. */
  readonly differences: readonly string[];
  /** An engine's stack was too small for the module, which WebAssembly permits: nothing can be said. */
  readonly skipped: boolean;
  /** What V8's calls came to. */
  readonly expected: readonly string[];
}

function differences(engine: string, names: readonly string[], expected: Outcome, got: Outcome): string[] {
  const lines = expected.calls.flatMap((one, index) =>
    one === got.calls[index] ? [] : [`${engine}: ${names[index]} gives ${got.calls[index]}, V8 ${one}`],
  );
  if (lines.length === 0 && expected.memory !== got.memory) lines.push(`${engine}: memory differs from V8's`);
  return lines;
}

/**
 * `folder` is for what is written on the way, and gone afterwards. A module that the engines do not agree
 * on, or that breaks one of them, is kept beside it, as seed-N.wasm.
 */
async function compareSeed(seed: number, wasm3: Wasm3, folder: string): Promise<Verdict> {
  const module = await randomModule(seed, folder);
  const keep = () => writeFileSync(join(folder, "../..", `seed-${seed}.wasm`), module);
  try {
    const verdict = await compare(seed, module, wasm3, folder);
    if (verdict.differences.length > 0) keep();
    return verdict;
  } catch (error) {
    keep();
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(seed: number, module: Uint8Array, wasm3: Wasm3, folder: string): Promise<Verdict> {
  const shipped = inNormalForm(module); // as the build does with the logic
  const calls = callsOf(module, seed);
  const names = calls.map(({ name }) => name);
  const expected = runInV8(module, calls);
  const got: [string, Outcome][] = [
    ["wasm3", wasm3.run(shipped, calls)],
    // Every other module as the fuzzer made it: our own translator has to take any form.
    ["aot", await runTranslated(seed % 2 ? module : shipped, calls, folder)],
  ];
  const skipped = [expected, ...got.map(([, outcome]) => outcome)].some(ranOutOfStack);
  const found = skipped
    ? []
    : got.flatMap(([engine, outcome]) => differences(engine, names, expected, outcome));
  return { seed, differences: found, skipped, expected: expected.calls };
}

/**
 * Compares `count` modules from `first` on, `jobs` at a time; `each` hears of every one. `folder` is this
 * run's own.
 */
export async function compareSeeds(
  first: number,
  count: number,
  jobs: number,
  wasm3: Wasm3,
  folder: string,
  each: (verdict: Verdict) => void,
): Promise<void> {
  let next = first;
  const worker = async () => {
    while (next < first + count) {
      const seed = next++;
      try {
        each(await compareSeed(seed, wasm3, join(folder, `seed-${seed}`)));
      } catch (error) {
        each({ seed, differences: [(error as Error).message], skipped: false, expected: [] });
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}
