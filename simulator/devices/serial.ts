/**
 * The sending end of a serial line. Frames go out back to back, and each reaches the receiver when its stop
 * bit ends. A sender that loses its supply stops in the middle of a frame, and the receiver sees what is left
 * of it.
 */
import { BITS_PER_FRAME, type Clock, type SerialFrame, type SerialInput } from "./world.ts";

/** Gives the frame in which a byte leaves the sender, or null when nothing shows on the line. */
export type FrameShape = (byte: number) => SerialFrame | null;

interface Underway {
  readonly byte: number;
  readonly startNanos: number;
  /** The frame that the receiver gets when the stop bit is due, or null for none. */
  frame: SerialFrame | null;
  /** False when the sender did not finish the frame. */
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
  /**
   * The time at which the line is free again. It is a running sum of its own, so that rounding never adds up.
   */
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

  /** Number of bytes that wait or are under way. */
  get pending(): number {
    return this.#queue.length - this.#head + (this.#underway ? 1 : 0);
  }

  send(bytes: Uint8Array): void {
    for (const byte of bytes) this.#queue.push(byte);
    if (!this.#underway) this.#next();
  }

  /** Discards the bytes that wait. The frame under way still ends. */
  clear(): void {
    this.#queue = [];
    this.#head = 0;
  }

  /**
   * The sender stops driving, perhaps in the middle of a frame. The rest of the bits read as `line`. "high"
   * means that the sender let go of the pin: the pull-up holds the line idle, which gives another byte, but a
   * valid one. "low" means that the sender has lost its supply: the dead driver clamps the line, and there is
   * no stop bit.
   */
  cut(line: "high" | "low"): void {
    this.clear();
    const underway = this.#underway;
    if (!underway?.frame) return;
    const { byte, bitNanos } = underway.frame;
    const bits = (this.#clock.nanos - underway.startNanos) / bitNanos;
    if (line === "high" && bits < 0.5) {
      // This is too short for a start bit, which receivers check in its middle.
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
