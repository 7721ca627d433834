/**
 * The parts of the emulated chip that a device outside it sees: time that it can wait for, nets that it can
 * drive and watch, and the receiving end of a serial line. The emulated chip and its pins fit these shapes. A
 * test can give a device a clock and nets of its own instead.
 */

/** Emulated time. `schedule` runs the action once, `delayNanos` from now. */
export interface Clock {
  readonly nanos: number;
  schedule(delayNanos: number, action: () => void): { cancel(): void };
}

/** One net on the board. `drive(name, null)` lets go of it. */
export interface Net {
  readonly level: boolean;
  drive(driver: string, level: boolean | null): void;
  onChange(listener: (level: boolean) => void): void;
}

/** One frame on a serial line, handed over at the moment its stop bit ends. */
export interface SerialFrame {
  readonly byte: number;
  readonly framingError?: boolean;
  readonly parityError?: boolean;
  readonly break?: boolean;
  readonly bitNanos: number;
}

export interface SerialInput {
  receive(frame: SerialFrame): void;
}

/** A net with a meaning: the board file says which level is "asserted". */
export class Signal {
  readonly name: string;
  readonly #net: Net;
  readonly #activeHigh: boolean;

  constructor(name: string, net: Net, active: "high" | "low") {
    this.name = name;
    this.#net = net;
    this.#activeHigh = active === "high";
  }

  get asserted(): boolean {
    return this.#net.level === this.#activeHigh;
  }

  /** Drives the net to asserted or deasserted, or lets go of it with null. */
  drive(driver: string, asserted: boolean | null): void {
    this.#net.drive(driver, asserted === null ? null : asserted === this.#activeHigh);
  }

  onChange(listener: (asserted: boolean) => void): void {
    this.#net.onChange((level) => listener(level === this.#activeHigh));
  }
}

export const NANOS_PER_MS = 1e6;
export const NANOS_PER_SECOND = 1e9;

/** Start bit, eight data bits, one stop bit. */
export const BITS_PER_FRAME = 10;

/** The serial consoles of this project: 115200 baud, 8N1. */
export const BIT_NANOS_115200 = NANOS_PER_SECOND / 115200;
