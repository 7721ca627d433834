/**
 * The command `npm run flash`: finds the image and the board, refuses what would go wrong, and copies the
 * image. The caller passes in everything outside the program, so that tests can simulate boards.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { engineNamed, imageFolder } from "../boards/image.ts";
import { CopyError, copyImage } from "./copy.ts";
import { readUf2, Uf2Error } from "./uf2.ts";
import { findVolumes, type Surroundings, unmountedDevice, type Volume, volumeAt } from "./volumes.ts";

const DEFAULT_BOARD = "slot-hat";
const BOOTSEL = "Hold the BOOTSEL button while plugging the board in (or while pressing reset)";

const USAGE = `usage: npm run flash -- [--board NAME] [--engine NAME] [--volume DIR]

Writes build/BOARD/firmware.uf2 to a board in BOOTSEL mode and verifies it.
  --board NAME   the board the image was built for; default: ${DEFAULT_BOARD}
  --engine NAME  write the image built with this --engine, from build/BOARD-ENGINE
  --volume DIR   the board's volume, if several are mounted or none is found`;

/** An error with a message for the user and an exit status. */
class Failure extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

export interface FlashContext {
  /** The folder that contains boards/ and build/. */
  readonly project: string;
  /** The folder that relative names of volumes start from. */
  readonly directory: string;
  readonly system: Surroundings;
  /** Whether the output is a terminal, on which a line can be rewritten. */
  readonly terminal: boolean;
  print(text: string): void;
  complain(text: string): void;
  /** How long to wait for the board to restart by itself. */
  readonly restartDeadlineMs?: number;
}

interface Options {
  readonly board: string;
  /** The engine requested by --engine; undefined for the engine that ships. */
  readonly engine: string | undefined;
  readonly volume: string | undefined;
  readonly help: boolean;
}

function parse(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        board: { type: "string" },
        engine: { type: "string" },
        volume: { type: "string" },
        help: { type: "boolean" },
      },
    });
    const { board = DEFAULT_BOARD, engine, volume, help = false } = values;
    return { board, engine, volume, help };
  } catch (error) {
    throw new Failure(`${(error as Error).message}\n\n${USAGE}`, 2);
  }
}

function builtImage({ board, engine }: Options, project: string): Uint8Array {
  const known = readdirSync(join(project, "boards"))
    .filter((name) => name.endsWith(".json") && name !== "schema.json")
    .map((name) => basename(name, ".json"));
  if (!known.includes(board)) {
    throw new Failure(`there is no board "${board}"; known: ${known.join(", ")}`, 2);
  }
  try {
    if (engine !== undefined) engineNamed(engine);
  } catch (error) {
    throw new Failure((error as Error).message, 2);
  }
  const path = `build/${imageFolder(board, engine)}/firmware.uf2`;
  const rebuild = `npm run build -- --board ${board}${engine === undefined ? "" : ` --engine ${engine}`}`;
  if (!existsSync(join(project, path))) throw new Failure(`${path} is not built yet. Run: ${rebuild}`);
  const image = readFileSync(join(project, path));
  try {
    readUf2(image);
  } catch (error) {
    if (!(error instanceof Uf2Error)) throw error;
    throw new Failure(`${path} is not an image for this board: ${error.message}. Run: ${rebuild}`);
  }
  return image;
}

function namedVolume(folder: string, { directory, system }: FlashContext): Volume {
  const path = resolve(directory, folder);
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new Failure(`${path} is not a folder. ${BOOTSEL}.`);
  const volume = volumeAt(path, system);
  if (volume === undefined) {
    throw new Failure(
      `${path} is not the volume of a board in BOOTSEL mode: it has no INFO_UF2.TXT. ${BOOTSEL}.`,
    );
  }
  if (!volume.isRp2040) throw new Failure(wrongChip(volume));
  return volume;
}

function wrongChip({ path, boardId }: Volume): string {
  const who = boardId === undefined ? "names no Board-ID" : `belongs to another chip (Board-ID: ${boardId})`;
  return `${path} ${who}; an RP2040 says RPI-RP2. The image would not run there. Plug in the right board.`;
}

function onlyVolume({ system }: FlashContext): Volume {
  const found = findVolumes(system);
  const [first, ...others] = found.filter((volume) => volume.isRp2040);
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined) {
    const list = [first, ...others].map(({ path }) => `  --volume ${JSON.stringify(path)}`);
    throw new Failure(`several boards are in BOOTSEL mode; choose one with\n${list.join("\n")}`);
  }
  if (found[0] !== undefined) throw new Failure(wrongChip(found[0]));
  const device = unmountedDevice(system);
  if (device !== undefined) {
    throw new Failure(
      `a board is in BOOTSEL mode, but its volume is not mounted. Run: udisksctl mount -b ${device}\n` +
        "or mount it elsewhere and name that folder with --volume DIR, then repeat the command.",
    );
  }
  throw new Failure(
    `no board in BOOTSEL mode was found. ${BOOTSEL}, wait for the volume RPI-RP2 to be mounted, ` +
      "then repeat the command. If it is mounted in an unusual place, name that with --volume DIR.",
  );
}

/** On a terminal, rewrites one line; elsewhere, prints a line at each quarter. */
function progressOf(total: number, { terminal, print }: FlashContext): (bytes: number) => void {
  let shown = -1;
  return (bytes) => {
    const percent = Math.floor((bytes / total) * 100);
    if (terminal) print(`\r  ${percent} %${percent === 100 ? "\n" : ""}`);
    else if (Math.floor(percent / 25) > shown) {
      shown = Math.floor(percent / 25);
      print(`  ${percent} %\n`);
    }
  };
}

async function run(args: readonly string[], context: FlashContext): Promise<void> {
  const options = parse(args);
  if (options.help) {
    context.print(`${USAGE}\n`);
    return;
  }
  const image = builtImage(options, context.project);
  const volume = options.volume === undefined ? onlyVolume(context) : namedVolume(options.volume, context);
  context.print(`writing ${options.board}, ${image.length / 512} blocks, to ${volume.path}\n`);
  const progress = progressOf(image.length, context);
  const outcome = await copyImage(image, volume, progress, context.restartDeadlineMs);
  context.print(OUTCOMES[outcome]);
}

const OUTCOMES = {
  restarted: "verified: the board has restarted by itself, as it does when it has received every block\n",
  "read-back": `verified: every byte reads back as written, but the system may have answered from its cache
note: the volume is still there. A board restarts by itself when it has received every block.
      If this one does not run the new image, hold BOOTSEL again and repeat the command.
`,
} as const;

/** Returns the exit status: 0 if the image was written and verified, 1 if not, 2 for wrong usage. */
export async function flash(args: readonly string[], context: FlashContext): Promise<number> {
  try {
    await run(args, context);
    return 0;
  } catch (error) {
    if (!(error instanceof Failure || error instanceof CopyError)) throw error;
    context.complain(`flash: ${error.message}\n`);
    return error instanceof Failure ? error.status : 1;
  }
}
