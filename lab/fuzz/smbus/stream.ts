/** A boot log or a console's output: bytes counted since the start, of which only the newest can be read. */

const WRAP = 2 ** 32;
const CHUNK = 28;
/** More than any log keeps; older bytes are discarded. A power of two. */
const REMEMBERED = 65_536;

export class Stream {
  readonly #kept: number;
  readonly #bytes = new Uint8Array(REMEMBERED);
  /** For each index, the position of the byte it holds, if that is known. */
  readonly #known = new Float64Array(REMEMBERED).fill(-1);
  /** The end lies between these two. */
  least = 0;
  most = 0;

  /** `kept`: the number of bytes that can be read. */
  constructor(kept: number) {
    this.#kept = kept;
  }

  /**
   * Records a byte at a position, from another source than the slot. Returns false if it contradicts earlier
   * reads.
   */
  record(position: number, byte: number): boolean {
    const index = position % REMEMBERED;
    const fits = this.#known[index] !== position || this.#bytes[index] === byte;
    this.#known[index] = position;
    this.#bytes[index] = byte;
    return fits;
  }

  /** Appends bytes at the end, which is known exactly. */
  append(bytes: ArrayLike<number>): void {
    for (let index = 0; index < bytes.length; index++) this.record(this.most++, bytes[index] as number);
    this.least = this.most;
  }

  observeEnd(end: number): string | null {
    if (end < this.least || end > this.most) return `ends at ${end}, not from ${this.least} to ${this.most}`;
    this.least = end;
    return null;
  }

  /** The answer of a process call: its position and its bytes. */
  observe(asked: number, from: number, data: ArrayLike<number>): string | null {
    const what = `asked for ${asked}: ${data.length} bytes from ${from}`;
    const end = from + data.length;
    if (end > this.most) return `${what}, the end is at ${this.most}`;
    // Fewer bytes than there is room for: the answer reaches the end.
    const isEnd = data.length < CHUNK;
    if (isEnd && end < this.least) return `${what}, the end is at ${this.least} at least`;
    this.least = Math.max(this.least, end);
    const known = isEnd ? end : this.least === this.most ? this.most : null;
    if (!this.#beginsRight(asked, from, known))
      return `${what}, the end is from ${this.least} to ${this.most}`;
    for (let index = 0; index < data.length; index++) {
      const byte = data[index] as number;
      if (!this.record(from + index, byte)) return `another byte at ${from + index} than before: ${byte}`;
    }
    return null;
  }

  /**
   * It must begin at the requested position, at the oldest byte if that is gone, or at the end if it is not
   * reached.
   */
  #beginsRight(asked: number, from: number, end: number | null): boolean {
    if (end === null) return from === asked || from >= this.least - this.#kept;
    const ahead = (asked - end + WRAP) % WRAP;
    const behind = (WRAP - ahead) % WRAP;
    const kept = Math.min(end, this.#kept);
    if (behind <= kept) return from === end - behind;
    return from === (ahead < WRAP / 2 ? end : end - kept);
  }
}
