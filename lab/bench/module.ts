/**
 * Compiles the benchmark's kernels as one module, in the same way as the product's logic: the same compiler
 * and options, the same memory, merged segments. It imports nothing, so an engine can run it without a
 * host.
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
  /** The name of its export. The C function is named `native_` and this. */
  readonly name: string;
  /** A description of what is measured. */
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

/** The same kernels in C, in lab/bench/native. To link them, only a caller is needed in addition. */
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
  /** A file in lab/bench/kernels. */
  readonly entry?: string;
  /** 0 to 3; default: as in asconfig.json. */
  readonly optimizeLevel?: number;
  /** 0 to 2; default: as in asconfig.json. */
  readonly shrinkLevel?: number;
}

/** The product's options without its entries, which would be compiled as well. */
function withoutEntries(config: string): string {
  return JSON.stringify({ ...JSON.parse(config), entries: [] });
}

/** Throws an Error with the compiler's message. */
export async function compileKernels(options: CompileOptions = {}): Promise<Uint8Array> {
  const { entry = "lab/bench/kernels/index.ts", optimizeLevel, shrinkLevel } = options;
  const levels = Object.entries({ optimizeLevel, shrinkLevel }).flatMap(([name, level]) =>
    level === undefined ? [] : [`--${name}`, `${level}`],
  );
  let module: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    // No host reports an abort here; without this option, abort would be an import.
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
