/**
 * Measures the cycles of the kernels in plain C, translated ahead of time, and under wasm3. Each kernel is
 * called once in a machine whose flash needs no time, and once in a machine with an empty XIP cache, which
 * includes the misses. All calls must return the same checksum.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportInC } from "../../scripts/build/aot/translate.ts";
import { NATIVE_FLAGS } from "../../scripts/build/engines.ts";
import { BareMachine } from "../../simulator/tools/bare.ts";
import { translatedMachine } from "../engines/aot.ts";
import { bareImage } from "../engines/bare/image.ts";
import { Wasm3 } from "../engines/wasm3.ts";
import { compileKernels, KERNELS, NATIVE_SOURCES } from "./module.ts";

const BENCH = fileURLToPath(new URL(".", import.meta.url));
const OUT = fileURLToPath(new URL("../../build/bench", import.meta.url));

const RUNS = ["native", "aot", "wasm3"] as const;
type Run = (typeof RUNS)[number];
export type Cycles = Readonly<Record<Run, number>>;

export interface KernelRow {
  readonly name: string;
  readonly what: string;
  /** With flash as fast as SRAM. */
  readonly hits: Cycles;
  /** With cache misses; the cache is empty at first. */
  readonly misses: Cycles;
}

/** A machine for one way to run a kernel: takes its name, returns checksum and cycles. */
type Kernel = (name: string) => { checksum: number; cycles: number };

async function machines(xipCache: boolean): Promise<Record<Run, Kernel>> {
  const module = await compileKernels();
  const names = ["prepare", ...KERNELS.map(({ name }) => name)].map((name) => `native_${name}`);
  const further = NATIVE_SOURCES.map((name) => ({
    source: join(BENCH, "native", name),
    flags: NATIVE_FLAGS,
    includes: [join(BENCH, "native")],
  }));
  const native = new BareMachine(
    readFileSync(await bareImage(join(OUT, "native"), { further, calls: names })),
    { xipCache },
  );
  const aot = translatedMachine(await bareImage(join(OUT, "aot"), { module }), { xipCache });
  const wasm3 = await Wasm3.create(join(OUT, "wasm3"), { xipCache });
  const runtime = wasm3.load(module);
  const underWasm3: Kernel = (name) => {
    const call = { name, args: [], parameters: [], result: name === "prepare" ? undefined : "i" } as const;
    const { given, cycles } = wasm3.call(runtime, call);
    return { checksum: Number(given), cycles };
  };
  native.call("native_prepare");
  aot.call("logic_instantiate");
  aot.call(exportInC("prepare"));
  underWasm3("prepare");
  const cold = (machine: BareMachine) => {
    if (xipCache) machine.flushCache();
  };
  const called = (machine: BareMachine, symbol: string) => {
    cold(machine);
    const { r0, cycles } = machine.call(symbol);
    return { checksum: r0, cycles };
  };
  return {
    native: (name) => called(native, `native_${name}`),
    aot: (name) => called(aot, exportInC(name)),
    wasm3: (name) => {
      cold(wasm3.machine);
      return underWasm3(name);
    },
  };
}

/** Throws an Error if two ways to run a kernel give different checksums. */
export async function measureKernels(progress: (what: string) => void): Promise<KernelRow[]> {
  const [zeroWait, cached] = [await machines(false), await machines(true)];
  return KERNELS.map(({ name, what }) => {
    progress(name);
    const measured = (kernels: Record<Run, Kernel>) => {
      const results = RUNS.map((run) => [run, kernels[run](name)] as const);
      const checksums = new Set(results.map(([, { checksum }]) => checksum));
      if (checksums.size !== 1)
        throw new Error(`${name}: the engines disagree (${[...checksums].join(", ")})`);
      return Object.fromEntries(results.map(([run, { cycles }]) => [run, cycles])) as Record<Run, number>;
    };
    return { name, what, hits: measured(zeroWait), misses: measured(cached) };
  });
}

export function geometricMean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
