/** What is known of translated logic once it is linked: its checksum, and how deep the stack can get. */
import { readFileSync } from "node:fs";
import { contract } from "../../../abi/contract.ts";
import { readSymbols } from "../../../simulator/elf.ts";
import { crc32 } from "../crc32.ts";
import type { Settled } from "../engines.ts";
import { Frames } from "../frames.ts";
import { PREFIX, run } from "../toolchain.ts";
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
  const symbols = readSymbols(readFileSync(elf));
  const size = (name: string) => symbols.get(name) ?? 0;
  const [stack, guard, reserve] = [
    size("STACK_BYTES"),
    size("STACK_GUARD_BYTES"),
    size("STACK_RESERVE_BYTES"),
  ];
  const deepest = Math.max(...Object.values(depths.exports));
  if (deepest > stack - guard) {
    throw new Error(
      `the logic may need ${deepest} bytes of native stack, and there are ${stack - guard}: ` +
        "raise STACK_BYTES in scripts/build/engines.ts",
    );
  }
  if (depths.afterCheck > reserve) {
    throw new Error(
      `a function that calls itself may need ${depths.afterCheck} bytes of native stack after it has looked ` +
        `whether there is room, and ${reserve} are kept back: raise STACK_RESERVE_BYTES in host/link.ld`,
    );
  }
  const recursive = depths.afterCheck > 0;
  return {
    settings: { logic_crc32: crc32(await section(elf, ".logic")) },
    nativeStackBytes: recursive
      ? Object.fromEntries(Object.keys(exports).map((name) => [name, null]))
      : depths.exports,
  };
}

/** Contents of a section of the linked image. */
async function section(elf: string, name: string): Promise<Uint8Array> {
  const path = `${elf}${name}.bin`;
  await run(`${PREFIX}objcopy`, ["-O", "binary", "-j", name, elf, path]);
  return readFileSync(path);
}
