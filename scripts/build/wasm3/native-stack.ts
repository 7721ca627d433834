/**
 * Computes how much native stack the logic can use under wasm3. Every operation of wasm3 is a C function
 * that calls the next one. It returns only when the WebAssembly function returns or a loop begins its next
 * round. So the greatest depth is that of the longest path through the compiled code. A forward branch goes
 * deeper, a backward branch first returns to its loop, and a call releases its stack when it returns. So
 * paths have no cycles, unless functions call each other in a cycle.
 */
import { readFunctions } from "../../../simulator/tools/elf.ts";
import { EXCEPTION_BYTES, type Frames } from "../frames.ts";
import type { Compiled } from "./build-machine.ts";
import type { Code } from "./code.ts";

/** The bytes that each export needs; null if functions call each other in a cycle, which has no bound. */
export type StackBounds = Readonly<Record<"contract_version" | "start" | "handle", number | null>>;

class StackBound {
  readonly #code: Code;
  readonly #compiled: Compiled;
  readonly #frames: Frames;
  readonly #functions: ReadonlyMap<number, string>;
  /** The depth by address of an operation; undefined while it is being computed. */
  readonly #depths = new Map<number, number | undefined>();

  constructor(elf: Uint8Array, compiled: Compiled, code: Code, frames: Frames) {
    this.#compiled = compiled;
    this.#code = code;
    this.#frames = frames;
    this.#functions = new Map(readFunctions(elf).map(({ name, address }) => [address | 1, name]));
  }

  /** Returns the depth from the operation at `entry` until it returns; null if there is no bound. */
  depth(entry: number): number | null {
    const open: { at: number; own: number; below: number; next: number[] }[] = [];
    const enter = (at: number) => {
      this.#depths.set(at, undefined);
      open.push({ at, ...this.#step(at) });
    };
    if (!this.#depths.has(entry)) enter(entry);
    for (let step = open.at(-1); step !== undefined; step = open.at(-1)) {
      const next = step.next.at(-1);
      if (next === undefined) {
        this.#depths.set(step.at, step.own + step.below);
        open.pop();
      } else if (!this.#depths.has(next)) enter(next);
      else {
        const depth = this.#depths.get(next);
        if (depth === undefined) return this.#giveUp();
        step.below = Math.max(step.below, depth);
        step.next.pop();
      }
    }
    return this.#depths.get(entry) ?? null;
  }

  /** Forgets all depths that were incomplete when a cycle was found. */
  #giveUp(): null {
    for (const [at, depth] of this.#depths) if (depth === undefined) this.#depths.delete(at);
    return null;
  }

  /** Returns an operation's own stack. `below` is the depth of the C functions that it calls. */
  #step(at: number): { own: number; below: number; next: number[] } {
    const { name, operands, next, targets } = this.#code.instruction(at);
    const operation = `op_${name}`;
    const continuations = [...targets];
    if (next !== undefined) continuations.push(next);
    let below = this.#frames.below(operation);
    for (const { kind, word } of operands) {
      if (kind === "callee") continuations.push(word);
      if (kind === "function") {
        const native = this.#functions.get(word);
        if (native === undefined) throw new Error(`an import is bound to nothing: 0x${word.toString(16)}`);
        below = Math.max(below, this.#frames.depth(native));
      }
    }
    if (name === "CallIndirect") continuations.push(...this.#callable(operands[2]?.word ?? 0));
    return { own: this.#frames.frame(operation), below, next: continuations };
  }

  /** Returns the entries of the functions in the table that have the type. */
  #callable(type: number): number[] {
    const { machine, built } = this.#compiled;
    const entries: number[] = [];
    for (let index = 0; index < built.tableSize; index++) {
      const record = machine.word(built.table + 4 * index);
      if (record === 0 || machine.word(record + built.typeOffset) !== type) continue;
      entries.push(machine.word(record + built.compiledOffset));
    }
    return entries;
  }
}

/** Returns the whole stack, from host_main to an interrupt at the worst moment. */
export function stackBounds(elf: Uint8Array, compiled: Compiled, code: Code, frames: Frames): StackBounds {
  const bound = new StackBound(elf, compiled, code, frames);
  const { contractVersion, start, handle } = compiled.built;
  // `run` in host/engine/wasm3/engine.c is the only caller of compiled code; these are the host's frames
  // above it.
  const host = frames.above("host_main", "run");
  const whole = (entry: number) => {
    const depth = bound.depth(entry);
    return depth === null ? null : host + depth + EXCEPTION_BYTES;
  };
  return { contract_version: whole(contractVersion), start: whole(start), handle: whole(handle) };
}
