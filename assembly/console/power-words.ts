/** The power sequencer in words: states, reasons, origins, faults, and the notices that tell of them. */
import { RAIL_COUNT, RAIL_NAME, RAIL_POWER_GOOD_TIMEOUT_MS } from "../generated/board";
import {
  LIMIT_KINDS,
  Quantity,
  Reason,
  reasonText,
  State,
  stateText,
  VOUT_OF_PAGE,
} from "../generated/vocabulary";
import * as power from "../power/power";
import { Sequencer } from "../power/sequencer";
import { isHigh } from "../protection/protection";
import * as supervision from "../protection/supervision";
import { isMeasured, nameOf, unitOf } from "../sensors/quantities";
import { beginNotice, endNotice } from "./notice";
import { decimal, put, seconds, signed, text } from "./output";

/** One line on the console for each transition that a person would want to know of. */
export function announceTransition(now_us: u64, sequencer: Sequencer, isNewFault: bool): void {
  const reason = sequencer.reason;
  if (!isWorthTelling(sequencer, isNewFault)) return;
  beginNotice(now_us);
  text("power: ");
  if (reason == Reason.Adopted) {
    text(stateText(sequencer.state));
    text(", as found after the restart");
    endNotice();
    return;
  }
  switch (sequencer.state) {
    case State.RailUp:
      if (reason == Reason.RailGood) railGood(sequencer, sequencer.rail - 1);
      else comingUp(sequencer);
      break;
    case State.RunDelay:
      railGood(sequencer, RAIL_COUNT - 1);
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
      text(stateText(sequencer.state));
      text(" in ");
      decimal((sequencer.deadline_us - sequencer.entered_us) / 1000);
      text(" ms");
      break;
    case State.Off:
      text("off");
      if (reason == Reason.FaultCleared || reason == Reason.NotRestored || reason == Reason.InputBack) {
        text(" (");
        text(reasonText(reason));
        put(0x29);
      }
      break;
    case State.Fault:
      text("off, latched: `fault` tells why, `fault clear` lets the slot come up again");
      break;
    default:
      text(stateText(sequencer.state));
  }
  endNotice();
}

/** It is time to come up again, and something speaks against it that may pass. */
export function announceWaiting(now_us: u64): void {
  beginNotice(now_us);
  text("power: waits for up to a minute: ");
  if (supervision.isBeyond()) text("a fault limit is exceeded, see `sensors`");
  else if (supervision.isDoubtful()) text("a sensor reads nonsense, see `sensors`");
  else text("the compute board is not firmly in its slot");
  endNotice();
}

function isWorthTelling(sequencer: Sequencer, isNewFault: bool): bool {
  const reason = sequencer.reason;
  switch (sequencer.state) {
    case State.RailDown:
      // The fault has just been told.
      return reason == Reason.Adopted || (reason != Reason.RailDown && !isNewFault);
    case State.RailUp:
      return reason != Reason.OnRequested && reason != Reason.CycleWaited;
    default:
      return true;
  }
}

function comingUp(sequencer: Sequencer): void {
  text("coming up, ");
  text(reasonText(sequencer.reason));
  if (sequencer.reason != Reason.Retried) return;
  text(" (");
  decimal(sequencer.tries);
  put(0x29);
}

function railGood(sequencer: Sequencer, rail: i32): void {
  text(unchecked(RAIL_NAME[rail]));
  text(" good after ");
  decimal((sequencer.rail_us + 500) / 1000);
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

export function announceFault(now_us: u64): void {
  beginNotice(now_us);
  text("power: fault: ");
  lastFaultText();
  endNotice();
}

/** "3.018 s", unless that is another life's time. */
export function lastFaultTime(): void {
  if (power.lastFaultMeasured()) {
    seconds(power.lastFault_us());
    text(" s");
  } else {
    text("a time before the BMC's restart");
  }
}

/** The last fault with its readings, or "none". */
export function lastFaultText(): void {
  const reason = power.lastFaultReason();
  switch (reason) {
    case Reason.Start:
      text("none");
      return;
    case Reason.Removed:
    case Reason.Overcurrent:
      text(reasonText(reason));
      break;
    case Reason.Limit:
      limitText(power.lastFaultLimit());
      break;
    default:
      railFaultText(reason, power.lastFaultRail());
  }
  if (!power.lastFaultMeasured()) return;
  text(" (");
  const limited = reason == Reason.Limit ? power.lastFaultLimit() / LIMIT_KINDS : -1;
  const isOther = limited == Quantity.Pout || limited == Quantity.Temperature;
  if (isOther) measured(limited, true);
  measured(Quantity.Vin, !isOther);
  measured(Quantity.Vout0, false);
  for (let page = 1; page < RAIL_COUNT; page++) measured(unchecked(VOUT_OF_PAGE[page]), false);
  measured(Quantity.Iout, false);
  put(0x29);
}

function railFaultText(reason: Reason, rail: i32): void {
  text(unchecked(RAIL_NAME[rail]));
  if (reason == Reason.PowerGoodTimeout) {
    text(" power-good did not come within ");
    decimal(unchecked(RAIL_POWER_GOOD_TIMEOUT_MS[rail]));
    text(" ms");
  } else if (reason == Reason.PowerGoodLost) {
    text(" power-good lost");
  } else {
    text(" power-good still there after switching off");
  }
}

/** A limit by its place: "V5 above 5500 mV". */
export function limitText(place: i32): void {
  const quantity = place / LIMIT_KINDS;
  text(nameOf(quantity));
  text(isHigh(place % LIMIT_KINDS) ? " above " : " below ");
  signed(supervision.protection.limit(place));
  put(0x20);
  text(unitOf(quantity));
}

function measured(quantity: i32, isFirst: bool): void {
  if (!isMeasured(quantity)) return;
  if (!isFirst) text(", ");
  text(nameOf(quantity));
  put(0x20);
  signed(power.faultReading(quantity));
  put(0x20);
  text(unitOf(quantity));
}
