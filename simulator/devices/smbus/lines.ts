/**
 * The two lines of the bus as one controller drives them. It drives each low or lets go of it, and can put a
 * glitch on either.
 */
import type { Clock, Net } from "../world.ts";

export class BusLines {
  readonly sda: Net;
  readonly scl: Net;
  /** True while this controller drives the line low, whatever the level of the net is. */
  sclLow = false;
  sdaLow = false;
  /** True during an edge of this controller's own glitch, to which it does not react. */
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

  /** Lets go of both lines, SDA first: while SCL is low that is one more bit and no STOP. */
  letGo(): void {
    if (this.sdaLow) this.driveSda(false);
    if (this.sclLow) this.driveScl(false);
  }

  /**
   * Puts a pulse on a line: a line that this controller holds low goes up for a moment, any other line goes
   * down. When the pulse ends, `awaited` returns true if the controller waits for this very edge, because the
   * pulse had delayed it.
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
