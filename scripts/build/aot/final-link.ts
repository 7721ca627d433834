/**
 * Computes what the final link of an image with translated logic needs: the checksum. It also checks the
 * stack.
 */
import { readFileSync } from "node:fs";
import { contract } from "../../../abi/contract.ts";
import { readSegments } from "../../../simulator/tools/elf.ts";
import { crc32 } from "../crc32.ts";
import type { FinalLink } from "../final-link.ts";
import { Frames } from "../frames.ts";
import { checkStack, symbolsOf } from "../stack-budget.ts";
import type { WasmModule } from "../wasm/module.ts";
import { stackDepths } from "./native-stack.ts";
import { exportInC, functionsInTable } from "./translate.ts";

/** Throws an Error if the stack, or the part of it reserved for the end of a recursion, is too small. */
export async function finalLinkOfTranslated(
  elf: string,
  module: WasmModule,
  names: ReadonlyMap<number, string>,
): Promise<FinalLink> {
  // engine_load is not an export, but it uses the same stack, and its checksum needs a table of 4 KB.
  const named = contract.exports.map(({ name }) => [name, exportInC(name)] as const);
  const exports = Object.fromEntries([["load", "engine_load"] as const, ...named]);
  const depths = stackDepths(await Frames.of(elf), exports, functionsInTable(module, names));
  const image = readFileSync(elf);
  const symbol = symbolsOf(image);
  checkStack(symbol, depths.exports);
  const reserve = symbol("STACK_RESERVE_BYTES");
  if (depths.afterCheck > reserve) {
    throw new Error(
      `a function that calls itself may need ${depths.afterCheck} bytes of native stack after it has checked ` +
        `the stack pointer, but the reserve is ${reserve}: raise STACK_RESERVE_BYTES in host/link.ld`,
    );
  }
  const recursive = depths.afterCheck > 0;
  return {
    settings: { logic_crc32: crc32(contents(image, symbol("logic_begin"), symbol("logic_end"))) },
    nativeStackBytes: recursive
      ? Object.fromEntries(Object.keys(exports).map((name) => [name, null]))
      : depths.exports,
  };
}

/**
 * Returns the bytes of the image between two addresses in flash. They are in several parts of the image: the
 * hot functions have their run address in SRAM.
 */
function contents(elf: Uint8Array, begin: number, end: number): Uint8Array {
  const found = new Uint8Array(end - begin);
  let missing = found.length;
  for (const { load, bytes } of readSegments(elf)) {
    const from = Math.max(begin, load);
    const to = Math.min(end, load + bytes.length);
    if (from >= to) continue;
    found.set(bytes.subarray(from - load, to - load), from - begin);
    missing -= to - from;
  }
  if (missing !== 0) throw new Error(`${missing} bytes of the logic are in no part of the image`);
  return found;
}
