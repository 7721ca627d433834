/**
 * Reads the events and the trace of the last fault over the SMBus. Both are read by number, and reading
 * removes nothing. The numbers of the protocol become names here.
 */
import { ChangedError } from "./bus.ts";
import type { SlotClient } from "./client.ts";
import { NUMBERS } from "./generated/commands.ts";
import { ValueError, type ValueOf } from "./values.ts";

type Names = typeof NUMBERS;
type NameIn<N extends keyof Names> = Extract<keyof Names[N], string>;

/** The name of a number, or undefined: newer firmware may have numbers that this client does not know. */
export function nameIn<N extends keyof Names>(numbers: N, value: number): NameIn<N> | undefined {
  const values: Readonly<Record<string, number>> = NUMBERS[numbers];
  return Object.keys(values).find((name) => values[name] === value) as NameIn<N> | undefined;
}

const LIMIT_KINDS = Object.keys(NUMBERS.LIMIT_KIND).length;

/** The quantity and the kind of a limit, from its number. */
export function limitOf(limit: number) {
  return {
    quantity: nameIn("QUANTITY", Math.floor(limit / LIMIT_KINDS)),
    kind: nameIn("LIMIT_KIND", limit % LIMIT_KINDS),
  };
}

export interface SlotEvent extends Omit<ValueOf<"MFR_EVENT_READ">, "kind" | "origin"> {
  /** The names of the kind and of the origin, or undefined where this client is too old for them. */
  readonly kind: NameIn<"EVENT_KIND"> | undefined;
  readonly origin: NameIn<"ORIGIN"> | undefined;
}

/** Four bytes as a number in two's complement. */
function signed(value: number): number {
  return value | 0;
}

/**
 * Our choice: more than the events that a slot keeps, so that a reader ends although a fault repeats all the
 * time.
 */
const LATER_EVENTS = 128;
const EVENT_TRIES = 3;

function isSameEvent(one: SlotEvent, other: SlotEvent): boolean {
  const { kind, origin, detail, subject, first_ms } = one;
  return (
    kind === other.kind &&
    origin === other.origin &&
    detail === other.detail &&
    subject === other.subject &&
    first_ms === other.first_ms
  );
}

/** Reads the event of this number or the next one that is kept; null where there is none, after a restart. */
async function eventAt(slot: SlotClient, number: number): Promise<SlotEvent | null> {
  try {
    const event = await slot.call("MFR_EVENT_READ", { number });
    return {
      ...event,
      kind: nameIn("EVENT_KIND", event.kind),
      origin: nameIn("ORIGIN", event.origin),
      value: signed(event.value),
      limit: signed(event.limit),
    };
  } catch (error) {
    // Behind the newest event the answer is the number alone.
    if (error instanceof ValueError) return null;
    throw error;
  }
}

/**
 * Reads the events, or null: the BMC has restarted meanwhile, and numbers its events from 0 again. An event
 * that comes again takes a new number behind all others, so the reader goes on with those that came
 * meanwhile.
 */
async function readAllEvents(slot: SlotClient): Promise<readonly SlotEvent[] | null> {
  let { oldest: number, end } = await slot.get("MFR_EVENT_STATUS");
  const last = end + LATER_EVENTS;
  const events: SlotEvent[] = [];
  while (number < end) {
    const event = await eventAt(slot, number);
    if (event === null) return null;
    const before = events.findIndex((one) => isSameEvent(one, event));
    if (before >= 0) events.splice(before, 1);
    events.push(event);
    number = event.number + 1; // later than the one asked for if that was replaced meanwhile
    if (number < end) continue;
    const now = await slot.get("MFR_EVENT_STATUS");
    if (now.end < end) return null;
    end = Math.min(now.end, last);
  }
  return events;
}

/**
 * Reads all events that are kept, the oldest first, each once. Throws a ChangedError where the BMC restarts.
 */
export async function* readEvents(slot: SlotClient): AsyncGenerator<SlotEvent> {
  for (let tries = 0; tries < EVENT_TRIES; tries++) {
    const events = await readAllEvents(slot);
    if (events === null) continue;
    yield* events;
    return;
  }
  throw new ChangedError(slot.address, "the event log");
}

export interface Trace {
  /** Time from one round of all channels to the next. */
  readonly period_ns: number;
  /** How many of the rounds came after the fault was noticed. */
  readonly after: number;
  /** Codes of each round, by converter channel; the oldest first. */
  readonly rounds: readonly (readonly number[])[];
}

const CHANNELS = 5;
const CODE_BYTES = 2;
const ROUND_BYTES = CHANNELS * CODE_BYTES;
/**
 * Our choice: faults come after pauses of seconds, so a trace that changes three times shows another problem.
 */
const TRACE_TRIES = 3;

/**
 * The time of the trace's fault, which identifies the trace; undefined where it is missing: there is no
 * trace, or the firmware is older than this field.
 */
function traceTime(codes: Uint8Array): number | undefined {
  const at = codes.length - (codes.length % ROUND_BYTES);
  return codes.length - at < 4 ? undefined : Buffer.from(codes).readUInt32LE(at);
}

/** Reads the trace of the last fault, or null: it was cleared, or replaced by another, while it was read. */
async function readOneTrace(slot: SlotClient): Promise<Trace | "none" | null> {
  const rounds: number[][] = [];
  let time: number | undefined;
  for (;;) {
    const { after, period_ns, codes } = await slot.call("MFR_TRACE_READ", { round: rounds.length });
    const kept = Math.floor(codes.length / ROUND_BYTES);
    const now = traceTime(codes);
    if (rounds.length === 0) time = now;
    else if (now !== time) return null;
    if (kept === 0) return rounds.length === 0 ? "none" : { period_ns, after, rounds };
    const view = new DataView(codes.buffer, codes.byteOffset, codes.byteLength);
    for (let round = 0; round < kept; round++) {
      const first = round * CHANNELS;
      rounds.push(
        Array.from({ length: CHANNELS }, (_, channel) =>
          view.getUint16((first + channel) * CODE_BYTES, true),
        ),
      );
    }
  }
}

/**
 * Reads the trace of the last fault; null if there is none. A trace that is cleared or replaced while it is
 * read is read again from its beginning. Throws a ChangedError where that happens again and again.
 */
export async function readTrace(slot: SlotClient): Promise<Trace | null> {
  for (let tries = 0; tries < TRACE_TRIES; tries++) {
    const trace = await readOneTrace(slot);
    if (trace !== null) return trace === "none" ? null : trace;
  }
  throw new ChangedError(slot.address, "the trace");
}
