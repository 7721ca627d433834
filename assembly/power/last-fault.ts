/**
 * The record of the last fault: its reason, its time, the readings of that moment, and whether there is a
 * trace. The record stays when a user clears the fault. The removal of a board under power is recorded here
 * as well.
 */
import * as log from "../events/log";
import { trace_clear, trace_freeze } from "../generated/abi";
import { COMPUTE_RAIL, RAIL_QUANTITY } from "../generated/board";
import { EventKind, LIMIT_KINDS, Origin, QUANTITIES, Quantity, Reason } from "../generated/vocabulary";
import * as supervision from "../protection/supervision";
import * as sensors from "../sensors/sensors";
import { Sequencer } from "./sequencer";
import { hasTripped, tripCurrent_ma } from "./trip";

/** The Reason of the last fault, or Start if there was no fault yet. */
export let reason: Reason = Reason.Start;
export let rail: i32 = 0;
/** For Reason.Limit, the index of the limit (see protection.ts). */
export let limit: i32 = 0;
export let at_us: u64 = 0;
/** Faults since the start of the BMC, removals included. */
export let count: u32 = 0;
/** Changes its value whenever the record changes, so that a reader can see that there is news. */
export let changes: u32 = 0;
/** Number of fault events written to the log. Removals are not among them. */
export let events: u32 = 0;
/** True if the readings belong to the fault. A restart of the BMC loses the readings of an earlier fault. */
export let isMeasured: bool = false;
/** When the sequencer noticed the fault that the trace shows. */
export let trace_us: u64 = 0;

const readings: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
let hasTrace: bool = false;
/** The fault that was recorded last. It is kept so that each fault is recorded once. */
let recorded: Reason = Reason.Start;
let recordedAt_us: u64 = 0;

/** A reading at the moment of the fault, in thousandths of the quantity's unit. */
export function readingOf(quantity: i32): i32 {
  return unchecked(readings[quantity]);
}

/** Takes over the fault that was found after a restart of the BMC. It does not count as a new fault. */
export function adopt(sequencer: Sequencer): void {
  if (sequencer.faultReason == Reason.Start) return;
  reason = sequencer.faultReason;
  rail = sequencer.faultRail;
  limit = sequencer.faultLimit;
  recorded = reason;
}

/** After each transition: records it if it was caused by a new fault, or by the removal of the board. */
export function record(now_us: u64, sequencer: Sequencer): void {
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
  trace_freeze(); // of several faults in a row, the host keeps the trace of the first
  logFault(now_us);
}

function measure(): void {
  sensors.take(false);
  for (let quantity = 0; quantity < QUANTITIES; quantity++) readings[quantity] = sensors.windowOf(quantity);
  isMeasured = true;
  // The mean of a window hides a current peak of microseconds, so the trip's own value is used.
  if (reason == Reason.Overcurrent && hasTripped()) readings[Quantity.Iout] = tripCurrent_ma();
}

function logFault(now_us: u64): void {
  const isLimit = reason == Reason.Limit;
  let quantity: i32 = unchecked(RAIL_QUANTITY[rail]);
  if (isLimit) quantity = limit / LIMIT_KINDS;
  else if (reason == Reason.Overcurrent) quantity = Quantity.Iout;
  const value = quantity < 0 ? 0 : readingOf(quantity);
  const limit_milli = isLimit ? supervision.protection.limit(limit) : 0;
  events++;
  log.record(now_us, EventKind.Fault, Origin.Fault, reason, isLimit ? limit : rail, value, limit_milli);
}

/** Corrects the record: the fault was an over-current trip, which the logic noticed after its effect. */
export function attributeToTrip(now_us: u64, sequencer: Sequencer): void {
  changes++;
  reason = recorded = sequencer.faultReason;
  readings[Quantity.Iout] = tripCurrent_ma();
  logFault(now_us);
}

/** Erases the trace, so that the next fault can have one. */
export function clearTrace(): void {
  trace_clear();
  hasTrace = false;
}

/** Erases a trace that belongs to no recorded fault. A trip while the slot goes down leaves such a trace. */
export function dropStrayTrace(): void {
  if (!hasTrace) trace_clear();
}
