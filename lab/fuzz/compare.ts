/** Runs one random module in all three engines and compares them. */
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
  /** The differences between the engines, one line each; empty if they agree. */
  readonly differences: readonly string[];
  /**
   * An engine's stack was too small for the module. WebAssembly permits that, so the module shows nothing.
   */
  readonly skipped: boolean;
  /** The outcomes of V8's calls. */
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
 * `folder` is for temporary files, and is removed afterwards. A module on which the engines differ, or that
 * makes one of them fail, is kept outside it as seed-N.wasm.
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
  const shipped = inNormalForm(module); // the build does this with the logic
  const calls = callsOf(module, seed);
  const names = calls.map(({ name }) => name);
  const expected = runInV8(module, calls);
  const got: [string, Outcome][] = [
    ["wasm3", wasm3.run(shipped, calls)],
    // Every second module stays as the fuzzer made it, because our own translator must accept any form.
    ["aot", await runTranslated(seed % 2 ? module : shipped, calls, folder)],
  ];
  const skipped = [expected, ...got.map(([, outcome]) => outcome)].some(ranOutOfStack);
  const found = skipped
    ? []
    : got.flatMap(([engine, outcome]) => differences(engine, names, expected, outcome));
  return { seed, differences: found, skipped, expected: expected.calls };
}

/**
 * Compares `count` modules from the seed `first` on, `jobs` at a time. Calls `each` for every module.
 * `folder` belongs to this run alone.
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
