/** Reads the files that a build left in `build/<board>`: the image, the resolved board, the module's size. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Board } from "../../boards/board.ts";

export interface BuildFiles {
  readonly board: Board;
  readonly image: Uint8Array;
}

/** The build is missing or incomplete. The message says how to make it. */
export class BuildError extends Error {}

function missing(directory: string, what: string): BuildError {
  const board = basename(directory);
  return new BuildError(`${what}; build the firmware first: npm run build -- --board ${board}`);
}

/** Reads the resolved board of a build. Throws a BuildError that says what to do. */
export function readBoard(directory: string): Board {
  const path = join(directory, "board.json");
  if (!existsSync(path)) throw missing(directory, `there is no ${path}`);
  try {
    const board = JSON.parse(readFileSync(path, "utf8")) as Board;
    if (typeof board.signals !== "object" || !Array.isArray(board.rails)) throw new Error("not a board");
    return board;
  } catch (error) {
    throw missing(directory, `${path} is damaged (${(error as Error).message})`);
  }
}

/** Reads image and board of a build. Throws a BuildError that says what to do. */
export function readBuild(directory: string): BuildFiles {
  const board = readBoard(directory);
  const path = join(directory, "firmware.uf2");
  if (!existsSync(path)) throw missing(directory, `there is no ${path}`);
  return { board, image: readFileSync(path) };
}

/** Size of the logic's module in bytes, or null where the build directory has none. */
export function moduleBytes(directory: string): number | null {
  const path = join(directory, "logic.wasm");
  return existsSync(path) ? statSync(path).size : null;
}

/** The engine of the image, or null where the build directory does not state it. */
export function engineOf(directory: string): string | null {
  const path = join(directory, "size.json");
  if (!existsSync(path)) return null;
  return (JSON.parse(readFileSync(path, "utf8")) as { engine?: string }).engine ?? null;
}
