/**
 * The slot's input: the rack's supply through cable and connector, an ideal diode, and the bulk capacitor
 * behind it. The capacitor keeps the converters going for a while when the rack's supply fails or sags. The
 * BMC has another source, the standby supply.
 *
 * While the capacitor alone feeds the slot, the power drawn decides: C dV/dt = -P / V, so V squared falls by
 * 2 P / C per unit of time. The converters stop below 6 V and start again at 6.4 V. Our choice of both: a
 * little below the 7 V from which converters of their kind (ROHM BD9E series, 7 to 28 V and more) are
 * specified.
 */

import { type Clock, NANOS_PER_MS, NANOS_PER_SECOND } from "../world.ts";
import type { SupplyInput } from "./supply.ts";

export interface InputSupplyOptions {
  readonly clock: Clock;
  /** Voltage of the rack's supply; the default is 12 V, the most 20 V. */
  readonly nominalMv?: number;
  /** Bulk capacitor in microfarads. */
  readonly capacitorUf?: number;
  /** Power that the slot's converters deliver at a moment, in mW. */
  readonly convertedMw: (nanos: number) => number;
}

const NOMINAL_MV = 12_000;
/** Our choice: it feeds a booting compute board for some 10 ms. */
const CAPACITOR_UF = 1000;
/** Resistance of cable and connector from the rack's supply to the slot. */
const SOURCE_MILLIOHMS = 90;
/** Power of the converters themselves and of an indicator. Our choice. */
const QUIESCENT_MW = 150;
const CONVERTER_EFFICIENCY = 0.9;
/** The capacitor charges again through a limited inrush. Our choice. */
const CHARGE_TAU_NANOS = 1 * NANOS_PER_MS;
const CHARGED_TAUS = 50;
const BAD_BELOW_MV = 6000;
const GOOD_ABOVE_MV = 6400;
/** While the capacitor alone feeds the slot, the model reads the power drawn this often. */
const STEP_NANOS = 0.02 * NANOS_PER_MS;

/** The voltage follows the source, rises to it again, or falls while the capacitor alone feeds the slot. */
type Course =
  | { readonly kind: "source" }
  | { readonly kind: "charging"; readonly sinceNanos: number; readonly missingMv: number }
  | { readonly kind: "holding"; readonly sinceNanos: number; readonly fromMv: number; readonly mw: number };

export class InputSupply implements SupplyInput {
  #nominalMv: number;
  readonly #clock: Clock;
  readonly #capacitorUf: number;
  readonly #convertedMw: (nanos: number) => number;
  readonly #listeners: ((good: boolean) => void)[] = [];
  #sourceMv: number;
  #course: Course = { kind: "source" };
  #good: boolean;
  #timer: { cancel(): void } | null = null;
  #plans = 0;

  constructor(options: InputSupplyOptions) {
    this.#clock = options.clock;
    this.#nominalMv = options.nominalMv ?? NOMINAL_MV;
    this.#capacitorUf = options.capacitorUf ?? CAPACITOR_UF;
    this.#convertedMw = options.convertedMw;
    this.#checkMv(this.#nominalMv);
    this.#sourceMv = this.#nominalMv;
    this.#good = this.#nominalMv >= GOOD_ABOVE_MV;
  }

  /** Voltage of the rack's supply when it works. */
  get nominalMv(): number {
    return this.#nominalMv;
  }

  /** Voltage at the slot now, in mV. */
  get millivolts(): number {
    return this.millivoltsAt(this.#clock.nanos);
  }

  /** Voltage at a given time: not before the last change, nor beyond the present. */
  millivoltsAt(nanos: number): number {
    const course = this.#course;
    if (course.kind === "holding") {
      const fallen = this.#fallenMv2(course.mw, nanos - course.sinceNanos);
      return Math.sqrt(Math.max(0, course.fromMv ** 2 - fallen));
    }
    const fedMv = this.#fedMv(nanos);
    if (course.kind === "source") return fedMv;
    const elapsed = nanos - course.sinceNanos;
    return Math.max(0, fedMv - course.missingMv * Math.exp(-elapsed / CHARGE_TAU_NANOS));
  }

  /** True while the voltage is enough for the converters. */
  get good(): boolean {
    return this.#good;
  }

  onGood(listener: (good: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** The rack's supply fails. */
  fail(): void {
    this.setSource(0);
  }

  restore(): void {
    this.setSource(this.nominalMv);
  }

  /** Sets the rack's supply to another voltage for good: it comes back to this one after it has failed. */
  setNominal(mv: number): void {
    this.setSource(mv);
    this.#nominalMv = mv;
  }

  /** Changes the rack's supply to `mv` at once. The slot follows as its capacitor lets it. */
  setSource(mv: number): void {
    this.#checkMv(mv);
    this.#plans++;
    this.#switchTo(mv);
  }

  /**
   * Plans changes of the rack's supply, each `afterMs` from now. Another call that changes the supply ends
   * the plan.
   */
  plan(steps: readonly { readonly afterMs: number; readonly mv: number }[]): void {
    const plan = ++this.#plans;
    for (const { afterMs, mv } of steps) {
      this.#checkMv(mv);
      this.#clock.schedule(afterMs * NANOS_PER_MS, () => {
        if (this.#plans === plan) this.#switchTo(mv);
      });
    }
  }

  #checkMv(mv: number): void {
    if (!(mv >= 0 && mv <= 26_000)) throw new Error(`an input of ${mv} mV: it must be 0 to 26000`);
  }

  /** Power drawn from the capacitor or the source, in mW. */
  #drawnMw(nanos: number): number {
    return this.#convertedMw(nanos) / CONVERTER_EFFICIENCY + QUIESCENT_MW;
  }

