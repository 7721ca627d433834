/**
 * Reads the events and the trace of the last fault over the SMBus. Both are read by number, and reading
 * removes nothing. The numbers of the protocol become names here.
 */
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
 * Our choice of how many events are read beyond those that were there at the start: events that repeat move
 * behind them while they are read, and the slot has room for 24 of these.
 */
const MOST_MOVED = 64;

/**
 * Reads the events that are kept, the oldest first. An event that repeats takes a new number, behind all
 * others. One that does so meanwhile comes where it was or at the end, once.
 */
export async function* readEvents(slot: SlotClient): AsyncGenerator<SlotEvent> {
  const { oldest, end } = await slot.get("MFR_EVENT_STATUS");
  const seen = new Set<string>();
  for (let number = oldest, moved = 0; moved < MOST_MOVED; ) {
    const event = await eventFrom(slot, number);
    if (event === null) return;
    number = event.number + 1;
    if (event.number >= end) moved++;
    const { kind, origin, detail, subject, first_ms } = event;
    const name = [kind, origin, detail, subject, first_ms].join();
    if (event.number >= end && seen.has(name)) continue;
    seen.add(name);
    yield {
      ...event,
      kind: nameIn("EVENT_KIND", kind),
      origin: nameIn("ORIGIN", origin),
      value: signed(event.value),
      limit: signed(event.limit),
    };
  }
}

/** The first event from this number on that is kept, or null behind the newest one. */
async function eventFrom(slot: SlotClient, number: number): Promise<ValueOf<"MFR_EVENT_READ"> | null> {
  try {
    return await slot.call("MFR_EVENT_READ", { number });
  } catch (error) {
    // There the answer is the number alone. A BMC that has restarted meanwhile begins again at 0.
    if (!(error instanceof ValueError)) throw error;
    if (number < (await slot.get("MFR_EVENT_STATUS")).end) throw error;
    return null;
  }
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

/** Reads the trace of the last fault; null if there is none. */
export async function readTrace(slot: SlotClient): Promise<Trace | null> {
  const rounds: number[][] = [];
  for (;;) {
    const { after, period_ns, codes } = await slot.call("MFR_TRACE_READ", { round: rounds.length });
    const kept = Math.floor(codes.length / (CHANNELS * CODE_BYTES));
    if (kept === 0) return rounds.length === 0 ? null : { period_ns, after, rounds };
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
