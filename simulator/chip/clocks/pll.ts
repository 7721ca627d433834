/**
 * PLL_SYS and PLL_USB (datasheet 2.18): output = reference / REFDIV x FBDIV / (POSTDIV1 x POSTDIV2),
 * once powered and locked.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";
import type { Alarm } from "./clock.ts";

/** Offsets (datasheet 2.18.4). */
export enum PLL {
  CS = 0x0,
  PWR = 0x4,
  FBDIV_INT = 0x8,
  PRIM = 0xc,
}

/** The datasheet gives no lock time. Our choice: long enough that a driver that ignores LOCK fails. */
const LOCK_REFERENCE_CYCLES = 500;

const CS_REFDIV = 0x3f;
const CS_BYPASS = 1 << 8;
const CS_LOCK = 0x8000_0000;
const PWR_PD = 1 << 0;
const PWR_DSMPD = 1 << 2;
const PWR_POSTDIVPD = 1 << 3;
const PWR_VCOPD = 1 << 5;
const PWR_ALL = PWR_PD | PWR_DSMPD | PWR_POSTDIVPD | PWR_VCOPD;
const FBDIV_INT_BITS = 0xfff;
const PRIM_POSTDIV1_SHIFT = 16;
const PRIM_POSTDIV2_SHIFT = 12;
/** Both dividers, which are 7 after a reset. */
const PRIM_ALL = (7 << PRIM_POSTDIV1_SHIFT) | (7 << PRIM_POSTDIV2_SHIFT);

export class PhaseLockedLoop extends Peripheral {
  onChange: () => void = () => {};
  private readonly referenceHz: () => number;
  private readonly lock: Alarm;
  private locked = false;
  private cs = 1;
  private pwr = PWR_ALL;
  private fbdiv = 0;
  private prim = PRIM_ALL;

  constructor(bus: SystemBus, name: string, referenceHz: () => number) {
    super(bus, name);
    this.referenceHz = referenceHz;
    this.lock = bus.alarms.createAlarm(() => {
      this.locked = true;
      this.onChange();
    });
  }

  get hz(): number {
    if (this.cs & CS_BYPASS) return this.referenceHz();
    if (!this.locked || this.pwr & PWR_POSTDIVPD) return 0;
    return (
      this.vcoHz /
      (((this.prim >> PRIM_POSTDIV1_SHIFT) & 7 || 1) * ((this.prim >> PRIM_POSTDIV2_SHIFT) & 7 || 1))
    );
  }

  private get vcoHz(): number {
    return (this.referenceHz() / (this.cs & CS_REFDIV || 1)) * this.fbdiv;
  }

  reset(): void {
    this.cs = 1;
    this.pwr = PWR_ALL;
    this.fbdiv = 0;
    this.prim = PRIM_ALL;
    this.locked = false;
    this.lock.cancel();
    this.onChange();
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case PLL.CS:
        return this.cs | (this.locked ? CS_LOCK : 0);
      case PLL.PWR:
        return this.pwr;
      case PLL.FBDIV_INT:
        return this.fbdiv;
      case PLL.PRIM:
        return this.prim;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case PLL.CS:
        this.cs = value & (CS_BYPASS | CS_REFDIV);
        this.relock();
        return true;
      case PLL.PWR: {
        const changed = this.pwr ^ value;
        this.pwr = value & PWR_ALL;
        // The post dividers sit behind the loop: gating them does not unlock it.
        if (changed & (PWR_PD | PWR_VCOPD)) this.relock();
        else this.onChange();
        return true;
      }
      case PLL.FBDIV_INT:
        this.fbdiv = value & FBDIV_INT_BITS;
        this.relock();
        return true;
      case PLL.PRIM:
        this.prim = value & PRIM_ALL;
        this.onChange();
        return true;
    }
    return false;
  }

  private relock(): void {
    this.locked = false;
    this.lock.cancel();
    const reference = this.referenceHz() / (this.cs & CS_REFDIV || 1);
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
