/**
 * ROSC and XOSC (datasheet 2.17 and 2.16): where clocks come from before and beside the PLLs.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";
import { Random } from "../random.ts";
import type { Alarm } from "./clock.ts";

/** Offsets (datasheet 2.17.8). */
export enum ROSC {
  CTRL = 0x00,
  FREQA = 0x04,
  FREQB = 0x08,
  DORMANT = 0x0c,
  DIV = 0x10,
  PHASE = 0x14,
  STATUS = 0x18,
  RANDOMBIT = 0x1c,
  COUNT = 0x20,
}

/** Offsets (datasheet 2.16.7). */
export enum XOSC {
  CTRL = 0x00,
  STATUS = 0x04,
  DORMANT = 0x08,
  STARTUP = 0x0c,
  COUNT = 0x1c,
}

/** Typical frequency after reset, with the divider at 16 (datasheet 2.17.1; 1.8 to 12 MHz by process). */
const ROSC_TYPICAL_HZ = 6_500_000;
const ROSC_RESET_DIVIDER = 16;
const ROSC_DIV_PASS = 0xaa0;
const ROSC_CTRL_RESET = 0xaa0;
const ROSC_PHASE_RESET = 0x8;
const STATUS_ENABLED = 1 << 12;
const ROSC_STATUS_DIV_RUNNING = 1 << 16;
const STATUS_BADWRITE = 1 << 24;
const STATUS_STABLE = 0x8000_0000;

/** CTRL_ENABLE of either oscillator, in the upper twelve bits of CTRL. */
const CTRL_ENABLE_SHIFT = 12;
const CTRL_ENABLE = 0xfab;
const CTRL_DISABLE = 0xd1e;

export class RingOscillator extends Peripheral {
  onChange: () => void = () => {};
  private readonly random: Random;
  private divider = ROSC_RESET_DIVIDER;
  private control = ROSC_CTRL_RESET;
  private phase = ROSC_PHASE_RESET;
  private badWrite = false;

  constructor(bus: SystemBus, seed: number) {
    super(bus, "ROSC");
    this.random = new Random(seed, "ROSC");
  }

  private get enabled(): boolean {
    return this.control >>> CTRL_ENABLE_SHIFT !== CTRL_DISABLE;
  }

  get hz(): number {
    return this.enabled ? (ROSC_TYPICAL_HZ * ROSC_RESET_DIVIDER) / this.divider : 0;
  }

  reset(): void {
    this.divider = ROSC_RESET_DIVIDER;
    this.control = ROSC_CTRL_RESET;
    this.phase = ROSC_PHASE_RESET;
    this.badWrite = false;
    this.onChange();
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case ROSC.CTRL:
        return this.control;
      case ROSC.FREQA:
      case ROSC.FREQB:
        return 0; // FREQA, FREQB: default drive strength
      case ROSC.DIV:
        return ROSC_DIV_PASS + (this.divider & 31);
      case ROSC.PHASE:
        return this.phase;
      case ROSC.STATUS:
        return (
          (this.enabled ? STATUS_STABLE | ROSC_STATUS_DIV_RUNNING | STATUS_ENABLED : 0) |
          (this.badWrite ? STATUS_BADWRITE : 0)
        );
      case ROSC.RANDOMBIT:
        return this.random.word() & 1;
      case ROSC.COUNT:
        return 0;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case ROSC.CTRL:
        this.control = value & 0xff_ffff;
        break;
      case ROSC.FREQA:
      case ROSC.FREQB:
        this.warn("the frequency of the ring oscillator is not modelled: FREQA and FREQB do nothing");
        break;
      case ROSC.DORMANT:
        this.warn("dormant mode is not modelled");
        break;
      case ROSC.DIV: {
        const divider = value - ROSC_DIV_PASS;
        if (divider >= 0 && divider <= 31) this.divider = divider || 32;
        else this.badWrite = true;
        break;
      }
      case ROSC.PHASE:
        this.phase = value & 0xfff;
        break;
      case ROSC.STATUS:
        if (this.written & STATUS_BADWRITE) this.badWrite = false;
        break;
      case ROSC.COUNT:
        break;
      default:
        return false;
    }
    this.onChange();
    return true;
  }
}

/** A crystal needs about a millisecond (datasheet 2.16.3); a delay of less than half of it is a bug. */
const LEAST_STARTUP_NANOS = 500_000;

/** "wake" in ASCII. */
const XOSC_DORMANT_WAKE = 0x7761_6b65;
const XOSC_STARTUP_DELAY = 0x3fff;
const XOSC_STARTUP_X4 = 1 << 20;

export class CrystalOscillator extends Peripheral {
  onChange: () => void = () => {};
  private readonly crystalHz: number;
  private readonly started: Alarm;
  private control = 0;
  private startup = 0;
  private badWrite = false;
  private stable = false;

  constructor(bus: SystemBus, crystalHz: number) {
    super(bus, "XOSC");
    this.crystalHz = crystalHz;
    this.started = bus.alarms.createAlarm(() => {
      this.stable = true;
      this.onChange();
    });
  }

  private get enabled(): boolean {
    return this.control >>> CTRL_ENABLE_SHIFT === CTRL_ENABLE;
  }

  /** Zero until the start-up delay has passed: the output is gated. */
  get hz(): number {
    return this.stable ? this.crystalHz : 0;
  }

  reset(): void {
    this.control = this.startup = 0;
    this.badWrite = this.stable = false;
    this.started.cancel();
    this.onChange();
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case XOSC.CTRL:
        return this.control;
      case XOSC.STATUS:
        return (
          (this.stable ? STATUS_STABLE : 0) |
          (this.badWrite ? STATUS_BADWRITE : 0) |
          (this.enabled ? STATUS_ENABLED : 0)
        );
      case XOSC.DORMANT:
        return XOSC_DORMANT_WAKE;
      case XOSC.STARTUP:
        return this.startup;
      case XOSC.COUNT:
        return 0;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case XOSC.CTRL:
        this.writeControl(value & 0xff_ffff);
        return true;
      case XOSC.STATUS:
        if (this.written & STATUS_BADWRITE) this.badWrite = false;
        return true;
      case XOSC.DORMANT:
        if (value !== XOSC_DORMANT_WAKE) this.warn("dormant mode is not modelled");
        return true;
      case XOSC.STARTUP:
        this.startup = value & (XOSC_STARTUP_X4 | XOSC_STARTUP_DELAY);
        return true;
      case XOSC.COUNT:
        return true;
    }
    return false;
  }

  private writeControl(value: number): void {
    const enable = value >>> CTRL_ENABLE_SHIFT;
    const wasEnabled = this.enabled;
    if (enable !== CTRL_ENABLE && enable !== CTRL_DISABLE && enable !== 0) {
      this.badWrite = true;
      return;
    }
    this.control = value;
    if (this.enabled && !wasEnabled) {
      // STARTUP.DELAY counts in units of 256 crystal cycles, four times as much with X4.
      const cycles = (this.startup & XOSC_STARTUP_DELAY) * 256 * (this.startup & XOSC_STARTUP_X4 ? 4 : 1);
      const nanos = (cycles * 1e9) / this.crystalHz;
      if (nanos < LEAST_STARTUP_NANOS) {
        this.warn(`start-up delay of ${Math.round(nanos / 1000)} us, a crystal needs about 1000 us`);
      }
      this.started.schedule(nanos);
    } else if (!this.enabled && wasEnabled) {
      this.stable = false;
      this.started.cancel();
      this.onChange();
    }
  }
}
