/**
 * Measures which inrush the fast over-current path rides through, and how soon it switches off what lasts
 * longer: pulses of current on the compute rail, from a supply that holds its voltage, at many moments of the
 * converter's round.
 */
import { Slot } from "../../simulator/slot/slot.ts";

/** What the compute board draws before and after a pulse. */
const BASE_MA = 800;
/** Our choice: no multiple of the round or the buffer, so that the pulses begin at all moments of both. */
const PHASE_STEP_US = 7.3;
const BETWEEN_MS = 1;
/** Longer than any pulse and the way off. */
const WAIT_MS = 1;

/** The pulses that are tried: a current, and for how long. Infinity: it stays. */
const PULSES: readonly { readonly ma: number; readonly us: number }[] = [
  ...[15, 20, 25, 35, 45, Number.POSITIVE_INFINITY].map((us) => ({ ma: 6000, us })),
  ...[5, 9, 15, Number.POSITIVE_INFINITY].map((us) => ({ ma: 8000, us })),
];

/**
 * A USB device that is plugged in. Its 10 uF (USB 2.0, 7.2.4.1) take 50 uC: at 6 A, of which the board itself
 * draws 3 A, that lasts for 17 us.
 */
export const STATED = { ma: 6000, us: 20 } as const;

export interface Inrush {
  readonly ma: number;
  readonly us: number;
  readonly trials: number;
  readonly ridden: number;
  /** The longest time from the beginning of a pulse to EN_5V low; null if no pulse was cut. */
  readonly most_us: number | null;
}

function runningSlot(directory: string): Slot {
  const slot = new Slot({ directory, xipCache: true, fault: "never-prints" });
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  slot.terminal.type("power on\r");
  slot.expect(/power: on\r\n/, 2000);
  slot.load.override(BASE_MA);
  slot.runFor(20);
  return slot;
}

/** Returns how long after the beginning of the pulse EN_5V went low, or null if it did not. */
function pulse_us(slot: Slot, ma: number, us: number): number | null {
  const enable = slot.signal("EN_5V");
  if (!enable) throw new Error(`board ${slot.board.name} has no EN_5V`);
  const began = slot.chip.nanos;
  let low_us: number | null = null;
  enable.onChange((high) => {
    if (!high) low_us ??= (slot.chip.nanos - began) / 1000;
  });
  slot.load.override((nanos) => (nanos - began < us * 1000 ? ma : BASE_MA));
  slot.runFor(WAIT_MS);
  slot.load.override(BASE_MA);
  return low_us;
}

export function measureInrush(
  directory: string,
  trials: number,
  progress: (done: number) => void,
): readonly Inrush[] {
  let done = 0;
  return PULSES.map(({ ma, us }) => {
    let slot: Slot | null = null;
    let ridden = 0;
    let most_us: number | null = null;
    for (let trial = 1; trial <= trials; trial++) {
      slot ??= runningSlot(directory);
      slot.runFor(BETWEEN_MS + ((trial * PHASE_STEP_US) % 100) / 1000);
      const low_us = pulse_us(slot, ma, us);
      if (low_us === null) {
        ridden++;
      } else {
        most_us = Math.max(most_us ?? 0, low_us);
        slot = null;
      }
      progress(++done);
    }
    return { ma, us, trials, ridden, most_us };
  });
}

/** How many pulses `measureInrush` tries. */
export function inrushTrials(trials: number): number {
  return PULSES.length * trials;
}
