import { NO_DEADLINE } from "../generated/abi";

/** An input believed only after it has been asserted for a while without a break. */
export class Debounced {
  /** When it will be believed; NO_DEADLINE while it is not asserted, and once it is believed. */
  due_us: u64 = NO_DEADLINE;
  confirmed: bool = false;

  constructor(private readonly for_us: u64) {}

  forget(): void {
    this.due_us = NO_DEADLINE;
    this.confirmed = false;
  }

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
