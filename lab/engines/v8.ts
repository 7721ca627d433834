/** Runs a module in Node's own engine, V8, which is the reference for the others. */
import { type Call, digest, type Outcome } from "./outcome.ts";

/** V8's messages for WebAssembly's traps (its messages.h), with the contract's names. */
const TRAPS: readonly [RegExp, string][] = [
  [/memory access out of bounds/, "OUT_OF_BOUNDS"],
  [/divide by zero|remainder by zero|divide result unrepresentable/, "DIVISION"],
  [/unreachable/, "UNREACHABLE"],
  [/table index is out of bounds|null function or function signature mismatch/, "INDIRECT_CALL"],
  [/Maximum call stack/, "CALL_STACK"],
];

/** Returns "trap NAME" for an error thrown by a call into WebAssembly. It throws any other error again. */
export function trapInV8(error: unknown): string {
  if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof RangeError)) throw error;
  const name = TRAPS.find(([message]) => message.test(error.message))?.[1];
  if (name === undefined) throw new Error(`V8 traps with "${error.message}", which is not a known message`);
  return `trap ${name}`;
}

export function runInV8(bytes: Uint8Array, calls: readonly Call[]): Outcome {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {});
  const results = calls.map(({ name, args, parameters, result }) => {
    const call = exports[name] as (...args: (number | bigint)[]) => number | bigint | undefined;
    try {
      const given = call(...args.map((value, index) => (parameters[index] === "i" ? Number(value) : value)));
      if (result === undefined || given === undefined) return "nothing";
      return BigInt.asUintN(result === "i" ? 32 : 64, BigInt(given)).toString();
    } catch (error) {
      return trapInV8(error);
    }
  });
  return { calls: results, memory: digest(new Uint8Array((exports.memory as WebAssembly.Memory).buffer)) };
}
