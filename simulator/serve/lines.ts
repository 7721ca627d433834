/** Cuts a stream of bytes into lines, however they arrive: in parts, or many in one chunk. */

const LINE_FEED = 0x0a;

export class Lines {
  readonly #limitBytes: number;
  #parts: Buffer[] = [];
  #length = 0;
  #isTooLong = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * Takes a chunk and returns the lines that end in it, without their ends. A line over the limit is not
   * kept, and null stands for it.
   */
  push(chunk: Buffer): (string | null)[] {
    const lines: (string | null)[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      this.#keep(chunk.subarray(from, end));
      lines.push(this.#take());
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    this.#isTooLong ||= this.#length > this.#limitBytes;
    if (this.#isTooLong) this.#parts = [];
    // A copy: a small part must not keep the whole chunk alive.
    else if (part.length > 0) this.#parts.push(Buffer.from(part));
  }

  #take(): string | null {
    const line = this.#isTooLong ? null : Buffer.concat(this.#parts).toString("utf8").replace(/\r$/, "");
    this.#parts = [];
    this.#length = 0;
    this.#isTooLong = false;
    return line;
  }
}
