/**
 * The console's notices: lines that come by themselves when the power or a sensor changes. This file follows
 * the history of the power and the event log with an index into each, and prints what is new. So power and
 * protection write records and know no console.
 */

import * as history from "../events/history";
import * as log from "../events/log";
import { RAIL_COUNT, RAIL_NAME } from "../generated/board";
import { EventKind, Health, healthText, Reason, reasonText, State, stateText } from "../generated/vocabulary";
import * as power from "../power/power";
import * as supervision from "../protection/supervision";
import { nameOf } from "../sensors/quantities";
import { CharCode } from "./char-code";
import { beginNotice, endNotice } from "./notice";
import { decimal, put, text } from "./output";
import { lastFaultText } from "./power-words";

/** The next transition and the next event to look at, and how often the event before it has been seen. */
let nextTransition: u32 = 0;
let nextEvent: u32 = 0;
let lastEventCount: u32 = 0;
/** Fault events that have been printed: in step with `Transition.faults`. */
let faultsPrinted: u32 = 0;
let wasWaiting: bool = false;

/** Prints what has happened since the last call. Cheap when nothing has. */
export function follow(now_us: u64): void {
  nextTransition = max(nextTransition, history.oldest());
  while (nextTransition < history.end()) {
    const isNewFault = followEvents(history.faultsAt(nextTransition));
    transition(nextTransition, isNewFault);
    nextTransition++;
  }
  followEvents(ALL_FAULTS);
  const isWaiting = power.isWaiting();
  if (isWaiting && !wasWaiting) waiting(now_us);
  wasWaiting = isWaiting;
}

/** No count of faults, which has eight bits. */
const ALL_FAULTS: u32 = 0xffff;

/** Prints new events up to that many faults. True if a fault was among them. */
function followEvents(faults: u32): bool {
  let hasFault = false;
  repeated();
  nextEvent = max(nextEvent, log.oldest());
  for (; nextEvent < log.end(); nextEvent++) {
    const kind = log.kindOf(nextEvent);
    if (kind == EventKind.Fault) {
      if ((faultsPrinted & 0xff) == faults) break;
      hasFault = true;
    }
    event(nextEvent);
    lastEventCount = log.countOf(nextEvent);
  }
  return hasFault;
}

/** Equal events are counted in the log's last entry instead of being appended: each of them is news too. */
function repeated(): void {
  if (nextEvent == 0 || nextEvent != log.end()) return;
  const last = nextEvent - 1;
  const count = log.countOf(last);
  if (count == lastEventCount) return;
  lastEventCount = count;
  event(last);
}

function event(index: u32): void {
  switch (log.kindOf(index)) {
    case EventKind.Fault:
      faultsPrinted++;
      beginNotice(log.lastTime_us(index));
      text("power: fault: ");
      lastFaultText();
      endNotice();
      break;
    case EventKind.Sensor:
      sensor(index);
      break;
    default:
      break;
  }
}

function sensor(index: u32): void {
  const health: Health = log.detailOf(index);
  beginNotice(log.lastTime_us(index));
  text("sensor ");
  text(nameOf(log.subjectOf(index)));
  text(" is ");
  text(healthText(health));
  if (health != Health.Good) text(" and not believed, see `sensors`");
  endNotice();
}

/** One line for each transition that a person would want to know of. */
function transition(index: u32, isNewFault: bool): void {
  const reason = history.reasonOf(index);
  const state = history.stateOf(index);
  if (!isWorthPrinting(state, reason, isNewFault)) return;
  beginNotice(history.time_us(index));
  text("power: ");
  if (reason == Reason.Adopted) {
    text(stateText(state));
    text(", as found after the restart");
  } else {
    describe(index, state, reason);
  }
  endNotice();
}

function isWorthPrinting(state: State, reason: Reason, isNewFault: bool): bool {
  if (reason == Reason.Start) return false;
  switch (state) {
    case State.RailDown:
      // The line before has just named the fault.
      return reason == Reason.Adopted || (reason != Reason.RailDown && !isNewFault);
    case State.RailUp:
      return reason != Reason.OnRequested && reason != Reason.CycleWaited;
    default:
      return true;
  }
}

function describe(index: u32, state: State, reason: Reason): void {
  switch (state) {
    case State.RailUp:
      if (reason == Reason.RailGood) railGood(index, history.railOf(index) - 1);
      else comingUp(index, reason);
      break;
    case State.RunDelay:
      railGood(index, RAIL_COUNT - 1);
      break;
    case State.ShuttingDown:
      text("shutdown requested");
      break;
    case State.RailDown:
      text(goingDownText(reason));
      break;
    case State.Resetting:
      text("compute board in reset");
      break;
    case State.RetryPause:
    case State.Restoring:
      text(stateText(state));
      text(" in ");
      decimal(history.detailOf(index));
      text(" ms");
      break;
    case State.Off:
      text("off");
      if (reason == Reason.FaultCleared || reason == Reason.NotRestored || reason == Reason.InputBack) {
        text(" (");
        text(reasonText(reason));
        put(CharCode.CLOSE_PARENTHESIS);
      }
      break;
    case State.Fault:
      text("off, latched: `fault` tells why, `fault clear` lets the slot come up again");
      break;
    default:
      text(stateText(state));
  }
}

function comingUp(index: u32, reason: Reason): void {
  text("coming up, ");
  text(reasonText(reason));
  if (reason != Reason.Retried) return;
  text(" (");
  decimal(history.detailOf(index));
  put(CharCode.CLOSE_PARENTHESIS);
}

function railGood(index: u32, rail: i32): void {
  text(unchecked(RAIL_NAME[rail]));
  text(" good after ");
  decimal((history.detailOf(index) + 500) / 1000);
  text(" ms");
}

function goingDownText(reason: Reason): string {
  switch (reason) {
    case Reason.Halted:
      return "halted, going down";
    case Reason.ShutdownTimeout:
      return "the compute board did not halt in time, going down";
    case Reason.CycleRequested:
      return "cycle, going down";
    case Reason.Removed:
      return "compute board removed, going down";
    case Reason.InputLost:
      return "input power lost, going down";
    default:
      return "going down";
  }
}

/** It is time to come up again, and something inhibits power-on that may pass. */
function waiting(now_us: u64): void {
  beginNotice(now_us);
  text("power: waits for up to a minute: ");
  if (supervision.isFaultLimitExceeded()) text("a fault limit is exceeded, see `sensors`");
  else if (supervision.isSensorUntrusted()) text("a sensor reads nonsense, see `sensors`");
  else text("the compute board is not firmly in its slot");
  endNotice();
}
