/**
 * Builds the copy that it lies in, for `npm run mutate`: a process of its own, because asc and the build read
 * the folder they run in, and because a mutant may make the compiler crash. It gets a `Wanted` and answers
 * with a `Built`.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { boardAssemblyScript, loadBoard } from "../../scripts/boards.ts";
import { buildFirmware } from "../../scripts/build/firmware.ts";
import { compileLogic } from "../../scripts/build/logic.ts";
import { withoutCustomSections } from "../../scripts/build/wasm/names.ts";

/**
 * "logic": the module for tests in Node. It is not optimized, which takes a seventh of the time. "module": as
 * it ships, only for its digest. "image": the image for the emulator, with the logic as it ships.
 */
export type Wanted = "logic" | "module" | "image";

export type Built = { readonly digest: string } | { readonly problem: string };

const board = loadBoard("slot-hat");
const OUT = "build/slot-hat";
const BOARD_FILE = "assembly/generated/board.ts";
/** As it ships; mutants of the host do not change it. */
let shipped: Uint8Array | undefined;

function digestOf(bytes: Uint8Array): Built {
  return { digest: createHash("sha256").update(bytes).digest("hex") };
}

async function buildLogic(): Promise<Built> {
  let module: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["assembly/index.ts", "--config", "asconfig.json", "--outFile", "logic.wasm"], // no target: not optimized
    {
      readFile: async (name, folder) =>
        name.replaceAll("\\", "/").endsWith(BOARD_FILE)
          ? boardAssemblyScript(board)
          : readFile(join(folder, name), "utf8").catch(() => null),
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) module = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error || module === undefined) return { problem: stderr.toString() || String(error?.message) };
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, "logic.wasm"), module);
  writeFileSync(join(OUT, "board.json"), `${JSON.stringify(board, null, 2)}\n`);
  return digestOf(module);
}

async function buildImage(): Promise<Built> {
  shipped ??= await compileLogic("assembly/index.ts", board);
  const { image } = await buildFirmware(board, shipped, "aot", OUT);
  writeFileSync(join(OUT, "board.json"), `${JSON.stringify(board, null, 2)}\n`);
  return digestOf(image);
}

async function build(wanted: Wanted): Promise<Built> {
  try {
    if (wanted === "logic") return await buildLogic();
    if (wanted === "image") return await buildImage();
    return digestOf(withoutCustomSections(await compileLogic("assembly/index.ts", board)));
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

process.on("message", async (wanted: Wanted) => {
  process.send?.(await build(wanted));
});
