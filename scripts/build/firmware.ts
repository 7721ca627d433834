/**
 * Host, engine and logic to an image: compiles the C, seals the second stage, links with the
 * budgets of host/link.ld and writes ELF, binary, UF2 and map.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Board } from "../../boards/board.ts";
import { writeUf2 } from "../../flash/uf2.ts";
import { boardHeader } from "../boards.ts";
import { CPU, type EngineName, engineParts, HOST_FLAGS } from "./engines.ts";
import { sealSecondStage } from "./second-stage.ts";
import { type Compilation, compileAll, PREFIX, run } from "./toolchain.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const HOST = join(PROJECT, "host");
const CACHE = join(PROJECT, "build/cache");

const FLASH_BASE = 0x10000000;
/** The boot ROM runs the second stage from here (RP2040 datasheet 2.8.1.3). */
const SECOND_STAGE_ADDRESS = "0x20041f00";

export interface Firmware {
  readonly elf: string;
  readonly image: Uint8Array;
}

/** Builds into `out`. Throws an Error with the tool's words, a budget of the linker script included. */
export async function buildFirmware(
  board: Board,
  module: Uint8Array,
  engineName: EngineName,
  out: string,
): Promise<Firmware> {
  mkdirSync(out, { recursive: true });
  const file = (name: string) => join(out, name);
  writeIfChanged(file("board.h"), boardHeader(board));
  writeIfChanged(file("module.h"), moduleHeader(module));
  writeFileSync(file("logic.wasm"), module);
  await writeSecondStage(out);

  const engine = engineParts(engineName, module, out);
  const includes = [HOST, join(HOST, "generated"), out];
  const compilations: Compilation[] = [
    ...hostSources().map((source) => ({ source, flags: HOST_FLAGS, includes })),
    ...engine.compilations,
    { source: embeddedSecondStage(out), flags: CPU, includes: [] },
  ];
  const objects = await compileAll(compilations, CACHE);
  const elf = file("firmware.elf");
  const link = (settings: Readonly<Record<string, number>>) => linkImage(objects, settings, elf);
  await link(engine.settings);
  const settled = await engine.settle?.(elf);
  if (settled) await link({ ...engine.settings, ...settled });
  await run(`${PREFIX}objcopy`, ["-O", "binary", elf, file("firmware.bin")]);
  const image = readFileSync(file("firmware.bin"));
  writeFileSync(file("firmware.uf2"), writeUf2(image, FLASH_BASE));
  return { elf, image };
}

/** Everything in host/ itself; the engines are in folders of their own. */
function hostSources(): string[] {
  return readdirSync(HOST)
    .filter((name) => /\.[cS]$/.test(name) && name !== "second-stage.S")
    .map((name) => join(HOST, name));
}

async function linkImage(
  objects: readonly string[],
  settings: Readonly<Record<string, number>>,
  elf: string,
): Promise<void> {
  await run(`${PREFIX}gcc`, [
    ...CPU,
    "-nostartfiles",
    "--specs=nano.specs",
    "-Wl,--gc-sections,--fatal-warnings,--no-warn-rwx-segments",
    `-Wl,-Map=${elf.replace(/elf$/, "map")}`,
    ...Object.entries(settings).map(([name, value]) => `-Wl,--defsym=${name}=${value}`),
    "-T",
    join(HOST, "link.ld"),
    ...objects,
    "-lc",
    "-lgcc",
    "-o",
    elf,
  ]);
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
