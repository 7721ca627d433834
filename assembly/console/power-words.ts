/** Prints the last fault and limits. Several views and the notices share these texts. */

import { RAIL_COUNT, RAIL_NAME, RAIL_POWER_GOOD_TIMEOUT_MS } from "../generated/board";
import { LIMIT_KINDS, Quantity, Reason, reasonText, VOUT_OF_PAGE } from "../generated/vocabulary";
import * as lastFault from "../power/last-fault";
import { isHigh } from "../protection/protection";
import * as supervision from "../protection/supervision";
import { isMeasured, nameOf, unitOf } from "../sensors/quantities";
import { CharCode } from "./char-code";
import { decimal, put, seconds, signed, text } from "./output";

/**
 * Prints the time of the last fault, "3.018 s". The time of a fault before the BMC's restart is not known.
 */
export function lastFaultTime(): void {
  if (lastFault.isMeasured) {
    seconds(lastFault.at_us);
    text(" s");
  } else {
    text("a time before the BMC's restart");
  }
}

/** Prints the last fault with its readings, or "none". */
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

/** Prints which limit is exceeded: "V5 above 5500 mV". `limit` is its index (see protection.ts). */
function limitText(limit: i32): void {
  const quantity = limit / LIMIT_KINDS;
  text(nameOf(quantity));
  text(isHigh(limit % LIMIT_KINDS) ? " above " : " below ");
  signed(supervision.protection.limit(limit));
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
