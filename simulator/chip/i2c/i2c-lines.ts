/**
 * SDA and SCL of one I2C peripheral. On the way in each line passes a synchroniser and the spike
 * suppression (IC_FS_SPKLEN); on the way out it is open drain, SDA with its hold time.
 *
 * The state behind the filter is brought up to date when it is needed: at the next edge, at a register
 * access, or by the one alarm. The alarm is set only for effects that show outside: a line that moves, or an
 * interrupt. Most edges of a transfer cost no alarm.
 */
import type { SystemBus } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";

/** When the effect of a falling edge of SCL shows: at once, with the hold time of SDA, or not at all. */
export type Urgency = "now" | "hold" | "never";

export interface LineEvents {
  started(): void;
  stopped(): void;
  clockRose(data: boolean): void;
  clockFell(): void;
  fallMatters(): Urgency;
  /** True if a rising edge of SCL would have an effect outside, which may depend on SDA at that time. */
  riseMatters(dataLow: boolean): boolean;
}

/** Two flip-flops and the edge detector behind the filter. */
const SYNCHRONISER_CYCLES = 3;
/** A target moves SDA no sooner than this beyond the spike length (IC_SDA_HOLD, datasheet 4.3.17). */
const LEAST_HOLD_CYCLES = 7;
const NEVER = Number.POSITIVE_INFINITY;

export class I2cLines {
  /** The peripheral's outputs; true pulls the line low. */
  onOutput: (dataLow: boolean, clockLow: boolean) => void = () => {};
  /** IC_FS_SPKLEN, IC_SDA_TX_HOLD and IC_SDA_RX_HOLD, in cycles of ic_clk. */
  spikeCycles = 7;
  transmitHoldCycles = 1;
  receiveHoldCycles = 0;

  private readonly bus: SystemBus;
  private readonly name: string;
  /** The side of the peripheral that is at work: target or controller. */
  private events: LineEvents;
  private readonly wake: Alarm;
  private listening = false;

  /** Levels at the pads and behind the filter. */
  private padData = true;
  private padClock = true;
  private data = true;
  private clock = true;
  /** Times of the last edges at the pads, and when the filter lets them through; NEVER when it has. */
  private dataEdge = 0;
  private clockEdge = 0;
  private dataDue = NEVER;
  private clockDue = NEVER;
  /** The edge of SDA under way is past the filter and waits out IC_SDA_RX_HOLD. */
  private dataExtended = false;
  private clockFellAt = Number.NEGATIVE_INFINITY;

  private dataLow = false;
  private clockLow = false;
  private wantedLow = false;
  /** When SDA takes on `wantedLow`, and when SCL is released; NEVER when nothing is pending. */
  private moveAt = NEVER;
  private releaseAt = NEVER;

  constructor(bus: SystemBus, name: string, events: LineEvents) {
    this.bus = bus;
    this.name = name;
    this.events = events;
    this.wake = bus.alarms.createAlarm(() => this.sync());
  }

  /** One cycle of ic_clk, which is clk_sys. */
  get cycleNanos(): number {
    return 1e9 / this.bus.clkSys;
  }

  private get holdNanos(): number {
    return Math.max(this.transmitHoldCycles, this.spikeCycles + LEAST_HOLD_CYCLES) * this.cycleNanos;
  }

  /** Brings the lines up to now, and sets the alarm for the next change that shows outside. */
  sync(): void {
    this.catchUp(this.bus.alarms.nanos);
    this.setAlarm();
  }

  /** Enabled: starts from the present levels, which count as no edges. */
  listen(events: LineEvents): void {
    this.letGo();
    this.events = events;
    this.listening = true;
    this.data = this.padData;
    this.clock = this.padClock;
  }

  /** Disabled or reset: releases both lines at once and forgets the changes on their way. */
  close(): void {
    this.listening = false;
    this.letGo();
  }

  private letGo(): void {
    this.dataDue = this.clockDue = this.moveAt = this.releaseAt = NEVER;
    this.dataExtended = this.wantedLow = false;
    this.wake.cancel();
    this.output(false, false);
  }

  // ------------------------------------------------------------------- inputs

  dataInput(level: boolean): void {
    if (level === this.padData) return;
    const now = this.bus.alarms.nanos;
    this.beforeEdge(now, this.dataDue, this.dataEdge);
    this.padData = level;
    this.dataEdge = now;
    this.dataExtended = false;
    this.dataDue = this.listening && level !== this.data ? now + this.latencyNanos : NEVER;
    this.setAlarm();
  }

  clockInput(level: boolean): void {
    if (level === this.padClock) return;
    const now = this.bus.alarms.nanos;
    this.beforeEdge(now, this.clockDue, this.clockEdge);
    this.padClock = level;
    this.clockEdge = now;
    this.clockDue = this.listening && level !== this.clock ? now + this.latencyNanos : NEVER;
    this.setAlarm();
  }

