/** A module in Node's own engine: what the others are held against. */
import { type Call, digest, type Outcome, trapText } from "./outcome.ts";

/** V8's words for WebAssembly's traps (its messages.h), and the contract's kinds. */
const KINDS: readonly [RegExp, number][] = [
  [/memory access out of bounds/, 1],
  [/divide by zero|remainder by zero|divide result unrepresentable/, 2],
  [/unreachable/, 3],
  [/table index is out of bounds|null function or function signature mismatch/, 4],
  [/Maximum call stack/, 5],
];

function trapOf(error: unknown): string {
  if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof RangeError)) throw error;
  const kind = KINDS.find(([words]) => words.test(error.message))?.[1];
  if (kind === undefined)
    throw new Error(`V8 traps with "${error.message}", which is not among the known ones`);
  return trapText(kind);
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
      return trapOf(error);
    }
  });
  return { calls: results, memory: digest(new Uint8Array((exports.memory as WebAssembly.Memory).buffer)) };
}
