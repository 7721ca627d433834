/**
 * Compiles the AssemblyScript for one board to the module that is flashed, merges its data segments, and
 * checks it against the contract.
 */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import binaryen from "binaryen";
import { contract } from "../../abi/contract.ts";
import type { Board } from "../../boards/board.ts";
import { boardAssemblyScript } from "../boards.ts";
import { checkModule } from "./check-module.ts";
import { ENGINE_FEATURES, emitWithNames, inNormalForm } from "./wasm/normal-form.ts";
import { instantiateWithoutHost } from "./wasm/without-host.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** The build replaces this file by one for the board; the committed file is the reference board's. */
const BOARD_FILE = "assembly/generated/board.ts";

/**
 * A gap between two data segments that costs less when it is filled with zeroes: for each segment wasm3
 * allocates 32 bytes of SRAM and a heap chunk's header.
 */
const MERGE_GAP_BYTES = 64;

/** The global in which AssemblyScript's stub runtime keeps the address of its next allocation. */
const STUB_RUNTIME_OFFSET = "~lib/rt/stub/offset";

/**
 * Compiles `entry` (a path inside the project) for the board. The module still has its functions' names.
 * Throws an Error with the compiler's message.
 */
export async function compileLogic(entry: string, board: Board): Promise<Uint8Array> {
  let module: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    [
      relative(PROJECT, join(PROJECT, entry)),
      "--config",
      "asconfig.json",
      "--target",
      "release",
      "--debug", // keeps names: staticMemoryEnd needs that of the heap's start, the debugger all of them
      "--outFile",
      "logic.wasm",
    ],
    {
      readFile: async (filename, baseDir) => {
        if (filename.replaceAll("\\", "/").endsWith(BOARD_FILE)) return boardAssemblyScript(board);
        return readFile(join(baseDir, filename), "utf8").catch(() => null);
      },
      writeFile: (filename, contents) => {
        if (filename.endsWith(".wasm")) module = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error || !module)
    throw new Error(`the logic does not compile:\n${stderr.toString() || error?.message}`);
  const end = staticMemoryEnd(module);
  if (end > contract.memory.bytes) {
    throw new Error(
      `the logic's static memory ends at ${end}, beyond the ${contract.memory.bytes} bytes the host gives; ` +
        "sizes are in assembly/capacities.ts, the memory in abi/contract.ts",
    );
  }
  const merged = inNormalForm(mergeSegments(module));
  checkModule(merged);
  return merged;
}

/**
 * Returns the end of all memory that the module uses before its first call: data, zeroed areas, and the
 * allocations of its start function. It runs that function without a host and reads the stub runtime's own
 * offset. The function may build objects, but must not call the host.
 */
function staticMemoryEnd(named: Uint8Array): number {
  const module = binaryen.readBinary(named);
  let bytes: Uint8Array;
  try {
    module.addGlobalExport(STUB_RUNTIME_OFFSET, "end");
    bytes = module.emitBinary();
  } finally {
    module.dispose();
  }
  const exports = instantiateWithoutHost(bytes);
  return (exports.end as WebAssembly.Global).value as number;
}

/** Joins data segments that lie close together. The contents of memory after instantiation stay the same. */
export function mergeSegments(bytes: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(bytes);
  try {
    module.setFeatures(ENGINE_FEATURES);
    const segments = Array.from({ length: module.getNumMemorySegments() }, (_, index) => {
      const { offset, data } = segmentAt(module, index);
      return { offset, data: new Uint8Array(data) };
    }).sort((one, other) => one.offset - other.offset);
    const runs: { offset: number; parts: typeof segments; end: number }[] = [];
    for (const segment of segments) {
      const last = runs.at(-1);
      const end = segment.offset + segment.data.length;
      if (last && segment.offset - last.end <= MERGE_GAP_BYTES) {
        last.parts.push(segment);
        last.end = end;
      } else {
        runs.push({ offset: segment.offset, parts: [segment], end });
      }
    }
    const { initial, max } = module.getMemoryInfo();
    module.removeExport(contract.memory.exportName); // setMemory exports it again
    module.setMemory(
      initial,
      max ?? initial,
      contract.memory.exportName,
      runs.map(({ offset, parts, end }) => {
        const data = new Uint8Array(end - offset);
        for (const part of parts) data.set(part.data, part.offset - offset);
        return { offset: module.i32.const(offset), data, passive: false };
      }),
    );
    return emitWithNames(module);
  } finally {
    module.dispose();
  }
}

/** The real API returns the offset of an active segment as a number; binaryen's types do not say so. */
function segmentAt(module: binaryen.Module, index: number): { offset: number; data: ArrayBuffer } {
  const { offset, data } = module.getMemorySegmentInfoByIndex(index);
  return { offset: Number(offset), data: new Uint8Array(data).buffer };
}
