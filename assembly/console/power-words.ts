/** The last fault and limits as text, for all that prints them. */

import { RAIL_COUNT, RAIL_NAME, RAIL_POWER_GOOD_TIMEOUT_MS } from "../generated/board";
import { LIMIT_KINDS, Quantity, Reason, reasonText, VOUT_OF_PAGE } from "../generated/vocabulary";
import * as lastFault from "../power/last-fault";
import { isHigh } from "../protection/protection";
import * as supervision from "../protection/supervision";
import { isMeasured, nameOf, unitOf } from "../sensors/quantities";
import { CharCode } from "./char-code";
import { decimal, put, seconds, signed, text } from "./output";

/** "3.018 s", unless that is another life's time. */
export function lastFaultTime(): void {
  if (lastFault.isMeasured) {
    seconds(lastFault.at_us);
    text(" s");
  } else {
    text("a time before the BMC's restart");
  }
}

/** The last fault with its readings, or "none". */
export function lastFaultText(): void {
  const reason = lastFault.reason;
  switch (reason) {
    case Reason.Start:
      text("none");
      return;
    case Reason.Removed:
    case Reason.Overcurrent:
      text(reasonText(reason));
      break;
    case Reason.Limit:
      limitText(lastFault.limit);
      break;
    default:
      railFaultText(reason, lastFault.rail);
  }
  if (!lastFault.isMeasured) return;
  text(" (");
  const limited = reason == Reason.Limit ? lastFault.limit / LIMIT_KINDS : -1;
  const isOther = limited == Quantity.Pout || limited == Quantity.Temperature;
  if (isOther) measured(limited, true);
  measured(Quantity.Vin, !isOther);
  measured(Quantity.Vout0, false);
  for (let page = 1; page < RAIL_COUNT; page++) measured(unchecked(VOUT_OF_PAGE[page]), false);
  measured(Quantity.Iout, false);
  put(CharCode.CLOSE_PARENTHESIS);
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
function limitText(place: i32): void {
  const quantity = place / LIMIT_KINDS;
  text(nameOf(quantity));
  text(isHigh(place % LIMIT_KINDS) ? " above " : " below ");
  signed(supervision.protection.limit(place));
  put(CharCode.SPACE);
  text(unitOf(quantity));
}

function measured(quantity: i32, isFirst: bool): void {
  if (!isMeasured(quantity)) return;
  if (!isFirst) text(", ");
  text(nameOf(quantity));
  put(CharCode.SPACE);
  signed(lastFault.readingOf(quantity));
  put(CharCode.SPACE);
  text(unitOf(quantity));
}
