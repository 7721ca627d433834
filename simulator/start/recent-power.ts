/** The last two minutes of the compute board's supply, for the curve in the terminal. */

import { NANOS_PER_MS } from "../devices/world.ts";
import type { Slot } from "../slot/slot.ts";
import { Buckets, type Extent } from "../tools/plot/buckets.ts";
import { QUANTITIES, samplePower } from "../tools/plot/power-samples.ts";

/** Fine enough to show a brown-out, and cheap beside the emulation itself. */
const SAMPLE_NANOS = NANOS_PER_MS;
/** Columns of a curve are whole multiples of this. */
export const STEP_MS = 100;
const STEP_NANOS = STEP_MS * NANOS_PER_MS;
const STEPS_KEPT = 1200;

export class RecentPower {
  readonly #buckets = new Buckets(STEPS_KEPT, QUANTITIES);
  #newest = -1;

  /** Follows the slot, which must not have run yet. */
  static of(slot: Slot): RecentPower {
    const recent = new RecentPower();
    samplePower(slot, SAMPLE_NANOS, (nanos, values) => recent.add(nanos, values));
    return recent;
  }

  /** Samples come in the order of time. */
  add(nanos: number, values: readonly number[]): void {
    const step = Math.floor(nanos / STEP_NANOS);
    const oldestToClear = Math.max(this.#newest + 1, step - STEPS_KEPT + 1);
    for (let stale = oldestToClear; stale <= step; stale++) this.#buckets.clear(stale % STEPS_KEPT);
    this.#newest = Math.max(this.#newest, step);
    this.#buckets.add(step % STEPS_KEPT, values);
  }

  /** Number of the step that is still growing, counted from time 0; -1 before the first sample. */
  get newest(): number {
    return this.#newest;
  }

  /** Extent of the values in these steps, `to` not included; null where no values are kept. */
  extent(quantity: number, from: number, to: number): Extent | null {
    const first = Math.max(from, 0, this.#newest - STEPS_KEPT + 1);
    const end = Math.min(to, this.#newest + 1);
    const count = Math.max(0, end - first);
    return this.#buckets.extent(
      quantity,
      Array.from({ length: count }, (_, index) => (first + index) % STEPS_KEPT),
    );
  }
}
