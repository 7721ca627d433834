/**
 * The sending end of a serial line: frames go out back to back, one bit time after another,
 * and reach the receiver when their stop bit ends. A sender that loses its supply stops in
 * the middle of a frame, and the receiver sees what is left of it.
 */
import { BITS_PER_FRAME, type Clock, type SerialFrame, type SerialInput } from "./world.ts";

/** How a byte leaves the sender; `null` means that nothing shows on the line. */
export type FrameShape = (byte: number) => SerialFrame | null;

interface Underway {
  readonly byte: number;
  readonly startNanos: number;
  /** What the receiver will get when the stop bit is due; null: nothing. */
  frame: SerialFrame | null;
  /** False when the sender did not get to finish it. */
  whole: boolean;
}

export class SerialTransmitter {
  readonly #clock: Clock;
  readonly #input: SerialInput;
  readonly #bitNanos: number;
  readonly #shape: FrameShape;
  readonly #onSent: (byte: number) => void;
  #queue: number[] = [];
  #head = 0;
  #underway: Underway | null = null;
  /** Where the line is free again, kept as a number of its own so that rounding never adds up. */
  #freeAtNanos = 0;

  constructor(options: {
    clock: Clock;
    input: SerialInput;
    bitNanos: number;
    shape?: FrameShape;
    /** Called for each byte whose stop bit has ended. */
    onSent?: (byte: number) => void;
  }) {
    this.#clock = options.clock;
    this.#input = options.input;
    this.#bitNanos = options.bitNanos;
    this.#shape = options.shape ?? ((byte) => ({ byte, bitNanos: options.bitNanos }));
    this.#onSent = options.onSent ?? (() => undefined);
  }

  /** Bytes that wait or are under way. */
  get pending(): number {
    return this.#queue.length - this.#head + (this.#underway ? 1 : 0);
  }

  send(bytes: Uint8Array): void {
    for (const byte of bytes) this.#queue.push(byte);
    if (!this.#underway) this.#next();
  }

  /** Forgets what waits; the frame under way still ends. */
  clear(): void {
    this.#queue = [];
    this.#head = 0;
  }

  /**
   * The sender stops driving in the middle of a frame. Its bits still to come read as `line`:
   * "high" when the pin is let go (the pull-up holds it idle: another byte, but a valid one),
   * "low" when the sender's supply is gone and the dead driver clamps the line (no stop bit).
   */
  cut(line: "high" | "low"): void {
    this.clear();
    const underway = this.#underway;
    if (!underway?.frame) return;
    const { byte, bitNanos } = underway.frame;
    const bits = (this.#clock.nanos - underway.startNanos) / bitNanos;
    if (line === "high" && bits < 0.5) {
      // Too short for a start bit: receivers check it in its middle.
      underway.frame = null;
      underway.whole = false;
      return;
    }
    const sentMask = (1 << Math.max(0, Math.min(8, Math.floor(bits) - 1))) - 1;
    if (line === "high") {
      underway.frame = { byte: (byte & sentMask) | (~sentMask & 0xff), bitNanos };
    } else {
      const kept = byte & sentMask;
      underway.frame = { byte: kept, framingError: kept !== 0, break: kept === 0, bitNanos };
      underway.whole = false;
    }
  }

  #next(): void {
    if (this.#head >= this.#queue.length) {
      this.clear();
      return;
    }
    const byte = this.#queue[this.#head++] as number;
    const frame = this.#shape(byte);
    const startNanos = Math.max(this.#clock.nanos, this.#freeAtNanos);
    this.#freeAtNanos = startNanos + (frame?.bitNanos ?? this.#bitNanos) * BITS_PER_FRAME;
    this.#underway = { byte, startNanos, frame, whole: true };
    this.#clock.schedule(this.#freeAtNanos - this.#clock.nanos, () => this.#ended());
  }

  #ended(): void {
    const { frame, byte, whole } = this.#underway as Underway;
    this.#underway = null;
    if (frame) this.#input.receive(frame);
    if (whole) this.#onSent(frame?.byte ?? byte);
    if (!this.#underway) this.#next();
  }
}
