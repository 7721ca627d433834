/**
 * Emulated time: alarms in a binary heap, and a clock that knows where inside a slice of
 * instructions the core is, so that a register read at any instruction sees its exact time.
 *
 * Time is nanoseconds in a double, always computed from whole cycles since the clock last
 * changed its frequency: no sum of fractions, hence no drift and no dependence on how a
 * run is cut into slices.
 */
import type { RP2040 } from "rp2040js";

type IClock = RP2040["clock"];

class Alarm {
  nanos = 0;
  /** Order of scheduling: alarms of the same instant fire in it. */
  order = 0;
  /** Index in the heap, or 0 for a frequent alarm; -1 when not scheduled. */
  index = -1;
  readonly callback: () => void;
  /** Outside the heap, see `createFrequentAlarm`. */
  readonly frequent: boolean;
  private readonly clock: Clock;

  constructor(clock: Clock, callback: () => void, frequent: boolean) {
    this.clock = clock;
    this.callback = callback;
    this.frequent = frequent;
  }

  schedule(deltaNanos: number): void {
    this.clock.insert(this, this.clock.nanos + Math.max(0, deltaNanos));
  }

  /** Schedules at an absolute time, for chains that must not drift. */
  scheduleAt(nanos: number): void {
    this.clock.insert(this, nanos);
  }

  cancel(): void {
    this.clock.remove(this);
  }

  get scheduled(): boolean {
    return this.index >= 0;
  }
}

export type { Alarm };

const earlier = (a: Alarm, b: Alarm) => a.nanos < b.nanos || (a.nanos === b.nanos && a.order < b.order);

export class Clock implements IClock {
  private readonly heap: Alarm[] = [];
  /** All frequent alarms ever made, scheduled or not. */
  private readonly frequent: Alarm[] = [];
  private orders = 0;
  /** Set while an alarm fires: its callback sees the time it was scheduled for. */
  private firing = -1;
  /**
   * While the core sleeps: the time until which only frequent alarms fire and no other part of the chip
   * looks at their effects. Until then a frequent alarm may do the work of its next ones, see `moveTo`.
   */
  quietUntil = 0;
  /** Set by the run loop: time of the instruction in progress. */
  now: () => number = () => 0;
  /** Called when an alarm becomes the first: the slice in progress may have to end sooner. */
  onEarlier: (nanos: number) => void = () => {};

  get nanos(): number {
    return this.firing >= 0 ? this.firing : this.now();
  }

  /** The alarm that fires first, null without one. */
  get first(): Alarm | null {
    let first = this.heap.length > 0 ? (this.heap[0] as Alarm) : null;
    for (const alarm of this.frequent) {
      if (alarm.index >= 0 && (first === null || earlier(alarm, first))) first = alarm;
    }
    return first;
  }

  /** Time of the first alarm, Infinity without one. */
  get next(): number {
    const { first } = this;
    return first === null ? Number.POSITIVE_INFINITY : first.nanos;
  }

  createAlarm(callback: () => void): Alarm {
    return new Alarm(this, callback, false);
  }

  /**
   * For the few peripherals with an event about every microsecond. Such an alarm behaves like any other,
   * but stays outside the heap: to compare its time at each look is cheaper than to move it in the heap.
   */
  createFrequentAlarm(callback: () => void): Alarm {
    const alarm = new Alarm(this, callback, true);
    this.frequent.push(alarm);
    return alarm;
  }

  /** Fires the first alarm, whose callback sees the time it was scheduled for. */
  fire(first: Alarm): void {
    this.remove(first);
    this.firing = first.nanos;
    try {
      first.callback();
    } finally {
      this.firing = -1;
    }
  }

  /** The callback under way goes on at a later time, before `quietUntil`, without being scheduled for it. */
  moveTo(nanos: number): void {
    this.firing = nanos;
  }

  /** Time of the first alarm that is not a frequent one. */
  get nextOrdinary(): number {
    return this.heap.length > 0 ? (this.heap[0] as Alarm).nanos : Number.POSITIVE_INFINITY;
  }

  insert(alarm: Alarm, nanos: number): void {
    if (alarm.index >= 0) this.remove(alarm);
    alarm.nanos = nanos;
    alarm.order = this.orders++;
    if (alarm.frequent) {
      alarm.index = 0;
      this.onEarlier(nanos);
      return;
    }
    alarm.index = this.heap.length;
    this.heap.push(alarm);
    this.up(alarm);
    if (alarm.index === 0) this.onEarlier(nanos);
  }

  remove(alarm: Alarm): void {
    const { heap } = this;
    const { index } = alarm;
    if (index < 0) return;
    alarm.index = -1;
    if (alarm.frequent) return;
    const last = heap.pop() as Alarm;
    if (last === alarm) return;
    last.index = index;
    heap[index] = last;
    this.up(last);
    this.down(last);
  }

  private up(alarm: Alarm): void {
    const { heap } = this;
    while (alarm.index > 0) {
      const parent = heap[(alarm.index - 1) >> 1] as Alarm;
      if (!earlier(alarm, parent)) return;
      this.swap(alarm, parent);
    }
  }

  private down(alarm: Alarm): void {
    const { heap } = this;
    for (;;) {
      const left = heap[2 * alarm.index + 1];
      const right = heap[2 * alarm.index + 2];
      const child = right && left && earlier(right, left) ? right : left;
      if (!child || !earlier(child, alarm)) return;
      this.swap(child, alarm);
    }
  }

  private swap(a: Alarm, b: Alarm): void {
    const index = a.index;
    a.index = b.index;
    b.index = index;
    this.heap[a.index] = a;
    this.heap[b.index] = b;
  }
}
