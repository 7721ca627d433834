/** Writes the bytes of a WebAssembly module in order (core specification, chapter 5). */

export class Writer {
  readonly #bytes: number[] = [];

  byte(...values: number[]): this {
    for (const value of values) this.#bytes.push(value);
    return this;
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  u32(value: number): this {
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes.push((rest & 0x7f) | 0x80);
    return this.byte(rest);
  }

  signed(value: bigint): this {
    let rest = value;
    for (; ; rest >>= 7n) {
      const low = Number(rest & 0x7fn);
      const last = (rest >> 6n === 0n && !(low & 0x40)) || (rest >> 6n === -1n && low & 0x40);
      if (last) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  name(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.u32(bytes.length).raw(bytes);
  }

  vector<T>(elements: readonly T[], write: (element: T) => void): this {
    this.u32(elements.length);
    for (const element of elements) write(element);
    return this;
  }

  /** Writes the length of what `write` writes, then that itself. */
  sized(write: (inner: Writer) => void): this {
    const inner = new Writer();
    write(inner);
    const bytes = inner.finish();
    return this.u32(bytes.length).raw(bytes);
  }

  section(id: number, write: (inner: Writer) => void): this {
    return this.byte(id).sized(write);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
