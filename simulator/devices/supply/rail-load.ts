/**
 * What hangs at the 5 V supply: the compute board, and whatever a test puts in its place or beside it.
 * Steps, slow rises, any course over time, and a short circuit.
 */
import { ComputeLoad, type ComputeStage, type LoadNoise } from "../compute/compute-load.ts";
import { type Clock, NANOS_PER_MS } from "../world.ts";
import { constantLoad, type Load, NO_LOAD } from "./load.ts";
import type { Supply } from "./supply.ts";

/** A course over time is held for steps of this length. */
const COURSE_STEP_NANOS = 1000;
/** How often the supply's limits look at such a course. */
const LOOK_NANOS = 10 * COURSE_STEP_NANOS;
/** A wire across the output, and its inductance: beyond the sensor's 6.6 A within 3 us. Chosen. */
const SHORT_MILLIOHMS = 50;
const SHORT_NANOHENRIES = 2000;

export type Course = (nanos: number) => number;

export class RailLoad {
  readonly #clock: Clock;
  readonly #supply: Supply;
  readonly #seed: number;
  #compute: ComputeLoad;
  #stage: ComputeStage = "off";
  /** In place of the board's own current. */
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

  /** The compute board does something else now. */
  enter(stage: ComputeStage): void {
    this.#stage = stage;
    this.#apply();
  }

  /** What the compute board itself draws at this moment, in mA, whatever else is there. */
  computeMa(nanos: number): number {
    return this.#compute.in(this.#stage).at(nanos);
  }

  /**
   * In place of the compute board's current: so many mA, a course over time (asked for whole
   * microseconds of machine time, held in between), or the board's own again with null.
   */
  override(load: number | Course | null): void {
    this.#courses++;
    this.#override = typeof load === "number" ? constantLoad(load) : load;
    this.#apply();
  }

  /** One current after the other, each from so many ms after now; before the first the board's own. */
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

  /** A slow overload: from the present mean straight to `ma` within `riseMs`, and there it stays. */
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

  /** A short circuit beside everything else, from now on, of so many milliohms. */
  short(milliohms = SHORT_MILLIOHMS): void {
    if (!(milliohms > 0)) throw new Error(`a short circuit of ${milliohms} milliohms`);
    this.#shortSinceNanos = this.#clock.nanos;
    this.#shortMilliohms = milliohms;
    this.#apply();
  }

  /** The short circuit is gone. */
  clearShort(): void {
    this.#shortSinceNanos = null;
    this.#apply();
  }

  /** How much the board's own current wanders; what is not named is as it was built. */
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

  /** The supply's limits follow a course: they are told when what they act on has changed. */
  #lookAgain(toldMa: number): void {
    this.#look = this.#clock.schedule(LOOK_NANOS, () => {
      if (this.#total().meanMa !== toldMa) this.#apply();
      else this.#lookAgain(toldMa);
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

/** A course in steps; its mean is what it is at `nanos`. */
function held(course: Course, nanos: number): Load {
  const at = (moment: number) => {
    const ma = course(Math.floor(moment / COURSE_STEP_NANOS) * COURSE_STEP_NANOS);
    if (!(ma >= 0)) throw new Error(`a load of ${ma} mA`);
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
