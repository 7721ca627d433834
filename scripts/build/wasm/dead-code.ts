/**
 * Code that cannot be reached, removed. wasm3 0.5.0 is wrong about some of it: operands of an outer block
 * are lost in dead code of an inner one, and live code then computes with garbage (found by
 * `npm run fuzz:engine`, about one random module in a hundred). AssemblyScript's optimizer leaves none;
 * here nobody has to rely on that.
 */
import binaryen from "binaryen";

/** Everything the engines run. */
export const ENGINE_FEATURES =
  binaryen.Features.BulkMemory | binaryen.Features.SignExt | binaryen.Features.MutableGlobals;

export function withoutDeadCode(bytes: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(bytes);
  try {
    module.setFeatures(ENGINE_FEATURES);
    module.runPasses(["dce", "vacuum"]);
    return emitWithNames(module);
  } finally {
    module.dispose();
  }
}

/** Names cost no flash: they are taken out when the image is made. */
export function emitWithNames(module: binaryen.Module): Uint8Array {
  binaryen.setDebugInfo(true);
  return module.emitBinary();
}
