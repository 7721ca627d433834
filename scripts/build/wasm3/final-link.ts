/** Computes what the final link of an image with wasm3 needs: the snapshot of the compiled logic. */
import { readFileSync } from "node:fs";
import type { FinalLink } from "../final-link.ts";
import { Frames } from "../frames.ts";
import { checkStack, symbolsOf } from "../stack-budget.ts";
import { stackBounds } from "./native-stack.ts";
import { makeSnapshot } from "./snapshot.ts";

/** Throws an Error if wasm3 refuses the module, or if the module may need more native stack than there is. */
export async function finalLinkOfWasm3(elf: string, module: Uint8Array): Promise<FinalLink> {
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
