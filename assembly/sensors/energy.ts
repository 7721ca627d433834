/**
 * Counts the energy of the compute supply in millijoules. The 64-bit count lasts for 39 million years at 15
 * W. It does not drift, because fractions of a millijoule are carried over to the next addition. It survives
 * a restart of the BMC, which takes about 20 ms; the energy of that time is computed from the power before.
 */
import { retained_read, retained_write } from "../generated/abi";

/** Indexes of the retained words for the count. */
const RETAINED_ENERGY_LOW: u32 = 1;
const RETAINED_ENERGY_HIGH: u32 = 2;
const PJ_PER_MJ: u64 = 1000000000;

let millijoules: u64 = 0;
/** The fraction that has not been added to the millijoules yet. */
let picojoules: u64 = 0;

/** Takes over the count from before a restart of the BMC. After power-on it is 0. */
export function start(): void {
  millijoules = ((<u64>retained_read(RETAINED_ENERGY_HIGH)) << 32) | retained_read(RETAINED_ENERGY_LOW);
}

export function energy_mj(): u64 {
  return millijoules;
}

/** Adds the energy of a mean power over a time. Microwatts times microseconds are picojoules. */
export function add(power_uw: u32, elapsed_us: u32): void {
  picojoules += <u64>power_uw * elapsed_us;
  if (picojoules < PJ_PER_MJ) return;
  const whole = picojoules / PJ_PER_MJ;
  picojoules -= whole * PJ_PER_MJ;
  millijoules += whole;
}

/** Retains the count for a restart. Called now and then only, because a call of the host costs time. */
export function keep(): void {
  retained_write(RETAINED_ENERGY_LOW, <u32>millijoules);
  retained_write(RETAINED_ENERGY_HIGH, <u32>(millijoules >> 32));
}
