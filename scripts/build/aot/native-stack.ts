/**
 * Computes how much native stack translated logic can use, from the frames and calls of the linked image,
 * so after all inlining. Functions that may recurse check the stack pointer first and trap in time
 * (aot/runtime.h). This file computes how much room the check must leave for what follows it; the reserve
 * in link.ld must be at least that.
 */
import { EXCEPTION_BYTES, type Frames } from "../frames.ts";

export interface StackDepths {
  /** The most native stack that each export needs, without what recursion adds. */
  readonly exports: Readonly<Record<string, number>>;
  /** The most that is needed after a check of the stack pointer; 0 if nothing recurses. */
  readonly afterCheck: number;
}

class Depths {
  readonly #frames: Frames;
  readonly #inTable: readonly string[];
  /** For each function, the strongly connected component that it belongs to. */
  readonly #components = new Map<string, readonly string[]>();
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

  /**
   * Returns all functions that `name` can reach and that can reach `name`. A function alone is its own
   * component.
   */
  #component(name: string): readonly string[] {
    const known = this.#components.get(name);
    if (known) return known;
    const reached = this.#reach(name);
    const component = [...reached].filter((other) => other === name || this.#reach(other).has(name));
    const whole = component.includes(name) ? component : [name, ...component];
    for (const one of whole) this.#components.set(one, whole);
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

  /** Returns the depth from entering `name` until it has returned. A cycle counts once. */
  of(name: string): number {
    const known = this.#depths.get(name);
    if (known !== undefined) return known;
    const component = this.#component(name);
    const own = component.reduce((sum, one) => sum + this.#frames.frame(one), 0);
    const others = component.flatMap((one) => this.#callees(one)).filter((one) => !component.includes(one));
    const depth = own + Math.max(0, ...others.map((one) => this.of(one)));
    for (const one of component) this.#depths.set(one, depth);
    // One function of a cycle checks the stack pointer. After that the whole cycle may follow once more.
    if (component.length > 1 || this.#callees(name).includes(name)) {
      this.afterCheck = Math.max(this.afterCheck, depth + EXCEPTION_BYTES);
    }
    return depth;
  }
}

/**
 * `exports`: the C function of each export; `inTable`: the functions that calls through pointers may reach.
 */
export function stackDepths(
  frames: Frames,
  exports: Readonly<Record<string, string>>,
  inTable: readonly string[],
): StackDepths {
  const depths = new Depths(frames, inTable);
  // The host's frames above the engine, from which each export is called.
  const host = frames.above("host_main", "engine_handle") ?? 0;
  const whole = Object.entries(exports).map(([name, native]) => {
    return [name, host + depths.of(native) + EXCEPTION_BYTES] as const;
  });
  return { exports: Object.fromEntries(whole), afterCheck: depths.afterCheck };
}
