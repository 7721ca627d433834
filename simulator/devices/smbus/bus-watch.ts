/**
 * A controller's knowledge of a bus that it is not using: is another controller on it, and from when on may
 * this one begin?
 */
import type { Net } from "../world.ts";
import { IDLE_NANOS } from "./timing.ts";

/**
 * While another controller's START is younger than this, this controller has not noticed it. Both go on, and
 * arbitration decides.
 */
const REACTION_NANOS = 300;

/** The next action on the bus. A number means: look again after so many nanoseconds. */
export type Verdict = "start" | "recover" | "low" | number;

export class BusWatch {
  /**
   * True between another controller's START and its STOP, and after a controller left the bus without a STOP.
   */
  busy = false;
  freeAtNanos = 0;
  lastEdgeNanos = Number.NEGATIVE_INFINITY;
  #startSeenNanos = 0;

  started(nanos: number): void {
    this.busy = true;
    this.#startSeenNanos = nanos;
  }

  /** Allows a START `nanos` from now. */
  freeIn(nanos: number, now: number): void {
    this.busy = false;
    this.freeAtNanos = now + nanos;
  }

  /** Decides the next action. When no STOP came, a silence of the bus shows that its user is gone. */
  verdict(now: number, scl: Net, sda: Net): Verdict {
    if (!scl.level) return "low";
    const silentAt = this.lastEdgeNanos + IDLE_NANOS;
    if (sda.level) {
      const freeAt = this.busy ? silentAt : this.freeAtNanos;
      return now >= freeAt ? "start" : freeAt - now;
    }
    if (this.busy && now - this.#startSeenNanos < REACTION_NANOS) return "start";
    return now >= silentAt ? "recover" : silentAt - now;
  }
}
