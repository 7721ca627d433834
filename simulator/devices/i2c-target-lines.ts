/**
 * The bus interface of a plain I2C target (UM10204, 3.1). From the levels of two nets it recognises START,
 * address, bytes in both directions, acknowledges and STOP. The device behind it decides what the bytes mean.
 * It shares no code with the model of the RP2040's I2C peripheral, so that tests can check each against the
 * other.
 */
import type { Clock, Net } from "./world.ts";

/** The device behind the interface. */
export interface I2cResponder {
  /** Returns true to acknowledge this address. */
  addressed(address: number, read: boolean): boolean;
  /** Takes a byte written to the device. Returns true to acknowledge it. */
  received(byte: number): boolean;
  /** Returns the next byte that the controller reads. */
  send(): number;
}

export interface I2cTargetLinesOptions {
  readonly clock: Clock;
  readonly sda: Net;
  readonly scl: Net;
  readonly name: string;
  readonly responder: I2cResponder;
}

/**
 * tHD;DAT. UM10204 asks for 0 and SMBus before 3.0 for 300 ns. Our choice: 300 ns, which is below tVD;DAT of
 * Fast-mode (900 ns).
 */
const DATA_HOLD_NANOS = 300;

/** "ignore" lasts until the next START. */
type State = "ignore" | "address" | "receive" | "send";

export class I2cTargetLines {
  /** How long the target keeps SCL low after each acknowledge. */
  stretchNanos = 0;
  /**
   * True while the target pulls SDA low whatever the bus does, as a target does that has lost count of its
   * clocks.
   */
  #stuck = false;
  readonly #clock: Clock;
  readonly #sda: Net;
  readonly #scl: Net;
  readonly #name: string;
  readonly #responder: I2cResponder;
  #state: State = "ignore";
  /** Index of the clock within the byte, 0 to 8; -1 between START and the first falling edge. */
  #bit = -1;
  #shift = 0;
  #sending = 0;
  #acknowledged = false;
  #sdaLow = false;

  constructor(options: I2cTargetLinesOptions) {
    this.#clock = options.clock;
    this.#sda = options.sda;
    this.#scl = options.scl;
    this.#name = options.name;
    this.#responder = options.responder;
    this.#scl.onChange((level) => (level ? this.#sclRose() : this.#sclFell()));
    this.#sda.onChange((level) => {
      if (!this.#scl.level) return;
      if (level) this.reset();
      else this.#start();
    });
  }

  /**
   * Holds SDA low from now on, or for `clocks` falling edges of SCL, as a target does whose transfer was cut
   * short.
   */
  holdSda(clocks = Number.POSITIVE_INFINITY): void {
    this.#stuck = true;
    this.#state = "ignore";
    this.#sda.drive(this.#name, false);
    if (clocks === Number.POSITIVE_INFINITY) return;
    let left = clocks;
    this.#scl.onChange((level) => {
      if (!level && this.#stuck && --left <= 0) this.releaseSda();
    });
  }

  releaseSda(): void {
    this.#stuck = false;
    this.#sdaLow = false;
    this.#sda.drive(this.#name, null);
  }

  /** Ends whatever is under way, as a STOP or a loss of power does. */
  reset(): void {
    this.#state = "ignore";
    this.#drive(false);
  }

  #start(): void {
    if (this.#stuck) return;
    this.#drive(false);
    this.#state = "address";
    this.#bit = -1;
  }

  #sclRose(): void {
    if (this.#state === "ignore") return;
    const { level } = this.#sda;
    if (this.#bit < 8) {
      this.#shift = (this.#shift << 1) | Number(level);
      // A target that sends a one and sees a zero has lost arbitration: the bus hears another target.
      if (this.#state === "send" && !level && !this.#sdaLow) this.#state = "ignore";
    } else if (this.#state === "send") {
      this.#acknowledged = !level;
    }
  }

  #sclFell(): void {
    if (this.#state === "ignore") return;
    this.#bit++;
    if (this.#bit === 8) this.#eighthBitOver();
    else if (this.#bit === 9) this.#acknowledgeOver();
    else if (this.#bit === 0) this.#shift = 0;
    if (this.#state === "send" && this.#bit < 8) this.#drive(((this.#sending >> (7 - this.#bit)) & 1) === 0);
  }

  #eighthBitOver(): void {
    const byte = this.#shift & 0xff;
    if (this.#state === "send") {
      this.#drive(false);
      return;
    }
    if (this.#state === "address")
      this.#acknowledged = this.#responder.addressed(byte >> 1, (byte & 1) === 1);
    else this.#acknowledged = this.#responder.received(byte);
    this.#drive(this.#acknowledged);
  }

  #acknowledgeOver(): void {
    const wasAddress = this.#state === "address";
    this.#bit = 0;
    if (!this.#acknowledged) this.#state = "ignore";
    else if (wasAddress) this.#state = (this.#shift & 1) === 1 ? "send" : "receive";
    this.#shift = 0;
    if (this.#state === "send") this.#sending = this.#responder.send();
    else this.#drive(false);
    if (this.stretchNanos > 0 && this.#state !== "ignore") this.#stretch();
  }

  #stretch(): void {
    this.#scl.drive(this.#name, false);
    this.#clock.schedule(this.stretchNanos, () => this.#scl.drive(this.#name, null));
  }

  #drive(low: boolean): void {
    if (low === this.#sdaLow || this.#stuck) return;
    this.#sdaLow = low;
    this.#clock.schedule(DATA_HOLD_NANOS, () => {
      if (!this.#stuck) this.#sda.drive(this.#name, this.#sdaLow ? false : null);
    });
  }
}
