/**
 * A switching supply of the slot: an enable input, a soft-start ramp, an output that sags when it is
 * overloaded and discharges when it is off, and a power-good output.
 *
 * The output is in regulation above 90 % and out of it below 85 % of nominal, as usual for converters of this
 * class. All times are our choice, within the ranges of such converters' datasheets.
 *
 * There are two limits, as buck converters have them: the inductor's peak current, cycle by cycle, and an
 * average that acts after a while. An output held below two thirds for a millisecond stops the converter,
 * which tries again after a pause ("hiccup"; TI TPS568215: 68 %, 1 ms, 7 ms; TPSM82864A: 16 ms).
 */

import type { Clock, Signal } from "../world.ts";
import { NANOS_PER_MS } from "../world.ts";
import { type Load, NO_LOAD } from "./load.ts";
import { OutputCurve } from "./output-curve.ts";
import { type Feed, PowerGood, type SupplyFault } from "./power-good.ts";

/** The source of the supply's power. The supply stops when the source is below what it needs. */
export interface SupplyInput {
  readonly good: boolean;
  onGood(listener: (good: boolean) => void): void;
}

export interface SupplyOptions {
  readonly clock: Clock;
  readonly name: string;
  readonly nominalMv: number;
  readonly enable: Signal;
  readonly powerGood: Signal;
  /** Above this average the supply limits its output current, and the voltage falls. */
  readonly limitMa: number;
  /** When it is left out, the input is always good. */
  readonly input?: SupplyInput;
  readonly fault?: SupplyFault;
}

const SOFT_START_NANOS = 4 * NANOS_PER_MS;
const GOOD_ABOVE = 0.9;
const BAD_BELOW = 0.85;
/** Below this share of nominal the rail counts as down. */
const DOWN_BELOW = 0.1;
/** The bleeder on the output capacitors, and these capacitors with those at the load's input. Our choice. */
const DISCHARGE_TAU_NANOS = 40 * NANOS_PER_MS;
const OUTPUT_UF = 470;
/** Time constant of control loop and output capacitors when the load changes beyond the limit. */
const REGULATION_TAU_NANOS = 0.3 * NANOS_PER_MS;
/** Resistance of shunt, traces and connector between the regulation point and the sense point. */
const OUTPUT_MILLIOHMS = 12;
/**
 * The peak limit is twice the average limit, and the only limit until the loop has reacted. Our choice of
 * both.
 */
const PEAK_TO_AVERAGE = 2;
const REACTION_NANOS = 0.4 * NANOS_PER_MS;
const COLLAPSED_BELOW = 0.68;
const COLLAPSE_NANOS = 1 * NANOS_PER_MS;
const HICCUP_NANOS = 16 * NANOS_PER_MS;

/** The converter does nothing, runs its soft start, regulates, or limits the average current. */
type Mode = "off" | "starting" | "regulating" | "limiting";

export class Supply {
  readonly name: string;
  readonly nominalMv: number;
  readonly #clock: Clock;
  readonly #enable: Signal;
  readonly #powerGood: PowerGood;
  readonly #limitMa: number;
  readonly #input: SupplyInput | null;
  readonly #outputListeners: ((good: boolean) => void)[] = [];
  readonly #changeListeners: (() => void)[] = [];
  readonly #curve = new OutputCurve();
  #mode: Mode = "off";
  #load: Load = NO_LOAD;
  /** Voltage that a source from outside keeps at the output; 0 without one. */
  #fedMv = 0;
  #outputGood = false;
  #tripped = false;
  #resting = false;
  /** Pending actions: two that wait for a voltage, and the converter's own next step. */
  #crossing: { cancel(): void } | null = null;
  #collapse: { cancel(): void } | null = null;
  #step: { cancel(): void } | null = null;
  #cameUpAtNanos: number | null = null;
  #wentDownAtNanos: number | null = null;

