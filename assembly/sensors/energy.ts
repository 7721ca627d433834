/**
 * Energy of the compute supply in millijoules: a 64-bit count that lasts for longer than the hardware
 * (15 W for 39 million years) and does not drift, because what is less than a millijoule is carried on.
 * It survives a restart of the BMC; what was drawn meanwhile, some 20 ms, is charged at the power before.
 */
import { retained_read, retained_write } from "../generated/abi";

/** Places among the retained words. */
const PLACE_LOW: u32 = 1;
const PLACE_HIGH: u32 = 2;
const PICOJOULES: u64 = 1000000000; // per millijoule

let millijoules: u64 = 0;
let picojoules: u64 = 0;

/** Goes on where the life before stopped; 0 after power-on. */
export function start(): void {
  millijoules = ((<u64>retained_read(PLACE_HIGH)) << 32) | retained_read(PLACE_LOW);
}

export function energy_mj(): u64 {
  return millijoules;
}

/** `power` over `elapsed`: microwatts times microseconds are picojoules. */
export function add(power_uw: u32, elapsed_us: u32): void {
  picojoules += <u64>power_uw * elapsed_us;
  if (picojoules < PICOJOULES) return;
  const whole = picojoules / PICOJOULES;
  picojoules -= whole * PICOJOULES;
  millijoules += whole;
}

/** Keeps the count over a restart; called now and then, because an import is not cheap. */
export function keep(): void {
  retained_write(PLACE_LOW, <u32>millijoules);
  retained_write(PLACE_HIGH, <u32>(millijoules >> 32));
}
