/**
 * The load at the 5 V supply: the compute board, and the loads that a test puts in its place or beside it.
 * There are steps, slow rises, any course over time, and a short circuit.
 */
import { ComputeLoad, type ComputeStage, type LoadNoise } from "../compute/compute-load.ts";
import { type Clock, NANOS_PER_MS } from "../world.ts";
import { constantLoad, type Load, NO_LOAD } from "./load.ts";
import type { Supply } from "./supply.ts";

/** A course over time is constant for steps of this length. */
const COURSE_STEP_NANOS = 1000;
/** How often the supply's limits follow such a course. */
const LOOK_NANOS = 10 * COURSE_STEP_NANOS;
/**
 * A wire across the output, and its inductance. Our choice: the current passes the sensor's 6.6 A within 3
 * us.
 */
const SHORT_MILLIOHMS = 50;
const SHORT_NANOHENRIES = 2000;

export type Course = (nanos: number) => number;

export class RailLoad {
  readonly #clock: Clock;
  readonly #supply: Supply;
  readonly #seed: number;
  #compute: ComputeLoad;
  #stage: ComputeStage = "off";
  /** Replaces the board's own current. */
  #override: Load | Course | null = null;
  #courses = 0;
  #shortSinceNanos: number | null = null;
  #shortMilliohms = SHORT_MILLIOHMS;
  #look: { cancel(): void } | null = null;

  constructor(options: { clock: Clock; supply: Supply; seed: number }) {
    this.#clock = options.clock;
    this.#supply = options.supply;
    this.#seed = options.seed;
    this.#compute = new ComputeLoad(options.seed);
  }

  /** The compute board enters another stage. */
  enter(stage: ComputeStage): void {
    this.#stage = stage;
    this.#apply();
  }

  /** Current that the compute board itself draws at this moment, in mA, whatever else is connected. */
  computeMa(nanos: number): number {
    return this.#compute.in(this.#stage).at(nanos);
  }

  /**
   * Replaces the compute board's current: by a constant in mA, by a course over time (asked for whole
   * microseconds of emulated time and constant in between), or, with null, by the board's own current again.
   */
  override(load: number | Course | null): void {
    this.#courses++;
    this.#override = typeof load === "number" ? constantLoad(load) : load;
    this.#apply();
  }

  /**
   * Sets one current after another, each `afterMs` from now. Before the first the board's own current counts.
   */
  steps(steps: readonly { readonly afterMs: number; readonly ma: number | null }[]): void {
    this.override(null);
    const course = this.#courses;
    for (const { afterMs, ma } of steps) {
      this.#clock.schedule(afterMs * NANOS_PER_MS, () => {
        if (this.#courses !== course) return;
        this.override(ma);
        this.#courses = course;
      });
    }
  }

  /**
   * A slow overload: the current goes straight from the present mean to `ma` within `riseMs`, and stays
   * there.
   */
  riseTo(ma: number, riseMs: number): void {
    const since = this.#clock.nanos;
    const fromMa = this.#board().meanMa;
    const riseNanos = riseMs * NANOS_PER_MS;
    this.override((nanos) => fromMa + (ma - fromMa) * Math.min(1, Math.max(0, nanos - since) / riseNanos));
    const course = this.#courses;
    this.#clock.schedule(riseNanos, () => {
      if (this.#courses === course) this.override(ma);
    });
  }

  /** A short circuit of so many milliohms from now on, beside all other loads. */
  short(milliohms = SHORT_MILLIOHMS): void {
    if (!(milliohms > 0))
      throw new Error(`a short circuit of ${milliohms} milliohms: it must be more than 0`);
    this.#shortSinceNanos = this.#clock.nanos;
    this.#shortMilliohms = milliohms;
    this.#apply();
  }

  /** Removes the short circuit. */
  clearShort(): void {
    this.#shortSinceNanos = null;
    this.#apply();
  }

  /** Sets how much the board's own current wanders. A share that is left out takes its default. */
  noise(noise: LoadNoise): void {
    this.#compute = new ComputeLoad(this.#seed, noise);
    this.#apply();
  }

  #apply(): void {
    this.#look?.cancel();
    this.#look = null;
    const load = this.#total();
    this.#supply.setLoad(load);
    if (typeof this.#override === "function") this.#lookAgain(load.meanMa);
  }

  /**
   * Passes a course's present mean on to the supply, whose limits act on it, whenever the mean has changed.
   */
  #lookAgain(reportedMa: number): void {
    this.#look = this.#clock.schedule(LOOK_NANOS, () => {
      if (this.#total().meanMa !== reportedMa) this.#apply();
      else this.#lookAgain(reportedMa);
    });
  }

  #total(): Load {
    const shorted = this.#shorted();
    return shorted === null ? this.#board() : both(this.#board(), shorted);
  }

  #board(): Load {
    const override = this.#override;
    if (override === null) return this.#compute.in(this.#stage);
    return typeof override === "function" ? held(override, this.#clock.nanos) : override;
  }

  #shorted(): Load | null {
    const since = this.#shortSinceNanos;
    if (since === null) return null;
    const meanMa = (this.#supply.nominalMv * 1000) / this.#shortMilliohms;
    const tauNanos = (SHORT_NANOHENRIES / this.#shortMilliohms) * 1000;
    const at = (nanos: number) => meanMa * (1 - Math.exp(-Math.max(0, nanos - since) / tauNanos));
    return { ...held(at, since), meanMa };
  }
}

/** A course in steps. Its mean is its value at `nanos`. */
function held(course: Course, nanos: number): Load {
  const at = (moment: number) => {
    const ma = course(Math.floor(moment / COURSE_STEP_NANOS) * COURSE_STEP_NANOS);
    if (!(ma >= 0)) throw new Error(`a load of ${ma} mA: it must be 0 or more`);
    return ma;
  };
  return { meanMa: at(nanos), stepNanos: COURSE_STEP_NANOS, at };
}

function both(one: Load, other: Load): Load {
  if (one === NO_LOAD) return other;
  return {
    meanMa: one.meanMa + other.meanMa,
    stepNanos: Math.min(one.stepNanos, other.stepNanos),
    at: (nanos) => one.at(nanos) + other.at(nanos),
  };
}
