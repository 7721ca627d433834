/** What is known of translated logic once it is linked: its checksum, and how deep the stack can get. */
import { readFileSync } from "node:fs";
import { contract } from "../../../abi/contract.ts";
import { readSegments } from "../../../simulator/tools/elf.ts";
import { crc32 } from "../crc32.ts";
import { Frames } from "../frames.ts";
import type { Settled } from "../settled.ts";
import { checkStack, symbolsOf } from "../stack-budget.ts";
import type { WasmModule } from "../wasm/module.ts";
import { stackDepths } from "./native-stack.ts";
import { exportInC, functionsInTable } from "./translate.ts";

/** Throws an Error if the stack, or what is kept back of it for the end of recursion, is too small. */
export async function settleTranslated(
  elf: string,
  module: WasmModule,
  names: ReadonlyMap<number, string>,
): Promise<Settled> {
  // Loading is no export, but it has the same stack, and its checksum wants a table of 4 KB.
  const named = contract.exports.map(({ name }) => [name, exportInC(name)] as const);
  const exports = Object.fromEntries([["load", "engine_load"] as const, ...named]);
  const depths = stackDepths(await Frames.of(elf), exports, functionsInTable(module, names));
  const image = readFileSync(elf);
  const symbol = symbolsOf(image);
  checkStack(symbol, depths.exports);
  const reserve = symbol("STACK_RESERVE_BYTES");
  if (depths.afterCheck > reserve) {
    throw new Error(
      `a function that calls itself may need ${depths.afterCheck} bytes of native stack after it has looked ` +
        `whether there is room, and ${reserve} are kept back: raise STACK_RESERVE_BYTES in host/link.ld`,
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

/** Bytes of the image between two addresses in flash. */
function contents(elf: Uint8Array, begin: number, end: number): Uint8Array {
  for (const { load, bytes } of readSegments(elf)) {
    if (begin >= load && end <= load + bytes.length) return bytes.subarray(begin - load, end - load);
  }
  throw new Error("the logic is in no part of the image");
}
