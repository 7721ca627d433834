/**
 * How deep the native stack can get under translated logic, from the linked image: frames and calls as
 * they are there, after all inlining. Functions that may call themselves look at the stack pointer first and
 * trap in time (aot/runtime.h); how much room they must leave for what comes after the look is worked
 * out here, and link.ld's reserve is held against it.
 */
import { EXCEPTION_BYTES, type Frames } from "../frames.ts";

export interface StackDepths {
  /** Most native stack the process needs in each export, without what recursion adds. */
  readonly exports: Readonly<Record<string, number>>;
  /** Most that is needed after a look at the stack pointer; 0 if nothing calls itself. */
  readonly afterCheck: number;
}

class Depths {
  readonly #frames: Frames;
  readonly #inTable: readonly string[];
  /** By function: the strongly connected part of the graph it is in. */
  readonly #parts = new Map<string, readonly string[]>();
  readonly #depths = new Map<string, number>();
  afterCheck = 0;

  constructor(frames: Frames, inTable: readonly string[]) {
    this.#frames = frames;
    this.#inTable = inTable;
  }

  #callees(name: string): readonly string[] {
    const { callees, indirect } = this.#frames.calls(name);
    return indirect ? [...callees, ...this.#inTable] : [...callees];
  }

  /** Everything that `name` can reach and that can reach `name`; a function alone is a part of one. */
  #part(name: string): readonly string[] {
    const known = this.#parts.get(name);
    if (known) return known;
    const reached = this.#reach(name);
    const part = [...reached].filter((other) => other === name || this.#reach(other).has(name));
    const whole = part.includes(name) ? part : [name, ...part];
    for (const one of whole) this.#parts.set(one, whole);
    return whole;
  }

  #reach(name: string): Set<string> {
    const reached = new Set<string>();
    const open = [...this.#callees(name)];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(...this.#callees(next));
    }
    return reached;
  }

  /** From entering `name` until it has returned; a cycle is gone through once. */
  of(name: string): number {
    const known = this.#depths.get(name);
    if (known !== undefined) return known;
    const part = this.#part(name);
    const own = part.reduce((sum, one) => sum + this.#frames.frame(one), 0);
    const others = part.flatMap((one) => this.#callees(one)).filter((one) => !part.includes(one));
    const depth = own + Math.max(0, ...others.map((one) => this.of(one)));
    for (const one of part) this.#depths.set(one, depth);
    // Within a cycle somebody looks at the stack pointer; then all of it may follow once more.
    if (part.length > 1 || this.#callees(name).includes(name)) {
      this.afterCheck = Math.max(this.afterCheck, depth + EXCEPTION_BYTES);
    }
    return depth;
  }
}

/** `exports`: C functions by name of the export; `inTable`: those that calls through pointers may reach. */
export function stackDepths(
  frames: Frames,
  exports: Readonly<Record<string, string>>,
  inTable: readonly string[],
): StackDepths {
  const depths = new Depths(frames, inTable);
  // The host's frames above the engine, which each export is called by.
  const host = frames.above("host_main", "engine_handle") ?? 0;
  const whole = Object.entries(exports).map(([name, native]) => {
    return [name, host + depths.of(native) + EXCEPTION_BYTES] as const;
  });
  return { exports: Object.fromEntries(whole), afterCheck: depths.afterCheck };
}
