/**
 * RESETS (datasheet 2.14): which subsystems are held in reset. A held block has lost its
 * registers and answers nothing; RESET_DONE needs the block's own clock to run.
 */
import { Block } from "../block.ts";
import type { SystemBus } from "../bus.ts";

/** Offsets (datasheet 2.14.3). */
export enum RESETS {
  RESET = 0x0,
  WDSEL = 0x4,
  RESET_DONE = 0x8,
}

/** Bits of RESET, WDSEL and RESET_DONE (datasheet 2.14.3). */
export const RESET_BITS = {
  ADC: 0,
  BUSCTRL: 1,
  DMA: 2,
  I2C0: 3,
  I2C1: 4,
  IO_BANK0: 5,
  IO_QSPI: 6,
  JTAG: 7,
  PADS_BANK0: 8,
  PADS_QSPI: 9,
  PIO0: 10,
  PIO1: 11,
  PLL_SYS: 12,
  PLL_USB: 13,
  PWM: 14,
  RTC: 15,
  SPI0: 16,
  SPI1: 17,
  SYSCFG: 18,
  SYSINFO: 19,
  TBMAN: 20,
  TIMER: 21,
  UART0: 22,
  UART1: 23,
  USBCTRL: 24,
} as const;

export type ResetName = keyof typeof RESET_BITS;

const ALL = 0x01ff_ffff;

export class Resets extends Block {
  wdsel = 0;
  private readonly actions = new Map<number, () => void>();
  private readonly clocks = new Map<number, () => number>();

  constructor(bus: SystemBus) {
    super(bus, "RESETS");
  }

  /** `action` puts the block's registers back; `clockHz` is the clock its RESET_DONE waits for. */
  connect(name: ResetName, action: () => void, clockHz?: () => number): void {
    this.actions.set(RESET_BITS[name], action);
    if (clockHz) this.clocks.set(RESET_BITS[name], clockHz);
  }

  /** By the power-on state machine: everything into reset (datasheet 2.14.1). */
  reset(): void {
    this.wdsel = 0;
    this.hold(ALL);
  }

  /** Puts blocks into reset, as a write to RESET or a watchdog with WDSEL does. */
  hold(bits: number): void {
    const entering = bits & ALL;
    this.bus.heldInReset |= entering;
    for (const [bit, action] of this.actions) if (entering & (1 << bit)) action();
  }

  release(bits: number): void {
    this.bus.heldInReset &= ~bits;
  }

  private get done(): number {
    let done = ALL & ~this.bus.heldInReset;
    for (const [bit, hz] of this.clocks) if (done & (1 << bit) && hz() === 0) done &= ~(1 << bit);
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
