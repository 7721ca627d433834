/** The outcome of calling a module's exports one after the other, in any engine. */
import { createHash } from "node:crypto";
import { contract } from "../../abi/contract.ts";
import type { ValueType } from "../../scripts/build/wasm/instructions.ts";
import { readModule, typeOfFunction } from "../../scripts/build/wasm/module.ts";
import { Random } from "../../simulator/chip/random.ts";

export interface Call {
  readonly name: string;
  readonly args: readonly bigint[];
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

export interface Outcome {
  /** For each call: its result, "nothing", or "trap KIND". */
  readonly calls: readonly string[];
  /** A digest of linear memory after the last call. */
  readonly memory: string;
}

const MEMORY_BYTES = BigInt(contract.memory.bytes);
const INTERESTING = [
  ...[0n, 1n, -1n, 0x7fff_ffffn, -0x8000_0000n, 65_535n, 65_536n, MEMORY_BYTES - 1n, MEMORY_BYTES],
  ...[1n << 62n, -(1n << 63n)],
];

/** Returns one call for every exported function, with arguments derived from the seed. */
export function callsOf(bytes: Uint8Array, seed: number): Call[] {
  const module = readModule(bytes);
  const random = new Random(seed, "arguments");
  return module.exports
    .filter(({ kind }) => kind === "function")
    .map(({ name, index }) => {
      const { parameters, results } = typeOfFunction(module, index);
      const args = parameters.map((type) => {
        const value = random.below(2)
          ? (INTERESTING[random.below(INTERESTING.length)] ?? 0n)
          : BigInt(random.word());
        return BigInt.asUintN(type === "i" ? 32 : 64, value);
      });
      return { name, args, parameters, result: results[0] };
    });
}

export function digest(memory: Uint8Array): string {
  return createHash("sha256").update(memory).digest("hex").slice(0, 16);
}

export function trapText(kind: number): string {
  return `trap ${contract.trapKinds.find(({ value }) => value === kind)?.name ?? kind}`;
}

/**
 * Returns whether the stack was too small for the module. WebAssembly permits that, and engines differ in
 * it.
 */
export function ranOutOfStack({ calls }: Outcome): boolean {
  return calls.includes("trap CALL_STACK");
}
