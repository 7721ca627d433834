/**
 * Host, engine and module to an image: compiles the C, seals the second stage, links with the
 * budgets of host/link.ld and writes ELF, binary, UF2 and map.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Board } from "../../boards/board.ts";
import { writeUf2 } from "../../flash/uf2.ts";
import { boardHeader } from "../boards.ts";
import { sealSecondStage } from "./second-stage.ts";
import { type Compilation, compileAll, PREFIX, run } from "./toolchain.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const HOST = join(PROJECT, "host");
const WASM3 = join(PROJECT, "node_modules/react-native-webassembly/cpp");
const CACHE = join(PROJECT, "build/cache");

const FLASH_BASE = 0x10000000;
/** The boot ROM runs the second stage from here (RP2040 datasheet 2.8.1.3). */
const SECOND_STAGE_ADDRESS = "0x20041f00";

const CPU = ["-mcpu=cortex-m0plus", "-mthumb"];
const COMMON = [...CPU, "-g", "-ffunction-sections", "-fdata-sections", "-ffreestanding", "-fno-common"];
const HOST_FLAGS = [...COMMON, "-std=c11", "-Os", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wundef"];

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

/** wasm3's settings, seen by its sources and by whoever includes its headers. */
const ENGINE_CONFIG = ["-include", join(HOST, "engine-config.h")];
/** Files of the host that include wasm3's headers. */
const ENGINE_SOURCES = ["engine-wasm3.c", "imports.c"];

// wasm3 is not ours to mend: its warnings are not shown.
const WASM3_FLAGS = [...COMMON, "-std=gnu11", "-O2", "-w", "-DNDEBUG", ...ENGINE_CONFIG];

export interface Firmware {
  readonly elf: string;
  readonly image: Uint8Array;
}

/** Builds into `out`. Throws an Error with the tool's words, a budget of the linker script included. */
export async function buildFirmware(board: Board, module: Uint8Array, out: string): Promise<Firmware> {
  mkdirSync(out, { recursive: true });
  const file = (name: string) => join(out, name);
  writeIfChanged(file("board.h"), boardHeader(board));
  writeIfChanged(file("module.h"), moduleHeader(module));
  writeFileSync(file("logic.wasm"), module);
  await writeSecondStage(out);

  const includes = [HOST, join(HOST, "generated"), out, WASM3];
  const sources = readdirSync(HOST).filter(
    (name) => /\.[cS]$/.test(name) && !["second-stage.S", "module.S"].includes(name),
  );
  const generated = readdirSync(join(HOST, "generated")).filter((name) => name.endsWith(".c"));
  const compilations: Compilation[] = [
    ...[
      ...sources.map((name) => join(HOST, name)),
      ...generated.map((name) => join(HOST, "generated", name)),
    ].map((source) => ({
      source,
      flags: ENGINE_SOURCES.includes(basename(source)) ? [...HOST_FLAGS, ...ENGINE_CONFIG] : HOST_FLAGS,
      includes,
    })),
    ...WASM3_SOURCES.map((name) => ({
      source: join(WASM3, name),
      flags: WASM3_FLAGS,
      includes: [HOST, WASM3],
    })),
    { source: embeddedSecondStage(out), flags: CPU, includes: [] },
    // .incbin looks where -I points; the digest in the flags makes the cache see another module.
    {
      source: join(HOST, "module.S"),
      flags: [...CPU, `-I${out}`, `-DMODULE_DIGEST=${sha256(module)}`],
      includes: [],
    },
  ];
  const objects = await compileAll(compilations, CACHE);

  const elf = file("firmware.elf");
  await run(`${PREFIX}gcc`, [
    ...CPU,
    "-nostartfiles",
    "--specs=nano.specs",
    "-Wl,--gc-sections,--fatal-warnings,--no-warn-rwx-segments",
    `-Wl,-Map=${file("firmware.map")}`,
    "-T",
    join(HOST, "link.ld"),
    ...objects,
    "-lc",
    "-lgcc",
    "-o",
    elf,
  ]);
  await run(`${PREFIX}objcopy`, ["-O", "binary", elf, file("firmware.bin")]);
  const image = readFileSync(file("firmware.bin"));
  writeFileSync(file("firmware.uf2"), writeUf2(image, FLASH_BASE));
  return { elf, image };
}

/** Keeps the time stamp, and with it the object cache, where nothing changed. */
function writeIfChanged(path: string, text: string): void {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    // Not there yet.
  }
  writeFileSync(path, text);
}

function moduleHeader(module: Uint8Array): string {
  const digest = createHash("sha256").update(module).digest();
  const bytes = [...digest].map((byte) => `0x${byte.toString(16).padStart(2, "0")}`);
  return [
    "// The one module this image runs. Written by the build.",
    "#pragma once",
    `#define MODULE_BYTES ${module.length}u`,
    "#define MODULE_SHA256 \\",
    `  {${bytes.slice(0, 16).join(", ")}, \\`,
    `   ${bytes.slice(16).join(", ")}}`,
    "",
  ].join("\n");
}

async function writeSecondStage(out: string): Promise<void> {
  const [object] = await compileAll(
    [{ source: join(HOST, "second-stage.S"), flags: CPU, includes: [HOST] }],
    CACHE,
  );
  const linked = join(out, "second-stage.elf");
  const binary = join(out, "second-stage.bin");
  await run(`${PREFIX}ld`, [
    "-Ttext",
    SECOND_STAGE_ADDRESS,
    "-e",
    SECOND_STAGE_ADDRESS,
    "-o",
    linked,
    object as string,
  ]);
  await run(`${PREFIX}objcopy`, ["-O", "binary", "-j", ".text", linked, binary]);
  writeFileSync(binary, sealSecondStage(readFileSync(binary)));
}

/**
 * Assembly that puts the sealed second stage into its section; names its contents, so that the cache
 * sees a change.
 */
function embeddedSecondStage(out: string): string {
  const path = join(out, "second-stage.sealed.S");
  const binary = join(out, "second-stage.bin");
  const lines = [
    `// ${sha256(readFileSync(binary))}`,
    '  .section .second_stage, "a"',
    `  .incbin ${JSON.stringify(binary)}`,
  ];
  writeIfChanged(path, `${lines.join("\n")}\n`);
  return path;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
