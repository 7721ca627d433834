/**
 * Decides whether HALTED means that the compute OS has halted.
 *
 * Linux drives the line (gpio-poweroff): low from when its driver starts, high when it has stopped. It makes
 * a pulse first, 100 ms high and 100 ms low, and then leaves the line high. After that the board prints
 * nothing; if it still has power 3 s later, the kernel complains.
 *
 * From a reset of the board until that driver starts nothing drives the line. Where the pin has a pull-up the
 * line is high all that time, at every boot and every reboot. That is no halt: so the line must have been low
 * before, must stay high, and the board must be silent.
 */
import { Debounced } from "./debounced";

/**
 * The line counts only after it was low for this long. Our choice: a line with a pull-up is low at first, and
 * rises with the board's own supplies, which takes them 100 ms at most. No OS starts and halts in a second.
 */
const ARMED_AFTER_US: u64 = 1000000;
/**
 * How long the line must be high, and the board silent, if it was asked to shut down. Our choice: half the
 * first pulse of gpio-poweroff, and longer than the last bytes of a line take to reach the boot log (11 ms).
 */
const HALTED_US: u64 = 50000;
/**
 * For this much longer if it was not asked. Our choice: a board that reboots prints its first line within a
 * second or so, and the kernel complains after 3 s. Power that goes 2 s later does no harm.
 */
const UNASKED_US: u64 = 2000000;

export class Halt {
  /** The line has been low for long enough. A restart of the BMC keeps this. */
  armed: bool = false;
  private low: Debounced = new Debounced(ARMED_AFTER_US);
  private steady: Debounced = new Debounced(HALTED_US);
  private lasting: Debounced = new Debounced(UNASKED_US);

  /** The board was released from reset: the line does not count until it has been low. */
  disarm(): void {
    this.armed = false;
    this.forget();
  }

  /** The compute OS does not run. */
  forget(): void {
    this.low.forget();
    this.steady.forget();
    this.lasting.forget();
  }

  /** When `isHalted` must be called again at the latest, or NO_DEADLINE. */
  due_us(): u64 {
    return min(this.low.due_us, min(this.steady.due_us, this.lasting.due_us));
  }

  /**
   * Takes the level of HALTED at this moment. `isAsked`: the OS was asked to shut down. `printed`: the board
   * has printed since the last call.
   */
  isHalted(now_us: u64, high: bool, isAsked: bool, printed: bool): bool {
    if (!this.armed && this.low.isConfirmed(now_us, !high)) {
      this.armed = true;
      this.low.forget();
    }
    if (printed && high) {
      // What is printed right after the edge may have been on its way. What comes later is from a board that
      // boots again, and nothing drives its line until the new kernel does.
      if (this.steady.confirmed) this.armed = false;
      this.steady.forget();
    }
    const isSteady = this.steady.isConfirmed(now_us, high && this.armed);
    const isLasting = this.lasting.isConfirmed(now_us, isSteady && !isAsked);
    return isAsked ? isSteady : isLasting;
  }
}
