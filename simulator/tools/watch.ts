/**
 * Watches every data access of a core at the moment it is tried, even one that faults or reaches nothing. The
 * stacking of exceptions is included. Watching slows down the watched chip, and no other.
 */
import type { Core } from "../chip/core/core.ts";

export interface Access {
  /** Address of the instruction. */
  readonly pc: number;
  readonly address: number;
  readonly bytes: 1 | 2 | 4;
  readonly store: boolean;
}

/** The core's methods that access memory, which are its own business otherwise. */
interface MemoryAccess {
  load32(address: number): number;
  load16(address: number): number;
  load8(address: number): number;
  store32(address: number, value: number): void;
  store16(address: number, value: number): void;
  store8(address: number, value: number): void;
}

/** Calls `seen` before each access. Returns a function that ends the watching. */
export function watchAccesses(core: Core, seen: (access: Access) => void): () => void {
  const memory = core as unknown as MemoryAccess;
  const sizes = [1, 2, 4] as const;
  for (const bytes of sizes) {
    const bits = (8 * bytes) as 8 | 16 | 32;
    const [load, store] = [memory[`load${bits}`].bind(core), memory[`store${bits}`].bind(core)];
    const report = (address: number, isStore: boolean) =>
      seen({ pc: core.PC >>> 0, address: address >>> 0, bytes, store: isStore });
    memory[`load${bits}`] = (address) => {
      report(address, false);
      return load(address);
    };
    memory[`store${bits}`] = (address, value) => {
      report(address, true);
      store(address, value);
    };
  }
  return () => {
    for (const bits of [8, 16, 32] as const) {
      // Deleting these uncovers the methods of the prototype.
      delete (memory as Partial<MemoryAccess>)[`load${bits}`];
      delete (memory as Partial<MemoryAccess>)[`store${bits}`];
    }
  };
}
