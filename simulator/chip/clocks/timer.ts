/**
 * TIMER (datasheet 4.6): 64-bit count of watchdog ticks and four alarms that compare the lower
 * 32 bits for equality. An alarm set in the past is met after the next wrap, 71 minutes later.
 */
import { Block } from "../block.ts";
import type { EmulatedChip } from "../bus.ts";
import type { Alarm } from "./clock.ts";

const WRAP = 0x1_0000_0000;
const ALARMS = 4;

export class Timer extends Block {
  private readonly tickPeriodNanos: () => number;
  /** Count at `sinceNanos`, while it advances by one every `period`. */
  private count = 0;
  private sinceNanos = 0;
  private period = 0;
  private latchedHigh = 0;
  private writeLow = 0;
  private paused = false;
  private debugPause = 7;
  private readonly targets = new Uint32Array(ALARMS);
  private armed = 0;
  private raw = 0;
  private enable = 0;
  private force = 0;
  private readonly alarms: Alarm[] = [];
  private warned = false;

  constructor(chip: EmulatedChip, tickPeriodNanos: () => number) {
    super(chip, "TIMER");
    this.tickPeriodNanos = tickPeriodNanos;
    for (let index = 0; index < ALARMS; index++) {
      this.alarms.push(chip.alarms.createAlarm(() => this.fire(index)));
    }
  }

  reset(): void {
    this.count = 0;
    this.sinceNanos = this.chip.alarms.nanos;
    this.latchedHigh = this.writeLow = 0;
    this.paused = this.warned = false;
    this.debugPause = 7;
    this.targets.fill(0);
    this.armed = this.raw = this.enable = this.force = 0;
    this.rateChanged();
    this.updateInterrupts();
  }

  /** The tick changed its rate, or time was set or paused. */
  rateChanged(): void {
    const count = this.now;
    this.count = count;
    this.sinceNanos = this.chip.alarms.nanos;
    this.period = this.paused ? 0 : this.tickPeriodNanos();
    for (let index = 0; index < ALARMS; index++) this.scheduleAlarm(index);
  }

  private get now(): number {
    if (this.period === 0) return this.count;
    return this.count + Math.floor((this.chip.alarms.nanos - this.sinceNanos) / this.period);
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
      ticks === 0 ? this.chip.alarms.nanos : this.sinceNanos + (count - this.count + ticks) * this.period,
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
      this.chip.setInterrupt(index, (status & (1 << index)) !== 0);
    }
  }

  private warnWithoutTick(what: string): void {
    if (this.period > 0 || this.paused || this.warned) return;
    this.warned = true;
    this.warn(`${what} without a tick: WATCHDOG.TICK is not set up, time stands still`);
  }

  protected override peek(offset: number): number | undefined {
    return offset === 0x0c ? this.now % WRAP : this.read(offset);
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case 0x08:
        return this.latchedHigh;
      case 0x0c: {
        this.warnWithoutTick("TIMELR read");
        const count = this.now;
        this.latchedHigh = Math.floor(count / WRAP);
        return count % WRAP;
      }
      case 0x10:
      case 0x14:
      case 0x18:
      case 0x1c:
        return this.targets[(offset - 0x10) >> 2];
      case 0x20:
        return this.armed;
      case 0x24:
        return Math.floor(this.now / WRAP);
      case 0x28:
        this.warnWithoutTick("TIMERAWL read");
        return this.now % WRAP;
      case 0x2c:
        return this.debugPause;
      case 0x30:
        return this.paused ? 1 : 0;
      case 0x34:
        return this.raw;
      case 0x38:
        return this.enable;
      case 0x3c:
        return this.force;
      case 0x40:
        return (this.raw & this.enable) | this.force;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x00: // TIMEHW takes effect together with the TIMELW before it
        this.count = value * WRAP + this.writeLow;
        this.sinceNanos = this.chip.alarms.nanos;
        this.rateChanged();
        return true;
      case 0x04:
        this.writeLow = value;
        return true;
      case 0x10:
      case 0x14:
      case 0x18:
      case 0x1c: {
        const index = (offset - 0x10) >> 2;
        this.warnWithoutTick(`ALARM${index} set`);
        this.targets[index] = value;
        this.armed |= 1 << index;
        this.scheduleAlarm(index);
        return true;
      }
      case 0x20:
        this.armed &= ~this.written;
        for (let index = 0; index < ALARMS; index++) this.scheduleAlarm(index);
        return true;
      case 0x2c:
        this.debugPause = value & 6;
        return true;
      case 0x30:
        this.count = this.now;
        this.sinceNanos = this.chip.alarms.nanos;
        this.paused = (value & 1) !== 0;
        this.rateChanged();
        return true;
      case 0x34:
        this.raw &= ~this.written;
        break;
      case 0x38:
        this.enable = value & 0xf;
        break;
      case 0x3c:
        this.force = value & 0xf;
        break;
      default:
        return false;
    }
    this.updateInterrupts();
    return true;
  }
}
