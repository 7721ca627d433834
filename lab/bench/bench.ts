/**
 * `npm run bench`: measures the cost of the engines. It runs the kernels in plain C and under both engines,
 * then the whole firmware under each. All figures are emulated cycles, so they are the same on every
 * machine.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ENGINES, type EngineName, engineNamed, imageFolder } from "../../boards/image.ts";
import { readOptions } from "../../cli/options.ts";
import { outputFile } from "../../cli/user-files.ts";
import { build } from "../../scripts/build.ts";
import { type FirmwareFigures, measureFirmware, profileFirmware } from "./firmware-runs.ts";
import { findHotFunctions } from "./hot-functions.ts";
import { geometricMean, type KernelRow, measureKernels } from "./kernel-runs.ts";
import { figuresPage, firmwareTable, kernelTable, profileTable } from "./report.ts";

const BOARD = "slot-hat";
const FIGURES = fileURLToPath(new URL("../../docs/figures.md", import.meta.url));
const directory = (engine: EngineName) =>
  fileURLToPath(new URL(`../../build/${imageFolder(BOARD, engine)}`, import.meta.url));

const USAGE = `usage: npm run bench -- [--json FILE] [--profile ENGINE] [--place FILE]

Measures kernels and the firmware of ${BOARD} under both engines in the emulator, prints tables and renews
docs/figures.md.
  --json FILE       the figures that are compared over time as JSON as well
  --profile ENGINE  instead: which functions wait for flash under that engine, from the prompt through a
                    boot that is followed on the console; nothing is written
  --place FILE      instead: lists the functions that run in nearly every pass; the build places those in
                    SRAM that scripts/build/aot/hot-functions.json lists`;

export interface Figures {
  readonly kernels: readonly KernelRow[];
  readonly firmware: Readonly<Record<EngineName, FirmwareFigures>>;
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kmeasuring ${what} `);
}

async function buildImages(): Promise<void> {
  for (const engine of ENGINES) await build({ board: BOARD, engine, report: "progress" });
}

async function measure(): Promise<Figures> {
  await buildImages();
  const kernels = await measureKernels((name) => progress(`kernel ${name}`));
  const firmware = ENGINES.map((engine) => {
    const figures = measureFirmware(directory(engine), (what) => progress(`${engine}: ${what}`));
    return [engine, figures] as const;
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return { kernels, firmware: Object.fromEntries(firmware) as Record<EngineName, FirmwareFigures> };
}

/** The figures include cycles for cache misses. */
function asJson({ kernels, firmware }: Figures): string {
  const ratio = (engine: EngineName) =>
    Number(geometricMean(kernels.map(({ misses }) => misses[engine] / misses.native)).toFixed(3));
  const of = (figures: FirmwareFigures) => ({
    prompt_cycles: figures.prompt_cycles,
    idle_event_cycles: figures.idle_event_cycles,
    bootlog_kb_cycles: figures.bootlog_kb_cycles,
    flash_bytes: figures.flash_bytes,
    sram_bytes: figures.sram_bytes,
    stack_bytes: figures.stack_bytes,
  });
  const value = {
    kernels: kernels.map(({ name, misses }) => ({ name, ...misses })),
    geomean: { aot: ratio("aot"), wasm3: ratio("wasm3") },
    firmware: Object.fromEntries(ENGINES.map((engine) => [engine, of(firmware[engine])])),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function main(args: readonly string[]): Promise<number> {
  const given = readOptions(args, USAGE, ["json", "profile", "place"], ({ json, profile, place }) => {
    if (profile !== undefined) engineNamed(profile);
    if ([json, profile, place].filter((one) => one !== undefined).length > 1)
      throw new Error("--json, --profile and --place exclude each other");
    for (const file of [json, place]) if (file !== undefined) outputFile(file);
  });
  if (typeof given === "number") return given;
  if (given.profile !== undefined) {
    await buildImages();
    console.log(profileTable(profileFirmware(directory(engineNamed(given.profile)))));
    return 0;
  }
  if (given.place !== undefined) {
    await buildImages();
    const hot = await findHotFunctions(directory("aot"));
    writeFileSync(outputFile(given.place), `${JSON.stringify(hot, null, 2)}\n`);
    console.error(`listed ${hot.logic.length} functions of the logic and ${hot.host.length} of the host`);
    return 0;
  }
  const figures = await measure();
  console.log(`${kernelTable(figures.kernels)}\n\n${firmwareTable(figures.firmware)}`);
  if (given.json !== undefined) writeFileSync(outputFile(given.json), asJson(figures));
  writeFileSync(FIGURES, figuresPage(readFileSync(FIGURES, "utf8"), figures));
  console.error(`wrote ${relative(process.cwd(), FIGURES)}`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