  /** Voltage at the slot while the source feeds it: the source's less the drop over cable and connector. */
  #fedMv(nanos: number): number {
    if (this.#sourceMv === 0) return 0;
    const ma = (this.#drawnMw(nanos) / this.#sourceMv) * 1000;
    return Math.max(0, this.#sourceMv - (ma * SOURCE_MILLIOHMS) / 1000);
  }

  /** Fall of the squared voltage in this time: 2 P t / C, in mV squared. */
  #fallenMv2(mw: number, nanos: number): number {
    return ((2 * mw * nanos) / NANOS_PER_SECOND / this.#capacitorUf) * 1e9;
  }

  #switchTo(mv: number): void {
    const { nanos } = this.#clock;
    const presentMv = this.millivoltsAt(nanos);
    this.#sourceMv = mv;
    const missingMv = this.#fedMv(nanos) - presentMv;
    if (missingMv > 0) this.#charge(missingMv);
    else this.#hold(presentMv);
  }

  #charge(missingMv: number): void {
    const { nanos } = this.#clock;
    this.#course = { kind: "charging", sinceNanos: nanos, missingMv };
    const fedMv = missingMv + this.millivoltsAt(nanos);
    const charged = CHARGED_TAUS * CHARGE_TAU_NANOS;
    const toGood = Math.log(missingMv / (fedMv - GOOD_ABOVE_MV)) * CHARGE_TAU_NANOS;
    if (!this.#good && toGood >= 0) {
      this.#next(toGood, () => {
        this.#next(charged - toGood, () => this.#feed());
        this.#become(true);
      });
    } else {
      if (!this.#good && fedMv > GOOD_ABOVE_MV) this.#become(true);
      this.#next(charged, () => this.#feed());
    }
  }

  #feed(): void {
    this.#course = { kind: "source" };
    if (this.millivoltsAt(this.#clock.nanos) < BAD_BELOW_MV) this.#become(false);
  }

  /**
   * The capacitor alone feeds the slot until the source takes over. The model goes step by step while the
   * power may change.
   */
  #hold(fromMv: number): void {
    const { nanos } = this.#clock;
    const mw = this.#drawnMw(nanos);
    const fedMv = this.#fedMv(nanos);
    // The source feeds the load again once the capacitor has fallen to the voltage that the source gives at
    // the slot.
    if (fromMv <= fedMv) {
      this.#timer?.cancel();
      this.#feed();
      return;
    }
    this.#course = { kind: "holding", sinceNanos: nanos, fromMv, mw };
    const until = (mv: number) => Math.max(0, fromMv ** 2 - mv ** 2) / this.#fallenMv2(mw, 1);
    const taken = until(fedMv);
    const bad = this.#good ? until(BAD_BELOW_MV) : Number.POSITIVE_INFINITY;
    const step = this.#good ? STEP_NANOS : Number.POSITIVE_INFINITY;
    const delay = Math.min(taken, bad, step);
    this.#next(delay, () => {
      const leftMv = this.millivoltsAt(this.#clock.nanos);
      if (delay === taken) this.#feed();
      else this.#hold(leftMv);
      if (delay === bad) this.#become(false);
    });
  }

  #next(delayNanos: number, action: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(delayNanos, () => {
      this.#timer = null;
      action();
    });
  }

  #become(good: boolean): void {
    if (this.#good === good) return;
    this.#good = good;
    for (const listener of this.#listeners) listener(good);
    // The power drawn has changed with it.
    if (this.#course.kind === "holding") this.#hold(this.millivoltsAt(this.#clock.nanos));
  }
}
