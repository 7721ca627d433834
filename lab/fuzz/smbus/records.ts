/**
 * The answers that reads of energy, events and traces may have: these only grow, and old entries do not
 * change.
 */
import { EventKind } from "../../../abi/generated/vocabulary.ts";
import type { ModelView } from "./model-view.ts";
import { number } from "./rules.ts";

/** Events kept of the kinds that do not repeat. */
const EVENTS_KEPT = 64;
const EVENT_BYTES = 28;
const KINDS = 14;
const ORIGINS = 5;
const TRACE_HEAD_BYTES = 8;
/** Behind the rounds of a trace: the time of its fault. */
const TRACE_TIME_BYTES = 4;
const ROUND_BYTES = 10;
const ROUNDS = 256;
const ROUNDS_AFTER = 64;
const LARGEST_CODE = 4095;
const REPEATING: readonly number[] = [
  EventKind.Warning,
  EventKind.WarningOver,
  EventKind.Sensor,
  EventKind.Monitor,
];
/** The place of the kind in the text of an event: behind its first nine bytes in hexadecimal, and a blank. */
const KIND_AT = 19;
/** A conversion at the fast pace. For a slot that is off, rounds take fifty times as long (docs/smbus.md). */
const CONVERSION_NS = 2000;
const SLOW_FACTOR = 50;
/** A reading is at most this old. */
const STALE_US = 250_000;

/** Energy only grows, by no more than the power allows. */
export function observeMillijoules({ world }: ModelView, data: Uint8Array): string | null {
  if (data.length !== 8) return `${data.length} bytes`;
  const sum = number(data, 0, 8);
  const { millijoules } = world;
  const gained = sum - millijoules.sum;
  const most = (millijoules.peak_mw * (world.now_us - millijoules.at_us + STALE_US)) / 1e6 + 1;
  world.millijoules = { sum, at_us: world.now_us, peak_mw: world.reading("POUT").most };
  if (gained < 0) return `fell by ${-gained} mJ`;
  return gained > most ? `${gained} mJ more, at most ${most}` : null;
}

export function observeEventStatus({ world }: ModelView, data: Uint8Array): string | null {
  if (data.length !== 8) return `${data.length} bytes`;
  const oldest = number(data, 0, 4);
  const end = number(data, 4, 4);
  if (end < world.eventsEnd) return `ends at ${end}, ended at ${world.eventsEnd}`;
  world.eventsEnd = end;
  // An event that came again has left its number, so that the kept ones need not be neighbours.
  return oldest <= Math.max(0, end - 1) ? null : `oldest ${oldest}, end ${end}`;
}

/** Returns the requested event, the oldest kept one if that is gone, or the end. */
export function observeEvent({ world }: ModelView, data: Uint8Array, asked: number): string | null {
  const at = number(data, 0, 4);
  const isEnd = data.length === 4;
  if (!isEnd && data.length !== EVENT_BYTES) return `${data.length} bytes`;
  if (isEnd && (at < world.eventsEnd || at > asked)) return `end ${at}, asked for ${asked}`;
  if (at < asked && !isEnd) return `event ${at}, asked for ${asked}`;
  if (at > asked && isSurelyKept(world, asked)) return `event ${at} for ${asked}, which must be kept`;
  world.eventsEnd = Math.max(world.eventsEnd, isEnd ? at : at + 1);
  if (isEnd) return null;
  const first_ms = number(data, 4, 5);
  const last_ms = number(data, 9, 5);
  const count = number(data, 14, 2);
  const [kind = 0, origin = 0] = data.subarray(16);
  if (kind < 1 || kind > KINDS || origin > ORIGINS || count < 1) return `reads ${[...data]}`;
  if (last_ms < first_ms || last_ms * 1000 > world.now_us || (count === 1 && last_ms !== first_ms))
    return `${count} times from ${first_ms} to ${last_ms} ms, it is ${world.now_us} us`;
  return observeAgain(world.events, at, data, at + 1 < world.eventsEnd);
}

/** Seen as an event that does not repeat, and too few came since to replace it. */
function isSurelyKept({ events, eventsEnd }: ModelView["world"], index: number): boolean {
  const kind = Number.parseInt(events.get(index)?.slice(KIND_AT, KIND_AT + 2) ?? "", 16);
  return kind > 0 && !REPEATING.includes(kind) && eventsEnd - index <= EVENTS_KEPT;
}

/**
 * The kind and first time of an event never change. The rest changes only in the newest, which counts
 * repetitions.
 */
function observeAgain(
  events: Map<number, string>,
  at: number,
  data: Uint8Array,
  isOld: boolean,
): string | null {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const what = `${text(data.subarray(0, 9))} ${text(data.subarray(16, 20))}`;
  const all = `${what} ${text(data)}`;
  const before = events.get(at);
  if (before !== undefined && !before.startsWith(what)) return `event ${at} was ${before}, is ${all}`;
  // Once it was read as an old event, it does not change any more.
  const wasOld = before?.endsWith(" old") ?? false;
  if (wasOld && before !== `${all} old`) return `event ${at} was ${before}, is ${all}`;
  events.set(at, isOld ? `${all} old` : all);
  return null;
}

/** Returns what is wrong with the length of a trace's answer, or its rounds. */
function roundsIn(data: Uint8Array, first: number, asked: number): number | string {
  const rest = (data.length - TRACE_HEAD_BYTES) % ROUND_BYTES;
  const rounds = (data.length - TRACE_HEAD_BYTES - rest) / ROUND_BYTES;
  if ((rest !== 0 && rest !== TRACE_TIME_BYTES) || rounds < 0 || rounds > 2) return `${data.length} bytes`;
  const hasTime = rest === TRACE_TIME_BYTES;
  const isThere = rounds > 0 || first > 0;
  return hasTime === isThere || asked === 0 ? rounds : `the time of a trace: ${hasTime}, a trace: ${isThere}`;
}

export function observeTrace(model: ModelView, data: Uint8Array, asked: number): string | null {
  const first = number(data, 0, 2);
  const after = number(data, 2, 2);
  const period_ns = number(data, 4, 4);
  const rounds = roundsIn(data, first, asked);
  if (typeof rounds === "string") return rounds;
  if (after !== ROUNDS_AFTER) return `${after} rounds after the fault`;
  const isThere = rounds > 0 || first > 0;
  if (isThere && model.trace === false) return "a trace, and there was no fault since it was cleared";
  if (!isThere && asked < ROUNDS && model.trace === true) return "no trace of a fault that there was";
  const kept = isThere ? ROUNDS : 0;
  if (asked >= ROUNDS && first !== 0 && first !== ROUNDS) return `round ${first}, asked for ${asked}`;
  if (asked < ROUNDS && first !== Math.min(asked, kept)) return `round ${first}, asked for ${asked}`;
  if (asked < ROUNDS && isThere && rounds !== Math.min(2, ROUNDS - asked)) return `${rounds} rounds`;
  const wired = Object.values(model.rules.board.sensors).filter((sensor) => sensor !== null).length;
  // The host in Node converts all five channels on every board.
  const paces_ns = [wired, 5].flatMap((channels) =>
    [1, SLOW_FACTOR].map((by) => channels * CONVERSION_NS * by),
  );
  if (rounds > 0 && !paces_ns.includes(period_ns)) return `a round in ${period_ns} ns`;
  const end = TRACE_HEAD_BYTES + rounds * ROUND_BYTES;
  for (let at = TRACE_HEAD_BYTES; at < end; at += 2) {
    if (number(data, at, 2) > LARGEST_CODE) return `code ${number(data, at, 2)}`;
  }
  return null;
}
