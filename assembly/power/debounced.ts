/**
 * Debounces one input. Contacts bounce, and so a level counts only after it has been there for some time
 * without a break.
 */
import { NO_DEADLINE } from "../generated/abi";

/** An input that is confirmed once it has been asserted for `for_us` microseconds without a break. */
export class Debounced {
  /** When the input will be confirmed; NO_DEADLINE while it is not asserted, and after it is confirmed. */
  due_us: u64 = NO_DEADLINE;
  confirmed: bool = false;

  constructor(private readonly for_us: u64) {}

  /** Starts over: the input must be asserted for the whole time again. */
  forget(): void {
    this.due_us = NO_DEADLINE;
    this.confirmed = false;
  }

  /** Takes the level of this moment. True while the input is confirmed. */
  isConfirmed(now_us: u64, asserted: bool): bool {
    if (!asserted) {
      this.forget();
    } else if (!this.confirmed) {
      if (this.due_us == NO_DEADLINE) this.due_us = now_us + this.for_us;
      if (now_us >= this.due_us) {
        this.due_us = NO_DEADLINE;
        this.confirmed = true;
      }
    }
    return this.confirmed;
  }
}
