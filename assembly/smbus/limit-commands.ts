/**
 * The PMBus commands that read and set the limits of protection.ts, within the range that the board allows.
 */

import { linear11FromMilli, linear16FromMilli, milliFromLinear11, milliFromLinear16 } from "../codec/linear";
import { NO_LIMIT } from "../generated/board";
import { LIMIT_CODE, LIMIT_KINDS, QUANTITIES, QUANTITY_PAGE } from "../generated/vocabulary";
import * as power from "../power/power";
import { protection } from "../protection/supervision";
import { EVERY_PAGE, publishWord } from "./responses";
import { isOutputVoltage } from "./telemetry";

const LIMITS = QUANTITIES * LIMIT_KINDS;

function codeOf(limit: i32): u32 {
  return unchecked(LIMIT_CODE[limit]);
}

function pageOf(quantity: i32): i32 {
  return unchecked(QUANTITY_PAGE[quantity]);
}

/** True for the command code of a limit, even if this board does not have that limit. */
export function isLimit(code: u32): bool {
  return code != 0 && LIMIT_CODE.includes(<u8>code);
}

/** Index of the limit that a command means on a page. It is -1 if there is none, or not on this board. */
export function limitOf(code: u32, page: u32): i32 {
  for (let limit = 0; limit < LIMITS; limit++) {
    if (codeOf(limit) != code || protection.limit(limit) == NO_LIMIT) continue;
    const home = pageOf(limit / LIMIT_KINDS);
    if (home == EVERY_PAGE || <u32>home == page) return limit;
  }
  return -1;
}

/**
 * Sets a limit to the value of a PMBus word. False, without a change, if the board does not allow the value,
 * or if it contradicts another limit of the quantity. Reads return the same word.
 */
export function setLimit(limit: i32, word: u32): bool {
  const quantity = limit / LIMIT_KINDS;
  if (!protection.setLimit(limit, milliOf(quantity, word))) return false;
  power.limitChanged(limit);
  publishWord(codeOf(limit), pageOf(quantity), word);
  return true;
}

/**
 * The value of a limit's word. A word that was read of a limit means that very limit, not its rounded value.
 */
function milliOf(quantity: i32, word: u32): i32 {
  for (let limit = quantity * LIMIT_KINDS; limit < (quantity + 1) * LIMIT_KINDS; limit++) {
    const milli = protection.limit(limit);
    if (milli != NO_LIMIT && wordOf(quantity, milli) == word) return milli;
  }
  return isOutputVoltage(quantity) ? <i32>milliFromLinear16(word) : milliFromLinear11(word);
}

function wordOf(quantity: i32, milli: i32): u32 {
  return isOutputVoltage(quantity) ? linear16FromMilli(milli) : linear11FromMilli(milli);
}

/** Publishes all limits of the board. */
export function publishAll(): void {
  for (let limit = 0; limit < LIMITS; limit++) {
    const milli = protection.limit(limit);
    if (milli == NO_LIMIT || codeOf(limit) == 0) continue;
    const quantity = limit / LIMIT_KINDS;
    publishWord(codeOf(limit), pageOf(quantity), wordOf(quantity, milli));
  }
}