  constructor(options: SupplyOptions) {
    this.name = options.name;
    this.nominalMv = options.nominalMv;
    this.#clock = options.clock;
    this.#enable = options.enable;
    this.#powerGood = new PowerGood({
      clock: options.clock,
      signal: options.powerGood,
      driver: `supply ${options.name}`,
      fault: options.fault ?? {},
      trip: () => this.trip(),
    });
    this.#limitMa = options.limitMa;
    this.#input = options.input ?? null;
    this.#enable.onChange(() => this.#change(() => this.#enableChanged()));
    this.#input?.onGood(() => this.#change(() => this.#runOrStop()));
    if (options.fault?.fed) this.feed(options.fault.fed);
    if (this.#enable.asserted) this.#enableChanged();
  }

  // ------------------------------------------------------------------- what can be seen

  /** Output voltage at the sense point now, under the present load. */
  get millivolts(): number {
    return this.millivoltsAt(this.#clock.nanos);
  }

  /** Current delivered now, in mA: what the load draws, up to the limit. */
  get milliamperes(): number {
    return this.milliamperesAt(this.#clock.nanos);
  }

  /** Output voltage at a given time: not before the last change, nor beyond the present. */
  millivoltsAt(nanos: number): number {
    const ownMv = this.#curve.at(nanos) - (this.milliamperesAt(nanos) * OUTPUT_MILLIOHMS) / 1000;
    return Math.max(0, ownMv, this.#fedMv);
  }

  /**
   * Current at a given time. A load takes less from an output that is not up, as a resistor would, and none
   * if a source from outside has the higher voltage.
   */
  milliamperesAt(nanos: number): number {
    const outputMv = this.#curve.at(nanos);
    if (outputMv < this.#fedMv) return 0;
    const wantedMa = this.#load.at(nanos);
    const drawnMa = outputMv === this.nominalMv ? wantedMa : (wantedMa * outputMv) / this.nominalMv;
    return Math.min(drawnMa, this.#capMa);
  }

  /**
   * Power that the converter delivers, in mW. It is none while the converter is off, even if its capacitors
   * still deliver.
   */
  convertedMwAt(nanos: number): number {
    return this.#mode === "off" || this.idle
      ? 0
      : (this.#curve.at(nanos) * this.milliamperesAt(nanos)) / 1000;
  }

  /**
   * The time until which the load is constant from `nanos` on and the voltage straight enough to be added up.
   */
  steadyUntil(nanos: number): number {
    const { stepNanos } = this.#load;
    const step = Number.isFinite(stepNanos) ? (Math.floor(nanos / stepNanos) + 1) * stepNanos : stepNanos;
    return Math.min(step, nanos + this.#curve.straightFor(nanos));
  }

  /** True if the voltage at the converter is constant from `nanos` on until the next change. */
  isConstant(nanos: number): boolean {
    return this.#curve.isConstant(nanos);
  }

  /** True if the load draws nothing at all until the next change. */
  get idle(): boolean {
    return this.#load === NO_LOAD;
  }

  get enabled(): boolean {
    return this.#enable.asserted;
  }

  /** Level of the power-good output, which a fault may falsify. */
  get powerGood(): boolean {
    return this.#powerGood.good;
  }

  /** True while the output itself is within regulation. */
  get outputGood(): boolean {
    return this.#outputGood;
  }

  /** The time at which the output last reached regulation; null before the first time. */
  get cameUpAtNanos(): number | null {
    return this.#cameUpAtNanos;
  }

  /**
   * The time at which the output last fell below a tenth of nominal; null while it is up or has never been
   * up.
   */
  get wentDownAtNanos(): number | null {
    return this.#wentDownAtNanos;
  }

  /** Calls the listener with true when the output reaches regulation and with false when it leaves it. */
  onOutput(listener: (good: boolean) => void): void {
    this.#outputListeners.push(listener);
  }

  /**
   * Calls the listener just before voltage or load change their course, while it can still ask for the old
   * one.
   */
  onChange(listener: () => void): void {
    this.#changeListeners.push(listener);
  }

  // ------------------------------------------------------------------- what can be done to it

  /**
   * Sets the load. Whenever the current or the voltage is read, `load.at` is called. The limits act on
   * `load.meanMa`.
   */
  setLoad(load: Load): void {
    this.#change(() => {
      this.#load = load;
      this.#followLoad();
    });
  }

  /** Replaces the faults of this supply. A converter that has tripped stays off until it is enabled again. */
  setFault(fault: SupplyFault): void {
    this.#powerGood.setFault(fault);
    this.feed(fault.fed ?? null);
  }

  /** A source outside the slot feeds the output from now on, or, with null, does so no longer. */
  feed(feed: Feed | null): void {
    this.#change(() => {
      this.#fedMv = feed?.mv ?? 0;
      this.#powerGood.keep(feed?.keepsPowerGood ?? false);
    });
  }

  /** Drops power-good for a moment while the output stays as it is. */
  glitchPowerGood(durationUs: number): void {
    this.#powerGood.glitch(durationUs);
  }

  /** The converter trips: its output decays until it is disabled and enabled again. */
  trip(): void {
    if (this.#mode === "off") return;
    this.#change(() => {
      this.#tripped = true;
      this.#stop();
    });
  }

  #change(action: () => void): void {
    for (const listener of this.#changeListeners) listener();
    action();
  }

  // ------------------------------------------------------------------- the converter

  #enableChanged(): void {
    if (!this.#enable.asserted) {
      this.#tripped = this.#resting = false;
      this.#stop();
    } else {
      this.#runOrStop();
    }
  }

  #runOrStop(): void {
    const may = this.#enable.asserted && !this.#tripped && !this.#resting && (this.#input?.good ?? true);
    if (may && this.#mode === "off") this.#start();
    else if (!may && this.#mode !== "off") this.#stop();
  }

  #start(): void {
    this.#mode = "starting";
    this.#nextStep(SOFT_START_NANOS, () => {
      this.#mode = this.#overloaded ? "limiting" : "regulating";
      this.#followLoad();
    });
    this.#followLoad();
    // The output is back before it left regulation. It crosses no threshold, and power-good is due again.
    if (this.#outputGood) this.#powerGood.arm();
  }

  #stop(): void {
    this.#mode = "off";
    this.#step?.cancel();
    this.#step = null;
    this.#powerGood.lose();
    this.#followLoad();
  }

  /**
   * Time constant with which the load discharges the output capacitors: its resistance times their
   * capacitance.
   */
  get #loadTauNanos(): number {
    const { meanMa } = this.#load;
    return meanMa === 0 ? Number.POSITIVE_INFINITY : (this.nominalMv / meanMa) * OUTPUT_UF * 1000;
  }

  get #overloaded(): boolean {
    return this.#load.meanMa > this.#limitMa;
  }

  get #peakMa(): number {
    return this.#limitMa * PEAK_TO_AVERAGE;
  }

  /**
   * The largest current that the load can get now. A converter that is off gives what its capacitors have.
   */
  get #capMa(): number {
    return this.#mode === "starting" || this.#mode === "limiting" ? this.#limitMa : this.#peakMa;
  }

  /** Voltage to which the output goes when the load gets at most this current. */
  #limitedMv(limitMa: number): number {
    const { meanMa } = this.#load;
    return meanMa > limitMa ? (this.nominalMv * limitMa) / meanMa : this.nominalMv;
  }

  #followLoad(): void {
    const { nanos } = this.#clock;
    switch (this.#mode) {
      case "off":
        this.#curve.settle(nanos, 0, 1 / (1 / DISCHARGE_TAU_NANOS + 1 / this.#loadTauNanos));
        break;
      case "starting":
        this.#curve.ramp(nanos, this.#limitedMv(this.#limitMa), this.nominalMv, SOFT_START_NANOS);
        break;
      case "limiting":
        if (!this.#overloaded) this.#mode = "regulating";
        this.#settleAt(this.#limitedMv(this.#limitMa), REGULATION_TAU_NANOS);
        break;
      case "regulating": {
        const limitedMv = this.#limitedMv(this.#peakMa);
        this.#settleAt(limitedMv, limitedMv < this.nominalMv ? this.#loadTauNanos : REGULATION_TAU_NANOS);
        this.#awaitReaction();
      }
    }
    this.#watch();
  }

  #settleAt(targetMv: number, tauNanos: number): void {
    const { nanos } = this.#clock;
    if (targetMv !== this.#curve.targetMv) this.#curve.settle(nanos, targetMv, tauNanos);
  }

  /** If an overload lasts until the loop has reacted, the converter limits the average from then on. */
  #awaitReaction(): void {
    if (!this.#overloaded) {
      this.#step?.cancel();
      this.#step = null;
    } else if (!this.#step) {
      this.#nextStep(REACTION_NANOS, () => {
        this.#mode = "limiting";
        this.#followLoad();
      });
    }
  }

  #nextStep(delayNanos: number, action: () => void): void {
    this.#step?.cancel();
    this.#step = this.#clock.schedule(delayNanos, () => {
      this.#step = null;
      this.#change(action);
    });
  }

  // ------------------------------------------------------------------- thresholds

  #watch(): void {
    this.#watchNextThreshold();
    this.#watchCollapse();
  }

  /** Waits for the one threshold that matters next: the output reaches regulation, leaves it, or is down. */
  #watchNextThreshold(): void {
    this.#crossing?.cancel();
    this.#crossing = null;
    const { rising } = this.#curve;
    if (rising && !this.#outputGood) {
      this.#await(GOOD_ABOVE, () => this.#outputBecomes(true));
    } else if (!rising && this.#outputGood) {
      this.#await(BAD_BELOW, () => this.#outputBecomes(false));
    } else if (!rising && this.#wentDownAtNanos === null && this.#cameUpAtNanos !== null) {
      this.#await(DOWN_BELOW, () => {
        this.#wentDownAtNanos = this.#clock.nanos;
      });
    }
  }

  #await(share: number, action: () => void): void {
    const delay = this.#curve.nanosUntil(share * this.nominalMv, this.#clock.nanos);
    if (delay === null) return;
    this.#crossing = this.#clock.schedule(delay, () => {
      this.#crossing = null;
      action();
    });
  }

  /** If the output stays collapsed while the converter works, the converter rests for a while. */
  #watchCollapse(): void {
    const { nanos } = this.#clock;
    const collapsedMv = COLLAPSED_BELOW * this.nominalMv;
    const working = this.#mode === "regulating" || this.#mode === "limiting";
    const collapsed = this.#curve.at(nanos) < collapsedMv;
    if (working && collapsed && this.#collapse) return;
    this.#collapse?.cancel();
    this.#collapse = null;
    if (!working) return;
    const delay = collapsed ? 0 : this.#curve.rising ? null : this.#curve.nanosUntil(collapsedMv, nanos);
    if (delay === null) return;
    this.#collapse = this.#clock.schedule(delay + COLLAPSE_NANOS, () => {
      this.#collapse = null;
      if (this.#curve.at(this.#clock.nanos) < collapsedMv) this.#change(() => this.#rest());
    });
  }

  #rest(): void {
    this.#resting = true;
    this.#stop();
    this.#nextStep(HICCUP_NANOS, () => {
      this.#resting = false;
      this.#runOrStop();
    });
  }

  #outputBecomes(good: boolean): void {
    this.#outputGood = good;
    if (good) {
      this.#cameUpAtNanos = this.#clock.nanos;
      this.#wentDownAtNanos = null;
      this.#powerGood.arm();
    } else {
      this.#powerGood.lose();
    }
    for (const listener of this.#outputListeners) listener(good);
    this.#watchNextThreshold();
  }
}
