/**
 * RESETS (datasheet 2.14): holds peripherals in reset. A peripheral in reset has lost its registers and
 * does not answer. RESET_DONE shows it out of reset only while the peripheral's own clock runs.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";

/** Offsets (datasheet 2.14.3). */
export enum RESETS {
  RESET = 0x0,
  WDSEL = 0x4,
  RESET_DONE = 0x8,
}

/** One bit for each peripheral, and bit 7 for JTAG. */
const BITS = 25;
const ALL = (1 << BITS) - 1;

export class Resets extends Peripheral {
  wdsel = 0;
  /** By bit: the action that resets a peripheral, and the clock that its RESET_DONE waits for. */
  private readonly actions: ((() => void) | undefined)[] = [];
  private readonly clocks: ((() => number) | undefined)[] = [];

  constructor(bus: SystemBus) {
    super(bus, "RESETS");
  }

  /** `action` resets the peripheral of this bit; `clockHz` is the frequency of the clock it waits for. */
  connect(bit: number, action: () => void, clockHz?: () => number): void {
    this.actions[bit] = action;
    this.clocks[bit] = clockHz;
  }

  /** By the power-on state machine: everything into reset (datasheet 2.14.1). */
  reset(): void {
    this.wdsel = 0;
    this.hold(ALL);
  }

  /** Puts peripherals into reset, as a write to RESET or a watchdog with WDSEL does. */
  hold(bits: number): void {
    const entering = bits & ALL;
    this.bus.heldInReset |= entering;
    for (let bit = 0; bit < BITS; bit++) if (entering & (1 << bit)) this.actions[bit]?.();
  }

  release(bits: number): void {
    this.bus.heldInReset &= ~bits;
  }

  private get done(): number {
    let done = ALL & ~this.bus.heldInReset;
    for (let bit = 0; bit < BITS; bit++) if (this.clocks[bit]?.() === 0) done &= ~(1 << bit);
    return done;
  }

  protected read(offset: number): number | undefined {
    if (offset === RESETS.RESET) return this.bus.heldInReset;
    if (offset === RESETS.WDSEL) return this.wdsel;
    return offset === RESETS.RESET_DONE ? this.done : undefined;
  }

  protected write(offset: number, value: number): boolean {
    if (offset === RESETS.RESET) {
      const held = this.bus.heldInReset;
      this.hold(value & ~held);
      this.release(held & ~value);
      return true;
    }
    if (offset === RESETS.WDSEL) this.wdsel = value & ALL;
    return offset === RESETS.WDSEL;
  }
}
