/** Prints one line for each event of the log, for the `events` command. */

import * as log from "../events/log";
import { NO_LIMIT, RAIL_NAME, RAIL_QUANTITY } from "../generated/board";
import {
  EventKind,
  healthText,
  LIMIT_KINDS,
  monitorStateText,
  originText,
  Quantity,
  Reason,
  reasonText,
  restorePolicyText,
  stateText,
} from "../generated/vocabulary";
import { isHigh } from "../protection/protection";
import { nameOf, unitOf } from "../sensors/quantities";
import { CharCode } from "./char-code";
import { decimal, endLine, put, seconds, signed, text } from "./output";
import { causeText } from "./report";

/** Prints "[    1.234] power: on, released from reset (console)", and how often if more than once. */
export function eventLine(index: u32): void {
  put(CharCode.OPEN_BRACKET);
  seconds(log.firstTime_us(index), 9);
  text("] ");
  describe(index);
  const count = log.countOf(index);
  if (count > 1) {
    text(", ");
    decimal(count);
    text(" times up to ");
    seconds(log.lastTime_us(index));
    text(" s");
  }
  endLine();
}

function describe(index: u32): void {
  const detail = log.detailOf(index);
  const subject = log.subjectOf(index);
  switch (log.kindOf(index)) {
    case EventKind.Power:
      text("power: ");
      text(stateText(subject));
      text(", ");
      text(reasonText(detail));
      by(index);
      break;
    case EventKind.Fault:
      text("fault: ");
      fault(index, detail, subject);
      break;
    case EventKind.FaultCleared:
      text("fault cleared");
      by(index);
      break;
    case EventKind.Warning:
      text("warning: ");
      limit(index, subject);
      break;
    case EventKind.WarningOver:
      text("good again: ");
      limit(index, subject);
      break;
    case EventKind.Sensor:
      text("sensor ");
      text(nameOf(subject));
      text(" is ");
      text(healthText(detail));
      text(", reads ");
      value(subject, log.measuredOf(index));
      break;
    case EventKind.InputLost:
      text("input power lost, ");
      named(Quantity.Vin, log.measuredOf(index));
      break;
    case EventKind.InputBack:
      text("input power is back, ");
      named(Quantity.Vin, log.measuredOf(index));
      break;
    case EventKind.Inserted:
      text("compute board plugged in");
      break;
    case EventKind.Removed:
      text("compute board pulled out");
      break;
    case EventKind.Started:
      text("BMC started: ");
      text(causeText(detail));
      break;
    case EventKind.Policy:
      text("policy: ");
      text(restorePolicyText(detail));
      by(index);
      break;
    case EventKind.Calibrated:
      text("calibrated: ");
      text(nameOf(subject));
      by(index);
      break;
    default:
      text("power monitor ");
      text(monitorStateText(detail));
      if (subject) text(", deviates from the converter");
  }
}

function by(index: u32): void {
  text(" (");
  text(originText(log.originOf(index)));
  put(CharCode.CLOSE_PARENTHESIS);
}

function named(quantity: i32, milli: i32): void {
  text(nameOf(quantity));
  put(CharCode.SPACE);
  value(quantity, milli);
}

function value(quantity: i32, milli: i32): void {
  signed(milli);
  put(CharCode.SPACE);
  text(unitOf(quantity));
}

function limit(index: u32, limitIndex: i32): void {
  const quantity = limitIndex / LIMIT_KINDS;
  text(nameOf(quantity));
  put(CharCode.SPACE);
  value(quantity, log.measuredOf(index));
  const limit_milli = log.limitOf(index);
  if (limit_milli == NO_LIMIT) return;
  text(isHigh(limitIndex % LIMIT_KINDS) ? ", limit at most " : ", limit at least ");
  signed(limit_milli);
}

function fault(index: u32, reason: u32, subject: i32): void {
  if (reason == Reason.Limit) {
    limit(index, subject);
    return;
  }
  if (reason == Reason.Overcurrent) {
    text("over-current, ");
    named(Quantity.Iout, log.measuredOf(index));
    return;
  }
  text(unchecked(RAIL_NAME[subject]));
  put(CharCode.SPACE);
  text(reasonText(reason));
  const quantity: i32 = unchecked(RAIL_QUANTITY[subject]);
  if (quantity < 0) return;
  text(", ");
  named(quantity, log.measuredOf(index));
}
