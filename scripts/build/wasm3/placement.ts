/**
 * Chooses which of wasm3's operations are in the image: those that the logic uses, all in SRAM. The first
 * link has every operation in flash and shows which of them are used. Unused ones stay with the builder
 * only.
 */
import { compiledCode } from "./snapshot.ts";

const OBJECT = "*m3_compile.c-*.o";

/** host/engine/wasm3/bytes.c: the functions that operations call. */
const CALLED_FUNCTIONS = "*bytes.c-*.o(.text.*)";

/** All but op_Unsupported, which stands for floating point; the build refuses that. */
export const ALL_OPERATIONS = { operations: `${OBJECT}(.text.op_[!U]* .text.op_Unreachable)` };

/** Throws an Error if wasm3 refuses the module. */
export function placeOperations(elf: Uint8Array, module: Uint8Array): { hot: string; operations: string } {
  const { compiled, code } = compiledCode(elf, module);
  const used = new Set<string>();
  for (const entry of new Set(compiled.entries)) {
    if (entry === 0) continue;
    for (const { name } of code.reachable(entry)) used.add(name);
  }
  const sections = [...used].sort().map((name) => `.text.op_${name} .text.op_${name}.*`);
  return { hot: `${OBJECT}(\n  ${sections.join("\n  ")}\n)\n${CALLED_FUNCTIONS}`, operations: "" };
}
