/**
 * Which of wasm3's operations the image has, and where: those the logic uses, in SRAM, and no others. A
 * first link has them all in flash and shows which are used; what is not is left to the builder.
 */
import { compiledCode } from "./snapshot.ts";

const OBJECT = "*m3_compile.c-*.o";

/** host/engine/wasm3/bytes.c: what a call of a function begins with. */
const WHAT_THEY_CALL = "*bytes.c-*.o(.text.*)";

/** All but op_Unsupported, which stands for floating point and is refused. */
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
  return { hot: `${OBJECT}(\n  ${sections.join("\n  ")}\n)\n${WHAT_THEY_CALL}`, operations: "" };
}
