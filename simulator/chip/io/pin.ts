/**
 * A net on the board with one pin of the chip on it: its drivers and pulls, the level that results, and the
 * listeners to changes of that level. Two drivers at odds are a strict warning.
 */

import type { StrictLog } from "../strict-log.ts";
import type { Gpio } from "./gpio.ts";

export type PullDirection = "up" | "down";

export class Pin {
  readonly gpio: number;
  private readonly pad: Gpio;
  private readonly log: StrictLog;
  private readonly drivers = new Map<string, boolean>();
  private boardPull: PullDirection | null = null;
  private readonly listeners: ((level: boolean) => void)[] = [];
  private current = false;
  private contended = false;
  private settling = false;

  constructor(pad: Gpio, log: StrictLog) {
    this.gpio = pad.index;
    this.pad = pad;
    this.log = log;
    pad.onPad = () => this.settle();
  }

  /** Level of the net. Without driver and pull it keeps the last one, as a floating net does for a while. */
  get level(): boolean {
    return this.current;
  }

  /** Level that the chip drives; null while it drives none. */
  get chipDrives(): boolean | null {
    return this.pad.drives;
  }

  drive(driver: string, level: boolean | null): void {
    if (level === null) this.drivers.delete(driver);
    else this.drivers.set(driver, level);
    this.settle();
  }

  pull(direction: PullDirection | null): void {
    this.boardPull = direction;
    this.settle();
  }

  onChange(listener: (level: boolean) => void): void {
    this.listeners.push(listener);
  }

  private settle(): void {
    // A listener that drives this same net calls this again; the outer call then makes another round.
    if (this.settling) return;
    this.settling = true;
    try {
      for (let round = 0; round < 8; round++) {
        const level = this.resolve();
        if (level === this.current) break;
        this.current = level;
        this.pad.setInputValue(level);
        for (const listener of this.listeners) listener(level);
      }
    } finally {
      this.settling = false;
    }
  }

  private resolve(): boolean {
    const bus = this.pad.drives;
    let high = bus === true;
    let low = bus === false;
    for (const level of this.drivers.values()) {
      if (level) high = true;
      else low = true;
    }
    this.noteContention(high && low);
    if (high && low) return false;
    if (high || low) return high;
    if (this.boardPull) return this.boardPull === "up";
    const { pullupEnabled, pulldownEnabled } = this.pad;
    // Both at once is the bus keeper (datasheet 2.19.4.1).
    if (pullupEnabled !== pulldownEnabled) return pullupEnabled;
    return this.current;
  }

  private noteContention(contended: boolean): void {
    if (contended && !this.contended) {
      const others = [...this.drivers].map(([name, level]) => `${name} ${level ? "high" : "low"}`);
      if (this.pad.drives !== null) others.unshift(`chip ${this.pad.drives ? "high" : "low"}`);
      this.log.warn(`GPIO${this.gpio}`, `drivers at odds: ${others.join(", ")}`);
    }
    this.contended = contended;
  }
}
