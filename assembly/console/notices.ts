/**
 * Prints the notices of power and sensors. This file keeps an index into the history and one into the event
 * log, and prints each new entry. So power and protection only write records, and do not know the console.
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

/** Index of the next transition to print. */
let nextTransition: u32 = 0;
/** Index of the next event to print. */
let nextEvent: u32 = 0;
/** The count of the event before it when it was last printed. */
let lastEventCount: u32 = 0;
/** Number of fault events printed, to compare with `Transition.faults`. */
let faultsPrinted: u32 = 0;
let wasWaiting: bool = false;
/** Records in both when they were last followed. Both only grow, and so does their sum. */
let followed: u32 = 0;

/** Prints everything new since the last call. It is cheap if there is nothing new. */
export function follow(now_us: u64): void {
  const records = history.end() + log.changes();
  if (records != followed) followRecords();
  followed = records;
  const isWaiting = power.isWaiting();
  if (isWaiting && !wasWaiting) waiting(now_us);
  wasWaiting = isWaiting;
}

function followRecords(): void {
  nextTransition = max(nextTransition, history.oldest());
  while (nextTransition < history.end()) {
    const isNewFault = followEvents(history.faultsAt(nextTransition));
    transition(nextTransition, isNewFault);
    nextTransition++;
  }
  followEvents(ALL_FAULTS);
}

/** More than any `Transition.faults`, which has eight bits. */
const ALL_FAULTS: u32 = 0xffff;

/** Prints new events until `faults` faults have been printed. True if it printed a fault. */
function followEvents(faults: u32): bool {
  let hasFault = false;
  repeated();
  for (nextEvent = log.next(nextEvent); nextEvent < log.end(); nextEvent = log.next(nextEvent + 1)) {
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

/** Prints the last event again if its count has grown: the log counts equal events in one entry. */
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
  if (health == Health.Fed) {
    text(nameOf(log.subjectOf(index)));
    text(" is fed from outside while its supply is off, see `sensors`");
    endNotice();
    return;
  }
  text("sensor ");
  text(nameOf(log.subjectOf(index)));
  text(" is ");
  text(healthText(health));
  if (health != Health.Good) text(" and not trusted, see `sensors`");
  endNotice();
}

/** Prints a line for a transition, if it is of interest to a user. */
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
      // After a new fault the line before already names the cause.
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
      text("off, latched: `fault` shows why, `fault clear` lets the slot come up again");
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

/** An automatic power-on has begun to wait for whatever inhibits it. */
function waiting(now_us: u64): void {
  beginNotice(now_us);
  text("power: waits for up to a minute: ");
  if (supervision.isFaultLimitExceeded()) text("a fault limit is exceeded, see `sensors`");
  else if (supervision.isSensorUntrusted()) text("a sensor reads nonsense, see `sensors`");
  else text("the compute board is not firmly in its slot");
  endNotice();
}
