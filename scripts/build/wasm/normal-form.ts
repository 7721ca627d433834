/**
 * Transforms a module into the form that the engines get: no branch carries a value out of a block, and
 * there is no unreachable code. wasm3 0.5.0 computes wrong results for some modules with either (`npm run
 * fuzz:engine` found it, in about one random module in two hundred). This makes our logic about one percent
 * larger.
 */
import binaryen from "binaryen";

/** All features that the engines support. */
export const ENGINE_FEATURES =
  binaryen.Features.BulkMemory | binaryen.Features.SignExt | binaryen.Features.MutableGlobals;

/**
 * Binaryen's passes: move everything into locals, then reduce the number of locals, without values of
 * blocks.
 */
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

/** Keeps the names. They cost no flash, because they are removed when the image is built. */
export function emitWithNames(module: binaryen.Module): Uint8Array {
  binaryen.setDebugInfo(true);
  return module.emitBinary();
}
