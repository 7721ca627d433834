/**
 * Warning and fault limits: the board's at first, settable within what the board allows, and compared
 * with every set of readings. What a fault switches off is the sequencer's affair; here it is told.
 */
import {
  I5_HIGH_FAULT,
  I5_HIGH_WARNING,
  I5_MAXIMUM,
  I5_MINIMUM,
  NO_LIMIT,
  P5_HIGH_FAULT,
  P5_HIGH_WARNING,
  P5_MAXIMUM,
  P5_MINIMUM,
  TEMPERATURE_HIGH_FAULT,
  TEMPERATURE_HIGH_WARNING,
  TEMPERATURE_LOW_FAULT,
  TEMPERATURE_LOW_WARNING,
  TEMPERATURE_MAXIMUM,
  TEMPERATURE_MINIMUM,
  V3V3_HIGH_FAULT,
  V3V3_HIGH_WARNING,
  V3V3_LOW_FAULT,
  V3V3_LOW_WARNING,
  V3V3_MAXIMUM,
  V3V3_MINIMUM,
  V5_HIGH_FAULT,
  V5_HIGH_WARNING,
  V5_LOW_FAULT,
  V5_LOW_WARNING,
  V5_MAXIMUM,
  V5_MINIMUM,
  VIN_HIGH_FAULT,
  VIN_HIGH_WARNING,
  VIN_LOW_FAULT,
  VIN_LOW_WARNING,
  VIN_MAXIMUM,
  VIN_MINIMUM,
} from "../generated/board";
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
import { linear11FromMilli, linear16FromMilli, milliFromLinear11, milliFromLinear16 } from "../linear";
import { EVERY_PAGE, publishWord } from "./responses";

export enum Quantity {
  Vin,
  Vout0,
  Vout1,
  Iout,
  Pout,
  Temperature,
}

const QUANTITIES = 6;
/** Limits of a quantity, in the order of the codes below. */
const KINDS = 4;
const HIGH_FAULT = 0;
const HIGH_WARNING = 1;

/** Of each quantity: high fault, high warning, low warning, low fault, in thousandths. */
const current: StaticArray<i32> = [
  VIN_HIGH_FAULT,
  VIN_HIGH_WARNING,
  VIN_LOW_WARNING,
  VIN_LOW_FAULT,
  V5_HIGH_FAULT,
  V5_HIGH_WARNING,
  V5_LOW_WARNING,
  V5_LOW_FAULT,
  V3V3_HIGH_FAULT,
  V3V3_HIGH_WARNING,
  V3V3_LOW_WARNING,
  V3V3_LOW_FAULT,
  I5_HIGH_FAULT,
  I5_HIGH_WARNING,
  NO_LIMIT,
  NO_LIMIT,
  P5_HIGH_FAULT,
  P5_HIGH_WARNING,
  NO_LIMIT,
  NO_LIMIT,
  TEMPERATURE_HIGH_FAULT,
  TEMPERATURE_HIGH_WARNING,
  TEMPERATURE_LOW_WARNING,
  TEMPERATURE_LOW_FAULT,
];

/** The command of each; 0 where PMBus has none that is offered here. */
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

const MINIMUM: StaticArray<i32> = [
  VIN_MINIMUM,
  V5_MINIMUM,
  V3V3_MINIMUM,
  I5_MINIMUM,
  P5_MINIMUM,
  TEMPERATURE_MINIMUM,
];
const MAXIMUM: StaticArray<i32> = [
  VIN_MAXIMUM,
  V5_MAXIMUM,
  V3V3_MAXIMUM,
  I5_MAXIMUM,
  P5_MAXIMUM,
  TEMPERATURE_MAXIMUM,
];

function isVoltageOut(quantity: i32): bool {
  return quantity == Quantity.Vout0 || quantity == Quantity.Vout1;
}

function pageOf(quantity: i32): i32 {
  switch (quantity) {
    case Quantity.Vout0:
    case Quantity.Iout:
    case Quantity.Pout:
      return 0;
    case Quantity.Vout1:
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
    if (unchecked(CODES[limit]) != code || unchecked(current[limit]) == NO_LIMIT) continue;
    const home = pageOf(limit / KINDS);
    if (home == EVERY_PAGE || <u32>home == page) return limit;
  }
  return -1;
}

/** False if the board does not allow that value; the old one stays. Reads give the very word written. */
export function setLimit(limit: i32, word: u32): bool {
  const quantity = limit / KINDS;
  const milli = isVoltageOut(quantity) ? <i32>milliFromLinear16(word) : milliFromLinear11(word);
  if (milli < unchecked(MINIMUM[quantity]) || milli > unchecked(MAXIMUM[quantity])) return false;
  current[limit] = milli;
  publishWord(unchecked(CODES[limit]), pageOf(quantity), word);
  return true;
}

/** All limits of the board. */
export function publishAll(): void {
  for (let limit = 0; limit < QUANTITIES * KINDS; limit++) {
    const milli = unchecked(current[limit]);
    if (milli == NO_LIMIT || unchecked(CODES[limit]) == 0) continue;
    const quantity = limit / KINDS;
    const word = isVoltageOut(quantity) ? linear16FromMilli(milli) : linear11FromMilli(milli);
    publishWord(unchecked(CODES[limit]), pageOf(quantity), word);
  }
}

/**
 * Which limits a reading is beyond: bit 3 high fault, 2 high warning, 1 low warning, 0 low fault. The same
 * order and place as bits 7 to 4 of STATUS_VOUT, STATUS_INPUT and STATUS_TEMPERATURE.
 */
export function beyond(quantity: Quantity, milli: i32): u32 {
  const first = quantity * KINDS;
  let bits: u32 = 0;
  for (let kind = 0; kind < KINDS; kind++) {
    const limit = unchecked(current[first + kind]);
    if (limit == NO_LIMIT) continue;
    if (kind <= HIGH_WARNING ? milli > limit : milli < limit) bits |= 8 >> kind;
  }
  return bits;
}

/** Bits of `beyond`. */
export const BEYOND_HIGH_FAULT: u32 = 8 >> HIGH_FAULT;
export const BEYOND_HIGH_WARNING: u32 = 8 >> HIGH_WARNING;
