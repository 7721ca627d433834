/** Checks that the native stack is large enough for the logic. */
import { readSymbols } from "../../simulator/tools/elf.ts";

/**
 * Returns a function that looks up a symbol of the linker script. It throws an Error if there is no such
 * symbol.
 */
export function symbolsOf(elf: Uint8Array): (name: string) => number {
  const symbols = readSymbols(elf);
  return (name) => {
    const value = symbols.get(name);
    if (value === undefined) throw new Error(`host/link.ld does not define ${name}`);
    return value;
  };
}

/** `bounds`: the bytes each export needs, null without a bound. Throws an Error that says what to do. */
export function checkStack(
  symbol: (name: string) => number,
  bounds: Readonly<Record<string, number | null>>,
): void {
  const budget = symbol("STACK_BYTES") - symbol("STACK_GUARD_BYTES");
  for (const [name, bytes] of Object.entries(bounds)) {
    if (bytes === null || bytes <= budget) continue;
    throw new Error(
      `${name} may need ${bytes} bytes of native stack, and there are ${budget}: ` +
        "split its longest straight-line functions, or raise STACK_BYTES in scripts/build/engines.ts",
    );
  }
}
