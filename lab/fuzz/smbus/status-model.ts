/**
 * A model of the PMBus status registers and SMBALERT#, after the specification. A bit is set, not set, or
 * possibly set, because supplies and readings change by themselves. Reading the register decides it.
 */
import { commands } from "../../../abi/smbus.ts";
import { codeOf } from "./rules.ts";

export const VOUT_0 = 0;
export const VOUT_1 = 1;
export const IOUT = 2;
export const INPUT = 3;
export const TEMPERATURE = 4;
export const CML = 5;
export const SLOT = 6;
const REGISTERS = 7;

const NAMES = [
  "STATUS_VOUT",
  "STATUS_VOUT",
  "STATUS_IOUT",
  "STATUS_INPUT",
  "STATUS_TEMPERATURE",
  "STATUS_CML",
  "STATUS_MFR_SPECIFIC",
];
const CODES = NAMES.map(codeOf);
/** The bits of STATUS_WORD that summarize one register each. */
const SUMMARY = [1 << 15, 1 << 15, 1 << 14, 1 << 13, 1 << 2, 1 << 1, 1 << 12];
/** Bits of a register that have their own bit in STATUS_BYTE: the VOUT_OV, IOUT_OC and VIN_UV faults. */
const OWN_BIT = [
  { bit: 0x80, word: 1 << 5 },
  { bit: 0x80, word: 1 << 5 },
  { bit: 0x80, word: 1 << 4 },
  { bit: 0x10, word: 1 << 3 },
];
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
    return register === VOUT_0 && page === 1 ? VOUT_1 : register;
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
      if (page === 0 && register === VOUT_1) continue;
      if (page === 1 && (register === VOUT_0 || register === IOUT)) continue;
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
      if (page === 0 && register === VOUT_1) continue;
      if (page === 1 && (register === VOUT_0 || register === IOUT)) continue;
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
