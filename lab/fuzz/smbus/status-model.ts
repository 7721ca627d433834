/**
 * A model of the PMBus status registers and SMBALERT#, after the specification. A bit is set, not set, or
 * possibly set, because supplies and readings change by themselves. Reading the register decides it.
 */

import { MOST_PAGES } from "../../../abi/quantities.ts";
import { commands } from "../../../abi/smbus.ts";
import { codeOf } from "./rules.ts";

/** STATUS_VOUT of a page. */
export function voutRegister(page: number): number {
  return page;
}

/** The first of the registers behind STATUS_VOUT, of which each page has its own. */
export const IOUT = MOST_PAGES;
export const INPUT = IOUT + 1;
export const TEMPERATURE = IOUT + 2;
export const CML = IOUT + 3;
export const SLOT = IOUT + 4;
const REGISTERS = IOUT + 5;

/** One of these for each page, in front of what the other registers have. */
function each<T>(page: T, ...others: readonly T[]): readonly T[] {
  return [...new Array<T>(MOST_PAGES).fill(page), ...others];
}

const NAMES = each(
  "STATUS_VOUT",
  "STATUS_IOUT",
  "STATUS_INPUT",
  "STATUS_TEMPERATURE",
  "STATUS_CML",
  "STATUS_MFR_SPECIFIC",
);
const CODES = NAMES.map(codeOf);
/** Bits of STATUS_WORD that say "this register has something". */
const SUMMARY = each(1 << 15, 1 << 14, 1 << 13, 1 << 2, 1 << 1, 1 << 12);
/** Bits of a register that STATUS_BYTE has a bit for: VOUT_OV, IOUT_OC and VIN_UV faults. */
const OWN_BIT = each({ bit: 0x80, word: 1 << 5 }, { bit: 0x80, word: 1 << 4 }, { bit: 0x10, word: 1 << 3 });
/** The bit that each limit sets: in a register common to all pages, in STATUS_VOUT, and in STATUS_IOUT. */
export const COMMON_LIMITS = [
  ["VIN_OV_FAULT_LIMIT", INPUT, 0x80],
  ["VIN_OV_WARN_LIMIT", INPUT, 0x40],
  ["VIN_UV_WARN_LIMIT", INPUT, 0x20],
  ["VIN_UV_FAULT_LIMIT", INPUT, 0x10],
  ["OT_FAULT_LIMIT", TEMPERATURE, 0x80],
  ["OT_WARN_LIMIT", TEMPERATURE, 0x40],
  ["UT_WARN_LIMIT", TEMPERATURE, 0x20],
  ["UT_FAULT_LIMIT", TEMPERATURE, 0x10],
] as const;
export const VOUT_LIMITS = [
  ["VOUT_OV_FAULT_LIMIT", 0x80],
  ["VOUT_OV_WARN_LIMIT", 0x40],
  ["VOUT_UV_WARN_LIMIT", 0x20],
  ["VOUT_UV_FAULT_LIMIT", 0x10],
] as const;
export const OUTPUT_LIMITS = [
  ["IOUT_OC_FAULT_LIMIT", 0x80],
  ["IOUT_OC_WARN_LIMIT", 0x20],
  ["POUT_OP_FAULT_LIMIT", 0x02],
  ["POUT_OP_WARN_LIMIT", 0x01],
] as const;
const NONE_OF_THE_ABOVE = 1;
const BUSY = 1 << 7;
const OFF = 1 << 6;
const POWER_GOOD_N = 1 << 11;

const hex = (value: number) => `${value.toString(16)}h`;

export class StatusModel {
  readonly #sure = new Uint8Array(REGISTERS);
  /** Bits that are possibly set in addition. */
  readonly #maybe = new Uint8Array(REGISTERS);
  readonly #masks = new Uint8Array(REGISTERS);
  busy: boolean | null = false;
  /** Whether SMBALERT# is asserted. */
  alert: boolean | null = false;

  clone(): StatusModel {
    const copy = new StatusModel();
    copy.#sure.set(this.#sure);
    copy.#maybe.set(this.#maybe);
    copy.#masks.set(this.#masks);
    copy.busy = this.busy;
    copy.alert = this.alert;
    return copy;
  }

  /** Returns the register of a code on a page, or -1. */
  static registerOf(code: number, page: number): number {
    const register = CODES.indexOf(code);
    if (register < 0) return -1;
    const pages = commands.find((command) => command.code === code)?.pages;
    if (pages && !pages.includes(page)) return -1;
    return register < IOUT ? voutRegister(page) : register;
  }

