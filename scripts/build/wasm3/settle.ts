/** What wasm3 makes of the linked image before it can be linked for good: its snapshot of the logic. */
import { readFileSync } from "node:fs";
import { readSymbols } from "../../../simulator/elf.ts";
import type { Settled } from "../engines.ts";
import { Frames } from "../frames.ts";
import { type StackBounds, stackBounds } from "./native-stack.ts";
import { makeSnapshot } from "./snapshot.ts";

/** Throws an Error if wasm3 refuses the module, or if it may need more native stack than there is. */
export async function settleWasm3(elf: string, module: Uint8Array): Promise<Settled> {
  const image = readFileSync(elf);
  const { bytes, heapBytes, identity, compiled, code } = makeSnapshot(image, module);
  const bounds = stackBounds(image, compiled, code, await Frames.of(elf));
  const symbols = readSymbols(image);
  checkStack(bounds, (symbols.get("STACK_BYTES") ?? 0) - (symbols.get("STACK_GUARD_BYTES") ?? 0));
  return {
    settings: { snapshot_identity: identity, HEAP_BYTES: heapBytes },
    contents: { ".snapshot": bytes },
    nativeStackBytes: bounds,
  };
}

export function checkStack(bounds: StackBounds, budget: number): void {
  for (const [name, bytes] of Object.entries(bounds)) {
    if (bytes === null || bytes <= budget) continue;
    throw new Error(
      `the export ${name} may need ${bytes} bytes of native stack, and there are ${budget}: ` +
        "split its longest straight-line functions, or raise STACK_BYTES in scripts/build/engines.ts",
    );
  }
}
