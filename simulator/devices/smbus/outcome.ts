/** The outcome of a transfer, with the measurements that tests ask for. */
import type { Ending, OutcomeKind, Place } from "./steps.ts";

export interface Stretch {
  /** Index of the clock, as in `Outcome.bits`. */
  readonly bit: number;
  /** How long SCL stayed low after the controller had let go of it. */
  readonly nanos: number;
}

export interface Outcome {
  readonly kind: OutcomeKind;
  readonly at: Place;
  /** The bytes read, without count and PEC. Empty where nothing is read or the transfer ended early. */
  readonly data: Uint8Array;
  /** Pulses of SCL since the first START: nine for a byte, one for each repeated START, one for the STOP. */
  readonly bits: number;
  readonly startNanos: number;
  readonly endNanos: number;
  readonly stretches: readonly Stretch[];
  readonly largestStretchNanos: number;
  /**
   * Edges of SDA that this controller did not make while SCL was high in the middle of a message. No device
   * may make any.
   */
  readonly disturbances: number;
}

/** A transfer under way or over. */
export class Run {
  readonly protocol: string;
  readonly #listeners: ((outcome: Outcome) => void)[] = [];
  readonly stretches: Stretch[] = [];
  bits = 0;
  disturbances = 0;
  startNanos: number;
  #outcome: Outcome | null = null;

  constructor(protocol: string, nanos: number) {
    this.protocol = protocol;
    this.startNanos = nanos;
  }

  get done(): boolean {
    return this.#outcome !== null;
  }

  /** Throws while the transfer is under way. */
  get outcome(): Outcome {
    if (!this.#outcome) throw new Error(`${this.protocol} is still under way`);
    return this.#outcome;
  }

  /** Calls the listener once, when the transfer ends, or now if it has ended. */
  onDone(listener: (outcome: Outcome) => void): void {
    if (this.#outcome) listener(this.#outcome);
    else this.#listeners.push(listener);
  }

  /** Discards the clocks of a bus recovery, which are not part of the transfer. */
  forgetClocks(): void {
    this.bits = 0;
    this.stretches.length = 0;
    this.disturbances = 0;
  }

  complete(ending: Ending & { readonly kind: OutcomeKind }, endNanos: number): void {
    const { bits, startNanos, stretches, disturbances } = this;
    const { kind, at, data } = ending;
    let largestStretchNanos = 0;
    for (const { nanos } of stretches) largestStretchNanos = Math.max(largestStretchNanos, nanos);
    const timing = { bits, startNanos, endNanos, stretches, largestStretchNanos, disturbances };
    this.#outcome = { kind, at, data, ...timing };
    for (const listener of this.#listeners) listener(this.#outcome);
  }
}
