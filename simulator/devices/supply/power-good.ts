/**
 * A supply's power-good output. It asserts some time after the output has come into regulation, and deasserts
 * at once when the output leaves regulation or the converter must stop. A fault can make it wrong about both.
 */
import { type Clock, NANOS_PER_MS, type Signal } from "../world.ts";

/** The faults of one supply. Times count from the moment at which power-good would have come. */
export interface SupplyFault {
  /** Power-good never comes, although the output does. */
  readonly neverGood?: boolean;
  /** Power-good comes this much later. */
  readonly lateMs?: number;
  /** The converter trips and stays off until it is disabled and enabled again. */
  readonly lostAfterMs?: number;
  /** Power-good drops out for a moment, while the output does not. */
  readonly glitch?: { readonly afterMs: number; readonly durationUs: number };
  /** The rail is fed from outside with this voltage, from the beginning. */
  readonly fed?: Feed;
}

/**
 * A source outside the slot at a supply's output: HDMI or USB through the compute board, or PoE. A diode
 * keeps the slot from feeding it.
 */
export interface Feed {
  readonly mv: number;
  /**
   * True if the source keeps power-good asserted: it comes from a part that watches the rail's voltage. Most
   * converters deassert it whenever they are disabled.
   */
  readonly keepsPowerGood?: boolean;
}

/** Our choice: a usual delay of converters with such an output. */
const DELAY_NANOS = 1 * NANOS_PER_MS;

export class PowerGood {
  readonly #clock: Clock;
  readonly #signal: Signal;
  readonly #driver: string;
  readonly #trip: () => void;
  #fault: SupplyFault;
  /** True while the output is in regulation. */
  #armed = false;
  #ready = false;
  #kept = false;
  #glitching = false;
  #timers: { cancel(): void }[] = [];

  constructor(options: {
    clock: Clock;
    signal: Signal;
    driver: string;
    fault: SupplyFault;
    trip: () => void;
  }) {
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#driver = options.driver;
    this.#fault = options.fault;
    this.#trip = options.trip;
    this.#drive();
  }

  get good(): boolean {
    return (this.#ready || this.#kept) && !this.#glitching;
  }

  /** A source from outside keeps it asserted, or does so no longer. */
  keep(kept: boolean): void {
    this.#kept = kept;
    this.#drive();
  }

  /**
   * Replaces the faults while the slot runs. A power-good that is there is lost with `neverGood`, and the
   * times of a trip or a glitch count from now.
   */
  setFault(fault: SupplyFault): void {
    this.#cancel();
    this.#fault = fault;
    if (fault.neverGood) {
      this.#ready = false;
      this.#drive();
    } else if (this.#ready) this.#planFailures();
    else if (this.#armed) this.arm();
  }

  /** The output is in regulation. */
  arm(): void {
    this.#armed = true;
    if (this.#fault.neverGood) return;
    const lateNanos = (this.#fault.lateMs ?? 0) * NANOS_PER_MS;
    this.#after(DELAY_NANOS + lateNanos, () => {
      this.#ready = true;
      this.#drive();
      this.#planFailures();
    });
  }

  #planFailures(): void {
    const { lostAfterMs, glitch } = this.#fault;
    if (lostAfterMs !== undefined) this.#after(lostAfterMs * NANOS_PER_MS, () => this.#trip());
    if (glitch) this.#after(glitch.afterMs * NANOS_PER_MS, () => this.glitch(glitch.durationUs));
  }

  lose(): void {
    this.#cancel();
    this.#armed = false;
    this.#ready = false;
    this.#drive();
  }

  /** Drops power-good for a moment. */
  glitch(durationUs: number): void {
    if (!this.#ready) return;
    this.#glitching = true;
    this.#drive();
    this.#clock.schedule(durationUs * 1000, () => {
      this.#glitching = false;
      this.#drive();
    });
  }

  #cancel(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  #after(delayNanos: number, action: () => void): void {
    this.#timers.push(this.#clock.schedule(delayNanos, action));
  }

  #drive(): void {
    this.#signal.drive(this.#driver, this.good);
  }
}