  private get latencyNanos(): number {
    return (this.spikeCycles + SYNCHRONISER_CYCLES) * this.cycleNanos;
  }

  /**
   * An edge of the same line still on its way either was a spike, which the new edge undoes, or was long
   * enough and only has to get through the synchroniser. IC_FS_SPKLEN is the longest that is suppressed.
   */
  private beforeEdge(now: number, due: number, edge: number): void {
    const long = now - edge >= (this.spikeCycles + 0.5) * this.cycleNanos;
    this.catchUp(due !== NEVER && long ? Math.max(now, due) : now);
  }

  private catchUp(until: number): void {
    for (;;) {
      const at = Math.min(this.clockDue, this.dataDue, this.moveAt, this.releaseAt);
      if (at > until || at === NEVER) return;
      if (at === this.releaseAt) {
        this.releaseAt = NEVER;
        this.output(this.dataLow, false);
      } else if (at === this.moveAt) {
        this.moveAt = NEVER;
        if (this.padClock) this.warn("SDA moves while SCL is high: IC_SDA_HOLD is longer than SCL is low");
        this.output(this.wantedLow, this.clockLow);
      } else if (at === this.clockDue && !(at === this.dataDue && this.padClock)) {
        this.takeClock(at);
      } else {
        // Both at once: SDA counts as having changed while SCL was low.
        this.takeData(at);
      }
    }
  }

  private takeClock(at: number): void {
    this.clockDue = NEVER;
    this.clock = this.padClock;
    if (this.clock) {
      this.events.clockRose(this.data);
    } else {
      this.clockFellAt = this.clockEdge;
      if (this.dataExtended) this.dataDue = at;
      this.events.clockFell();
    }
  }

  private takeData(at: number): void {
    if (this.clock && !this.dataExtended && this.receiveHoldCycles > 0) {
      this.dataExtended = true;
      this.dataDue = at + this.receiveHoldCycles * this.cycleNanos;
      return;
    }
    this.dataDue = NEVER;
    this.dataExtended = false;
    this.data = this.padData;
    if (!this.clock) return;
    if (this.data) this.events.stopped();
    else this.events.started();
  }

  // ------------------------------------------------------------------- outputs

  /** True if SDA is pulled low, or will be once its hold time is over. */
  get pullsData(): boolean {
    return this.wantedLow;
  }

  /** SDA after the hold time, counted from the last falling edge of SCL. */
  pullData(low: boolean): void {
    if (low === this.wantedLow) return;
    this.wantedLow = low;
    this.moveAt = low === this.dataLow ? NEVER : this.clockFellAt + this.holdNanos;
  }

  holdClock(): void {
    this.releaseAt = NEVER;
    this.output(this.dataLow, true);
  }

  /** Releases SCL `cycles` after SDA has its level. */
  releaseClock(cycles: number): void {
    if (!this.clockLow) return;
    const now = this.bus.alarms.nanos;
    const settled = this.moveAt === NEVER ? now : Math.max(now, this.moveAt);
    this.releaseAt = settled + cycles * this.cycleNanos;
  }

  /** SCL behind the filter, now. */
  get clockLevel(): boolean {
    return this.clock;
  }

  /** Both lines at once, for a controller, which keeps hold times itself. */
  drive(dataLow: boolean, clockLow: boolean): void {
    this.output(dataLow, clockLow);
    this.sync();
  }

  private output(dataLow: boolean, clockLow: boolean): void {
    if (dataLow === this.dataLow && clockLow === this.clockLow) return;
    this.dataLow = dataLow;
    this.clockLow = clockLow;
    this.onOutput(dataLow, clockLow);
  }

  private setAlarm(): void {
    let at = Math.min(this.moveAt, this.releaseAt);
    // With SCL low on both sides of the filter SDA may wait until the clock asks for it.
    if (this.dataDue < at && (this.clock || this.padClock)) at = this.dataDue;
    if (this.clockDue < at) at = Math.min(at, this.clockNoticed());
    if (at === NEVER) this.wake.cancel();
    else if (!this.wake.scheduled || this.wake.nanos !== at) this.wake.scheduleAt(at);
  }

  private clockNoticed(): number {
    if (this.padClock) {
      const low = !this.padData || !this.data;
      return this.events.riseMatters(low) ? this.clockDue : NEVER;
    }
    const urgency = this.events.fallMatters();
    if (urgency === "never") return NEVER;
    return urgency === "now" ? this.clockDue : this.clockEdge + this.holdNanos;
  }

  private warn(message: string): void {
    this.bus.log.warn(this.name, message);
  }
}
