/**
 * The current that the compute board draws from its 5 V supply in each stage, with ripple. The means are our
 * choice, after published measurements of a Raspberry Pi 4 without peripherals.
 */

import { NOISE_STREAM, NoiseStream } from "../noise.ts";
import { type Load, NO_LOAD } from "../supply/load.ts";
import { NANOS_PER_MS } from "../world.ts";
import type { BootStage } from "./boot-plan.ts";

export type ComputeStage = "absent" | "off" | "reset" | BootStage | "shutting down" | "halted" | "brown-out";

const MEAN_MA: Record<ComputeStage, number> = {
  absent: 0,
  off: 0,
  reset: 95,
  bootloader: 390,
  "network boot": 520,
  firmware: 460,
  kernel: 860,
  userspace: 740,
  "log-in prompt": 560,
  "shutting down": 640,
  halted: 48,
  // More than the supply can deliver, as if every core and every regulator of the board started at once.
  "brown-out": 6000,
};

/** Switching regulators and memory refresh cause a small and fast part. */
const RIPPLE_SHARE = 0.02;
const RIPPLE_STEP_NANOS = 0.02 * NANOS_PER_MS;
/** Cores that work and wait cause a larger and slower part. A stage that does nothing has none of it. */
const WORK_SHARE = 0.08;
const WORK_STEP_NANOS = 500 * RIPPLE_STEP_NANOS;
const QUIET: ReadonlySet<ComputeStage> = new Set(["off", "absent", "reset", "halted"]);

/** The shares of the mean current that wander up and down: the fast part and the slow part, 0 to 0.5 each. */
export interface LoadNoise {
  readonly ripple?: number;
  readonly work?: number;
}

/**
 * The current of one board over time. It is never negative, and the same moment always gives the same value.
 */
export class ComputeLoad {
  readonly #ripple: NoiseStream;
  readonly #work: NoiseStream;
  readonly #rippleShare: number;
  readonly #workShare: number;

  constructor(seed: number, { ripple = RIPPLE_SHARE, work = WORK_SHARE }: LoadNoise = {}) {
    for (const share of [ripple, work]) {
      if (!(share >= 0 && share <= 0.5))
        throw new Error(`a noise of ${share} of the load: it must be 0 to 0.5`);
    }
    this.#ripple = new NoiseStream(seed, NOISE_STREAM.currentRipple);
    this.#work = new NoiseStream(seed, NOISE_STREAM.currentLoad);
    this.#rippleShare = ripple;
    this.#workShare = work;
  }

  /** The load of a board in this stage. */
  in(stage: ComputeStage): Load {
    const meanMa = MEAN_MA[stage];
    if (meanMa === 0) return NO_LOAD;
    const workShare = QUIET.has(stage) ? 0 : this.#workShare;
    const at = (nanos: number) => {
      const ripple = this.#rippleShare * this.#ripple.at(Math.floor(nanos / RIPPLE_STEP_NANOS));
      if (workShare === 0) return meanMa * (1 + ripple);
      return meanMa * (1 + ripple + workShare * this.#work.at(Math.floor(nanos / WORK_STEP_NANOS)));
    };
    return { meanMa, stepNanos: RIPPLE_STEP_NANOS, at };
  }
}
