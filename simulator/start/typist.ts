/**
 * Passes the user's keys to the BMC's console. A human types slower than 115200 baud, but a paste is faster,
 * and the BMC runs a command only after its line. Text therefore goes out line by line: after Enter the next
 * line waits until the prompt is back, or for a limited time. Ctrl-C goes at once and discards the waiting
 * text. Ctrl-] leaves.
 *
 * Keys that are pressed before the BMC has started wait for its first prompt. On a real serial line they
 * would be lost, but the BMC in the emulator starts only when this program does.
 */
import { NANOS_PER_MS } from "../devices/world.ts";
import { PROMPT } from "./session.ts";

/** The part of a terminal that the typist needs. */
export interface Keyboard {
  /** Number of bytes that the BMC has printed so far. */
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
/** A larger paste is cut, because it is surely a mistake. */
export const LARGEST_PASTE_BYTES = 1024 * 1024;
/** A command that does not return to the prompt, such as `log -f`, holds up a paste for this long. */
const PROMPT_TIMEOUT_NANOS = 1000 * NANOS_PER_MS;
/** At most this many bytes are on their way at once: half of the UART's FIFO. */
const AHEAD_BYTES = 16;
/** The distance between two bytes of a paste, so that echoes never fall behind: about half of 115200 baud. */
const GAP_NANOS = 0.18 * NANOS_PER_MS;

export class Typist {
  readonly #keyboard: Keyboard;
  readonly #nanos: () => number;
  #waiting: number[] = [];
  /** The next line waits for a prompt: the first one, or the one after a line. Null if it is there. */
  #awaitedPrompt: { sinceNanos: number; received: number } | null = { sinceNanos: 0, received: 0 };
  #nextNanos = 0;
  #dropped = 0;

  constructor(keyboard: Keyboard, nanos: () => number) {
    this.#keyboard = keyboard;
    this.#nanos = nanos;
  }

  /** Number of bytes of a paste that still wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Number of bytes cut off from pastes that were too large. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes keys from the user. Returns true if the user wants to leave. */
  press(bytes: Uint8Array): boolean {
    for (const byte of bytes) {
      if (byte === CTRL_RIGHT_BRACKET) return true;
      if (byte === CTRL_C) {
        this.#waiting = [];
        if (this.#keyboard.received > 0) this.#awaitedPrompt = null;
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

  /** Passes on the bytes that may go now. To be called as emulated time moves. */
  step(): void {
    let taken = 0;
    while (taken < this.#waiting.length && this.#mayType()) {
      const byte = this.#waiting[taken++] as number;
      this.#keyboard.type(Uint8Array.of(byte));
      this.#nextNanos = Math.max(this.#nextNanos, this.#nanos()) + GAP_NANOS;
      if (byte === ENTER || byte === LINE_FEED) {
        this.#awaitedPrompt = { sinceNanos: this.#nanos(), received: this.#keyboard.received };
      }
    }
    this.#waiting.splice(0, taken);
  }

  #mayType(): boolean {
    if (this.#keyboard.untyped >= AHEAD_BYTES || this.#nanos() < this.#nextNanos - AHEAD_BYTES * GAP_NANOS) {
      return false;
    }
    if (!this.#awaitedPrompt) return true;
    const { sinceNanos, received } = this.#awaitedPrompt;
    const prompted = this.#keyboard.received > received && this.#keyboard.endsWith(PROMPT);
    if (!prompted && this.#nanos() - sinceNanos < PROMPT_TIMEOUT_NANOS) return false;
    this.#awaitedPrompt = null;
    return true;
  }
}
