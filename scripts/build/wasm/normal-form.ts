/**
 * The form that modules have when engines see them: no value leaves a block by a branch, and nothing is there
 * that cannot be reached. wasm3 0.5.0 computes garbage with some of either (found by `npm run
 * fuzz:engine`, in about one random module in two hundred). It costs our logic one byte in a hundred.
 */
import binaryen from "binaryen";

/** Everything the engines run. */
export const ENGINE_FEATURES =
  binaryen.Features.BulkMemory | binaryen.Features.SignExt | binaryen.Features.MutableGlobals;

/** Binaryen's passes: everything into locals, then as few locals as can be, without values of blocks. */
const PASSES = [
  "flatten",
  "simplify-locals-notee-nostructure",
  "reorder-locals",
  "merge-locals",
  "coalesce-locals",
  "simplify-locals-nostructure",
  "vacuum",
  "optimize-instructions",
  "remove-unused-brs",
  "dce",
  "vacuum",
  "coalesce-locals",
  "reorder-locals",
  "vacuum",
];

export function inNormalForm(bytes: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(bytes);
  try {
    module.setFeatures(ENGINE_FEATURES);
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(2);
    module.runPasses(PASSES);
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
