/**
 * A controller's hold on the two lines of the bus: it drives each low or lets go of it, and can spoil
 * either.
 */
import type { Clock, Net } from "../world.ts";

export class BusLines {
  readonly sda: Net;
  readonly scl: Net;
  /** What we drive, whatever the level of the net. */
  sclLow = false;
  sdaLow = false;
  /** Set during an edge of a glitch of our own, which we do not see. */
  glitching = false;
  readonly #clock: Clock;
  readonly #name: string;

  constructor(clock: Clock, sda: Net, scl: Net, name: string) {
    this.#clock = clock;
    this.sda = sda;
    this.scl = scl;
    this.#name = name;
  }

  driveScl(low: boolean): void {
    this.sclLow = low;
    this.scl.drive(this.#name, low ? false : null);
  }

  driveSda(low: boolean): void {
    this.sdaLow = low;
    this.sda.drive(this.#name, low ? false : null);
  }

  /** SDA first: with SCL low that is one more bit and no STOP. */
  letGo(): void {
    if (this.sdaLow) this.driveSda(false);
    if (this.sclLow) this.driveScl(false);
  }

  /**
   * A line that is ours and low goes up for a moment, any other line down. `awaited`, asked when the pulse
   * ends: whether the controller waits for this very edge, because the pulse held it up.
   */
  glitch(line: "scl" | "sda", nanos: number, awaited: () => boolean): void {
    const net = this[line];
    const isLow = () => (line === "scl" ? this.sclLow : this.sdaLow);
    const up = isLow();
    const driver = up ? this.#name : `${this.#name}'s glitch`;
    this.glitching = true;
    net.drive(driver, up ? null : false);
    this.glitching = false;
    this.#clock.schedule(nanos, () => {
      this.glitching = !awaited();
      net.drive(driver, up && isLow() ? false : null);
      this.glitching = false;
    });
  }
}
