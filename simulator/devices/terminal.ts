/**
 * The device on UART1: a serial terminal at 115200 8N1. It keeps what the BMC printed, within a bound, and
 * types what a user or a test wants typed, one frame after another.
 */
import { SerialTransmitter } from "./serial.ts";
import { BIT_NANOS_115200, type Clock, type SerialInput } from "./world.ts";

/** Our choice: more than any test prints, and small beside the emulator itself. */
const HISTORY_BYTES = 8 * 1024 * 1024;
/**
 * A receiver samples the stop bit 9.5 bits after the start: an error of half a bit by then is 5 %. The rest
 * is a margin for the edges.
 */
const BAUD_TOLERANCE = 0.04;

export class Terminal {
  readonly #transmitter: SerialTransmitter;
  readonly #listeners: ((bytes: Uint8Array) => void)[] = [];
  #buffer = new Uint8Array(64 * 1024);
  #length = 0;
  #discarded = 0;
  #text = "";
  #textLength = 0;
  #lastTypedAtNanos = 0;
  #framingErrors = 0;

  constructor(clock: Clock, input: SerialInput) {
    this.#transmitter = new SerialTransmitter({
      clock,
      input,
      bitNanos: BIT_NANOS_115200,
      onSent: () => {
        this.#lastTypedAtNanos = clock.nanos;
      },
    });
  }

  /** Everything the BMC printed that is still kept, one character per byte. */
  get text(): string {
    if (this.#textLength < this.#length) {
      this.#text += Buffer.from(
        this.#buffer.buffer,
        this.#textLength,
        this.#length - this.#textLength,
      ).toString("latin1");
      this.#textLength = this.#length;
    }
    return this.#text;
  }

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  /** True if the last bytes printed are these. This costs less than asking for the whole text. */
  endsWith(text: string): boolean {
    const from = this.#length - text.length;
    return from >= 0 && Buffer.from(this.#buffer.buffer, from, text.length).toString("latin1") === text;
  }

  /** Number of bytes printed since power-on, including those that are no longer kept. */
  get received(): number {
    return this.#discarded + this.#length;
  }

  /** Number of bytes that fell out of the history. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Number of bytes still to be typed. */
  get untyped(): number {
    return this.#transmitter.pending;
  }

  /** The time at which the stop bit of the last typed byte ended. */
  get lastTypedAtNanos(): number {
    return this.#lastTypedAtNanos;
  }

  /** Queues text (one byte per character) or bytes; they go out at 115200 baud. */
  type(text: string | Uint8Array): void {
    this.#transmitter.send(typeof text === "string" ? Buffer.from(text, "latin1") : text);
  }

  /** Discards the queued bytes that are not yet typed. */
  stopTyping(): void {
    this.#transmitter.clear();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#listeners.push(listener);
  }

  /** Number of frames whose bits were too short or too long to be read at 115200 baud. */
  get framingErrors(): number {
    return this.#framingErrors;
  }

  /** Takes a frame from the BMC, whose stop bit has just ended. */
  frame(byte: number, bitNanos: number): void {
    if (Math.abs(bitNanos / BIT_NANOS_115200 - 1) > BAUD_TOLERANCE) {
      this.#framingErrors++;
      return;
    }
    if (this.#length === this.#buffer.length) this.#makeRoom();
    this.#buffer[this.#length++] = byte;
    for (const listener of this.#listeners) listener(Uint8Array.of(byte));
  }

  #makeRoom(): void {
    if (this.#buffer.length < HISTORY_BYTES) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
      return;
    }
    const half = this.#length >>> 1;
    this.#buffer.copyWithin(0, half, this.#length);
    this.#length -= half;
    this.#discarded += half;
    this.#text = "";
    this.#textLength = 0;
  }
}
