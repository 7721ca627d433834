/**
 * The cells of the flash: what programming and erasing make of them, how long that takes, and what is left
 * when the supply goes or a reset comes in the middle.
 *
 * Durations are those of the W25Q16JV datasheet, 9.6 (AC characteristics, tPP, tSE, tBE1, tBE2, tCE); each
 * operation takes one of its own between the typical and the longest. That an operation cut short leaves
 * anything at all is the datasheets' silence (8.2.32 says "may become corrupted"); how it looks follows
 * the way NOR cells are erased: brought to 0 first, so that they are alike, then to 1 together. Not
 * modelled: cells that read one way now and the other way later.
 */
import type { Random } from "../random.ts";
import { FlashCommand } from "./flash-commands.ts";

export const PAGE_BYTES = 256;
export const SECTOR_BYTES = 4096;

export interface Duration {
  readonly typicalNanos: number;
  readonly maximumNanos: number;
}

const ms = (typical: number, maximum: number): Duration => ({
  typicalNanos: typical * 1e6,
  maximumNanos: maximum * 1e6,
});

export const PAGE_PROGRAM = ms(0.4, 3);
/** Bytes and duration by command. */
const ERASES: ReadonlyMap<number, { readonly bytes: number; readonly duration: Duration }> = new Map([
  [FlashCommand.SECTOR_ERASE, { bytes: SECTOR_BYTES, duration: ms(45, 400) }],
  [FlashCommand.BLOCK_ERASE_32K, { bytes: 32_768, duration: ms(120, 1600) }],
  [FlashCommand.BLOCK_ERASE_64K, { bytes: 65_536, duration: ms(150, 2000) }],
]);
/** Of 2 MB; the W25Q128JV, eight times as large, is said to take eight times as long. */
const CHIP_ERASE = ms(5000, 25_000);
const CHIP_ERASE_BYTES = 2 << 20;

/** Parts of an erase: cells brought to 0, then to 1, then looked at until all are. Chosen. */
const ZEROED_AT = 0.3;
const ONES_FROM = 0.5;
const ONES_AT = 0.9;
/** Pages are not equally far: by so much of the whole. Chosen. */
const UNEVENNESS = 0.4;

interface Change {
  readonly kind: "program" | "erase";
  readonly from: number;
  readonly after: Uint8Array;
}

export class FlashArray {
  readonly bytes: Uint8Array;
  /** Erases of each 4 KB sector since the chip was made, those cut short included. */
  readonly eraseCounts: Uint32Array;
  /** Pages programmed. */
  programs = 0;
  /** How long an operation takes; a test may have one of its own, or one that never ends. */
  takes: (duration: Duration) => number;
  /** Bytes from there on have just changed; `before` is what they were. */
  onChange: (from: number, before: Uint8Array) => void = () => {};

  readonly #random: Random;
  #change: Change | null = null;

  constructor(bytes: Uint8Array, random: Random) {
    this.bytes = bytes;
    this.eraseCounts = new Uint32Array(Math.max(1, bytes.length / SECTOR_BYTES));
    this.#random = random;
    this.takes = ({ typicalNanos, maximumNanos }) =>
      typicalNanos + random.below(maximumNanos - typicalNanos + 1);
  }

  /** Programs what was sent for `address`, within its page; returns how long it takes, in nanoseconds. */
  program(address: number, data: readonly number[]): number {
    const from = (address % this.bytes.length) & ~(PAGE_BYTES - 1);
    const page = new Uint8Array(PAGE_BYTES).fill(0xff);
    for (const [index, byte] of data.entries()) page[(address + index) & (PAGE_BYTES - 1)] = byte;
    const after = page.map((byte, index) => byte & (this.bytes[from + index] as number));
    this.#change = { kind: "program", from, after };
    this.programs++;
    return this.takes(PAGE_PROGRAM);
  }

  /** Erases what command `code` erases around `address`. */
  erase(code: number, address: number): number {
    const { bytes, duration } = ERASES.get(code) ?? this.#wholeChip();
    const size = Math.min(bytes, this.bytes.length);
    const from = (address % this.bytes.length) & -size;
    this.#change = { kind: "erase", from, after: new Uint8Array(size).fill(0xff) };
    const last = Math.max(1, size / SECTOR_BYTES);
    for (let sector = 0; sector < last; sector++) {
      (this.eraseCounts[Math.floor(from / SECTOR_BYTES) + sector] as number) += 1;
    }
    return this.takes(duration);
  }

  #wholeChip() {
    const times = this.bytes.length / CHIP_ERASE_BYTES;
    const duration = {
      typicalNanos: CHIP_ERASE.typicalNanos * times,
      maximumNanos: CHIP_ERASE.maximumNanos * times,
    };
    return { bytes: this.bytes.length, duration };
  }

  /** The operation under way has come to its end. */
  finish(): void {
    if (this.#change) this.#become(this.#change.from, this.#change.after);
    this.#change = null;
  }

  /** The operation under way ends here, `part` of its time through (0 to 1). */
  cut(part: number): void {
    const change = this.#change;
    this.#change = null;
    if (!change) return;
    const before = this.bytes.slice(change.from, change.from + change.after.length);
    const left =
      change.kind === "program"
        ? this.#halfProgrammed(before, change.after, part)
        : this.#halfErased(before, part);
    this.#become(change.from, left);
  }

  #become(from: number, after: Uint8Array): void {
    const before = this.bytes.slice(from, from + after.length);
    this.bytes.set(after, from);
    this.onChange(from, before);
  }

  /** True so often as `part` says. */
  #chance(part: number): boolean {
    return this.#random.below(1 << 16) < part * (1 << 16);
  }

  /** Each bit in its own time. */
  #halfProgrammed(before: Uint8Array, after: Uint8Array, part: number): Uint8Array {
    return before.map((byte, index) => {
      let left = byte;
      for (let bit = 1; bit < 0x100; bit <<= 1) {
        if (byte & ~(after[index] as number) & bit && this.#chance(part)) left &= ~bit;
      }
      return left;
    });
  }

  #halfErased(before: Uint8Array, part: number): Uint8Array {
    const left = new Uint8Array(before);
    for (let page = 0; page < left.length; page += PAGE_BYTES) {
      const here = part + (this.#random.below(1000) / 1000 - 0.5) * UNEVENNESS;
      const zeroed = Math.min(1, Math.max(0, here / ZEROED_AT));
      const ones = Math.min(1, Math.max(0, (here - ONES_FROM) / (ONES_AT - ONES_FROM)));
      for (let index = page; index < Math.min(page + PAGE_BYTES, left.length); index++) {
        for (let bit = 1; bit < 0x100; bit <<= 1) {
          if (this.#chance(ones)) (left[index] as number) |= bit;
          else if (this.#chance(zeroed)) (left[index] as number) &= ~bit;
        }
      }
    }
    return left;
  }
}
