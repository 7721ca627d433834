/**
 * The protocol of a served slot: lines of JSON over a Unix socket. docs/serve.md describes it for other
 * programs. Everything has a limit, because a client may be any program.
 */

/** Goes up when a request or an answer changes its meaning, and not for a new request or a new field. */
export const PROTOCOL = 1;

/** Our choice of all: far more than a rack of command lines needs, and small beside the emulator itself. */
export const LIMITS = {
  /** A request; the longest that makes sense has 256 bytes in hexadecimal. */
  requestBytes: 4096,
  /** A line from the server; the list of all faults is the longest. */
  answerBytes: 256 * 1024,
  clients: 16,
  /** Terminals of one console. */
  terminals: 8,
  /** Requests of one client that wait. Beyond it the server does not read on. */
  waiting: 32,
  /** Output that one client has not read. Beyond it a console drops, and requests wait. */
  unreadBytes: 64 * 1024,
  /** Time for a client to read its answers, and for one that sends no more to close. */
  unreadMs: 30_000,
  /** Emulated time of one pause. */
  pauseMs: 10_000,
  /** Bytes of one message on the bus. */
  messageBytes: 256,
} as const;

/** The first line of the server. */
export interface Greeting {
  readonly program: "racklet-bmc";
  readonly protocol: number;
  readonly name: string;
  readonly pid: number;
  readonly board: string;
  /** The number that the straps set, and the slot's address on the bus. */
  readonly slot: number;
  readonly address: number;
  /** The board's sensors, as the board file has them. */
  readonly sensors: Readonly<Record<string, unknown>>;
}

export interface Refusal {
  readonly kind: string;
  readonly message: string;
}

/** The answer to a request has its id: null where the request had none. */
export type Answer =
  | { readonly id: number | null; readonly result: object }
  | { readonly id: number | null; readonly error: Refusal };

/** The answer to "status". */
export interface SlotFacts {
  readonly emulated_s: number;
  readonly power: "off" | "rails" | "reset" | "on";
  readonly stage: string;
  readonly board_plugged: boolean;
  readonly output_mv: number;
  readonly output_ma: number;
  readonly rails: readonly {
    readonly name: string;
    readonly enabled: boolean;
    readonly power_good: boolean;
    readonly mv: number;
  }[];
  readonly input_mv: number;
  readonly supply_mv: number;
  /** The current set by "load"; null for the compute board's own. */
  readonly load_ma: number | null;
  readonly faults: readonly string[];
  /** SMBALERT# is asserted; null where the board does not wire it. */
  readonly alert: boolean | null;
  readonly chip: string;
  readonly strict_warnings: number;
  readonly clients: number;
}

/** The answer to "faults". */
export interface FaultList {
  readonly in_force: readonly string[];
  readonly known: readonly { readonly name: string; readonly description: string }[];
}

/** A request that cannot be carried out. The kind is for programs, the message for people. */
export class RequestError extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}
