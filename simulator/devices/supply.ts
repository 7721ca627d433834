/**
 * A switching supply of the slot: an enable input, a soft-start ramp, an output that sags
 * when it is overloaded and discharges when it is off, and a power-good output.
 *
 * Power-good is a comparator on the output (on at 90 %, off at 85 % of nominal, as usual for
 * converters of this class) gated by enable, asserted only after a delay. All times are chosen,
 * within what such converters' datasheets give.
 */
import type { Clock, Signal } from "./world.ts";
import { NANOS_PER_MS } from "./world.ts";

/** What can be wrong with one supply. Times count from the moment power-good would have come. */
export interface SupplyFault {
  /** Power-good never comes, although the output does. */
  readonly neverGood?: boolean;
  /** Power-good comes this much later. */
  readonly lateMs?: number;
  /** The converter trips and stays off until it is disabled and enabled again. */
  readonly lostAfterMs?: number;
  /** Power-good drops out for a moment, the output does not. */
  readonly glitch?: { readonly afterMs: number; readonly durationUs: number };
}

export interface SupplyOptions {
  readonly clock: Clock;
  readonly name: string;
  readonly nominalMv: number;
  readonly enable: Signal;
  readonly powerGood: Signal;
  /** Above this the output current is limited and the voltage falls. */
  readonly limitMa: number;
  readonly fault?: SupplyFault;
}

const SOFT_START_NANOS = 4 * NANOS_PER_MS;
const POWER_GOOD_DELAY_NANOS = 1 * NANOS_PER_MS;
const GOOD_ABOVE = 0.9;
const BAD_BELOW = 0.85;
/** Below this share of nominal the rail counts as down. */
const DOWN_BELOW = 0.1;
/** Bleeder and load on the output capacitors. */
const DISCHARGE_TAU_NANOS = 40 * NANOS_PER_MS;
/** Control loop and output capacitors when the load changes beyond the limit. */
const REGULATION_TAU_NANOS = 0.3 * NANOS_PER_MS;
/** Shunt, traces and connector between the regulation point and the sense point. */
const OUTPUT_MILLIOHMS = 12;

/** The output over time: a straight ramp, or an exponential towards `targetMv`. */
interface Segment {
  readonly kind: "ramp" | "settle";
  readonly sinceNanos: number;
  readonly fromMv: number;
  readonly targetMv: number;
  readonly tauNanos: number;
}

export class Supply {
  readonly name: string;
  readonly nominalMv: number;
  readonly #clock: Clock;
  readonly #enable: Signal;
  readonly #powerGood: Signal;
  readonly #limitMa: number;
  readonly #fault: SupplyFault;
  readonly #driver: string;
  readonly #outputListeners: ((good: boolean) => void)[] = [];
  #segment: Segment;
  #load: () => number = () => 0;
  #meanLoadMa = 0;
  #outputGood = false;
  #tripped = false;
  #glitching = false;
  #powerGoodReady = false;
  #crossing: { cancel(): void } | null = null;
  #timers: { cancel(): void }[] = [];
  #cameUpAtNanos: number | null = null;
  #wentDownAtNanos: number | null = null;

  constructor(options: SupplyOptions) {
    this.name = options.name;
    this.nominalMv = options.nominalMv;
    this.#clock = options.clock;
    this.#enable = options.enable;
    this.#powerGood = options.powerGood;
    this.#limitMa = options.limitMa;
    this.#fault = options.fault ?? {};
    this.#driver = `supply ${options.name}`;
    this.#segment = this.#settle(0, 0, DISCHARGE_TAU_NANOS);
    this.#powerGood.drive(this.#driver, false);
    this.#enable.onChange(() => this.#enableChanged());
    if (this.#enable.asserted) this.#enableChanged();
  }

  /** Output voltage at the sense point now, under the present load. */
  get millivolts(): number {
    return Math.max(0, this.#outputMv(this.#clock.nanos) - (this.milliamperes * OUTPUT_MILLIOHMS) / 1000);
  }

  /** Current delivered now, in mA: what the load draws, up to the limit. */
  get milliamperes(): number {
    return Math.min(this.#load(), this.#limitMa);
  }

  get enabled(): boolean {
    return this.#enable.asserted;
  }

  /** What the power-good output says, which a fault may falsify. */
  get powerGood(): boolean {
    return this.#powerGoodReady && !this.#glitching;
  }

  /** Whether the output itself is within regulation. */
  get outputGood(): boolean {
    return this.#outputGood;
  }

  /** When the output last reached regulation; null before it ever did. */
  get cameUpAtNanos(): number | null {
    return this.#cameUpAtNanos;
  }

  /** When the output last fell below a tenth of nominal; null while it is up or before it ever was. */
  get wentDownAtNanos(): number | null {
    return this.#wentDownAtNanos;
  }

  /** Called with true when the output reaches regulation, with false when it leaves it. */
  onOutput(listener: (good: boolean) => void): void {
    this.#outputListeners.push(listener);
  }

  /** `instantMa` is asked whenever the voltage is; the limit acts on `meanMa`. */
  setLoad(instantMa: () => number, meanMa: number): void {
    this.#load = instantMa;
    const overloaded = meanMa > this.#limitMa;
    const wasOverloaded = this.#meanLoadMa > this.#limitMa;
    this.#meanLoadMa = meanMa;
    if (this.#running && (overloaded || wasOverloaded)) {
      const targetMv = overloaded ? (this.nominalMv * this.#limitMa) / meanMa : this.nominalMv;
      this.#follow(this.#settle(this.#outputMv(this.#clock.nanos), targetMv, REGULATION_TAU_NANOS));
    }
  }

  /** Drops power-good for a moment while the output stays as it is. */
  glitchPowerGood(durationUs: number): void {
    if (!this.#powerGoodReady) return;
    this.#glitching = true;
    this.#drivePowerGood();
    this.#clock.schedule(durationUs * 1000, () => {
      this.#glitching = false;
      this.#drivePowerGood();
    });
  }

  /** The converter gives up: its output decays until it is disabled and enabled again. */
  trip(): void {
    if (!this.#running) return;
    this.#tripped = true;
    this.#losePowerGood();
    this.#discharge();
  }

  get #running(): boolean {
    return this.#enable.asserted && !this.#tripped;
  }

  #enableChanged(): void {
    if (this.#enable.asserted) {
      const fromMv = this.#outputMv(this.#clock.nanos);
      this.#follow({
        kind: "ramp",
        sinceNanos: this.#clock.nanos,
        fromMv,
        targetMv: this.nominalMv,
        tauNanos: SOFT_START_NANOS,
      });
      // Back before it had left regulation: there is no threshold to cross, and power-good is due again.
      if (this.#outputGood) this.#armPowerGood();
    } else {
      this.#tripped = false;
      this.#losePowerGood();
      this.#discharge();
    }
  }

  #discharge(): void {
    this.#follow(this.#settle(this.#outputMv(this.#clock.nanos), 0, DISCHARGE_TAU_NANOS));
  }

