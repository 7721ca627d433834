/** The event log and the frozen trace for the SMBus: read by position, and reading takes nothing away. */
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
import { faultReason } from "./faults";
import { beginBlock, blockRoom, put, putNumber } from "./responses";

const info: usize = memory.data(TRACE_WORDS * 4, 4);
const codes: usize = memory.data(SAMPLING_CHANNELS * 2, 2);

/** MFR_EVENT_STATUS into the block under construction. */
export function putEventStatus(): void {
  beginBlock();
  putNumber(log.oldest(), 4);
  putNumber(log.end(), 4);
}

/** MFR_EVENT_READ: the event of that number, or the oldest one kept; its number alone behind the newest. */
export function putEvent(wanted: u32): void {
  const index = max(wanted, log.oldest());
  beginBlock();
  putNumber(min(index, log.end()), 4);
  if (index >= log.end()) return;
  putNumber(log.firstTime_us(index) / 1000, 5);
  putNumber(log.lastTime_us(index) / 1000, 5);
  putNumber(min<u32>(log.countOf(index), 0xffff), 2);
  put(log.kindOf(index));
  put(log.originOf(index));
  put(detailOf(index));
  put(subjectOf(index));
  putNumber(<u32>log.measuredOf(index), 4);
  putNumber(<u32>log.limitOf(index), 4);
}

/** A fault is told in the numbers of MFR_LAST_FAULT. */
function detailOf(index: u32): u32 {
  const detail = log.detailOf(index);
  return log.kindOf(index) == EventKind.Fault ? faultReason(detail) : detail;
}

/** The bus knows pages, and no rails. */
function subjectOf(index: u32): u32 {
  const subject = log.subjectOf(index);
  const isRail = log.kindOf(index) == EventKind.Fault && log.detailOf(index) != Reason.Limit;
  return isRail ? <u32>unchecked(RAIL_PAGE[subject]) : subject;
}

/** MFR_TRACE_READ: as many rounds from that one on as there is room for; none without a trace. */
export function putTrace(first: u32): void {
  trace_info(info);
  const rounds = min(infoWord(TRACE_ROUNDS), TRACE_LENGTH);
  beginBlock();
  putNumber(min(first, rounds), 2);
  putNumber(infoWord(TRACE_AFTER), 2);
  putNumber(infoWord(TRACE_PERIOD_NS), 4);
  for (let round = first; round < rounds && blockRoom() >= 2 * <u32>SAMPLING_CHANNELS; round++) {
    trace_read(round, codes);
    for (let channel = 0; channel < <i32>SAMPLING_CHANNELS; channel++) {
      putNumber(load<u16>(codes + ((<usize>channel) << 1)), 2);
    }
  }
}

function infoWord(field: i32): u32 {
  return load<u32>(info + ((<usize>field) << 2));
}
