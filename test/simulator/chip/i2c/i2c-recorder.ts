/**
 * A logic analyser on an I2C bus: it records START and STOP, bits, and the times for which SCL was low and
 * high. It reads two nets and knows neither controller nor target.
 */
interface Line {
  readonly level: boolean;
  onChange(listener: (level: boolean) => void): void;
}

export class BusRecorder {
  /** "S", "Sr", "P", bytes as hex with "+" for an acknowledge and "-" for none: "S 30+ 10+ Sr 31+ 5a- P". */
  readonly events: string[] = [];
  /** SCL's periods in nanoseconds, each as it ended. */
  readonly low: number[] = [];
  readonly high: number[] = [];
  /** From SDA's edge of a START to SCL's first fall, and of a STOP to the next START. */
  readonly startHold: number[] = [];
  readonly busFree: number[] = [];
  private readonly now: () => number;
  private bits: number[] = [];
  private open = false;
  private clockEdge = 0;
  private startedAt = -1;
  private stoppedAt = -1;

  constructor(sda: Line, scl: Line, now: () => number) {
    this.now = now;
    sda.onChange((level) => {
      if (scl.level) this.condition(level);
    });
    scl.onChange((level) => this.clock(level, sda.level));
  }

  get text(): string {
    return this.events.join(" ");
  }

  clear(): void {
    for (const list of [this.events, this.low, this.high, this.startHold, this.busFree]) list.length = 0;
  }

  private condition(stop: boolean): void {
    this.bits = [];
    if (stop) {
      this.events.push("P");
      this.stoppedAt = this.now();
    } else {
      if (this.stoppedAt >= 0 && !this.open) this.busFree.push(this.now() - this.stoppedAt);
      this.events.push(this.open ? "Sr" : "S");
      this.startedAt = this.now();
    }
    this.open = !stop;
  }

  private clock(level: boolean, data: boolean): void {
    const length = this.now() - this.clockEdge;
    this.clockEdge = this.now();
    if (!level && this.startedAt >= 0) {
      this.startHold.push(this.now() - this.startedAt);
      this.startedAt = -1;
      return;
    }
    (level ? this.low : this.high).push(length);
    if (!level) {
      this.bits.push(Number(data));
      if (this.bits.length < 9) return;
      const byte = Number.parseInt(this.bits.slice(0, 8).join(""), 2);
      this.events.push(byte.toString(16).padStart(2, "0") + (this.bits[8] === 0 ? "+" : "-"));
      this.bits = [];
    }
  }
}