  /** Whether a page has the register, alone or with the others. */
  static #isOf(page: number, register: number): boolean {
    return register < IOUT ? register === voutRegister(page) : register !== IOUT || page === 0;
  }

  set(register: number, bits: number): void {
    const sure = this.#sure[register] as number;
    const open = bits & ~sure & ~(this.#masks[register] as number);
    if (open & ~(this.#maybe[register] as number)) this.alert = true;
    else if (open && this.alert === false) this.alert = null;
    this.#sure[register] = sure | bits;
    this.#maybe[register] = (this.#maybe[register] as number) & ~bits;
  }

  might(register: number, bits: number): void {
    const news = bits & ~(this.#sure[register] as number);
    if (news & ~(this.#masks[register] as number) && this.alert === false) this.alert = null;
    this.#maybe[register] = (this.#maybe[register] as number) | news;
  }

  /** Ones are written to the register. */
  clear(register: number, bits: number): void {
    this.#sure[register] = (this.#sure[register] as number) & ~bits;
    this.#maybe[register] = (this.#maybe[register] as number) & ~bits;
    this.#reconsider();
  }

  /** CLEAR_FAULTS clears the page's own registers and the common ones. */
  clearFaults(page: number): void {
    for (let register = 0; register < REGISTERS; register++) {
      if (!StatusModel.#isOf(page, register)) continue;
      this.#sure[register] = this.#maybe[register] = 0;
    }
    this.busy = false;
    this.alert = false;
  }

  mask(register: number): number {
    return this.#masks[register] as number;
  }

  setMask(register: number, mask: number): void {
    this.#masks[register] = mask;
    this.#reconsider();
  }

  /** SMBALERT# is released when no unmasked bit is set any more. */
  #reconsider(): void {
    const open = (bits: Uint8Array) => bits.some((value, register) => value & ~this.mask(register));
    if (open(this.#sure)) return;
    if (!open(this.#maybe)) this.alert = false;
    else if (this.alert === true) this.alert = null;
  }

  observe(register: number, value: number): string | null {
    const sure = this.#sure[register] as number;
    const maybe = this.#maybe[register] as number;
    if (sure & ~value || value & ~(sure | maybe)) {
      return `${NAMES[register]} reads ${hex(value)}, expected ${hex(sure)}, perhaps also ${hex(maybe)}`;
    }
    this.#sure[register] = value;
    this.#maybe[register] = 0;
    return null;
  }

  /** STATUS_WORD of a page was read, or its low byte. */
  observeWord(page: number, value: number, off: boolean | null, good: boolean | null, mask: number) {
    let sure = 0;
    let maybe = 0;
    const add = (certain: number, possible: number, bit: number) => {
      if (certain) sure |= bit;
      else if (possible) maybe |= bit;
    };
    for (let register = 0; register < REGISTERS; register++) {
      if (!StatusModel.#isOf(page, register)) continue;
      const certain = this.#sure[register] as number;
      const possible = this.#maybe[register] as number;
      add(certain, possible, SUMMARY[register] as number);
      const own = OWN_BIT[register];
      if (own) add(certain & own.bit, possible & own.bit, own.word);
      if (register === CML || register === TEMPERATURE) continue;
      const rest = own ? ~own.bit : ~0;
      add(certain & rest, possible & rest, NONE_OF_THE_ABOVE);
    }
    add(this.busy ? 1 : 0, this.busy === null ? 1 : 0, BUSY);
    add(off ? 1 : 0, off === null ? 1 : 0, OFF);
    add(good === false ? 1 : 0, good === null ? 1 : 0, POWER_GOOD_N);
    maybe &= ~sure;
    if ((sure & mask & ~value) | (value & ~(sure | maybe))) {
      const expected = `${hex(sure & mask)}, perhaps also ${hex(maybe & mask)}`;
      return `STATUS_WORD reads ${hex(value)}, expected ${expected}`;
    }
    this.busy = (value & BUSY) !== 0;
    return null;
  }

  get key(): string {
    return `${this.#sure}/${this.#maybe}/${this.#masks}/${this.busy}/${this.alert}`;
  }

  toString(): string {
    const parts = NAMES.map((name, register) => {
      const [sure, maybe, mask] = [this.#sure, this.#maybe, this.#masks].map((bits) => bits[register] ?? 0);
      return `${name} ${hex(sure as number)}?${hex(maybe as number)}&~${hex(mask as number)}`;
    });
    return `${parts.join(", ")}, busy ${this.busy}, SMBALERT# ${this.alert}`;
  }
}
