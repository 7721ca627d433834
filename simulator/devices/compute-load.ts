/**
 * What the compute board draws from its 5 V supply, by phase, with ripple. Means are chosen
 * after published measurements of a Raspberry Pi 4 without peripherals.
 */
import type { BootStage } from "./boot-plan.ts";
import { NOISE_STREAM, noise } from "./noise.ts";
import { NANOS_PER_MS } from "./world.ts";

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
  // More than the supply can deliver: every core and every regulator of the board at once.
  "brown-out": 6000,
};

/** Switching and refresh: small and fast. */
const RIPPLE_SHARE = 0.02;
const RIPPLE_STEP_NANOS = 0.02 * NANOS_PER_MS;
/** Cores that work and wait: larger and slower; little of it in a stage that does nothing. */
const LOAD_SHARE = 0.08;
const LOAD_STEP_NANOS = 10 * NANOS_PER_MS;
const QUIET: ReadonlySet<ComputeStage> = new Set(["off", "absent", "reset", "halted"]);

export function meanCurrentMa(stage: ComputeStage): number {
  return MEAN_MA[stage];
}

/** Current at this moment; never negative, and the same whenever the same moment is asked for. */
export function currentMa(stage: ComputeStage, seed: number, nanos: number): number {
  const ripple = noise(seed, NOISE_STREAM.currentRipple, Math.floor(nanos / RIPPLE_STEP_NANOS));
  const load = noise(seed, NOISE_STREAM.currentLoad, Math.floor(nanos / LOAD_STEP_NANOS));
  const loadShare = QUIET.has(stage) ? 0 : LOAD_SHARE;
  return MEAN_MA[stage] * (1 + RIPPLE_SHARE * ripple + loadShare * load);
}
