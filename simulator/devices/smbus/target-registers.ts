/**
 * The registers of the plain target: 256 registers of fixed kinds, the check of a write with or without PEC,
 * and the bytes of an answer.
 */
import type { Pec } from "./pec.ts";

export type RegisterKind = "none" | "byte" | "word" | "block";

/** Commands 0x00 to 0x0f carry no data. Then come bytes, from 0x40 on words, from 0x80 on blocks. */
export function registerKind(command: number): RegisterKind {
  if (command < 0x10) return "none";
  if (command < 0x40) return "byte";
  return command < 0x80 ? "word" : "block";
}

/** Number of bytes that belong to a command, count included; null while the count is not known. */
function length(bytes: readonly number[]): number | null {
  const kind = registerKind(bytes[0] ?? 0);
  if (kind === "block") return bytes.length < 2 ? null : 1 + (bytes[1] as number);
  return { none: 0, byte: 1, word: 2 }[kind];
}

/** The bytes of one write, from the command on. */
export class WriteMessage {
  readonly #pec: Pec;
  readonly #bytes: number[] = [];
  /** True if the target acknowledged the last byte. */
  accepted = true;
  /** True after a repeated START in the middle of a byte, which makes the write void. */
  broken = false;

  constructor(pec: Pec) {
    this.#pec = pec;
  }

  get count(): number {
    return this.#bytes.length;
  }

  /**
   * Takes a byte. Returns true to acknowledge it; a wrong PEC and bytes behind the PEC are not acknowledged.
   */
  take(byte: number): boolean {
    const expected = this.#pec.value;
    const wanted = length(this.#bytes);
    const isPec = this.count > 0 && wanted !== null && this.count === wanted + 1;
    this.accepted = isPec ? byte === expected : this.count === 0 || wanted === null || this.count <= wanted;
    this.#pec.add(byte);
    this.#bytes.push(byte);
    return this.accepted;
  }

  /**
   * Returns command and data of a complete write (data is null where the command has none), or null for
   * anything else.
   */
  finish(): { readonly command: number; readonly data: Uint8Array | null } | null {
    const bytes = this.#bytes;
    const wanted = length(bytes);
    const command = bytes[0] as number;
    if (this.broken || this.count === 0) return null;
    // The command alone selects what "receive byte" reads, whatever kind of register it is.
    if (this.count === 1) return { command, data: null };
    if (wanted === null || this.count < wanted + 1) return null;
    if (wanted === 0) return { command, data: null };
    return {
      command,
      data: Uint8Array.from(bytes.slice(registerKind(command) === "block" ? 2 : 1, wanted + 1)),
    };
  }

  beforeRestart(atByteBoundary: boolean): void {
    if (!atByteBoundary) this.broken = true;
  }

  /**
   * Returns what a repeated START with a read asks for. Data before it make it a process call. Its answer is
   * the data inverted, so that an echo on the bus cannot look like an answer.
   */
  question(registers: readonly Uint8Array[]): { command?: number; answer?: Uint8Array } {
    const write = this.finish();
    if (!write) return {};
    const { command, data } = write;
    return { command, answer: data ? data.map((byte) => byte ^ 0xff) : (registers[command] as Uint8Array) };
  }
}

/** An answer: its bytes, the PEC, and then ones if the controller reads on. */
export class Reply {
  readonly #bytes: Uint8Array;
  readonly #pec: Pec;
  #next = 0;

  /** `pec` has added up all the bytes before the answer. */
  constructor(bytes: Uint8Array, pec: Pec) {
    this.#bytes = bytes;
    this.#pec = pec;
  }

  next(): number {
    const index = this.#next++;
    if (index < this.#bytes.length) return this.#pec.add(this.#bytes[index] as number);
    return index === this.#bytes.length ? this.#pec.value : 0xff;
  }
}
