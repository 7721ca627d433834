/** The two engines as the build sees them: what each is compiled from, and what it asks of the linker. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { contract } from "../../abi/contract.ts";
import type { EngineName } from "../../boards/image.ts";
import { settleTranslated } from "./aot/final-link.ts";
import { translate } from "./aot/translate.ts";
import { checkModule } from "./check-module.ts";
import type { Settled } from "./settled.ts";
import { type Compilation, writeIfChanged } from "./toolchain.ts";
import { readModule } from "./wasm/module.ts";
import { ALL_OPERATIONS, placeOperations } from "./wasm3/placement.ts";
import { settleWasm3 } from "./wasm3/final-link.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const HOST = join(PROJECT, "host");
const WASM3 = join(PROJECT, "node_modules/react-native-webassembly/cpp");

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
  /** Functions that host/link.ld leaves to the engine to place, for the first link; nothing unless told. */
  readonly placement?: Placement;
  /** The placement for the links after it, from what the first one shows. */
  readonly place?: (elf: string) => Placement;
  /** What is known only of the linked image, for a final link that moves nothing. */
  readonly settle?: (elf: string) => Promise<Settled>;
}

/** Input sections as the linker script writes them. */
export interface Placement {
  /** To be run from SRAM. */
  readonly hot?: string;
  /** wasm3's operations that lie in flash: all of them in the first link, none afterwards. */
  readonly operations?: string;
}

/** `names`: what the module's functions are called in the source, where that is known. */
export function engineParts(
  name: EngineName,
  module: Uint8Array,
  names: ReadonlyMap<number, string>,
  out: string,
): EngineParts {
  return name === "wasm3" ? wasm3(module, out) : aot(module, names, out);
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

/** Its settings, seen by its sources and by whoever includes its headers. */
const WASM3_CONFIG = ["-include", join(HOST, "engine/wasm3", "config.h")];
// wasm3 is not ours to mend: its warnings are not shown. Operations that are alike stay apart, because
// they are told by their addresses (scripts/build/wasm3/code.ts).
const WASM3_FLAGS = [...COMMON, "-std=gnu11", "-O2", "-w", "-DNDEBUG", "-fno-ipa-icf", ...WASM3_CONFIG];

/** Headers of the host's that change how operations are compiled, in front of the sources that have them. */
const WASM3_IN_FRONT: Readonly<Record<string, string>> = {
  "m3_compile.c": "operations.h",
  "m3_env.c": "calling-convention.h",
};

/** wasm3 itself, as it ships, without what the host puts around it. */
export function wasm3Library(): Compilation[] {
  const folder = join(HOST, "engine/wasm3");
  const includes = [folder, HOST, join(HOST, "generated"), WASM3];
  const sources = WASM3_SOURCES.map((name) => {
    const header = WASM3_IN_FRONT[name];
    const flags = header === undefined ? WASM3_FLAGS : [...WASM3_FLAGS, "-include", join(folder, header)];
    return { source: join(WASM3, name), flags, includes };
  });
  const bytes = { source: join(folder, "bytes.c"), flags: [...HOST_FLAGS, ...WASM3_CONFIG], includes };
  return [...sources, bytes];
}

function wasm3(module: Uint8Array, out: string): EngineParts {
  const folder = join(HOST, "engine/wasm3");
  const flags = [...HOST_FLAGS, ...WASM3_CONFIG];
  const includes = [folder, HOST, join(HOST, "generated"), out, WASM3];
  const own = sourcesIn(folder, ".c").filter((source) => basename(source) !== "bytes.c");
  return {
    compilations: [
      ...own.map((source) => ({ source, flags, includes })),
      { source: join(HOST, "generated/imports-wasm3.c"), flags, includes },
      ...wasm3Library(),
    ],
    // The heap of the first links, which the snapshot replaces by what it needs.
    settings: { STACK_BYTES: 12 * KB, HEAP_BYTES: contract.memory.bytes + 16 * KB, snapshot_identity: 0 },
    placement: ALL_OPERATIONS,
    place: (elf) => placeOperations(readFileSync(elf), module),
    settle: (elf) => settleWasm3(elf, module),
  };
}

/** C as anybody would compile it for speed: the yardstick of the benchmark. */
export const NATIVE_FLAGS = [...COMMON, "-std=c11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

/** Recursion that the compiler makes a loop of would never exhaust the stack: it would hang instead. */
export const LOGIC_FLAGS = [...COMMON, "-std=gnu11", "-Os", "-w", "-fno-optimize-sibling-calls"];

function aot(bytes: Uint8Array, names: ReadonlyMap<number, string>, out: string): EngineParts {
  const folder = join(HOST, "engine/aot");
  const logic = join(out, "logic.c");
  checkModule(bytes); // native code cannot be refused later: what it does was decided here
  const module = readModule(bytes);
  writeIfChanged(logic, translate(module, names));
  const includes = [folder, HOST, join(HOST, "generated"), out];
  return {
    compilations: [
      ...sourcesIn(folder, ".c").map((source) => ({ source, flags: HOST_FLAGS, includes })),
      { source: logic, flags: LOGIC_FLAGS, includes },
    ],
    settings: {
      STACK_BYTES: 8 * KB,
      HEAP_BYTES: contract.memory.bytes,
      FLASH_BUDGET_BYTES: 128 * KB,
      logic_crc32: 0,
    },
    settle: (elf) => settleTranslated(elf, module, names),
  };
}

function sourcesIn(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}
