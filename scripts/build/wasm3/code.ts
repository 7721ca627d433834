/** Reads wasm3's compiled code in memory, operation by operation, beginning at the entries of functions. */
import type { FunctionRange } from "../../../simulator/tools/elf.ts";
import { type Operand, shapeOf } from "./operations.ts";

export interface Instruction {
  readonly at: number;
  /** The name in m3_exec.h, without op_. */
  readonly name: string;
  readonly operands: readonly { readonly kind: Operand; readonly at: number; readonly word: number }[];
  /** The address of the operation that follows without a branch; undefined if none does. */
  readonly next: number | undefined;
  readonly targets: readonly number[];
}

export class Code {
  readonly #word: (address: number) => number;
  readonly #names = new Map<number, string>();

  constructor(functions: readonly FunctionRange[], word: (address: number) => number) {
    this.#word = word;
    for (const { name, address } of functions) {
      if (name.startsWith("op_")) this.#names.set(address | 1, name.slice(3));
    }
  }

  instruction(at: number): Instruction {
    const operation = this.#word(at);
    const name = this.#names.get(operation);
    if (name === undefined) {
      throw new Error(`wasm3's code at 0x${at.toString(16)} has no operation: 0x${operation.toString(16)}`);
    }
    const { operands: kinds, flow } = shapeOf(name);
    const operands = kinds.map((kind, index) => {
      const address = at + 4 * (1 + index);
      return { kind, at: address, word: this.#word(address) };
    });
    let end = at + 4 * (1 + kinds.length);
    const targets = operands.filter(({ kind }) => kind === "target").map(({ word }) => word);
    if (name === "BranchTable") {
      const count = (operands[1]?.word ?? 0) + 1; // one more for the default
      for (let index = 0; index < count; index++, end += 4) targets.push(this.#word(end));
    }
    return { at, name, operands, targets, next: flow === "next" ? end : undefined };
  }

  /** Yields every instruction that can be reached from `entry` within its function, once. */
  *reachable(entry: number): Generator<Instruction> {
    const seen = new Set<number>([entry]);
    const pending = [entry];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const instruction = this.instruction(at);
      yield instruction;
      for (const next of [instruction.next, ...instruction.targets]) {
        if (next === undefined || seen.has(next)) continue;
        seen.add(next);
        pending.push(next);
      }
    }
  }
}
