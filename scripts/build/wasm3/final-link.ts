/** What wasm3 makes of the linked image before it can be linked for good: its snapshot of the logic. */
import { readFileSync } from "node:fs";
import { Frames } from "../frames.ts";
import type { Settled } from "../settled.ts";
import { checkStack, symbolsOf } from "../stack-budget.ts";
import { stackBounds } from "./native-stack.ts";
import { makeSnapshot } from "./snapshot.ts";

/** Throws an Error if wasm3 refuses the module, or if it may need more native stack than there is. */
export async function settleWasm3(elf: string, module: Uint8Array): Promise<Settled> {
  const image = readFileSync(elf);
  const { bytes, heapBytes, identity, compiled, code } = makeSnapshot(image, module);
  const bounds = stackBounds(image, compiled, code, await Frames.of(elf));
  checkStack(symbolsOf(image), bounds);
  return {
    settings: { snapshot_identity: identity, HEAP_BYTES: heapBytes },
    contents: { ".snapshot": bytes },
    nativeStackBytes: bounds,
  };
}
