/**
 * The record of the last fault, which clearing does not erase: its reason and time, the readings of that
 * moment, and whether there is a trace. A board pulled out under power is recorded here as well.
 */
import * as log from "../events/log";
import { trace_clear, trace_freeze } from "../generated/abi";
import { COMPUTE_RAIL, RAIL_QUANTITY } from "../generated/board";
import { EventKind, LIMIT_KINDS, Origin, QUANTITIES, Quantity, Reason } from "../generated/vocabulary";
import * as supervision from "../protection/supervision";
import * as sensors from "../sensors/sensors";
import { Sequencer } from "./sequencer";
import { hasTripped, tripCurrent_ma } from "./trip";

/** A Reason, or Start for no fault yet. */
export let reason: Reason = Reason.Start;
export let rail: i32 = 0;
/** The limit's number, for Reason.Limit. */
export let limit: i32 = 0;
export let at_us: u64 = 0;
/** Faults since the start of the BMC, removals included. */
export let count: u32 = 0;
/** Another number whenever there is something new to report of the last fault. */
export let changes: u32 = 0;
/** Fault events that went to the log: removals are none. */
export let events: u32 = 0;
/** The readings are of that moment. Those of a fault before a restart of the BMC are lost. */
export let isMeasured: bool = false;
/** When the fault was noticed that the trace is about. */
export let trace_us: u64 = 0;

const readings: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
let hasTrace: bool = false;
/** The fault recorded last, so that each is recorded once. */
let recorded: Reason = Reason.Start;
let recordedAt_us: u64 = 0;

/** A reading of that moment, in thousandths. */
export function readingOf(quantity: i32): i32 {
  return unchecked(readings[quantity]);
}

/** Takes over the fault that a restart of the BMC has found; it is no new one. */
export function adopt(sequencer: Sequencer): void {
  if (sequencer.faultReason == Reason.Start) return;
  reason = sequencer.faultReason;
  rail = sequencer.faultRail;
  limit = sequencer.faultLimit;
  recorded = reason;
}

/** Records what a transition was about, if that is a new fault or a removal. */
export function note(now_us: u64, sequencer: Sequencer): void {
  const isFault = sequencer.faultReason != Reason.Start;
  const isNew = isFault && (sequencer.faultReason != recorded || sequencer.fault_us != recordedAt_us);
  recorded = sequencer.faultReason;
  recordedAt_us = sequencer.fault_us;
  if (!isNew && sequencer.reason != Reason.Removed) return;
  reason = isFault ? sequencer.faultReason : sequencer.reason;
  rail = isFault ? sequencer.faultRail : COMPUTE_RAIL;
  limit = isFault ? sequencer.faultLimit : 0;
  at_us = isFault ? sequencer.fault_us : now_us;
  count++;
  changes++;
  measure();
  if (!isFault) return;
  if (!hasTrace) trace_us = at_us;
  hasTrace = true;
  trace_freeze(); // the first one is kept until the fault is cleared
  logFault(now_us);
}

function measure(): void {
  sensors.take(false);
  for (let quantity = 0; quantity < QUANTITIES; quantity++) readings[quantity] = sensors.windowOf(quantity);
  isMeasured = true;
  // A mean says little about a current that lasted for microseconds.
  if (reason == Reason.Overcurrent && hasTripped()) readings[Quantity.Iout] = tripCurrent_ma();
}

function logFault(now_us: u64): void {
  const isLimit = reason == Reason.Limit;
  let quantity: i32 = unchecked(RAIL_QUANTITY[rail]);
  if (isLimit) quantity = limit / LIMIT_KINDS;
  else if (reason == Reason.Overcurrent) quantity = Quantity.Iout;
  const value = quantity < 0 ? 0 : readingOf(quantity);
  const bound = isLimit ? supervision.protection.limit(limit) : 0;
  events++;
  log.note(now_us, EventKind.Fault, Origin.Fault, reason, isLimit ? limit : rail, value, bound);
}

/** The fault has turned out to be another one: a trip explains it, which was noticed after its effect. */
export function explain(now_us: u64, sequencer: Sequencer): void {
  changes++;
  reason = recorded = sequencer.faultReason;
  readings[Quantity.Iout] = tripCurrent_ma();
  logFault(now_us);
}

/** The next fault shall have a trace again. */
export function clearTrace(): void {
  trace_clear();
  hasTrace = false;
}

/** Forgets a trace that no fault has asked for: a trip on the way down is none. */
export function dropStrayTrace(): void {
  if (!hasTrace) trace_clear();
}
