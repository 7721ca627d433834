/**
 * Deliberate misbehaviour of a controller. A fault of the bus happens at one clock, whatever protocol the
 * clock belongs to. A fault of the message changes what the protocol sends. The faults of Linux'
 * i2c-gpio-fault-injector have equivalents here: its incomplete address phase and incomplete write byte are
 * "vanish" at the ACK of the address and within a data byte, its panic during a transfer is "freeze", and
 * lost arbitration and held lines have the same names.
 */

import { NANOS_PER_MS } from "../world.ts";
import {
  type Ending,
  ending,
  NO_DATA,
  type Protocol,
  START,
  STOP,
  type Step,
  type Steps,
  stopped,
} from "./steps.ts";

/**
 * `bit` counts pulses of SCL as `Outcome.bits` does: each bit, each ACK, each repeated START and the STOP.
 */
export type BusFault =
  | { readonly kind: "stop-at-bit"; readonly bit: number }
  | { readonly kind: "start-at-bit"; readonly bit: number; readonly address?: number }
  | { readonly kind: "transfer-at-bit"; readonly bit: number; readonly next: Protocol }
  | { readonly kind: "vanish"; readonly bit: number }
  | { readonly kind: "freeze"; readonly bit: number; readonly ms: number }
  | {
      readonly kind: "hold-scl-low" | "hold-sda-low";
      readonly bit: number;
      readonly ms: number;
      readonly goOn: boolean;
    }
  | { readonly kind: "lose-arbitration"; readonly bit: number }
  /**
   * `point` says where in the clock period the pulse begins: 0 to 1 from one falling edge of SCL to the next.
   */
  | {
      readonly kind: "glitch-scl" | "glitch-sda";
      readonly bit: number;
      readonly nanos: number;
      readonly point: number;
    };

export type MessageFault =
  | { readonly kind: "wrong-pec" }
  | { readonly kind: "missing-stop" }
  | { readonly kind: "restart-for-stop"; readonly next: Protocol }
  | { readonly kind: "endless-read"; readonly bytes: number }
  | { readonly kind: "too-many-bytes"; readonly bytes: number }
  | { readonly kind: "too-few-bytes"; readonly bytes: number }
  | { readonly kind: "wrong-count"; readonly count: number }
  | { readonly kind: "nack-early"; readonly bytes: number };

export type SmbusFault = BusFault | MessageFault;

export const BUS_FAULTS: Readonly<Record<BusFault["kind"], string>> = {
  "stop-at-bit": "STOP instead of the bit",
  "start-at-bit": "START instead of the bit, one address byte of another device, STOP",
  "transfer-at-bit": "START instead of the bit, and a whole other transfer with it",
  vanish:
    "lets go of SDA, then of SCL, and never comes back: an incomplete address phase, an incomplete byte",
  freeze: "SCL high and SDA as it is for a time, then both let go: a panic in the middle of a transfer",
  "hold-scl-low": "SCL low for a time, then the transfer is abandoned or goes on",
  "hold-sda-low": "SCL high and SDA low for a time, then the transfer is abandoned or goes on",
  "lose-arbitration": "another controller's zeros win for the rest of the byte, then its STOP",
  "glitch-scl": "a pulse on SCL against what the controller does with it",
  "glitch-sda": "a pulse on SDA against what the controller does with it",
};

export const MESSAGE_FAULTS: Readonly<Record<MessageFault["kind"], string>> = {
  "wrong-pec": "a PEC with one bit wrong, written",
  "missing-stop": "no STOP; the next transfer begins with its START right away",
  "restart-for-stop": "a repeated START and another transfer instead of the STOP",
  "endless-read": "more bytes read than there are",
  "too-many-bytes": "more bytes written than there should be, acknowledged or not",
  "too-few-bytes": "STOP after some of the bytes written behind the address",
  "wrong-count": "a block with another count than bytes",
  "nack-early": "NACK and STOP after some of the bytes read",
};

/**
 * Address of another device, for a START that leads nowhere. Our choice: an address that SMBus does not
 * reserve.
 */
const OTHER_ADDRESS = 0x2b;
const EXTRA_BYTE = 0xa5;

export function isBusFault(fault: SmbusFault): fault is BusFault {
  return fault.kind in BUS_FAULTS;
}

/** The state of the controller at the clock where a fault of the bus happens. */
export interface Strike {
  /** The level that SDA would have had. */
  readonly sda: boolean;
  /** Bits of the byte that are still to come, without its ACK; 0 at the ACK and outside of bytes. */
  readonly dataBitsLeft: number;
  /** True if this clock belongs to a byte; false for the clocks of START and STOP. */
  readonly inByte: boolean;
  readonly place: Ending["at"];
}

/**
 * Returns the steps that replace the transfer from this clock on, or null for a glitch, which lets the
 * transfer go on.
 */
export function busFaultSteps(fault: BusFault, strike: Strike): Steps | null {
  const { place } = strike;
  switch (fault.kind) {
    case "stop-at-bit":
      return stopped("abandoned", place);
    case "start-at-bit":
      return strayStart(fault.address ?? OTHER_ADDRESS, place);
    case "transfer-at-bit":
      return fault.next.steps();
    case "vanish":
      return held([], "abandoned", place);
    case "freeze":
      return held([{ op: "hold-high", sda: strike.sda, nanos: fault.ms * NANOS_PER_MS }], "abandoned", place);
    case "hold-scl-low":
      return held(
        [{ op: "hold-low", nanos: fault.ms * NANOS_PER_MS }],
        fault.goOn ? "resumed" : "abandoned",
        place,
      );
    case "hold-sda-low": {
      const hold: Step = { op: "hold-high", sda: false, nanos: fault.ms * NANOS_PER_MS };
      return held([hold], fault.goOn ? "resumed" : "abandoned", place);
    }
    case "lose-arbitration":
      return losingArbitration(strike);
    default:
      return null;
  }
}

