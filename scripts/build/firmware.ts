/**
 * Builds an image from host, engine and logic: compiles the C, adds the checksum to the second stage, links
 * within the budgets of host/link.ld, and writes ELF, binary, UF2 and map.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Board } from "../../boards/board.ts";
import type { EngineName } from "../../boards/image.ts";
import { writeUf2 } from "../../flash/uf2.ts";
import { readFunctions, readSymbols } from "../../simulator/tools/elf.ts";
import { boardHeader } from "../boards.ts";
import { CPU, engineParts, HOST_FLAGS, type Placement } from "./engines.ts";
import type { FinalLink } from "./final-link.ts";
import { sealSecondStage } from "./second-stage.ts";
import { type Compilation, compileAll, PREFIX, run, writeIfChanged } from "./toolchain.ts";
import { functionNames, withoutCustomSections } from "./wasm/names.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const HOST = join(PROJECT, "host");
const CACHE = join(PROJECT, "build/cache");

const FLASH_BASE = 0x10000000;
/** The boot ROM runs the second stage from here (RP2040 datasheet 2.8.1.3). */
const SECOND_STAGE_ADDRESS = "0x20041f00";

/** Sizes and checksums that only the final link sets. */
const SET_BY_FINAL_LINK =
  /^(snapshot_end|snapshot_identity|logic_crc32|HEAP_BYTES|heap_end|(flash|ram)_used_bytes)$/;

export interface Firmware {
  readonly engine: EngineName;
  readonly elf: string;
  readonly image: Uint8Array;
  /** Size of the logic as the WebAssembly that ships. */
  readonly moduleBytes: number;
  /** For each export of the logic, if the engine can compute it; null if there is no bound. */
  readonly nativeStackBytes?: FinalLink["nativeStackBytes"];
}

/**
 * Builds an image with this module into `out`. The module may still have its functions' names. Throws an
 * Error with the message of the tool that failed; exceeding a budget of the linker script is such a failure
 * too. `overrides`: symbols of host/link.ld that replace the engine's.
 */
export async function buildFirmware(
  board: Board,
  named: Uint8Array,
  engineName: EngineName,
  out: string,
  overrides: Readonly<Record<string, number>> = {},
): Promise<Firmware> {
  mkdirSync(out, { recursive: true });
  const file = (name: string) => join(out, name);
  const module = withoutCustomSections(named);
  writeIfChanged(file("board.h"), boardHeader(board));
  writeIfChanged(file("module.h"), moduleHeader(module));
  writeFileSync(file("logic.wasm"), module);
  await writeSecondStage(out);

  const engine = engineParts(engineName, module, functionNames(named), out);
  const includes = [HOST, join(HOST, "generated"), out];
  const compilations: Compilation[] = [
    ...hostSources().map((source) => ({ source, flags: HOST_FLAGS, includes })),
    ...engine.compilations,
    { source: embedded(".second_stage", file("second-stage.bin")), flags: CPU, includes: [] },
  ];
  const objects = await compileAll(compilations, CACHE);
  writePlacement(out, engine.placement);
  const elf = file("firmware.elf");
  const linked = file("linked.elf");
  const settings = { ...engine.settings, ...overrides };
  await linkImage(objects, settings, out, linked);
  if (engine.place) {
    writePlacement(out, engine.place(linked));
    await linkImage(objects, settings, out, linked);
  }
  const final = await engine.finalLink?.(linked);
  if (final) {
    const before = readFileSync(linked);
    const contents = await compileAll(embeddedContents(final, out), CACHE);
    await linkImage(objects, { ...settings, ...final.settings }, out, linked, contents);
    checkNothingMoved(before, readFileSync(linked));
  }
  // Code that runs only in the build's emulator is in no file that could be flashed.
  await run(`${PREFIX}objcopy`, ["-R", ".builder", linked, elf]);
  rmSync(linked);
  await run(`${PREFIX}objcopy`, ["-O", "binary", elf, file("firmware.bin")]);
  const image = readFileSync(file("firmware.bin"));
  writeFileSync(file("firmware.uf2"), writeUf2(image, FLASH_BASE));
  const { nativeStackBytes } = final ?? {};
  return { engine: engineName, elf, image, moduleBytes: module.length, nativeStackBytes };
}

