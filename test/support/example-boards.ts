/**
 * The example boards of test/boards/examples: boards with other rails than the shipped ones. They extend
 * slot-hat, so that they are loaded from a folder that holds the shipped boards as well.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LoadedBoard } from "../../scripts/boards/load.ts";
import { BOARDS_DIRECTORY, loadBoard } from "../../scripts/boards.ts";
import { buildFirmware } from "../../scripts/build/firmware.ts";
import { compileLogic } from "../../scripts/build/logic.ts";
import { buildDirectory } from "./simulated-slot.ts";

export type ExampleBoard = "three-rails" | "four-rails" | "five-volt-only" | "no-current";

const EXAMPLES = fileURLToPath(new URL("../boards/examples", import.meta.url));

export function loadExample(name: ExampleBoard): LoadedBoard {
  const folder = mkdtempSync(join(tmpdir(), "boards-"));
  try {
    for (const source of [BOARDS_DIRECTORY, EXAMPLES]) cpSync(source, folder, { recursive: true });
    return loadBoard(name, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds the shipped logic and host for the board, and returns the build directory. */
export async function buildExample(name: ExampleBoard): Promise<string> {
  const board = loadExample(name);
  const out = buildDirectory(`example-${name}`);
  await buildFirmware(board, await compileLogic("assembly/index.ts", board), "aot", out);
  writeFileSync(join(out, "board.json"), JSON.stringify(board));
  return out;
}
