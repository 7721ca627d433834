/**
 * The pin of the compute board that drives HALTED. From each reset of the board until its kernel's driver
 * starts, the pin is an input with its own pull. Then gpio-poweroff holds it low, and when the OS has stopped
 * it makes a pulse and leaves the pin high.
 *
 * Which pull a pin has after a reset depends on the pin: on the BCM2711 it is up on GPIO0 to 8 and down on
 * GPIO9 to 27 (its datasheet, 5.3).
 */
import { type Clock, NANOS_PER_MS, type Signal } from "../world.ts";

/** The times of Linux' gpio-poweroff (drivers/power/reset/gpio-poweroff.c): active-delay-ms and so on. */
const ACTIVE_MS = 100;
const INACTIVE_MS = 100;
/** If the power is still there after this time, timeout-ms, the kernel complains. */
const TIMEOUT_MS = 3000;
/** From the first edge to that complaint. */
export const COMPLAINS_AFTER_MS = ACTIVE_MS + INACTIVE_MS + TIMEOUT_MS;
/** From release to when the board's own 3.3 V is up, and with it the pull-up. Our choice. */
const SUPPLY_MS = 3;

/** What the pin does after a reset; `highMs` is Infinity where it stays high until the kernel drives it. */
export type HaltedPull = { readonly pull: "down" } | { readonly pull: "up"; readonly highMs: number };

export class HaltedPin {
  readonly #clock: Clock;
  readonly #signal: Signal | null;
  readonly #driver: string;
  readonly #pull: () => HaltedPull;
  #timer: { cancel(): void } | null = null;

  constructor(options: { clock: Clock; signal: Signal | null; driver: string; pull: () => HaltedPull }) {
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#driver = options.driver;
    this.#pull = options.pull;
  }

  /** The board is in reset or without power: nothing holds the line. */
  release(): void {
    this.#timer?.cancel();
    this.#signal?.drive(this.#driver, null);
  }

  /** The board leaves reset. `wasPowered`: its own supplies are up already. */
  reset(wasPowered: boolean): void {
    const pull = this.#pull();
    this.release();
    if (pull.pull === "down") {
      this.#drive(false);
      return;
    }
    this.#after(wasPowered ? 0 : SUPPLY_MS, () => {
      this.#drive(true);
      if (Number.isFinite(pull.highMs)) this.#after(pull.highMs, () => this.#drive(false));
    });
  }

  /** The kernel's driver has started. */
  takenByKernel(): void {
    this.#timer?.cancel();
    this.#drive(false);
  }

  /** The OS has stopped, and asks for its power to be switched off. */
  powerOff(): void {
    this.#drive(true);
    this.#after(ACTIVE_MS, () => {
      this.#drive(false);
      this.#after(INACTIVE_MS, () => this.#drive(true));
    });
  }

  #drive(level: boolean): void {
    this.#signal?.drive(this.#driver, level);
  }

  #after(delayMs: number, action: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(delayMs * NANOS_PER_MS, action);
  }
}
