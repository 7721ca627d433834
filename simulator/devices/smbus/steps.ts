/**
 * The steps of a transfer on the bus. A protocol is a generator of steps: for each step it receives the
 * answer of the bus, and at the end it returns how the transfer ended. Protocols read like the figures of the
 * specification, because the controller itself ends a transfer when a byte is not acknowledged.
 */

/** The part of a message that a byte belongs to. */
export type Place =
  | "bus"
  | "start"
  | "address"
  | "command"
  | "count"
  | "data"
  | "read-address"
  | "pec"
  | "stop";

export type Step =
  | { readonly op: "start" }
  /** Answer: 1, or 0 if a device kept SDA low, so that there was no STOP. */
  | { readonly op: "stop" }
  /** Answer: 1 when acknowledged, 0 when not. Without an acknowledge a STOP follows, unless `goOn`. */
  | { readonly op: "write"; readonly byte: number; readonly at: Place; readonly goOn?: boolean }
  /** Answer: the byte. `ack`: the controller acknowledges it. */
  | { readonly op: "read"; readonly ack: boolean; readonly at: Place }
  /** One clock with SDA let go or low. Answer: the level seen. There is no arbitration. */
  | { readonly op: "bit"; readonly high: boolean }
  /** Only for faults: SCL stays low, or goes high, with SDA low or let go, and stays high. */
  | { readonly op: "hold-low"; readonly nanos: number }
  | { readonly op: "hold-high"; readonly sda: boolean; readonly nanos: number }
  /** Lets go of both lines without a STOP. `free`: the next transfer begins with a repeated START. */
  | { readonly op: "let-go"; readonly free: boolean };

export type OutcomeKind =
  | "ok"
  | "nack"
  | "arbitration-lost"
  | "timeout"
  | "bad-pec"
  | "bad-length"
  | "abandoned";

export interface Ending {
  /** "resumed": a fault is over, and the transfer continues where it was. */
  readonly kind: OutcomeKind | "resumed";
  readonly at: Place;
  readonly data: Uint8Array;
}

export type Steps = Generator<Step, Ending, number>;

export interface Protocol {
  readonly name: string;
  /** Returns a new sequence. A protocol can be used any number of times. */
  steps(): Steps;
}

export const NO_DATA = new Uint8Array(0);
export const START: Step = { op: "start" };
export const STOP: Step = { op: "stop" };

export function ending(kind: Ending["kind"], at: Place, data: Uint8Array = NO_DATA): Ending {
  return { kind, at, data };
}

/** The steps of a transfer that ends early: a STOP, and this ending. */
export function* stopped(kind: OutcomeKind, at: Place): Steps {
  yield STOP;
  return ending(kind, at);
}
