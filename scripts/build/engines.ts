/** For each of the two engines: the sources it is compiled from, and the symbols it gives the linker. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { contract } from "../../abi/contract.ts";
import type { EngineName } from "../../boards/image.ts";
import { finalLinkOfTranslated } from "./aot/final-link.ts";
import { placeHotFunctions } from "./aot/hot-functions.ts";
import { translate } from "./aot/translate.ts";
import { checkModule } from "./check-module.ts";
import type { FinalLink } from "./final-link.ts";
import { type Compilation, writeIfChanged } from "./toolchain.ts";
import { readModule } from "./wasm/module.ts";
import { finalLinkOfWasm3 } from "./wasm3/final-link.ts";
import { ALL_OPERATIONS, placeOperations } from "./wasm3/placement.ts";

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
  /** The functions whose section the engine chooses, for the first link; without it, none. */
  readonly placement?: Placement;
  /** The placement for later links, computed from the first one. */
  readonly place?: (elf: string) => Placement;
  /**
   * What can be computed only from the linked image. It is added by a final link, which must not move
   * anything.
   */
  readonly finalLink?: (elf: string) => Promise<FinalLink>;
}

/** Input sections, in the syntax of linker scripts. */
export interface Placement {
  /** Sections to run from SRAM: of the engine and the host, and of translated logic. */
  readonly hot?: string;
  readonly hotLogic?: string;
  /** wasm3's operations to keep in flash: all of them in the first link, none in later ones. */
  readonly operations?: string;
}

/** `names`: the names of the module's functions in the source, where they are known. */
export function engineParts(
  name: EngineName,
  module: Uint8Array,
  names: ReadonlyMap<number, string>,
  out: string,
): EngineParts {
  return name === "wasm3" ? wasm3(module, out) : aot(module, names, out);
}

/** The sources of wasm3 itself. The package's other sources are WASI, tracing and its own glue. */
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

/** wasm3's settings. Its own sources need them, and so does every file that includes its headers. */
const WASM3_CONFIG = ["-include", join(HOST, "engine/wasm3", "config.h")];
// wasm3 is not our code, so its warnings are not shown. Identical operations must not be merged, because
// scripts/build/wasm3/code.ts identifies an operation by its address.
const WASM3_FLAGS = [...COMMON, "-std=gnu11", "-O2", "-w", "-DNDEBUG", "-fno-ipa-icf", ...WASM3_CONFIG];

/**
 * Headers of the host that change how operations are compiled. Each is included before this source of
 * wasm3.
 */
const WASM3_IN_FRONT: Readonly<Record<string, string>> = {
  "m3_compile.c": "operations.h",
  "m3_env.c": "calling-convention.h",
};

/** Returns wasm3 as it ships, without the parts that the host adds. */
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
    // This is the heap of the first links. The final link uses the size that the snapshot needs.
    settings: { STACK_BYTES: 12 * KB, HEAP_BYTES: contract.memory.bytes + 16 * KB, snapshot_identity: 0 },
    placement: ALL_OPERATIONS,
    place: (elf) => placeOperations(readFileSync(elf), module),
    finalLink: (elf) => finalLinkOfWasm3(elf, module),
  };
}

/** Ordinary flags for fast C code: the benchmark compares the engines with such code. */
export const NATIVE_FLAGS = [...COMMON, "-std=c11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

/**
 * No tail calls: an endless recursion turned into a loop would hang instead of exhausting the stack. A
 * function with one caller stays a function: the hot ones run from SRAM (aot/hot-functions.ts), and code that
 * is seldom needed must not be part of them.
 */
export const LOGIC_FLAGS = [
  ...COMMON,
  "-std=gnu11",
  "-Os",
  "-w",
  "-fno-optimize-sibling-calls",
  "-fno-inline-functions-called-once",
];

function aot(bytes: Uint8Array, names: ReadonlyMap<number, string>, out: string): EngineParts {
  const folder = join(HOST, "engine/aot");
  const logic = join(out, "logic.c");
  checkModule(bytes); // native code cannot be checked later, so the module is checked before it is translated
  const module = readModule(bytes);
  writeIfChanged(logic, translate(module, names));
  const includes = [folder, HOST, join(HOST, "generated"), out];
  return {
    compilations: [
      ...sourcesIn(folder, ".c").map((source) => ({ source, flags: HOST_FLAGS, includes })),
      { source: logic, flags: LOGIC_FLAGS, includes },
    ],
    placement: placeHotFunctions(module, names),
    settings: {
      STACK_BYTES: 8 * KB,
      HEAP_BYTES: contract.memory.bytes,
      FLASH_BUDGET_BYTES: 128 * KB,
      logic_crc32: 0,
    },
    finalLink: (elf) => finalLinkOfTranslated(elf, module, names),
  };
}

function sourcesIn(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}
