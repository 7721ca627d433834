/** The last events before a contradiction, as text for its message. */
import type { Segment } from "./model.ts";

const KEPT = 10;

const hex = (bytes: ArrayLike<number>) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** A message as it was on the bus, answers included: `W 79 Sr R 00 08 3f P`. */
export function messageText(
  segments: readonly Segment[],
  answers: readonly Uint8Array[] | null,
  broken: boolean,
): string {
  let reads = 0;
  const parts = segments.map(({ write, read, elsewhere }) => {
    if (write) return `W${elsewhere ? " to another" : ""} ${hex(write)}`;
    const answer = answers?.[reads++];
    return answer ? `R ${hex(answer)}` : `R of ${read}`;
  });
  return `${parts.join(" Sr ")} ${broken ? "broken off" : "P"}${answers ? "" : ", not acknowledged"}`;
}

export class History {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT) this.#lines.shift();
  }

  toString(): string {
    return this.#lines.map((line) => `  ${line}`).join("\n");
  }
}

/** The slot and the model disagree. */
export class Contradiction extends Error {}
