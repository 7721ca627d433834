/**
 * What a controller can be told to do on the bus, one step after another. A protocol is a generator of
 * steps: it receives for each step what the bus answered, and returns how the transfer ended. Protocols
 * read like the figures of the specification, because a byte that is not acknowledged ends the transfer
 * without their doing.
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
  /** Answer: 1, or 0 where someone kept SDA low, so that there was none. */
  | { readonly op: "stop" }
  /** Answer: 1 when acknowledged, 0 when not. Not acknowledged means STOP, unless `goOn`. */
  | { readonly op: "write"; readonly byte: number; readonly at: Place; readonly goOn?: boolean }
  /** Answer: the byte. `ack` is what the controller says to it. */
  | { readonly op: "read"; readonly ack: boolean; readonly at: Place }
  /** One clock with SDA let go or low. Answer: the level seen. No arbitration. */
  | { readonly op: "bit"; readonly high: boolean }
  /** Only for faults: SCL stays low; or it goes high, with SDA low or let go, and stays. */
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
  /** "resumed": a fault is over and the transfer goes on where it was. */
  readonly kind: OutcomeKind | "resumed";
  readonly at: Place;
  readonly data: Uint8Array;
}

export type Steps = Generator<Step, Ending, number>;

export interface Protocol {
  readonly name: string;
  /** A fresh sequence; a protocol can be used any number of times. */
  steps(): Steps;
}

export const NO_DATA = new Uint8Array(0);
export const START: Step = { op: "start" };
export const STOP: Step = { op: "stop" };

export function ending(kind: Ending["kind"], at: Place, data: Uint8Array = NO_DATA): Ending {
  return { kind, at, data };
}

/** How a transfer ends early: STOP, and this. */
export function* stopped(kind: OutcomeKind, at: Place): Steps {
  yield STOP;
  return ending(kind, at);
}
