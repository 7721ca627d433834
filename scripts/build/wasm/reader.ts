/** Reads the bytes of a WebAssembly module in order (core specification, chapter 5). */

export class Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw new Error(`the module ends unexpectedly at byte ${this.at}`);
    return this.bytes[this.at++] as number;
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.at) throw new Error(`the module ends unexpectedly at byte ${this.end}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** LEB128, unsigned, at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error(`a number at byte ${this.at} is too long`);
  }

  /** LEB128, signed, of any length up to 64 bits. */
  signed(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(Number(shift) + 7, value);
    }
    throw new Error(`a number at byte ${this.at} is too long`);
  }

  name(): string {
    // ignoreBOM keeps a byte order mark: it is part of the name, and a name without it is another name.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.take(this.u32()));
  }

  /** A vector: its count, then that many elements. */
  vector<T>(element: () => T): T[] {
    return Array.from({ length: this.u32() }, element);
  }
}
