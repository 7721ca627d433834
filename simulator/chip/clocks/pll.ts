/**
 * PLL_SYS and PLL_USB (datasheet 2.18): output = reference / REFDIV x FBDIV / (POSTDIV1 x POSTDIV2),
 * once powered and locked.
 */
import { Block } from "../block.ts";
import type { EmulatedChip } from "../bus.ts";
import type { Alarm } from "./clock.ts";

/** The datasheet gives no lock time. Chosen so that a driver that does not wait for LOCK fails. */
const LOCK_REFERENCE_CYCLES = 500;

const PWR_PD = 1 << 0;
const PWR_POSTDIVPD = 1 << 3;
const PWR_VCOPD = 1 << 5;

export class PhaseLockedLoop extends Block {
  onChange: () => void = () => {};
  private readonly referenceHz: () => number;
  private readonly lock: Alarm;
  private locked = false;
  private cs = 1;
  private pwr = 0x2d;
  private fbdiv = 0;
  private prim = 0x77000;

  constructor(chip: EmulatedChip, name: string, referenceHz: () => number) {
    super(chip, name);
    this.referenceHz = referenceHz;
    this.lock = chip.alarms.createAlarm(() => {
      this.locked = true;
      this.onChange();
    });
  }

  get hz(): number {
    if (this.cs & 0x100) return this.referenceHz();
    if (!this.locked || this.pwr & PWR_POSTDIVPD) return 0;
    return this.vcoHz / (((this.prim >> 16) & 7 || 1) * ((this.prim >> 12) & 7 || 1));
  }

  private get vcoHz(): number {
    return (this.referenceHz() / (this.cs & 0x3f || 1)) * this.fbdiv;
  }

  reset(): void {
    this.cs = 1;
    this.pwr = 0x2d;
    this.fbdiv = 0;
    this.prim = 0x77000;
    this.locked = false;
    this.lock.cancel();
    this.onChange();
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case 0x0:
        return this.cs | (this.locked ? 0x8000_0000 : 0);
      case 0x4:
        return this.pwr;
      case 0x8:
        return this.fbdiv;
      case 0xc:
        return this.prim;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x0:
        this.cs = value & 0x13f;
        this.relock();
        return true;
      case 0x4: {
        const changed = this.pwr ^ value;
        this.pwr = value & 0x2d;
        // The post dividers sit behind the loop: gating them does not unlock it.
        if (changed & (PWR_PD | PWR_VCOPD)) this.relock();
        else this.onChange();
        return true;
      }
      case 0x8:
        this.fbdiv = value & 0xfff;
        this.relock();
        return true;
      case 0xc:
        this.prim = value & 0x77000;
        this.onChange();
        return true;
    }
    return false;
  }

  private relock(): void {
    this.locked = false;
    this.lock.cancel();
    const reference = this.referenceHz() / (this.cs & 0x3f || 1);
    if (!(this.pwr & (PWR_PD | PWR_VCOPD)) && reference > 0) {
      // Limits of the reference and the oscillator: datasheet 2.18.2.
      if (
        this.fbdiv < 16 ||
        this.fbdiv > 320 ||
        this.vcoHz < 750e6 ||
        this.vcoHz > 1600e6 ||
        reference < 5e6
      ) {
        this.warn(
          `oscillator at ${this.vcoHz / 1e6} MHz (FBDIV ${this.fbdiv}) is out of range and never locks`,
        );
      } else {
        this.lock.schedule((LOCK_REFERENCE_CYCLES * 1e9) / reference);
      }
    }
    this.onChange();
  }
}
