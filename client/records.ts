/**
 * Reads the events and the trace of the last fault over the SMBus. Both are read by number, and reading
 * removes nothing. The numbers of the protocol become names here.
 */
import type { SlotClient } from "./client.ts";
import { NUMBERS } from "./generated/commands.ts";
import type { ValueOf } from "./values.ts";

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

/** Reads all events that are kept, the oldest first. */
export async function* readEvents(slot: SlotClient): AsyncGenerator<SlotEvent> {
  const { oldest, end } = await slot.get("MFR_EVENT_STATUS");
  for (let number = oldest; number < end; number++) {
    const event = await slot.call("MFR_EVENT_READ", { number });
    // It is later than the one asked for if new events have replaced the oldest meanwhile.
    number = event.number;
    yield {
      ...event,
      kind: nameIn("EVENT_KIND", event.kind),
      origin: nameIn("ORIGIN", event.origin),
      value: signed(event.value),
      limit: signed(event.limit),
    };
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
