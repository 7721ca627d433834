/**
 * WATCHDOG (datasheet 4.7): counter, scratch registers, reason of the last reset, and the tick
 * that also drives the timer. Reset by power-on and the RUN pin only.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";
import type { Alarm } from "./clock.ts";

/** Offsets (datasheet 4.7.6). */
export enum WATCHDOG {
  CTRL = 0x00,
  LOAD = 0x04,
  REASON = 0x08,
  SCRATCH0 = 0x0c,
  SCRATCH1 = 0x10,
  SCRATCH2 = 0x14,
  SCRATCH3 = 0x18,
  SCRATCH4 = 0x1c,
  SCRATCH5 = 0x20,
  SCRATCH6 = 0x24,
  SCRATCH7 = 0x28,
  TICK = 0x2c,
}

const CTRL_TRIGGER = 0x8000_0000;
export const CTRL_ENABLE = 0x4000_0000;
/** PAUSE_DBG1, PAUSE_DBG0 and PAUSE_JTAG. */
const CTRL_PAUSE = 0x0700_0000;
export const CTRL_TIME = 0x00ff_ffff;
export const TICK_ENABLE = 1 << 9;
const TICK_RUNNING = 1 << 10;
const TICK_CYCLES = 0x1ff;

const REASON_TIMER = 1;
const REASON_FORCE = 2;

const isScratch = (offset: number) => offset >= WATCHDOG.SCRATCH0 && offset <= WATCHDOG.SCRATCH7;

export class Watchdog extends Peripheral {
  readonly scratch = new Uint32Array(8);
  reason = 0;
  /** The watchdog fired; `forced` when software pulled the trigger. */
  onFire: (forced: boolean) => void = () => {};
  /** The tick changed: the timer counts at another rate, or not at all. */
  onTick: () => void = () => {};

  private readonly refHz: () => number;
  private readonly expiry: Alarm;
  private enabled = false;
  private pause = CTRL_PAUSE;
  private cycles = 0;
  private tickEnabled = true;
  /** Counter value at `sinceNanos`. */
  private counter = 0;
  private sinceNanos = 0;
  private ratePeriod = 0;

  constructor(bus: SystemBus, refHz: () => number) {
    super(bus, "WATCHDOG");
    this.refHz = refHz;
    this.expiry = bus.alarms.createAlarm(() => {
      this.counter = 0;
      // A watchdog that has fired stays off until software enables it again.
      this.enabled = false;
      this.reason = REASON_TIMER;
      this.onFire(false);
    });
  }

  /** Chip-level reset: rst_n_run (datasheet 4.7.1). */
  reset(): void {
    this.scratch.fill(0);
    this.reason = 0;
    this.enabled = false;
    this.pause = CTRL_PAUSE;
    this.cycles = 0;
    this.tickEnabled = true;
    this.counter = 0;
    this.update();
    this.onTick();
  }

  /**
   * Nanoseconds of one tick; 0 while there is none. TICK.CYCLES is 0 after reset: no tick before it is
   * set.
   */
  get tickPeriodNanos(): number {
    const hz = this.refHz();
    return this.tickEnabled && this.cycles > 0 && hz > 0 ? (this.cycles * 1e9) / hz : 0;
  }

  /** clk_ref changed. */
  clockChanged(): void {
    if (this.tickPeriodNanos === this.ratePeriod) return;
    this.update();
    this.onTick();
  }

  private get value(): number {
    if (!this.enabled || this.ratePeriod === 0) return this.counter;
    const ticks = Math.floor((this.bus.alarms.nanos - this.sinceNanos) / this.ratePeriod);
    // Erratum RP2040-E1: two counts for every tick.
    return Math.max(0, this.counter - 2 * ticks);
  }

  private update(counter = this.value): void {
    this.counter = counter;
    this.sinceNanos = this.bus.alarms.nanos;
    this.ratePeriod = this.tickPeriodNanos;
    if (this.enabled && this.ratePeriod > 0) {
      this.expiry.schedule(Math.ceil(counter / 2) * this.ratePeriod);
    } else {
      this.expiry.cancel();
    }
  }

  protected read(offset: number): number | undefined {
    if (isScratch(offset)) return this.scratch[(offset - WATCHDOG.SCRATCH0) >> 2];
    switch (offset) {
      case WATCHDOG.CTRL:
        return (this.enabled ? CTRL_ENABLE : 0) | this.pause | this.value;
      case WATCHDOG.LOAD:
        return 0;
      case WATCHDOG.REASON:
        return this.reason;
      case WATCHDOG.TICK: {
        const running = this.tickPeriodNanos > 0;
        return (running ? TICK_RUNNING : 0) | (this.tickEnabled ? TICK_ENABLE : 0) | this.cycles;
      }
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    if (isScratch(offset)) {
      this.scratch[(offset - WATCHDOG.SCRATCH0) >> 2] = value;
      return true;
    }
    switch (offset) {
      case WATCHDOG.CTRL: {
        const counter = this.value;
        this.enabled = (value & CTRL_ENABLE) !== 0;
        this.pause = value & CTRL_PAUSE;
        this.update(counter);
        if (this.enabled && this.ratePeriod === 0) this.warn("enabled without a tick, it will never fire");
        if (value & CTRL_TRIGGER) {
          this.reason = REASON_FORCE;
          this.onFire(true);
        }
        return true;
      }
      case WATCHDOG.LOAD:
        this.update(value & CTRL_TIME);
        return true;
      case WATCHDOG.TICK: {
        const counter = this.value;
        this.cycles = value & TICK_CYCLES;
        this.tickEnabled = (value & TICK_ENABLE) !== 0;
        this.update(counter);
        this.onTick();
        return true;
      }
      case WATCHDOG.REASON:
        return true;
    }
    return false;
  }
}