  #settle(fromMv: number, targetMv: number, tauNanos: number): Segment {
    return { kind: "settle", sinceNanos: this.#clock.nanos, fromMv, targetMv, tauNanos };
  }

  #outputMv(nanos: number): number {
    const { kind, sinceNanos, fromMv, targetMv, tauNanos } = this.#segment;
    const elapsed = nanos - sinceNanos;
    if (kind === "ramp") return Math.min(targetMv, fromMv + (this.nominalMv * elapsed) / tauNanos);
    return targetMv + (fromMv - targetMv) * Math.exp(-elapsed / tauNanos);
  }

  #follow(segment: Segment): void {
    this.#segment = segment;
    this.#watchNextThreshold();
  }

  /** Waits for the one threshold that matters next: regulation reached, left, or the rail down. */
  #watchNextThreshold(): void {
    this.#crossing?.cancel();
    this.#crossing = null;
    const { fromMv, targetMv } = this.#segment;
    const rising = targetMv >= fromMv;
    if (rising && !this.#outputGood) {
      this.#watch(GOOD_ABOVE * this.nominalMv, () => this.#outputBecomes(true));
    } else if (!rising && this.#outputGood) {
      this.#watch(BAD_BELOW * this.nominalMv, () => this.#outputBecomes(false));
    } else if (!rising && this.#wentDownAtNanos === null && this.#cameUpAtNanos !== null) {
      this.#watch(DOWN_BELOW * this.nominalMv, () => {
        this.#wentDownAtNanos = this.#clock.nanos;
      });
    }
  }

  #watch(thresholdMv: number, action: () => void): void {
    const delay = this.#nanosUntil(thresholdMv);
    if (delay === null) return;
    this.#crossing = this.#clock.schedule(delay, () => {
      this.#crossing = null;
      action();
    });
  }

  /** Null when the output never gets there on its present course. */
  #nanosUntil(thresholdMv: number): number | null {
    const { kind, sinceNanos, fromMv, targetMv, tauNanos } = this.#segment;
    const gone = this.#clock.nanos - sinceNanos;
    if (kind === "ramp") {
      return Math.max(0, ((thresholdMv - fromMv) * tauNanos) / this.nominalMv - gone);
    }
    const ratio = (fromMv - targetMv) / (thresholdMv - targetMv);
    if (!(ratio > 0) || !Number.isFinite(ratio)) return null;
    return Math.max(0, tauNanos * Math.log(ratio) - gone);
  }

  #outputBecomes(good: boolean): void {
    this.#outputGood = good;
    if (good) {
      this.#cameUpAtNanos = this.#clock.nanos;
      this.#wentDownAtNanos = null;
      this.#armPowerGood();
    } else {
      this.#losePowerGood();
    }
    for (const listener of this.#outputListeners) listener(good);
    this.#watchNextThreshold();
  }

  #armPowerGood(): void {
    if (this.#fault.neverGood) return;
    const lateNanos = (this.#fault.lateMs ?? 0) * NANOS_PER_MS;
    this.#after(POWER_GOOD_DELAY_NANOS + lateNanos, () => {
      this.#powerGoodReady = true;
      this.#drivePowerGood();
      const { lostAfterMs, glitch } = this.#fault;
      if (lostAfterMs !== undefined) this.#after(lostAfterMs * NANOS_PER_MS, () => this.trip());
      if (glitch) this.#after(glitch.afterMs * NANOS_PER_MS, () => this.glitchPowerGood(glitch.durationUs));
    });
  }

  #losePowerGood(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#powerGoodReady = false;
    this.#drivePowerGood();
  }

  #after(delayNanos: number, action: () => void): void {
    this.#timers.push(this.#clock.schedule(delayNanos, action));
  }

  #drivePowerGood(): void {
    this.#powerGood.drive(this.#driver, this.powerGood);
  }
}
