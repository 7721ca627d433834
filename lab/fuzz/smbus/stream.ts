/** A boot log or a console's output: bytes counted since the start, of which the newest are readable. */

const WRAP = 2 ** 32;
const CHUNK = 28;
/** More than any log here keeps; older bytes are forgotten. Power of two. */
const REMEMBERED = 65_536;

export class Stream {
  readonly #kept: number;
  readonly #bytes = new Uint8Array(REMEMBERED);
  /** Position whose byte is at each place, for what is known. */
  readonly #known = new Float64Array(REMEMBERED).fill(-1);
  /** The end lies between these. */
  least = 0;
  most = 0;

  /** `kept`: how many bytes stay readable. */
  constructor(kept: number) {
    this.#kept = kept;
  }

  /** A byte at a position, from a source other than the slot's word. Contradicts what was read before? */
  tell(position: number, byte: number): boolean {
    const place = position % REMEMBERED;
    const fits = this.#known[place] !== position || this.#bytes[place] === byte;
    this.#known[place] = position;
    this.#bytes[place] = byte;
    return fits;
  }

  /** Bytes behind the end, which is known exactly. */
  append(bytes: ArrayLike<number>): void {
    for (let index = 0; index < bytes.length; index++) this.tell(this.most++, bytes[index] as number);
    this.least = this.most;
  }

  observeEnd(end: number): string | null {
    if (end < this.least || end > this.most) return `ends at ${end}, not from ${this.least} to ${this.most}`;
    this.least = end;
    return null;
  }

  /** An answer of a process call: where it begins, and what is there. */
  observe(asked: number, from: number, data: ArrayLike<number>): string | null {
    const what = `asked for ${asked}: ${data.length} bytes from ${from}`;
    const end = from + data.length;
    if (end > this.most) return `${what}, the end is at ${this.most}`;
    // Less than there was room for ends at the end.
    const isEnd = data.length < CHUNK;
    if (isEnd && end < this.least) return `${what}, the end is at ${this.least} at least`;
    this.least = Math.max(this.least, end);
    const known = isEnd ? end : this.least === this.most ? this.most : null;
    if (!this.#beginsRight(asked, from, known))
      return `${what}, the end is from ${this.least} to ${this.most}`;
    for (let index = 0; index < data.length; index++) {
      const byte = data[index] as number;
      if (!this.tell(from + index, byte)) return `another byte at ${from + index} than before: ${byte}`;
    }
    return null;
  }

  /** Where it was asked to if that is kept, at the oldest byte if it was, at the end if it is not yet. */
  #beginsRight(asked: number, from: number, end: number | null): boolean {
    if (end === null) return from === asked || from >= this.least - this.#kept;
    const ahead = (asked - end + WRAP) % WRAP;
    const behind = (WRAP - ahead) % WRAP;
    const kept = Math.min(end, this.#kept);
    if (behind <= kept) return from === end - behind;
    return from === (ahead < WRAP / 2 ? end : end - kept);
  }
}
