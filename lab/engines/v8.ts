/** A module in Node's own engine: what the others are held against. */
import { type Call, digest, type Outcome } from "./outcome.ts";

/** V8's words for WebAssembly's traps (its messages.h), and the contract's names. */
const TRAPS: readonly [RegExp, string][] = [
  [/memory access out of bounds/, "OUT_OF_BOUNDS"],
  [/divide by zero|remainder by zero|divide result unrepresentable/, "DIVISION"],
  [/unreachable/, "UNREACHABLE"],
  [/table index is out of bounds|null function or function signature mismatch/, "INDIRECT_CALL"],
  [/Maximum call stack/, "CALL_STACK"],
];

/** "trap NAME" for what a call into WebAssembly has thrown; anything else is thrown again. */
export function trapInV8(error: unknown): string {
  if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof RangeError)) throw error;
  const name = TRAPS.find(([words]) => words.test(error.message))?.[1];
  if (name === undefined)
    throw new Error(`V8 traps with "${error.message}", which is not among the known ones`);
  return `trap ${name}`;
}

export function runInV8(bytes: Uint8Array, calls: readonly Call[]): Outcome {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {});
  const results = calls.map(({ name, words, parameters, result }) => {
    const call = exports[name] as (...words: (number | bigint)[]) => number | bigint | undefined;
    try {
      const given = call(...words.map((word, index) => (parameters[index] === "i" ? Number(word) : word)));
      if (result === undefined || given === undefined) return "nothing";
      return BigInt.asUintN(result === "i" ? 32 : 64, BigInt(given)).toString();
    } catch (error) {
      return trapInV8(error);
    }
  });
  return { calls: results, memory: digest(new Uint8Array((exports.memory as WebAssembly.Memory).buffer)) };
}