/**
 * Waits for a whole low period before SCL goes up. A controller that let go of SCL as soon as it fell would
 * cause a spike, which other devices need not see.
 */
const SCL_UP: Step = { op: "hold-high", sda: true, nanos: 0 };

function* strayStart(address: number, at: Ending["at"]): Steps {
  yield START;
  yield { op: "write", byte: address << 1, at: "address", goOn: true };
  return yield* stopped("abandoned", at);
}

function* held(holds: readonly Step[], kind: "abandoned" | "resumed", at: Ending["at"]): Steps {
  yield* holds;
  if (kind === "abandoned") {
    if (holds.at(-1)?.op !== "hold-high") yield SCL_UP;
    yield { op: "let-go", free: false };
  }
  return ending(kind, at);
}

/**
 * The winner of an arbitration is really another controller, but its bits look the same when this one sends
 * them.
 */
function* losingArbitration({ dataBitsLeft, inByte, place }: Strike): Steps {
  for (let bit = 0; bit < dataBitsLeft; bit++) yield { op: "bit", high: false };
  if (inByte) yield { op: "bit", high: true };
  return yield* stopped("arbitration-lost", place);
}

/** Returns the protocol's steps with a fault of the message in them. */
export function* withMessageFault(steps: Steps, fault: MessageFault): Steps {
  let answer = 0;
  let counted = 0;
  for (;;) {
    const next = steps.next(answer);
    if (next.done) return next.value;
    const step = next.value;
    switch (fault.kind) {
      case "wrong-pec":
        answer = yield step.op === "write" && step.at === "pec" ? { ...step, byte: step.byte ^ 1 } : step;
        break;
      case "wrong-count":
        answer = yield step.op === "write" && step.at === "count"
          ? { ...step, byte: fault.count & 0xff }
          : step;
        break;
      case "missing-stop":
        if (step === STOP) yield SCL_UP;
        answer = yield step === STOP ? { op: "let-go", free: true } : step;
        break;
      case "restart-for-stop":
        if (step === STOP) return yield* fault.next.steps();
        answer = yield step;
        break;
      case "too-many-bytes":
        if (step === STOP) return yield* extraBytes(fault.bytes);
        answer = yield step;
        break;
      case "too-few-bytes":
        if (isPayload(step) && counted++ === fault.bytes) return yield* stopped("abandoned", step.at);
        answer = yield step;
        break;
      case "endless-read":
        if (step.op === "read" && !step.ack) return yield* readOn(step, fault.bytes);
        answer = yield step;
        break;
      case "nack-early":
        if (step.op === "read" && counted++ === fault.bytes) return yield* notAcknowledged(step);
        answer = yield step;
        break;
    }
  }
}

const isPayload = (step: Step): step is Step & { op: "write" } =>
  step.op === "write" && step.at !== "address" && step.at !== "read-address";

function* extraBytes(bytes: number): Steps {
  for (let index = 0; index < bytes; index++) yield { op: "write", byte: EXTRA_BYTE, at: "data", goOn: true };
  return yield* stopped("ok", "stop");
}

function* readOn(step: Step & { op: "read" }, bytes: number): Steps {
  const data = new Uint8Array(bytes + 1);
  for (let index = 0; index < bytes; index++) data[index] = yield { ...step, ack: true };
  data[bytes] = yield step;
  yield STOP;
  return ending("ok", "stop", data);
}

function* notAcknowledged(step: Step & { op: "read" }): Steps {
  const byte = yield { ...step, ack: false };
  yield STOP;
  return ending("abandoned", step.at, byte === undefined ? NO_DATA : Uint8Array.of(byte));
}

/**
 * Returns every fault of the bus at one clock, in typical sizes. Tests use them at all clocks of a protocol;
 * the outcome of a good run says how many clocks there are (`Outcome.bits`). Holds last 1 ms, and 40 ms,
 * which is longer than tTIMEOUT. Glitches come at three points of the clock: in the low part, in the high
 * part, and over the edge between them.
 */
export function busFaultsAt(bit: number, next: Protocol, glitchNanos = 200): BusFault[] {
  const faults: BusFault[] = [
    { kind: "stop-at-bit", bit },
    { kind: "start-at-bit", bit },
    { kind: "transfer-at-bit", bit, next },
    { kind: "vanish", bit },
    { kind: "freeze", bit, ms: 1 },
    { kind: "lose-arbitration", bit },
  ];
  for (const goOn of [false, true]) {
    for (const ms of [1, 40]) {
      faults.push({ kind: "hold-scl-low", bit, ms, goOn }, { kind: "hold-sda-low", bit, ms, goOn });
    }
  }
  for (const point of [0.2, 0.52, 0.8]) {
    faults.push({ kind: "glitch-scl", bit, nanos: glitchNanos, point });
    faults.push({ kind: "glitch-sda", bit, nanos: glitchNanos, point });
  }
  return faults;
}

/**
 * Returns every fault of the message, in typical sizes. A fault does nothing in a message without the part
 * that it would spoil.
 */
export function messageFaults(next: Protocol): MessageFault[] {
  const faults: MessageFault[] = [
    { kind: "wrong-pec" },
    { kind: "missing-stop" },
    { kind: "restart-for-stop", next },
    { kind: "endless-read", bytes: 300 },
  ];
  for (const bytes of [1, 40, 300]) faults.push({ kind: "too-many-bytes", bytes });
  for (const bytes of [0, 1, 2]) faults.push({ kind: "too-few-bytes", bytes }, { kind: "nack-early", bytes });
  for (const count of [0, 1, 33, 255]) faults.push({ kind: "wrong-count", count });
  return faults;
}
