/**
 * The event log in memory: events of the slot with their time, origin and measured value. When the log is
 * full, a new event replaces the oldest one. An event equal to the newest one only raises its count.
 *
 * Readings can swing around a limit for hours: a warning, good again, the same warning. These events repeat,
 * and have a part of the log of their own, so that they replace no start, power change or fault. An event
 * that repeats is one entry with its count, its first and its last time. It moves to the end of the log each
 * time, and its old index is gone.
 */
import { EVENT_LOG_ENTRIES, EVENT_LOG_REPEATING } from "../capacities";
import { EventKind, Origin } from "../generated/vocabulary";

const ENTRIES = EVENT_LOG_ENTRIES + EVENT_LOG_REPEATING;
const ENTRY_BYTES: u32 = 40;
const FIRST_US = 0;
const LAST_US = 8;
const COUNT = 16; // 0: the entry is free
const VALUE = 20;
const LIMIT = 24;
const KIND = 28;
const ORIGIN = 29;
const DETAIL = 30;
const SUBJECT = 31;
const INDEX = 32;

/** First a ring of the events that do not repeat, then the others in no order. */
const entries: usize = memory.data(ENTRIES * ENTRY_BYTES, 8);
const repeating: usize = entries + EVENT_LOG_ENTRIES * ENTRY_BYTES;
const entriesEnd: usize = entries + ENTRIES * ENTRY_BYTES;

/** The index of the next event: one more than that of the newest. */
let total: u32 = 0;
/** Events since start that do not repeat. */
let lasting: u32 = 0;
/** Calls of `record` since start. Equal events count each time, unlike in `total`. */
let recorded: u32 = 0;
/** The entry that was last looked for. */
let found: usize = entries;

/** Grows with every event, also with one that only raises the count of the event before it. */
export function changes(): u32 {
  return recorded;
}

/** Index of the next event, counted since the start of the BMC. */
export function end(): u32 {
  return total;
}

/** Index of the oldest event that is kept, or `end()`. */
export function oldest(): u32 {
  return next(0);
}

/** The first index from `from` on whose event is kept, or `end()`. */
export function next(from: u32): u32 {
  let index = total;
  for (let entry = entries; entry < entriesEnd; entry += ENTRY_BYTES) {
    const its = indexAt(entry);
    if (isUsed(entry) && its >= from && its < index) index = its;
  }
  return index;
}

function isUsed(entry: usize): bool {
  return load<u32>(entry + COUNT) != 0;
}

function indexAt(entry: usize): u32 {
  return load<u32>(entry + INDEX);
}

/** The entry of an index that is kept. */
function at(index: u32): usize {
  if (isUsed(found) && indexAt(found) == index) return found;
  for (let entry = entries; entry < entriesEnd; entry += ENTRY_BYTES) {
    if (isUsed(entry) && indexAt(entry) == index) found = entry;
  }
  return found;
}

/** Readings cause these. They come again for as long as a reading swings around a limit. */
function isRepeating(kind: EventKind): bool {
  return (
    kind == EventKind.Warning ||
    kind == EventKind.WarningOver ||
    kind == EventKind.Sensor ||
    kind == EventKind.Monitor
  );
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
  let entry = sameEvent(kind, origin, detail, subject);
  if (entry == 0) {
    entry = isRepeating(kind) ? oldestRepeating() : entries + (lasting++ % EVENT_LOG_ENTRIES) * ENTRY_BYTES;
    store<u64>(entry + FIRST_US, now_us);
    store<u32>(entry + COUNT, 0);
    store<u8>(entry + KIND, <u8>kind);
    store<u8>(entry + ORIGIN, <u8>origin);
    store<u8>(entry + DETAIL, <u8>detail);
    store<u8>(entry + SUBJECT, <u8>subject);
  }
  const count = load<u32>(entry + COUNT);
  const isNewest = count != 0 && indexAt(entry) == total - 1;
  if (!isNewest) store<u32>(entry + INDEX, total++);
  store<u64>(entry + LAST_US, now_us);
  store<i32>(entry + VALUE, value);
  store<i32>(entry + LIMIT, limit);
  if (count < u32.MAX_VALUE) store<u32>(entry + COUNT, count + 1);
}

/** The entry that counts this event: the newest one, or one of an event that repeats. 0 for none. */
function sameEvent(kind: EventKind, origin: Origin, detail: u32, subject: u32): usize {
  if (total == 0) return 0;
  const newest = at(total - 1);
  if (isLike(newest, kind, origin, detail, subject)) return newest;
  if (!isRepeating(kind)) return 0;
  for (let entry = repeating; entry < entriesEnd; entry += ENTRY_BYTES) {
    if (isUsed(entry) && isLike(entry, kind, origin, detail, subject)) return entry;
  }
  return 0;
}

/** A free entry for an event that repeats, or the oldest of these. */
function oldestRepeating(): usize {
  let oldest = repeating;
  for (let entry = repeating; entry < entriesEnd; entry += ENTRY_BYTES) {
    if (!isUsed(entry)) return entry;
    if (indexAt(entry) < indexAt(oldest)) oldest = entry;
  }
  return oldest;
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
