/**
 * The event log in memory: events of the slot with their time, origin and measured value. When the log is
 * full, a new event replaces the oldest one. An event equal to the newest one only raises its count. So a
 * warning that repeats for hours does not push out the events before it.
 */
import { EVENT_LOG_ENTRIES } from "../capacities";
import { EventKind, Origin } from "../generated/vocabulary";

const ENTRY_BYTES: u32 = 32;
const FIRST_US = 0;
const LAST_US = 8;
const COUNT = 16;
const VALUE = 20;
const LIMIT = 24;
const KIND = 28;
const ORIGIN = 29;
const DETAIL = 30;
const SUBJECT = 31;

const entries: usize = memory.data(EVENT_LOG_ENTRIES * ENTRY_BYTES, 8);

/** Events since start, and so the index of the next one. Events before `oldest()` are gone. */
let total: u32 = 0;

/** Calls of `record` since start. Equal events count each time, unlike in `total`. */
let recorded: u32 = 0;

/** Grows with every event, also with one that only raises the count of the event before it. */
export function changes(): u32 {
  return recorded;
}

/** Index of the next event, counted since the start of the BMC. */
export function end(): u32 {
  return total;
}

/** Index of the oldest event that is kept. */
export function oldest(): u32 {
  return total > EVENT_LOG_ENTRIES ? total - EVENT_LOG_ENTRIES : 0;
}

function at(index: u32): usize {
  return entries + (index % EVENT_LOG_ENTRIES) * ENTRY_BYTES;
}

/**
 * Records an event. `detail` and `subject` depend on the kind (see abi/vocabulary.ts). `value` and `limit`
 * are in thousandths of the subject's unit, or 0 if the kind has none. Equal events share one entry, which
 * keeps the first and the last time, and the last value.
 */
export function record(
  now_us: u64,
  kind: EventKind,
  origin: Origin,
  detail: u32,
  subject: u32,
  value: i32 = 0,
  limit: i32 = 0,
): void {
  recorded++;
  if (total > 0 && isLike(at(total - 1), kind, origin, detail, subject)) {
    const last = at(total - 1);
    store<u64>(last + LAST_US, now_us);
    store<i32>(last + VALUE, value);
    store<i32>(last + LIMIT, limit);
    const count = load<u32>(last + COUNT);
    if (count < u32.MAX_VALUE) store<u32>(last + COUNT, count + 1);
    return;
  }
  const entry = at(total);
  store<u64>(entry + FIRST_US, now_us);
  store<u64>(entry + LAST_US, now_us);
  store<u32>(entry + COUNT, 1);
  store<i32>(entry + VALUE, value);
  store<i32>(entry + LIMIT, limit);
  store<u8>(entry + KIND, <u8>kind);
  store<u8>(entry + ORIGIN, <u8>origin);
  store<u8>(entry + DETAIL, <u8>detail);
  store<u8>(entry + SUBJECT, <u8>subject);
  total++;
}

/** True if the entry has this kind, origin, detail and subject. */
function isLike(entry: usize, kind: EventKind, origin: Origin, detail: u32, subject: u32): bool {
  return (
    <u32>load<u8>(entry + KIND) == <u32>kind &&
    <u32>load<u8>(entry + ORIGIN) == <u32>origin &&
    <u32>load<u8>(entry + DETAIL) == detail &&
    <u32>load<u8>(entry + SUBJECT) == subject
  );
}

export function firstTime_us(index: u32): u64 {
  return load<u64>(at(index) + FIRST_US);
}

export function lastTime_us(index: u32): u64 {
  return load<u64>(at(index) + LAST_US);
}

export function countOf(index: u32): u32 {
  return load<u32>(at(index) + COUNT);
}

export function measuredOf(index: u32): i32 {
  return load<i32>(at(index) + VALUE);
}

export function limitOf(index: u32): i32 {
  return load<i32>(at(index) + LIMIT);
}

export function kindOf(index: u32): EventKind {
  return load<u8>(at(index) + KIND);
}

export function originOf(index: u32): Origin {
  return load<u8>(at(index) + ORIGIN);
}

export function detailOf(index: u32): u32 {
  return load<u8>(at(index) + DETAIL);
}

export function subjectOf(index: u32): u32 {
  return load<u8>(at(index) + SUBJECT);
}
