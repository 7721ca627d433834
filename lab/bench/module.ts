/**
 * The benchmark's kernels as one module, compiled as the product's logic is: same compiler, same
 * options, the same memory, segments merged. It imports nothing, so that an engine needs no host for it.
 */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { mergeSegments } from "../../scripts/build/logic.ts";
import { inNormalForm } from "../../scripts/build/wasm/normal-form.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const CONFIG = "asconfig.json";

export interface Kernel {
  /** Its export; in C it is `native_` and this. */
  readonly name: string;
  /** What is measured. */
  readonly what: string;
}

export const KERNELS: readonly Kernel[] = [
  { name: "pec", what: "SMBus packet error codes of 64 messages of 32 bytes, half a byte at a time" },
  { name: "linear11", what: "128 numbers to PMBus LINEAR11 and back" },
  { name: "adc_block", what: "4 blocks of 5 x 64 converter samples: filter, extremes, energy in 64 bits" },
  { name: "line_scan", what: "4 KB of boot log: line ends, longest line, lines with one of four words" },
  { name: "ring_copy", what: "128 blocks of 1 to 200 bytes into a ring of 2 KB and out again" },
  { name: "sha256", what: "SHA-256 of 4 KB" },
  { name: "sequencer", what: "a power sequencer of five rails over 51 rows of scripted inputs" },
  { name: "console_line", what: "56 console lines: words, command, options, numbers" },
  { name: "fib", what: "fib(24) by recursion: calls and nothing else" },
];

/** The same in C, in bench/native; together with a caller they are all that has to be linked. */
export const NATIVE_SOURCES: readonly string[] = [
  "adc-block.c",
  "console-line.c",
  "fib.c",
  "line-scan.c",
  "linear11.c",
  "pec.c",
  "prepare.c",
  "ring-copy.c",
  "sequencer.c",
  "sha256.c",
];

export interface CompileOptions {
  /** A file in bench/kernels. */
  readonly entry?: string;
  /** 0 to 3; asconfig.json's when left out. */
  readonly optimizeLevel?: number;
  /** 0 to 2; asconfig.json's when left out. */
  readonly shrinkLevel?: number;
}

/** The product's options; its entries would be compiled as well. */
function withoutEntries(config: string): string {
  return JSON.stringify({ ...JSON.parse(config), entries: [] });
}

/** Throws an Error with the compiler's words. */
export async function compileKernels(options: CompileOptions = {}): Promise<Uint8Array> {
  const { entry = "lab/bench/kernels/index.ts", optimizeLevel, shrinkLevel } = options;
  const levels = Object.entries({ optimizeLevel, shrinkLevel }).flatMap(([name, level]) =>
    level === undefined ? [] : [`--${name}`, `${level}`],
  );
  let module: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    // Nobody is there to be told of an abort; without this it would be an import.
    [
      entry,
      "--config",
      CONFIG,
      "--target",
      "release",
      ...levels,
      "--use",
      "abort=",
      "--outFile",
      "kernels.wasm",
    ],
    {
      readFile: async (filename) => {
        const text = await readFile(join(PROJECT, filename), "utf8").catch(() => null);
        return text !== null && basename(filename) === CONFIG ? withoutEntries(text) : text;
      },
      writeFile: (filename, contents) => {
        if (filename.endsWith(".wasm")) module = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error || !module)
    throw new Error(`the kernels do not compile:\n${stderr.toString() || error?.message}`);
  return inNormalForm(mergeSegments(module));
}
