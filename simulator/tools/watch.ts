/**
 * Every data access of a core, as it is tried: also one that faults, or that reaches nothing. Exceptions'
 * own stacking is among them. Watching costs the watched machine a part of its speed, others nothing.
 */
import type { Core } from "../chip/core/core.ts";

export interface Access {
  /** Address of the instruction. */
  readonly pc: number;
  readonly address: number;
  readonly bytes: 1 | 2 | 4;
  readonly store: boolean;
}

/** The core's doors to memory, which are its own affair otherwise. */
interface Doors {
  load32(address: number): number;
  load16(address: number): number;
  load8(address: number): number;
  store32(address: number, value: number): void;
  store16(address: number, value: number): void;
  store8(address: number, value: number): void;
}

/** Calls `seen` before each access. Returns what ends it. */
export function watchAccesses(core: Core, seen: (access: Access) => void): () => void {
  const doors = core as unknown as Doors;
  const sizes = [1, 2, 4] as const;
  for (const bytes of sizes) {
    const bits = (8 * bytes) as 8 | 16 | 32;
    const [load, store] = [doors[`load${bits}`].bind(core), doors[`store${bits}`].bind(core)];
    const tell = (address: number, isStore: boolean) =>
      seen({ pc: core.PC >>> 0, address: address >>> 0, bytes, store: isStore });
    doors[`load${bits}`] = (address) => {
      tell(address, false);
      return load(address);
    };
    doors[`store${bits}`] = (address, value) => {
      tell(address, true);
      store(address, value);
    };
  }
  return () => {
    for (const bits of [8, 16, 32] as const) {
      // The prototype's own come back to light.
      delete (doors as Partial<Doors>)[`load${bits}`];
      delete (doors as Partial<Doors>)[`store${bits}`];
    }
  };
}
