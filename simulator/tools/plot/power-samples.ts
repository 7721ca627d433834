/**
 * Samples what the compute board's supply delivers. It asks the simulated supply itself, and not the BMC's
 * measurements. It samples at fixed emulated times, and also at every edge of the power signals, because a
 * dip may be over before the next sample. Sampling changes nothing: noise has no state, and an alarm costs no
 * cycle.
 */
import type { Slot } from "../../slot/slot.ts";

/** Indices of the quantities in a sample. */
export const POWER = 0;
export const VOLTAGE = 1;
export const CURRENT = 2;
export const QUANTITIES = 3;

/** `values`: milliwatts, millivolts, milliamperes. */
export type SampleListener = (nanos: number, values: readonly [number, number, number]) => void;

/**
 * Calls `listener` with a first sample when the emulated chip starts to run, and with the next ones from then
 * on.
 */
export function samplePower(slot: Slot, everyNanos: number, listener: SampleListener): void {
  const { chip, supplies, board } = slot;
  const supply = supplies[slot.computeRail];
  if (!supply) return;
  const take = () => {
    const { millivolts, milliamperes } = supply;
    listener(chip.nanos, [(millivolts * milliamperes) / 1000, millivolts, milliamperes]);
  };
  const periodic = () => {
    take();
    chip.schedule(everyNanos, periodic);
  };
  chip.schedule(0, periodic);
  // An edge of power-good comes before the load is gone. The output's own notification comes after it.
  const edges = board.rails.flatMap(({ enable, power_good }) => [enable, power_good]);
  for (const name of [...edges, "COMPUTE_RUN"]) slot.signal(name)?.onChange(take);
  supply.onOutput(take);
}
