/** The two engines as the build sees them: what each is compiled from, and what it asks of the linker. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { translate } from "./aot/translate.ts";
import { crc32 } from "./crc32.ts";
import { type Compilation, PREFIX, run } from "./toolchain.ts";
import { readModule } from "./wasm/module.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const HOST = join(PROJECT, "host");
const WASM3 = join(PROJECT, "node_modules/react-native-webassembly/cpp");

export const ENGINES = ["wasm3", "aot"] as const;
export type EngineName = (typeof ENGINES)[number];

export const CPU = ["-mcpu=cortex-m0plus", "-mthumb"];
const COMMON = [...CPU, "-g", "-ffunction-sections", "-fdata-sections", "-ffreestanding", "-fno-common"];
export const HOST_FLAGS = [
  ...COMMON,
  "-std=c11",
  "-Os",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-Wshadow",
  "-Wundef",
];

const KB = 1024;

export interface EngineParts {
  readonly compilations: readonly Compilation[];
  /** Symbols for host/link.ld. */
  readonly settings: Readonly<Record<string, number>>;
  /** What is known only of the linked image: symbols for a second link that moves nothing. */
  readonly settle?: (elf: string) => Promise<Readonly<Record<string, number>>>;
}

export function engineParts(name: EngineName, module: Uint8Array, out: string): EngineParts {
  return name === "wasm3" ? wasm3(module, out) : aot(module, out);
}

/** wasm3's sources proper; the others are WASI, tracing and the package's own glue. */
const WASM3_SOURCES = [
  "m3_bind.c",
  "m3_code.c",
  "m3_compile.c",
  "m3_core.c",
  "m3_env.c",
  "m3_exec.c",
  "m3_function.c",
  "m3_info.c",
  "m3_module.c",
  "m3_parse.c",
];

function wasm3(module: Uint8Array, out: string): EngineParts {
  const folder = join(HOST, "wasm3");
  // Its settings, seen by its sources and by whoever includes its headers.
  const config = ["-include", join(folder, "config.h")];
  // wasm3 is not ours to mend: its warnings are not shown.
  const flags = [...COMMON, "-std=gnu11", "-O2", "-w", "-DNDEBUG", ...config];
  const includes = [folder, HOST, join(HOST, "generated"), out, WASM3];
  const digest = createHash("sha256").update(module).digest("hex");
  return {
    compilations: [
      ...sourcesIn(folder, ".c").map((source) => ({ source, flags: [...HOST_FLAGS, ...config], includes })),
      { source: join(HOST, "generated/imports-wasm3.c"), flags: [...HOST_FLAGS, ...config], includes },
      ...WASM3_SOURCES.map((source) => ({
        source: join(WASM3, source),
        flags,
        includes: [folder, HOST, WASM3],
      })),
      // .incbin looks where -I points; the digest in the flags makes the cache see another module.
      {
        source: join(folder, "module.S"),
        flags: [...CPU, `-I${out}`, `-DMODULE_DIGEST=${digest}`],
        includes: [],
      },
    ],
    settings: { STACK_BYTES: 28 * KB, HEAP_BYTES: 152 * KB, logic_crc32: 0 },
  };
}

/** Recursion that the compiler makes a loop of would never exhaust the stack: it would hang instead. */
const LOGIC_FLAGS = [...COMMON, "-std=gnu11", "-O2", "-w", "-fno-optimize-sibling-calls"];

function aot(module: Uint8Array, out: string): EngineParts {
  const folder = join(HOST, "aot");
  const logic = join(out, "logic.c");
  writeFileSync(logic, translate(readModule(module)));
  const includes = [folder, HOST, join(HOST, "generated"), out];
  return {
    compilations: [
      ...sourcesIn(folder, ".c").map((source) => ({ source, flags: HOST_FLAGS, includes })),
      { source: logic, flags: LOGIC_FLAGS, includes },
    ],
    settings: { STACK_BYTES: 8 * KB, HEAP_BYTES: 64 * KB, logic_crc32: 0 },
    settle: async (elf) => ({ logic_crc32: crc32(await section(elf, ".logic")) }),
  };
}

function sourcesIn(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/** Contents of a section of the linked image. */
async function section(elf: string, name: string): Promise<Uint8Array> {
  const path = `${elf}${name}.bin`;
  await run(`${PREFIX}objcopy`, ["-O", "binary", "-j", name, elf, path]);
  return readFileSync(path);
}
