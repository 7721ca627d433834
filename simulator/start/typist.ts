/**
 * Between the user's keyboard and the BMC's console. A human types slower than 115200 baud; a
 * paste does not, and the BMC runs a command only after its line. So text goes out line by
 * line: after Enter the next line waits until the prompt is back, or for a while at most.
 * Ctrl-C goes at once and forgets what waits, Ctrl-] leaves.
 */
import { NANOS_PER_MS } from "../devices/world.ts";
import { PROMPT } from "./session.ts";

/** What the typist needs of a terminal. */
export interface Keyboard {
  /** Bytes the BMC has printed so far. */
  readonly received: number;
  readonly untyped: number;
  endsWith(text: string): boolean;
  type(bytes: Uint8Array): void;
  stopTyping(): void;
}

const CTRL_C = 0x03;
const CTRL_RIGHT_BRACKET = 0x1d;
const ENTER = 0x0d;
const LINE_FEED = 0x0a;
/** A paste larger than this is cut: nobody means to type it. */
export const LARGEST_PASTE_BYTES = 1024 * 1024;
/** A command that does not return to the prompt, `log -f` for one, holds up a paste this long. */
const PROMPT_TIMEOUT_NANOS = 1000 * NANOS_PER_MS;
/** So many bytes may be on the way at once: half of what the UART's FIFO holds. */
const AHEAD_BYTES = 16;
/** Bytes of a paste keep this distance, so that echoes never fall behind: about half of 115200 baud. */
const GAP_NANOS = 0.18 * NANOS_PER_MS;

export class Typist {
  readonly #keyboard: Keyboard;
  readonly #nanos: () => number;
  #waiting: number[] = [];
  #afterLine: { sinceNanos: number; received: number } | null = null;
  #nextNanos = 0;
  #dropped = 0;

  constructor(keyboard: Keyboard, nanos: () => number) {
    this.#keyboard = keyboard;
    this.#nanos = nanos;
  }

  /** Bytes of a paste that still wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Bytes cut off from pastes that were too large. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Keys from the user; true when they ask to leave. */
  press(bytes: Uint8Array): boolean {
    for (const byte of bytes) {
      if (byte === CTRL_RIGHT_BRACKET) return true;
      if (byte === CTRL_C) {
        this.#waiting = [];
        this.#afterLine = null;
        this.#keyboard.stopTyping();
        this.#keyboard.type(Uint8Array.of(byte));
      } else if (this.#waiting.length < LARGEST_PASTE_BYTES) {
        this.#waiting.push(byte);
      } else {
        this.#dropped++;
      }
    }
    this.step();
    return false;
  }

  /** Passes on what may go now; called as emulated time moves. */
  step(): void {
    let taken = 0;
    while (taken < this.#waiting.length && this.#mayType()) {
      const byte = this.#waiting[taken++] as number;
      this.#keyboard.type(Uint8Array.of(byte));
      this.#nextNanos = Math.max(this.#nextNanos, this.#nanos()) + GAP_NANOS;
      if (byte === ENTER || byte === LINE_FEED) {
        this.#afterLine = { sinceNanos: this.#nanos(), received: this.#keyboard.received };
      }
    }
    this.#waiting.splice(0, taken);
  }

  #mayType(): boolean {
    if (this.#keyboard.untyped >= AHEAD_BYTES || this.#nanos() < this.#nextNanos - AHEAD_BYTES * GAP_NANOS) {
      return false;
    }
    if (!this.#afterLine) return true;
    const { sinceNanos, received } = this.#afterLine;
    const prompted = this.#keyboard.received > received && this.#keyboard.endsWith(PROMPT);
    if (!prompted && this.#nanos() - sinceNanos < PROMPT_TIMEOUT_NANOS) return false;
    this.#afterLine = null;
    return true;
  }
}
