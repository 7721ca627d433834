/**
 * The contact of a plug that signals presence. On its way in and out it bounces for some milliseconds. The
 * seed decides how, and each time differs.
 */
import { NOISE_STREAM, NoiseStream } from "../noise.ts";
import { type Clock, NANOS_PER_MS, type Signal } from "../world.ts";

/**
 * Our choice: signal connectors settle within a few milliseconds, and debouncing usually allows for 10 ms.
 */
const SHORTEST_MS = 2;
const LONGEST_MS = 7;
/** The longest time between two bounces. The shortest is a tenth of it. */
const BOUNCE_NANOS = 0.8 * NANOS_PER_MS;

export class Contact {
  readonly #clock: Clock;
  readonly #signal: Signal;
  readonly #driver: string;
  readonly #random: NoiseStream;
  #draws = 0;
  #closed: boolean;
  #timer: { cancel(): void } | null = null;

  constructor(options: { clock: Clock; signal: Signal; driver: string; seed: number; closed: boolean }) {
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#driver = options.driver;
    this.#random = new NoiseStream(options.seed, NOISE_STREAM.contactBounce);
    this.#closed = options.closed;
    this.#drive(options.closed);
  }

  /** Closes or opens the contact. It bounces before it stays. */
  move(closed: boolean): void {
    if (closed === this.#closed) return;
    this.#closed = closed;
    const lasts = SHORTEST_MS + (LONGEST_MS - SHORTEST_MS) * this.#draw();
    this.#bounce(closed, this.#clock.nanos + lasts * NANOS_PER_MS);
  }

  #bounce(level: boolean, untilNanos: number): void {
    this.#timer?.cancel();
    const over = this.#clock.nanos >= untilNanos;
    this.#drive(over ? this.#closed : level);
    if (over) return;
    const pause = BOUNCE_NANOS * (0.1 + 0.9 * this.#draw());
    this.#timer = this.#clock.schedule(pause, () => this.#bounce(!level, untilNanos));
  }

  /** An open contact leaves the signal to its pull-up. */
  #drive(closed: boolean): void {
    this.#signal.drive(this.#driver, closed ? true : null);
  }

  #draw(): number {
    return (this.#random.at(this.#draws++) + 1) / 2;
  }
}
