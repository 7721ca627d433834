/**
 * TIMER (datasheet 4.6): 64-bit count of watchdog ticks and four alarms that compare the lower
 * 32 bits for equality. An alarm set in the past is met after the next wrap, 71 minutes later.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";
import { PERIPHERALS } from "../peripherals.ts";
import type { Alarm } from "./clock.ts";

/** Offsets (datasheet 4.6.5). */
export enum TIMER {
  TIMEHW = 0x00,
  TIMELW = 0x04,
  TIMEHR = 0x08,
  TIMELR = 0x0c,
  ALARM0 = 0x10,
  ALARM1 = 0x14,
  ALARM2 = 0x18,
  ALARM3 = 0x1c,
  ARMED = 0x20,
  TIMERAWH = 0x24,
  TIMERAWL = 0x28,
  DBGPAUSE = 0x2c,
  PAUSE = 0x30,
  INTR = 0x34,
  INTE = 0x38,
  INTF = 0x3c,
  INTS = 0x40,
}

const WRAP = 0x1_0000_0000;
const INTERRUPTS: readonly number[] = PERIPHERALS.TIMER.interrupts;
const ALARMS = INTERRUPTS.length;
const DBGPAUSE_RESET = 7;
/** DBG0 and DBG1. */
const DBGPAUSE_WRITABLE = 3 << 1;

export class Timer extends Peripheral {
  private readonly tickPeriodNanos: () => number;
  /** Count at `sinceNanos`, while it advances by one every `period`. */
  private count = 0;
  private sinceNanos = 0;
  private period = 0;
  private latchedHigh = 0;
  private writeLow = 0;
  private paused = false;
  private debugPause = DBGPAUSE_RESET;
  private readonly targets = new Uint32Array(ALARMS);
  private armed = 0;
  private raw = 0;
  private enable = 0;
  private force = 0;
  private readonly alarms: Alarm[] = [];
  private warned = false;

  constructor(bus: SystemBus, tickPeriodNanos: () => number) {
    super(bus, "TIMER");
    this.tickPeriodNanos = tickPeriodNanos;
    for (let index = 0; index < ALARMS; index++) {
      this.alarms.push(bus.alarms.createAlarm(() => this.fire(index)));
    }
  }

  reset(): void {
    this.count = 0;
    this.sinceNanos = this.bus.alarms.nanos;
    this.latchedHigh = this.writeLow = 0;
    this.paused = this.warned = false;
    this.debugPause = DBGPAUSE_RESET;
    this.targets.fill(0);
    this.armed = this.raw = this.enable = this.force = 0;
    this.rateChanged();
    this.updateInterrupts();
  }

  /** The tick changed its rate, or time was set or paused. */
  rateChanged(): void {
    const count = this.now;
    this.count = count;
    this.sinceNanos = this.bus.alarms.nanos;
    this.period = this.paused ? 0 : this.tickPeriodNanos();
    for (let index = 0; index < ALARMS; index++) this.scheduleAlarm(index);
  }

  private get now(): number {
    if (this.period === 0) return this.count;
    return this.count + Math.floor((this.bus.alarms.nanos - this.sinceNanos) / this.period);
  }

  private scheduleAlarm(index: number): void {
    const alarm = this.alarms[index] as Alarm;
    if (!(this.armed & (1 << index)) || this.period === 0) {
      alarm.cancel();
      return;
    }
    const count = this.now;
    const ticks = ((this.targets[index] as number) - (count % WRAP) + WRAP) % WRAP;
    alarm.scheduleAt(
      ticks === 0 ? this.bus.alarms.nanos : this.sinceNanos + (count - this.count + ticks) * this.period,
    );
  }

  private fire(index: number): void {
    this.armed &= ~(1 << index);
    this.raw |= 1 << index;
    this.updateInterrupts();
  }

  private updateInterrupts(): void {
    const status = (this.raw & this.enable) | this.force;
    for (let index = 0; index < ALARMS; index++) {
      this.bus.setInterrupt(INTERRUPTS[index] as number, (status & (1 << index)) !== 0);
    }
  }

  private warnWithoutTick(what: string): void {
    if (this.period > 0 || this.paused || this.warned) return;
    this.warned = true;
    this.warn(`${what} without a tick: WATCHDOG.TICK is not set up, time stands still`);
  }

  protected override peek(offset: number): number | undefined {
    return offset === TIMER.TIMELR ? this.now % WRAP : this.read(offset);
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case TIMER.TIMEHR:
        return this.latchedHigh;
      case TIMER.TIMELR: {
        this.warnWithoutTick("TIMELR read");
        const count = this.now;
        this.latchedHigh = Math.floor(count / WRAP);
        return count % WRAP;
      }
      case TIMER.ALARM0:
      case TIMER.ALARM1:
      case TIMER.ALARM2:
      case TIMER.ALARM3:
        return this.targets[(offset - TIMER.ALARM0) >> 2];
      case TIMER.ARMED:
        return this.armed;
      case TIMER.TIMERAWH:
        return Math.floor(this.now / WRAP);
      case TIMER.TIMERAWL:
        this.warnWithoutTick("TIMERAWL read");
        return this.now % WRAP;
      case TIMER.DBGPAUSE:
        return this.debugPause;
      case TIMER.PAUSE:
        return this.paused ? 1 : 0;
      case TIMER.INTR:
        return this.raw;
      case TIMER.INTE:
        return this.enable;
      case TIMER.INTF:
        return this.force;
      case TIMER.INTS:
        return (this.raw & this.enable) | this.force;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case TIMER.TIMEHW: // TIMEHW takes effect together with the TIMELW before it
        this.count = value * WRAP + this.writeLow;
        this.sinceNanos = this.bus.alarms.nanos;
        this.rateChanged();
        return true;
      case TIMER.TIMELW:
        this.writeLow = value;
        return true;
      case TIMER.ALARM0:
      case TIMER.ALARM1:
      case TIMER.ALARM2:
      case TIMER.ALARM3: {
        const index = (offset - TIMER.ALARM0) >> 2;
        this.warnWithoutTick(`ALARM${index} set`);
        this.targets[index] = value;
        this.armed |= 1 << index;
        this.scheduleAlarm(index);
        return true;
      }
      case TIMER.ARMED:
        this.armed &= ~this.written;
        for (let index = 0; index < ALARMS; index++) this.scheduleAlarm(index);
        return true;
      case TIMER.DBGPAUSE:
        this.debugPause = value & DBGPAUSE_WRITABLE;
        return true;
      case TIMER.PAUSE:
        this.count = this.now;
        this.sinceNanos = this.bus.alarms.nanos;
        this.paused = (value & 1) !== 0;
        this.rateChanged();
        return true;
      case TIMER.INTR:
        this.raw &= ~this.written;
        break;
      case TIMER.INTE:
        this.enable = value & 0xf;
        break;
      case TIMER.INTF:
        this.force = value & 0xf;
        break;
      default:
        return false;
    }
    this.updateInterrupts();
    return true;
  }
}
