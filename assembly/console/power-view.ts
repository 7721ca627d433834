/** Prints the answers of `power`, `fault` and `fault trace`: transitions, the last fault, its trace. */

import * as history from "../events/history";
import {
  SAMPLING_CHANNELS,
  TRACE_AFTER,
  TRACE_LENGTH,
  TRACE_PENDING,
  TRACE_PERIOD_NS,
  TRACE_ROUNDS,
  TRACE_WORDS,
  trace_info,
  trace_read,
} from "../generated/abi";
import { RAIL_COUNT, RAIL_NAME } from "../generated/board";
import { originText, QUANTITIES, Reason, reasonText, State, stateText } from "../generated/vocabulary";
import * as lastFault from "../power/last-fault";
import * as power from "../power/power";
import { milliOfCode } from "../sensors/converter";
import { channelOf, nameOf, unitOf } from "../sensors/quantities";
import { CharCode } from "./char-code";
import { decimal, endLine, key, put, seconds, signed, text } from "./output";
import { lastFaultText, lastFaultTime } from "./power-words";

const info: usize = memory.data(TRACE_WORDS * 4, 4);
const codes: usize = memory.data(SAMPLING_CHANNELS * 2, 2);
/** The trace that is being printed, by the time of its fault. */
let printed_us: u64 = 0;

/** Prints one transition. */
export function historyLine(index: u32): void {
  put(CharCode.OPEN_BRACKET);
  seconds(history.time_us(index), 9);
  text("] ");
  const state = history.stateOf(index);
  text(stateText(state));
  if (state == State.RailUp || state == State.RailDown) {
    put(CharCode.SPACE);
    text(unchecked(RAIL_NAME[min(history.railOf(index), RAIL_COUNT - 1)]));
  }
  text(": ");
  text(reasonText(history.reasonOf(index)));
  text(" (");
  text(originText(history.originOf(index)));
  put(CharCode.CLOSE_PARENTHESIS);
  endLine();
}

/** Ends the list of transitions: prints how long each rail took at most to become good. */
export function historyEnd(): void {
  text("slowest power-good since power-on:");
  for (let rail = 0; rail < RAIL_COUNT; rail++) {
    text(rail > 0 ? ", " : " ");
    text(unchecked(RAIL_NAME[rail]));
    put(CharCode.SPACE);
    const slowest_us = power.slowestGood_us(rail);
    if (slowest_us == 0) {
      text("never");
    } else {
      decimal(slowest_us);
      text(" us");
    }
  }
  endLine();
}

/** Prints the last fault, its present state, and whether there is a trace. */
export function fault(): void {
  key("fault");
  if (lastFault.reason == Reason.Removed) {
    // That is no fault, and its record has taken the place of an earlier one.
    text("none since the compute board was pulled out, at ");
    lastFaultTime();
    endLine();
    traceState();
    return;
  }
  lastFaultText();
  endLine();
  if (lastFault.reason == Reason.Start) return;
  key("at");
  lastFaultTime();
  text(", ");
  decimal(lastFault.count);
  text(" since the BMC's start\r\n");
  key("state");
  if (power.isLatched()) text("latched: `fault clear` lets the slot come up again");
  else if (power.isFaulted()) text(stateText(power.state()));
  else text("over");
  if (power.tries() > 0) {
    text(", ");
    decimal(power.tries());
    text(" of 3 tries used");
  }
  endLine();
  traceState();
}

function traceState(): void {
  key("trace");
  trace_info(info);
  if (infoWord(TRACE_PENDING)) {
    text("being taken\r\n");
  } else if (infoWord(TRACE_ROUNDS) == 0) {
    text("none\r\n");
  } else {
    decimal(infoWord(TRACE_ROUNDS));
    text(" rounds, ");
    decimal(infoWord(TRACE_PERIOD_NS));
    text(" ns each, of the fault at ");
    seconds(lastFault.trace_us);
    text(" s: `fault trace`\r\n");
  }
}

function infoWord(field: i32): u32 {
  return load<u32>(info + ((<usize>field) << 2));
}

/**
 * Prints the heading of the trace and returns true. Without a trace it prints the reason and returns false.
 */
export function traceHeading(): bool {
  trace_info(info);
  if (infoWord(TRACE_ROUNDS) == 0) {
    text(infoWord(TRACE_PENDING) ? "error: the trace is being taken, ask again" : "error: there is no trace");
    endLine();
    return false;
  }
  printed_us = lastFault.trace_us;
  text("      us");
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (channelOf(quantity) >= 0) column(nameOf(quantity), quantity);
  }
  endLine();
  text("        ");
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (channelOf(quantity) >= 0) column(unitOf(quantity), quantity);
  }
  endLine();
  return true;
}

/** Two spaces and the name of the sensor, or the longest reading, -40000 mdeg. */
function columnWidth(quantity: i32): i32 {
  return max(nameOf(quantity).length, 6) + 2;
}

function column(name: string, quantity: i32): void {
  for (let i = name.length; i < columnWidth(quantity); i++) put(CharCode.SPACE);
  text(name);
}

/**
 * Prints one round of the trace. Its time is relative to the moment when the fault was noticed. False if the
 * trace was cleared or replaced since its heading was printed, which it says.
 */
export function traceLine(round: u32): bool {
  if (round >= TRACE_LENGTH) return false;
  trace_info(info);
  if (infoWord(TRACE_ROUNDS) == 0 || lastFault.trace_us != printed_us) {
    text("error: the trace was cleared meanwhile, ask again\r\n");
    return false;
  }
  trace_read(round, codes);
  const before = <i32>(infoWord(TRACE_ROUNDS) - infoWord(TRACE_AFTER));
  signed(<i32>(((<i64>round - before) * infoWord(TRACE_PERIOD_NS)) / 1000), 8);
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const channel = channelOf(quantity);
    if (channel < 0) continue;
    signed(milliOfCode(quantity, load<u16>(codes + ((<usize>channel) << 1))), columnWidth(quantity));
  }
  endLine();
  return true;
}
