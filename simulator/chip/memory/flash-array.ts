/**
 * The cells of the flash: how programming and erasing change them, how long that takes, and the contents
 * that a loss of supply or a reset in the middle leaves.
 *
 * Durations are those of the W25Q16JV datasheet, 9.6 (AC characteristics, tPP, tSE, tBE1, tBE2, tCE); each
 * operation takes a random time between the typical and the longest. The datasheet does not say what an
 * operation cut short leaves (8.2.32: "may become corrupted"). The model follows the way NOR cells are
 * erased: all are brought to 0 first, so that they are alike, then all to 1. Not modelled: cells that read as
 * 0 at one time and as 1 at another.
 */
import type { Random } from "../random.ts";
import { FlashCommand } from "./flash-commands.ts";

export const PAGE_BYTES = 256;
const SECTOR_BYTES = 4096;

export interface Duration {
  readonly typicalNanos: number;
  readonly maximumNanos: number;
}

const ms = (typical: number, maximum: number): Duration => ({
  typicalNanos: typical * 1e6,
  maximumNanos: maximum * 1e6,
});

const PAGE_PROGRAM = ms(0.4, 3);
/** Bytes and duration by command. */
const ERASES: ReadonlyMap<number, { readonly bytes: number; readonly duration: Duration }> = new Map([
  [FlashCommand.SECTOR_ERASE, { bytes: SECTOR_BYTES, duration: ms(45, 400) }],
  [FlashCommand.BLOCK_ERASE_32K, { bytes: 32_768, duration: ms(120, 1600) }],
  [FlashCommand.BLOCK_ERASE_64K, { bytes: 65_536, duration: ms(150, 2000) }],
]);
/** Of 2 MB; the W25Q128JV, eight times as large, is said to take eight times as long. */
const CHIP_ERASE = ms(5000, 25_000);
const CHIP_ERASE_BYTES = 2 << 20;

/**
 * Parts of an erase: cells are brought to 0, then to 1, then verified. Our choice, so that each part takes
 * long enough for a test to cut it.
 */
const ZEROED_AT = 0.3;
const ONES_FROM = 0.5;
const ONES_AT = 0.9;
/** Pages differ in their progress by up to this part of the whole. Our choice: enough that a cut shows it. */
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
  /** Time that an operation takes, in nanoseconds; a test may set its own, or one that never ends. */
  takes: (duration: Duration) => number;
  /** Called when the bytes from this address on have just changed; `before` are the old ones. */
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

  /** Programs `data` at `address`, within its page; returns how long that takes, in nanoseconds. */
  program(address: number, data: readonly number[]): number {
    const from = (address % this.bytes.length) & ~(PAGE_BYTES - 1);
    const page = new Uint8Array(PAGE_BYTES).fill(0xff);
    for (const [index, byte] of data.entries()) page[(address + index) & (PAGE_BYTES - 1)] = byte;
    const after = page.map((byte, index) => byte & (this.bytes[from + index] as number));
    this.#change = { kind: "program", from, after };
    this.programs++;
    return this.takes(PAGE_PROGRAM);
  }

  /** Erases the sector, block or chip of command `code` around `address`; returns how long that takes. */
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

  /** The operation in progress is complete. */
  finish(): void {
    if (this.#change) this.#become(this.#change.from, this.#change.after);
    this.#change = null;
  }

  /** Cuts the operation in progress short, after `part` of its time (0 to 1). */
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

  /** True with a probability of `part`. */
  #chance(part: number): boolean {
    return this.#random.below(1 << 16) < part * (1 << 16);
  }

  /** Each bit is programmed after a random part of the time. */
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