/** Files in host/ that other code compiles: engines.ts, and writeSecondStage for its single file. */
const COMPILED_ELSEWHERE = /^(engine|generated)\/|second-stage\.S$/;

/** All other files in host/, sorted by name: so moving a file between folders does not change the image. */
function hostSources(): string[] {
  return readdirSync(HOST, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.[cS]$/.test(path) && !COMPILED_ELSEWHERE.test(path))
    .sort((left, right) => (basename(left) < basename(right) ? -1 : 1))
    .map((path) => join(HOST, path));
}

async function linkImage(
  objects: readonly string[],
  settings: Readonly<Record<string, number>>,
  out: string,
  elf: string,
  contents: readonly string[] = [],
): Promise<void> {
  await run(`${PREFIX}gcc`, [
    ...CPU,
    "-nostartfiles",
    "--specs=nano.specs",
    "-Wl,--gc-sections,--fatal-warnings,--no-warn-rwx-segments",
    `-Wl,-Map=${join(out, "firmware.map")}`,
    `-L${out}`,
    ...Object.entries(settings).map(([name, value]) => `-Wl,--defsym=${name}=${value}`),
    "-T",
    join(HOST, "link.ld"),
    ...objects,
    "-lc",
    "-lgcc",
    // They come after the libraries, because the order of the linker's veneers depends on the sections
    // before.
    ...contents,
    "-o",
    elf,
  ]);
}

function writePlacement(out: string, { hot = "", hotLogic = "", operations = "" }: Placement = {}): void {
  writeFileSync(join(out, "hot.ld"), `${hot}\n`);
  writeFileSync(join(out, "logic-hot.ld"), `${hotLogic}\n`);
  writeFileSync(join(out, "operations.ld"), `${operations}\n`);
}

/**
 * The data added by the final link contains addresses from the link before it, so it must not move
 * anything.
 */
function checkNothingMoved(before: Uint8Array, after: Uint8Array): void {
  const symbols = readSymbols(after);
  for (const [name, address] of readSymbols(before)) {
    if (SET_BY_FINAL_LINK.test(name) || name.startsWith("$") || symbols.get(name) === address) continue;
    throw new Error(`the final link moves ${name} to 0x${symbols.get(name)?.toString(16)}: see host/link.ld`);
  }
  // Static functions may share a name, and the table of symbols has only one entry for each name.
  if (JSON.stringify(readFunctions(before)) !== JSON.stringify(readFunctions(after))) {
    throw new Error("the final link moves a function: see host/link.ld");
  }
}

/** Assembly that fills the sections that were empty in the first link. */
function embeddedContents({ contents = {} }: FinalLink, out: string): Compilation[] {
  return Object.entries(contents).map(([section, bytes]) => {
    const binary = join(out, `contents${section}.bin`);
    writeFileSync(binary, bytes);
    return { source: embedded(section, binary), flags: CPU, includes: [] };
  });
}

function moduleHeader(module: Uint8Array): string {
  return [
    "// The one module this image runs. Written by the build.",
    "#pragma once",
    `#define MODULE_BYTES ${module.length}u`,
    "",
  ].join("\n");
}

async function writeSecondStage(out: string): Promise<void> {
  const [object] = await compileAll(
    [{ source: join(HOST, "flash/second-stage.S"), flags: CPU, includes: [HOST] }],
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
 * Returns assembly that puts a file into a section. It includes a hash of the file, so that the cache sees
 * changes.
 */
function embedded(section: string, binary: string): string {
  const path = binary.replace(/bin$/, "S");
  const lines = [
    `// ${sha256(readFileSync(binary))}`,
    `  .section ${section}, "a"`,
    `  .incbin ${JSON.stringify(binary)}`,
  ];
  writeIfChanged(path, `${lines.join("\n")}\n`);
  return path;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
