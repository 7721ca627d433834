/**
 * A switching supply of the slot: an enable input, a soft-start ramp, an output that sags
 * when it is overloaded and discharges when it is off, and a power-good output.
 *
 * The output is in regulation from 90 % on and out of it below 85 % of nominal, as usual for converters
 * of this class. All times are chosen, within what such converters' datasheets give.
 *
 * Two limits, as buck converters have them: the inductor's peak current, cycle by cycle, and an average
 * that takes its time. An output held below two thirds for a millisecond stops the converter, which tries
 * again after a pause ("hiccup"; TI TPS568215: 68 %, 1 ms, 7 ms; TPSM82864A: 16 ms).
 */

import type { Clock, Signal } from "../world.ts";
import { NANOS_PER_MS } from "../world.ts";
import { type Load, NO_LOAD } from "./load.ts";
import { OutputCurve } from "./output-curve.ts";
import { PowerGood, type SupplyFault } from "./power-good.ts";

/** Where the supply gets its power from; it stops below what it needs. */
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
  /** Above this on average the output current is limited and the voltage falls. */
  readonly limitMa: number;
  /** Always there when left out. */
  readonly input?: SupplyInput;
  readonly fault?: SupplyFault;
}

const SOFT_START_NANOS = 4 * NANOS_PER_MS;
const GOOD_ABOVE = 0.9;
const BAD_BELOW = 0.85;
/** Below this share of nominal the rail counts as down. */
const DOWN_BELOW = 0.1;
/** The bleeder on the output capacitors, and they themselves with those at the load's input. Chosen. */
const DISCHARGE_TAU_NANOS = 40 * NANOS_PER_MS;
const OUTPUT_UF = 470;
/** Control loop and output capacitors when the load changes beyond the limit. */
const REGULATION_TAU_NANOS = 0.3 * NANOS_PER_MS;
/** Shunt, traces and connector between the regulation point and the sense point. */
const OUTPUT_MILLIOHMS = 12;
/** The peak limit is twice the average one; until the loop has noticed it is the only one. Both chosen. */
const PEAK_TO_AVERAGE = 2;
const REACTION_NANOS = 0.4 * NANOS_PER_MS;
const COLLAPSED_BELOW = 0.68;
const COLLAPSE_NANOS = 1 * NANOS_PER_MS;
const HICCUP_NANOS = 16 * NANOS_PER_MS;

/** What the converter does: nothing, its soft start, regulating, or limiting the average current. */
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
  #outputGood = false;
  #tripped = false;
  #resting = false;
  /** What waits for a voltage, and for the converter's own next step. */
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

  /** As `millivolts`, for whoever knows the time: not before the last change, nor beyond the present. */
  millivoltsAt(nanos: number): number {
    return Math.max(0, this.#curve.at(nanos) - (this.milliamperesAt(nanos) * OUTPUT_MILLIOHMS) / 1000);
  }

  /** A load takes less from an output that is not up, as a resistor would. */
  milliamperesAt(nanos: number): number {
    const outputMv = this.#curve.at(nanos);
    const wantedMa = this.#load.at(nanos);
    const drawnMa = outputMv === this.nominalMv ? wantedMa : (wantedMa * outputMv) / this.nominalMv;
    return Math.min(drawnMa, this.#capMa);
  }

  /** Power the converter delivers, in mW; none while it does not run, whatever its capacitors still give. */
  convertedMwAt(nanos: number): number {
    return this.#mode === "off" || this.idle
      ? 0
      : (this.#curve.at(nanos) * this.milliamperesAt(nanos)) / 1000;
  }

  /** Until when the load is constant from `nanos` on, and the voltage straight enough to be added up. */
  steadyUntil(nanos: number): number {
    const { stepNanos } = this.#load;
    const step = Number.isFinite(stepNanos) ? (Math.floor(nanos / stepNanos) + 1) * stepNanos : stepNanos;
    return Math.min(step, nanos + this.#curve.straightFor(nanos));
  }

  /** Whether the voltage at the converter is constant from `nanos` on, or until the next change. */
  isConstant(nanos: number): boolean {
    return this.#curve.isConstant(nanos);
  }

  /** Whether nothing at all is drawn, until the next change. */
  get idle(): boolean {
    return this.#load === NO_LOAD;
  }

  get enabled(): boolean {
    return this.#enable.asserted;
  }

  /** What the power-good output says, which a fault may falsify. */
  get powerGood(): boolean {
    return this.#powerGood.good;
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

  /** Called just before voltage or load take another course, while the old one can still be asked. */
  onChange(listener: () => void): void {
    this.#changeListeners.push(listener);
  }

  // ------------------------------------------------------------------- what can be done to it

  /** `load.at` is asked whenever current or voltage are; the limits act on `load.meanMa`. */
  setLoad(load: Load): void {
    this.#change(() => {
      this.#load = load;
      this.#followLoad();
    });
  }

  /** Drops power-good for a moment while the output stays as it is. */
  glitchPowerGood(durationUs: number): void {
    this.#powerGood.glitch(durationUs);
  }

  /** The converter gives up: its output decays until it is disabled and enabled again. */
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
    // Back before it had left regulation: there is no threshold to cross, and power-good is due again.
    if (this.#outputGood) this.#powerGood.arm();
  }

  #stop(): void {
    this.#mode = "off";
    this.#step?.cancel();
    this.#step = null;
    this.#powerGood.lose();
    this.#followLoad();
  }

  /** How fast the load empties the output capacitors: its resistance times their capacity. */
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

  /** The most that the load can get now; the capacitors of a converter that is off give what they have. */
  get #capMa(): number {
    return this.#mode === "starting" || this.#mode === "limiting" ? this.#limitMa : this.#peakMa;
  }

  /** Where the output goes when the load gets this current and no more. */
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

  /** An overload that lasts until the loop has noticed is limited on average from then on. */
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

  /** Waits for the one threshold that matters next: regulation reached, left, or the rail down. */
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

  /** An output that stays collapsed while the converter works for it sends the converter to rest. */
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
