/**
 * ROSC and XOSC (datasheet 2.17 and 2.16): where clocks come from before and beside the PLLs.
 */
import { Block } from "../block.ts";
import type { EmulatedChip } from "../bus.ts";
import { Random } from "../random.ts";
import type { Alarm } from "./clock.ts";

/** Typical frequency after reset, with the divider at 16 (datasheet 2.17.1; 1.8 to 12 MHz by process). */
const ROSC_TYPICAL_HZ = 6_500_000;
const ROSC_RESET_DIVIDER = 16;
const DIV_PASS = 0xaa0;

const ENABLE = 0xfab;
const DISABLE = 0xd1e;

export class RingOscillator extends Block {
  onChange: () => void = () => {};
  private readonly random: Random;
  private divider = ROSC_RESET_DIVIDER;
  private control = 0xaa0;
  private phase = 0x8;
  private badWrite = false;

  constructor(chip: EmulatedChip, seed: number) {
    super(chip, "ROSC");
    this.random = new Random(seed, "ROSC");
  }

  private get enabled(): boolean {
    return this.control >>> 12 !== DISABLE;
  }

  get hz(): number {
    return this.enabled ? (ROSC_TYPICAL_HZ * ROSC_RESET_DIVIDER) / this.divider : 0;
  }

  reset(): void {
    this.divider = ROSC_RESET_DIVIDER;
    this.control = 0xaa0;
    this.phase = 0x8;
    this.badWrite = false;
    this.onChange();
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case 0x00:
        return this.control;
      case 0x04:
      case 0x08:
        return 0; // FREQA, FREQB: default drive strength
      case 0x10:
        return DIV_PASS + (this.divider & 31);
      case 0x14:
        return this.phase;
      case 0x18:
        return (this.enabled ? 0x8001_1000 : 0) | (this.badWrite ? 1 << 24 : 0);
      case 0x1c:
        return this.random.word() & 1;
      case 0x20:
        return 0;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x00:
        this.control = value & 0xff_ffff;
        break;
      case 0x04:
      case 0x08:
        this.warn("the frequency of the ring oscillator is not modelled: FREQA and FREQB do nothing");
        break;
      case 0x0c:
        this.warn("dormant mode is not modelled");
        break;
      case 0x10: {
        const divider = value - DIV_PASS;
        if (divider >= 0 && divider <= 31) this.divider = divider || 32;
        else this.badWrite = true;
        break;
      }
      case 0x14:
        this.phase = value & 0xfff;
        break;
      case 0x18:
        if (this.written & (1 << 24)) this.badWrite = false;
        break;
      case 0x20:
        break;
      default:
        return false;
    }
    this.onChange();
    return true;
  }
}

/** Crystals of this size need about a millisecond (datasheet 2.16.3); less than half of it is a bug. */
const LEAST_STARTUP_NANOS = 500_000;

export class CrystalOscillator extends Block {
  onChange: () => void = () => {};
  private readonly crystalHz: number;
  private readonly started: Alarm;
  private control = 0;
  private startup = 0;
  private badWrite = false;
  private stable = false;

  constructor(chip: EmulatedChip, crystalHz: number) {
    super(chip, "XOSC");
    this.crystalHz = crystalHz;
    this.started = chip.alarms.createAlarm(() => {
      this.stable = true;
      this.onChange();
    });
  }

  private get enabled(): boolean {
    return this.control >>> 12 === ENABLE;
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
      case 0x00:
        return this.control;
      case 0x04:
        return (this.stable ? 0x8000_0000 : 0) | (this.badWrite ? 1 << 24 : 0) | (this.enabled ? 1 << 12 : 0);
      case 0x08:
        return 0x7761_6b65; // "wake"
      case 0x0c:
        return this.startup;
      case 0x1c:
        return 0;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x00:
        this.writeControl(value & 0xff_ffff);
        return true;
      case 0x04:
        if (this.written & (1 << 24)) this.badWrite = false;
        return true;
      case 0x08:
        if (value !== 0x7761_6b65) this.warn("dormant mode is not modelled");
        return true;
      case 0x0c:
        this.startup = value & 0x10_3fff;
        return true;
      case 0x1c:
        return true;
    }
    return false;
  }

  private writeControl(value: number): void {
    const enable = value >>> 12;
    const wasEnabled = this.enabled;
    if (enable !== ENABLE && enable !== DISABLE && enable !== 0) {
      this.badWrite = true;
      return;
    }
    this.control = value;
    if (this.enabled && !wasEnabled) {
      // STARTUP.DELAY counts in units of 256 crystal cycles, four times as much with X4.
      const cycles = (this.startup & 0x3fff) * 256 * (this.startup & 0x10_0000 ? 4 : 1);
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
