/**
 * Runs a simulation in small steps at the pace asked for. Between two steps Node handles its own events, so
 * that signals, keys and a debugger reach the program while a simulation runs.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

const NANOS_PER_MS = 1_000_000;

/** The part of a machine that the runner needs. */
export interface Runnable {
  readonly nanos: number;
  runUntilNanos(nanos: number): void;
}

export type Speed = "real" | "max";

/** The wall clock; a test brings its own. */
export interface WallClock {
  /** Milliseconds since any fixed moment. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const WALL_CLOCK: WallClock = { now: () => performance.now(), sleep };

/** The user has ended the run, by Ctrl-C for example. */
export class Interrupted extends Error {}

const STEP_NANOS = 2 * NANOS_PER_MS;
/** The machine counts whole cycles, so that it may stop just short of a time that falls between two. */
const ROUNDING_NANOS = 1;
/** Wall time spent simulating before the event loop gets a turn. */
const TURN_MS = 15;
const LONGEST_SLEEP_MS = 15;
/** A machine that cannot keep up with real time does not try to catch up later. */
const LARGEST_DEBT_MS = 100;
/**
 * A machine that others have driven ahead of real time, as transfers on a bus do, does not stand still until
 * the clock has caught up. Our choice: much longer than a step, and no user notices such a pause.
 */
const LARGEST_LEAD_MS = 50;

export class Runner {
  readonly #machine: Runnable;
  readonly #held: () => boolean;
  readonly #wall: WallClock;
  #speed: Speed;
  #interrupted = false;
  /** A wall time and the emulated time that belongs to it; the pace counts from there. */
  #anchor: { wallMs: number; nanos: number } | null = null;

  /** Time stands still while `held` returns true, because a debugger has stopped the core. */
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

  /** Steps for one turn of the event loop; null when there is more to do. */
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

  /** By how many ms emulated time is ahead of the pace; 0 at full speed. */
  #aheadMs(): number {
    if (this.#speed === "max") return 0;
    const wallMs = this.#wall.now();
    const { nanos } = this.#machine;
    this.#anchor ??= { wallMs, nanos };
    const aheadMs = (nanos - this.#anchor.nanos) / NANOS_PER_MS - (wallMs - this.#anchor.wallMs);
    if (aheadMs >= -LARGEST_DEBT_MS && aheadMs <= LARGEST_LEAD_MS) return aheadMs;
    this.#anchor = { wallMs, nanos };
    return 0;
  }
}
