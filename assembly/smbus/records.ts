/**
 * The event log and the frozen trace for the SMBus. A controller reads them by position; reading removes
 * nothing.
 */
import * as log from "../events/log";
import {
  SAMPLING_CHANNELS,
  TRACE_AFTER,
  TRACE_LENGTH,
  TRACE_PERIOD_NS,
  TRACE_ROUNDS,
  TRACE_WORDS,
  trace_info,
  trace_read,
} from "../generated/abi";
import { RAIL_PAGE } from "../generated/board";
import { EventKind, Reason } from "../generated/vocabulary";
import * as lastFault from "../power/last-fault";
import { faultReason } from "./faults";
import { beginBlock, blockRoom, put, putNumber } from "./responses";

const US_PER_MS: u64 = 1000;
const ROUND_BYTES: u32 = 2 * SAMPLING_CHANNELS;
const TIME_BYTES = 4;
const info: usize = memory.data(TRACE_WORDS * 4, 4);
const codes: usize = memory.data(SAMPLING_CHANNELS * 2, 2);

/** Puts the data of MFR_EVENT_STATUS into the response. */
export function putEventStatus(): void {
  beginBlock();
  putNumber(log.oldest(), 4);
  putNumber(log.end(), 4);
}

/**
 * Puts the data of MFR_EVENT_READ into the response: the event `wanted`, or the next one that is kept. Behind
 * the newest event the response contains the index alone.
 */
export function putEvent(wanted: u32): void {
  const index = log.next(wanted);
  beginBlock();
  putNumber(index, 4);
  if (index >= log.end()) return;
  putNumber(log.firstTime_us(index) / US_PER_MS, 5);
  putNumber(log.lastTime_us(index) / US_PER_MS, 5);
  putNumber(min<u32>(log.countOf(index), 0xffff), 2);
  put(log.kindOf(index));
  put(log.originOf(index));
  put(detailOf(index));
  put(subjectOf(index));
  putNumber(<u32>log.measuredOf(index), 4);
  putNumber(<u32>log.limitOf(index), 4);
}

/** The detail of an event. For a fault it is the FAULT_REASON, as in MFR_LAST_FAULT. */
function detailOf(index: u32): u32 {
  const detail = log.detailOf(index);
  return log.kindOf(index) == EventKind.Fault ? faultReason(detail) : detail;
}

/** The subject of an event. A rail becomes its page, because the bus has no numbers of rails. */
function subjectOf(index: u32): u32 {
  const subject = log.subjectOf(index);
  const isRail = log.kindOf(index) == EventKind.Fault && log.detailOf(index) != Reason.Limit;
  return isRail ? <u32>unchecked(RAIL_PAGE[subject]) : subject;
}

/**
 * Puts the data of MFR_TRACE_READ into the response: as many rounds from `first` on as fit, or none. The time
 * of the fault follows. It shows a controller that reads on whether this is still the same trace.
 */
export function putTrace(first: u32): void {
  trace_info(info);
  const rounds = min(infoWord(TRACE_ROUNDS), TRACE_LENGTH);
  beginBlock();
  putNumber(min(first, rounds), 2);
  putNumber(infoWord(TRACE_AFTER), 2);
  putNumber(infoWord(TRACE_PERIOD_NS), 4);
  if (rounds == 0) return;
  for (let round = first; round < rounds && blockRoom() >= ROUND_BYTES + TIME_BYTES; round++) {
    trace_read(round, codes);
    for (let channel = 0; channel < <i32>SAMPLING_CHANNELS; channel++) {
      putNumber(load<u16>(codes + ((<usize>channel) << 1)), 2);
    }
  }
  putNumber(lastFault.trace_us / US_PER_MS, TIME_BYTES);
}

function infoWord(field: i32): u32 {
  return load<u32>(info + ((<usize>field) << 2));
}
