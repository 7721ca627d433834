/**
 * `npm run build`: builds the firmware image of a board from its description, the logic and the host. All
 * results are in build/BOARD/.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { DEFAULT_ENGINE, type EngineName, engineNamed, imageFolder } from "../boards/image.ts";
import { loadBoard, UnknownBoardError } from "./boards.ts";
import { buildFirmware } from "./build/firmware.ts";
import { digestOfInputs, forget, isUpToDate, remember } from "./build/inputs.ts";
import { compileLogic } from "./build/logic.ts";
import { measureSizes, type Sizes, sizeTable } from "./build/sizes.ts";
import { compilerVersion } from "./build/toolchain.ts";
import { notWritable } from "./setup/not-writable.mjs";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const DEFAULT_BOARD = "slot-hat";
const DEFAULT_LOGIC = "assembly/index.ts";

const USAGE = `usage: npm run build -- [--board NAME] [--engine NAME] [--logic FILE] [--out DIR] [--quiet]

Builds the firmware image of a board: ELF, binary, UF2, the logic's module and a size report.
Does nothing if the image exists and none of its sources has changed.
  --board NAME   the board; default: ${DEFAULT_BOARD}
  --engine NAME  the engine: wasm3 interprets the logic, aot has translated it; default: ${DEFAULT_ENGINE}
  --logic FILE   use another logic than ${DEFAULT_LOGIC}
  --out DIR      the output folder; default: build/BOARD, or build/BOARD-ENGINE with --engine
  --quiet        print no size table
Relative names start from the folder in which the command is typed.`;

/** A wrong value for an option: exit status 2, as for an unknown option. */
class WrongOption extends Error {}

export interface BuildOptions {
  readonly board?: string;
  readonly engine?: string;
  readonly logic?: string;
  readonly out?: string;
  /** Lines on stderr: progress and the size table, progress alone, or nothing. */
  readonly report?: "full" | "progress" | "nothing";
}

/**
 * Builds one image, unless it exists and is up to date. Relative names start from the project's folder.
 * Throws an Error that says what is wrong and where.
 */
export async function build(options: BuildOptions): Promise<Sizes> {
  const name = options.board ?? DEFAULT_BOARD;
  const logic = options.logic ?? DEFAULT_LOGIC;
  const engine = knownEngine(options.engine ?? DEFAULT_ENGINE);
  const out = resolve(PROJECT, options.out ?? `build/${imageFolder(name, options.engine)}`);
  const report = options.report ?? "full";
  const progress = (what: string) => {
    if (report !== "nothing") console.error(`${name}: ${what}`);
  };
  const board = loadBoard(name);
  const compiler = compilerVersion();
  const source = relative(PROJECT, resolve(PROJECT, logic));
  if (!existsSync(join(PROJECT, source))) throw new WrongOption(`there is no ${logic}`);
  if (!statSync(join(PROJECT, source)).isFile()) throw new WrongOption(`${logic} is not a file`);
  const digest = digestOfInputs([name, engine, source, compiler], [source]);
  let sizes: Sizes;
  if (isUpToDate(out, digest)) {
    sizes = JSON.parse(readFileSync(join(out, "size.json"), "utf8")) as Sizes;
  } else {
    makeFolder(out);
    forget(out);
    progress(`compiling the logic (${source})`);
    const module = await compileLogic(source, board);
    progress(`compiling host and engine (${engine})`);
    const firmware = await buildFirmware(board, module, engine, out);
    sizes = await measureSizes(out, firmware);
    writeFileSync(join(out, "size.json"), `${JSON.stringify(sizes, null, 2)}\n`);
    writeFileSync(join(out, "board.json"), `${JSON.stringify(board, null, 2)}\n`);
    remember(out, digest);
    progress(`wrote ${relative(PROJECT, join(out, "firmware.uf2"))}`);
  }
  if (report === "full") console.error(sizeTable(sizes));
  return sizes;
}

function knownEngine(name: string): EngineName {
  try {
    return engineNamed(name);
  } catch (error) {
    throw new WrongOption((error as Error).message);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOTDIR") throw error;
    throw new WrongOption(`--out ${path}: a file is in the way there; name a folder, which may be a new one`);
  }
}

/** Returns a message for the error. Where the system only gives a code, the message explains it. */
function explain(error: unknown): string {
  const { code = "", path = "", message } = error as NodeJS.ErrnoException;
  const foreign = notWritable(error, PROJECT);
  if (foreign !== undefined) return foreign;
  if (!["EACCES", "EPERM", "EROFS"].includes(code)) return message;
  return `you cannot read or write ${path} (${code}): name another file or folder with --out or --logic`;
}

async function main(args: readonly string[]): Promise<number> {
  let values: {
    board?: string;
    engine?: string;
    logic?: string;
    out?: string;
    quiet?: boolean;
    help?: boolean;
  };
  try {
    values = parseArgs({
      args: [...args],
      options: {
        board: { type: "string" },
        engine: { type: "string" },
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
    // npm runs scripts in the project's folder, but the user's names are relative to the folder of the
    // command.
    const here = process.env.INIT_CWD ?? process.cwd();
    await build({
      board: values.board,
      engine: values.engine,
      logic: values.logic === undefined ? undefined : resolve(here, values.logic),
      out: values.out === undefined ? undefined : resolve(here, values.out),
      report: values.quiet ? "progress" : "full",
    });
    return 0;
  } catch (error) {
    console.error(explain(error));
    return error instanceof WrongOption || error instanceof UnknownBoardError ? 2 : 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = await main(process.argv.slice(2));
}
