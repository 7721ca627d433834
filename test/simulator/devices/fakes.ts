/** A world without a chip: a clock that only moves when a test moves it, and nets that anything may drive. */
import { RP2040 } from "rp2040js";
import { type Clock, type Net, type SerialFrame, Signal } from "../../../simulator/devices/world.ts";

type SimulationClock = RP2040["clock"] & { tick(deltaNanos: number): void };

export class FakeClock implements Clock {
  readonly #clock = new RP2040().clock as SimulationClock;

  get nanos(): number {
    return this.#clock.nanos;
  }

  get ms(): number {
    return this.nanos / 1e6;
  }

  schedule(delayNanos: number, action: () => void) {
    const alarm = this.#clock.createAlarm(action);
    alarm.schedule(delayNanos);
    return { cancel: () => alarm.cancel() };
  }

  runFor(ms: number): void {
    this.#clock.tick(ms * 1e6);
  }

  /** Moves the clock in steps of 0.1 ms until the condition holds. Throws after `limitMs`. */
  runUntil(condition: () => boolean, limitMs: number): void {
    for (let steps = 0; !condition(); steps++) {
      if (steps > limitMs * 10) throw new Error(`condition not met within ${limitMs} ms`);
      this.runFor(0.1);
    }
  }
}

export class FakeNet implements Net {
  readonly #drivers = new Map<string, boolean>();
  readonly #listeners: ((level: boolean) => void)[] = [];
  readonly #pull: boolean;
  /** Every change with its time, for tests that check the order. */
  readonly changes: { readonly level: boolean; readonly nanos: number }[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock, pull = false) {
    this.#clock = clock;
    this.#pull = pull;
  }

  get level(): boolean {
    return [...this.#drivers.values()].at(-1) ?? this.#pull;
  }

  get driven(): boolean {
    return this.#drivers.size > 0;
  }

  drive(driver: string, level: boolean | null): void {
    const before = this.level;
    if (level === null) this.#drivers.delete(driver);
    else this.#drivers.set(driver, level);
    if (this.level === before) return;
    this.changes.push({ level: this.level, nanos: this.#clock.nanos });
    for (const listener of this.#listeners) listener(this.level);
  }

  onChange(listener: (level: boolean) => void): void {
    this.#listeners.push(listener);
  }
}

/**
 * An open-drain net with its pull-up: low while any driver pulls it low. A listener sees a level only after
 * the change before has reached all listeners, as on the emulated chip's pins.
 */
export class FakeWire implements Net {
  readonly #drivers = new Set<string>();
  readonly #listeners: ((level: boolean) => void)[] = [];
  readonly #clock: Clock;
  readonly changes: { readonly level: boolean; readonly nanos: number }[] = [];
  #level = true;
  #settling = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get level(): boolean {
    return this.#level;
  }

  /** The drivers that pull it low. */
  get drivers(): readonly string[] {
    return [...this.#drivers];
  }

  drive(driver: string, level: boolean | null): void {
    if (level === true) throw new Error(`${driver} drives an open-drain net high`);
    if (level === null) this.#drivers.delete(driver);
    else this.#drivers.add(driver);
    if (this.#settling) return;
    this.#settling = true;
    while (this.#level !== (this.#drivers.size === 0)) {
      this.#level = !this.#level;
      this.changes.push({ level: this.#level, nanos: this.#clock.nanos });
      for (const listener of this.#listeners) listener(this.#level);
    }
    this.#settling = false;
  }

  onChange(listener: (level: boolean) => void): void {
    this.#listeners.push(listener);
  }
}

/** A signal on a net of its own, active high. */
export function fakeSignal(clock: Clock, name: string, pull = false): { net: FakeNet; signal: Signal } {
  const net = new FakeNet(clock, pull);
  return { net, signal: new Signal(name, net, "high") };
}

/** The receiving end of a serial line: frames with the time their stop bit ended. */
export class FakeInput {
  readonly frames: (SerialFrame & { readonly nanos: number })[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  receive(frame: SerialFrame): void {
    this.frames.push({ ...frame, nanos: this.#clock.nanos });
  }

  get text(): string {
    return String.fromCharCode(...this.frames.map((frame) => frame.byte));
  }
}
