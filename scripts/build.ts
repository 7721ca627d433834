/**
 * `npm run build`: the image of a board, from its description, the logic and the host.
 * Everything lands in build/<board>/.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { loadBoard } from "./boards.ts";
import { buildFirmware } from "./build/firmware.ts";
import { compileLogic } from "./build/logic.ts";
import { measureSizes, type Sizes, sizeTable } from "./build/sizes.ts";
import { compilerVersion } from "./build/toolchain.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const DEFAULT_BOARD = "slot-hat";
const DEFAULT_LOGIC = "assembly/index.ts";

const USAGE = `usage: npm run build -- [--board NAME] [--logic FILE] [--out DIR] [--quiet]

Builds the firmware image of a board: ELF, UF2, the logic's module and a size report.
  --board NAME   which board, ${DEFAULT_BOARD} unless told
  --logic FILE   another logic than ${DEFAULT_LOGIC}
  --out DIR      where to, build/NAME unless told
  --quiet        no size table`;

export interface BuildOptions {
  readonly board?: string;
  readonly logic?: string;
  readonly out?: string;
  readonly quiet?: boolean;
}

/** Builds one image. Throws an Error that says what is wrong and where. */
export async function build(options: BuildOptions): Promise<Sizes> {
  const name = options.board ?? DEFAULT_BOARD;
  const logic = options.logic ?? DEFAULT_LOGIC;
  const out = resolve(PROJECT, options.out ?? `build/${name}`);
  const progress = (what: string) => {
    if (!options.quiet) console.error(`${name}: ${what}`);
  };
  const board = loadBoard(name);
  compilerVersion();
  if (!existsSync(resolve(PROJECT, logic))) throw new Error(`there is no ${logic}`);
  mkdirSync(out, { recursive: true });
  progress(`compiling the logic (${logic})`);
  const module = await compileLogic(relative(PROJECT, resolve(PROJECT, logic)), board);
  progress("compiling host and engine");
  const firmware = await buildFirmware(board, module, out);
  const sizes = await measureSizes(out, firmware.image, module);
  writeFileSync(join(out, "size.json"), `${JSON.stringify(sizes, null, 2)}\n`);
  // Last, and at once: whoever finds a board.json finds a whole build.
  writeFileSync(join(out, "board.json.tmp"), `${JSON.stringify(board, null, 2)}\n`);
  renameSync(join(out, "board.json.tmp"), join(out, "board.json"));
  progress(`wrote ${relative(PROJECT, join(out, "firmware.uf2"))}`);
  if (!options.quiet) console.error(sizeTable(sizes));
  return sizes;
}

async function main(words: readonly string[]): Promise<number> {
  let values: BuildOptions & { help?: boolean };
  try {
    values = parseArgs({
      args: [...words],
      options: {
        board: { type: "string" },
        logic: { type: "string" },
        out: { type: "string" },
        quiet: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  try {
    await build(values);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = await main(process.argv.slice(2));
}
