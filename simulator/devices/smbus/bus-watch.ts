/**
 * What a controller knows of a bus it is not using: whether others are on it, and from when on it may begin
 * itself.
 */
import type { Net } from "../world.ts";
import { IDLE_NANOS } from "./timing.ts";

/** A START of another controller this young has not been noticed: both go on, and arbitration decides. */
const REACTION_NANOS = 300;

/** What to do about the bus now; a number: look again that many nanoseconds from now. */
export type Verdict = "start" | "recover" | "low" | number;

export class BusWatch {
  /** Between another controller's START and its STOP, or since someone left the bus without one. */
  busy = false;
  freeAtNanos = 0;
  lastEdgeNanos = Number.NEGATIVE_INFINITY;
  #startSeenNanos = 0;

  started(nanos: number): void {
    this.busy = true;
    this.#startSeenNanos = nanos;
  }

  /** `nanos` later a START is allowed. */
  freeIn(nanos: number, now: number): void {
    this.busy = false;
    this.freeAtNanos = now + nanos;
  }

  /** Without a STOP, a silence tells that whoever had the bus is gone. */
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
