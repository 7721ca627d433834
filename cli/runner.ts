/**
 * Moves emulated time on in small steps, at the pace asked for, and lets Node breathe between
 * them: signals, keys and a debugger must be heard while a simulation runs.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

const NANOS_PER_MS = 1_000_000;

/** What the runner needs of a machine. */
export interface Runnable {
  readonly nanos: number;
  runUntilNanos(nanos: number): void;
}

export type Speed = "real" | "max";

/** The wall clock, so that a test can own it. */
export interface WallClock {
  /** Milliseconds since some moment. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const WALL_CLOCK: WallClock = { now: () => performance.now(), sleep };

/** The user wants to leave. */
export class Interrupted extends Error {}

const STEP_NANOS = 2 * NANOS_PER_MS;
/** The machine counts whole cycles; where a time falls between two, it may stop just short of it. */
const ROUNDING_NANOS = 1;
/** Wall time spent simulating before the event loop gets a turn. */
const TURN_MS = 15;
const LONGEST_SLEEP_MS = 15;
/** A machine that cannot keep up with real time does not try to catch up later. */
const LARGEST_DEBT_MS = 100;

export class Runner {
  readonly #machine: Runnable;
  readonly #held: () => boolean;
  readonly #wall: WallClock;
  #speed: Speed;
  #interrupted = false;
  /** Wall and emulated time that belong together, for the pace. */
  #anchor: { wallMs: number; nanos: number } | null = null;

  /** While `held` is true, because a debugger stopped the core, time stands still. */
  constructor(
    machine: Runnable,
    speed: Speed,
    held: () => boolean = () => false,
    wall: WallClock = WALL_CLOCK,
  ) {
    this.#wall = wall;
    this.#machine = machine;
    this.#speed = speed;
    this.#held = held;
  }

  get speed(): Speed {
    return this.#speed;
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** Makes every wait end with Interrupted. */
  interrupt(): void {
    this.#interrupted = true;
  }

  /** Runs until the condition holds: true, or false after `timeoutMs` of emulated time. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    const limitNanos = this.#machine.nanos + timeoutMs * NANOS_PER_MS;
    for (;;) {
      if (this.#interrupted) throw new Interrupted();
      if (this.#held()) {
        this.#anchor = null;
        await this.#wall.sleep(LONGEST_SLEEP_MS);
        continue;
      }
      const outcome = this.#turn(condition, limitNanos);
      if (outcome !== null) return outcome;
      const aheadMs = this.#aheadMs();
      if (aheadMs > 1) await this.#wall.sleep(Math.min(aheadMs, LONGEST_SLEEP_MS));
      else await nextTurn();
    }
  }

  /** Steps for one turn; null when there is more to do. */
  #turn(condition: () => boolean, limitNanos: number): boolean | null {
    const turnEndMs = this.#wall.now() + TURN_MS;
    do {
      if (condition()) return true;
      if (this.#machine.nanos >= limitNanos - ROUNDING_NANOS) return false;
      if (this.#held() || this.#aheadMs() > 0) return null;
      this.#machine.runUntilNanos(Math.min(this.#machine.nanos + STEP_NANOS, limitNanos));
    } while (this.#wall.now() < turnEndMs);
    return null;
  }

  /** How far emulated time is ahead of where it should be, in ms; 0 at full speed. */
  #aheadMs(): number {
    if (this.#speed === "max") return 0;
    const wallMs = this.#wall.now();
    const { nanos } = this.#machine;
    this.#anchor ??= { wallMs, nanos };
    const aheadMs = (nanos - this.#anchor.nanos) / NANOS_PER_MS - (wallMs - this.#anchor.wallMs);
    if (aheadMs < -LARGEST_DEBT_MS) this.#anchor = { wallMs, nanos };
    return aheadMs;
  }
}
