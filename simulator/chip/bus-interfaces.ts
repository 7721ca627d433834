/** The two sides of the system bus: what the core sees of memory, and what a peripheral offers. */
import type { XipCache } from "./memory/xip-cache.ts";

/** The part of the bus that the core uses. Addresses are unsigned; an access may throw `Fault`. */
export interface CoreBus {
  readonly sram8: Uint8Array;
  readonly sram16: Uint16Array;
  readonly sram32: Int32Array;
  readonly flash8: Uint8Array;
  readonly flash16: Uint16Array;
  readonly flash32: Int32Array;
  /**
   * Bytes at 0x10000000 that the core may read directly: 0 while execute-in-place does not work, and with a
   * model of the XIP cache.
   */
  readonly xipBytes: number;
  /** If not null, instructions from flash come word by word, through `fetchXip32`. */
  readonly xipCache: XipCache | null;
  fetchXip32(address: number): number;
  fetch16(address: number): number;
  load32(address: number): number;
  load16(address: number): number;
  load8(address: number): number;
  store32(address: number, value: number): void;
  store16(address: number, value: number): void;
  store8(address: number, value: number): void;
}

export interface Registers {
  readUint32(offset: number): number;
  writeUint32Atomic(offset: number, value: number, alias: number): void;
}
