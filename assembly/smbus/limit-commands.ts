/** The limits of protection.ts as PMBus commands: settable within what the board allows. */

import { linear11FromMilli, linear16FromMilli, milliFromLinear11, milliFromLinear16 } from "../codec/linear";
import { NO_LIMIT } from "../generated/board";
import {
  CODE_IOUT_OC_FAULT_LIMIT,
  CODE_IOUT_OC_WARN_LIMIT,
  CODE_OT_FAULT_LIMIT,
  CODE_OT_WARN_LIMIT,
  CODE_POUT_OP_FAULT_LIMIT,
  CODE_POUT_OP_WARN_LIMIT,
  CODE_UT_FAULT_LIMIT,
  CODE_UT_WARN_LIMIT,
  CODE_VIN_OV_FAULT_LIMIT,
  CODE_VIN_OV_WARN_LIMIT,
  CODE_VIN_UV_FAULT_LIMIT,
  CODE_VIN_UV_WARN_LIMIT,
  CODE_VOUT_OV_FAULT_LIMIT,
  CODE_VOUT_OV_WARN_LIMIT,
  CODE_VOUT_UV_FAULT_LIMIT,
  CODE_VOUT_UV_WARN_LIMIT,
} from "../generated/smbus";
import * as power from "../power/power";
import { KINDS } from "../protection/protection";
import { protection } from "../protection/supervision";
import { QUANTITIES, Quantity } from "../sensors/quantities";
import { EVERY_PAGE, publishWord } from "./responses";

/** The command of each limit, by its place; 0 where PMBus has none that is offered here. */
const CODES: StaticArray<u32> = [
  CODE_VIN_OV_FAULT_LIMIT,
  CODE_VIN_OV_WARN_LIMIT,
  CODE_VIN_UV_WARN_LIMIT,
  CODE_VIN_UV_FAULT_LIMIT,
  CODE_VOUT_OV_FAULT_LIMIT,
  CODE_VOUT_OV_WARN_LIMIT,
  CODE_VOUT_UV_WARN_LIMIT,
  CODE_VOUT_UV_FAULT_LIMIT,
  CODE_VOUT_OV_FAULT_LIMIT,
  CODE_VOUT_OV_WARN_LIMIT,
  CODE_VOUT_UV_WARN_LIMIT,
  CODE_VOUT_UV_FAULT_LIMIT,
  CODE_IOUT_OC_FAULT_LIMIT,
  CODE_IOUT_OC_WARN_LIMIT,
  0,
  0,
  CODE_POUT_OP_FAULT_LIMIT,
  CODE_POUT_OP_WARN_LIMIT,
  0,
  0,
  CODE_OT_FAULT_LIMIT,
  CODE_OT_WARN_LIMIT,
  CODE_UT_WARN_LIMIT,
  CODE_UT_FAULT_LIMIT,
];

function isVoltageOut(quantity: i32): bool {
  return quantity == Quantity.V5 || quantity == Quantity.V3v3;
}

function pageOf(quantity: i32): i32 {
  switch (quantity) {
    case Quantity.V5:
    case Quantity.I5:
    case Quantity.P5:
      return 0;
    case Quantity.V3v3:
      return 1;
    default:
      return EVERY_PAGE;
  }
}

export function isLimit(code: u32): bool {
  return code != 0 && CODES.includes(code);
}

/** The limit a command means on a page, or -1: no limit, or one this board does not have. */
export function limitOf(code: u32, page: u32): i32 {
  for (let limit = 0; limit < QUANTITIES * KINDS; limit++) {
    if (unchecked(CODES[limit]) != code || protection.limit(limit) == NO_LIMIT) continue;
    const home = pageOf(limit / KINDS);
    if (home == EVERY_PAGE || <u32>home == page) return limit;
  }
  return -1;
}

/** False if the board does not allow that value; the old one stays. Reads give the very word written. */
export function setLimit(limit: i32, word: u32): bool {
  const quantity = limit / KINDS;
  const milli = isVoltageOut(quantity) ? <i32>milliFromLinear16(word) : milliFromLinear11(word);
  if (!protection.setLimit(limit, milli)) return false;
  power.limitChanged(limit);
  publishWord(unchecked(CODES[limit]), pageOf(quantity), word);
  return true;
}

/** All limits of the board. */
export function publishAll(): void {
  for (let limit = 0; limit < QUANTITIES * KINDS; limit++) {
    const milli = protection.limit(limit);
    if (milli == NO_LIMIT || unchecked(CODES[limit]) == 0) continue;
    const quantity = limit / KINDS;
    const word = isVoltageOut(quantity) ? linear16FromMilli(milli) : linear11FromMilli(milli);
    publishWord(unchecked(CODES[limit]), pageOf(quantity), word);
  }
}
