/**
 * Readings for the SMBus: prepared as responses whenever there are new ones, ten times a second, and the
 * power put out summed up. What is beyond its limits shows in the status.
 */

import { linear11FromMilli, linear16FromMilli } from "../codec/linear";
import { signals_read } from "../generated/abi";
import { RAIL_COUNT, RAIL_ENABLE, RAIL_POWER_GOOD } from "../generated/board";
import {
  CODE_MFR_ENERGY,
  CODE_READ_EOUT,
  CODE_READ_IOUT,
  CODE_READ_POUT,
  CODE_READ_TEMPERATURE_1,
  CODE_READ_VIN,
  CODE_READ_VOUT,
  ENERGY_EXPONENT,
  STATUS_IOUT_IOUT_OC_FAULT,
  STATUS_IOUT_IOUT_OC_WARNING,
  STATUS_IOUT_POUT_OP_FAULT,
  STATUS_IOUT_POUT_OP_WARNING,
} from "../generated/smbus";
import { exceeded, protection } from "../protection/supervision";
import * as energy from "../sensors/energy";
import { isMeasured, Quantity } from "../sensors/quantities";
import * as sensors from "../sensors/sensors";
import { beginBlock, EVERY_PAGE, publishBlock, publishWord, putNumber } from "./responses";
import { Register, set, setPresent } from "./status";

/** READ_EOUT's accumulator counts quarter watts up to 1023 of them, then rolls over (see abi/smbus.ts). */
const ENERGY_STEP_MW: u32 = 1000 >> -ENERGY_EXPONENT;
const ENERGY_END_MW: u32 = 1023 * ENERGY_STEP_MW;
/** Bits of `exceeded`. */
const HIGH_FAULT: u32 = 8;
const HIGH_WARNING: u32 = 4;

const ENERGY_EXPONENT_FIELD: u32 = (ENERGY_EXPONENT & 0x1f) << 11;

/** The reading published last. */
let published: u32 = 0;
/** Signals the status was last told of; at first none that there could be. */
let seen: u32 = 0xffffffff;
let energy_mw: u32 = 0;
let rollovers: u32 = 0;
let samples: u32 = 0;

/** Publishes readings that are new. */
export function step(): void {
  if (sensors.readingCount() == published) return;
  published = sensors.readingCount();
  if (isMeasured(Quantity.Vin)) publish(CODE_READ_VIN, EVERY_PAGE, Quantity.Vin);
  if (isMeasured(Quantity.Temperature)) publish(CODE_READ_TEMPERATURE_1, EVERY_PAGE, Quantity.Temperature);
  if (isMeasured(Quantity.V5)) publishVoltage(0, Quantity.V5);
  if (isMeasured(Quantity.V3v3)) publishVoltage(1, Quantity.V3v3);
  if (isMeasured(Quantity.I5)) publish(CODE_READ_IOUT, 0, Quantity.I5);
  if (isMeasured(Quantity.P5)) publishPower();
}

function publish(code: u32, page: i32, quantity: i32): void {
  publishWord(code, page, linear11FromMilli(sensors.readingOf(quantity)));
}

function publishVoltage(page: i32, quantity: i32): void {
  publishWord(CODE_READ_VOUT, page, linear16FromMilli(sensors.readingOf(quantity)));
}

/** Rails come up in the board's order, pages begin with the one that comes up last and feeds the board. */
function railOf(page: u32): i32 {
  return RAIL_COUNT - 1 - <i32>page;
}

export function pageOf(rail: i32): u32 {
  return <u32>(RAIL_COUNT - 1 - rail);
}

/** Tells the status what is beyond its limits, and what the rails are; cheap enough for every time. */
export function refreshPresent(): void {
  if (protection.active != 0) refreshLimits();
  const signals = signals_read();
  if (signals == seen) return;
  seen = signals;
  for (let page: u32 = 0; page < <u32>RAIL_COUNT; page++) {
    const rail = railOf(page);
    const isEnabled = (signals & unchecked(RAIL_ENABLE[rail])) != 0;
    const isGood = (signals & unchecked(RAIL_POWER_GOOD[rail])) != 0;
    setPresent(page, !isEnabled, isGood);
  }
}

/** A bit that is cleared while its cause is there comes back at once (PMBus 1.2 part II, 10.2.4). */
function refreshLimits(): void {
  set(Register.Input, exceeded(Quantity.Vin) << 4);
  set(Register.Temperature, exceeded(Quantity.Temperature) << 4);
  set(Register.Vout0, exceeded(Quantity.V5) << 4);
  set(Register.Vout1, exceeded(Quantity.V3v3) << 4);
  const current = exceeded(Quantity.I5);
  const power = exceeded(Quantity.P5);
  if (current & HIGH_FAULT) set(Register.Iout, STATUS_IOUT_IOUT_OC_FAULT);
  if (current & HIGH_WARNING) set(Register.Iout, STATUS_IOUT_IOUT_OC_WARNING);
  if (power & HIGH_FAULT) set(Register.Iout, STATUS_IOUT_POUT_OP_FAULT);
  if (power & HIGH_WARNING) set(Register.Iout, STATUS_IOUT_POUT_OP_WARNING);
}

function publishPower(): void {
  publish(CODE_READ_POUT, 0, Quantity.P5);
  energy_mw += sensors.readingOf(Quantity.P5);
  samples++;
  while (energy_mw >= ENERGY_END_MW) {
    energy_mw -= ENERGY_END_MW;
    rollovers++;
  }
  beginBlock();
  putNumber(ENERGY_EXPONENT_FIELD | (energy_mw / ENERGY_STEP_MW), 2);
  putNumber(rollovers, 1);
  putNumber(samples, 3);
  publishBlock(CODE_READ_EOUT, 0);
  beginBlock();
  putNumber(energy.energy_mj(), 8);
  publishBlock(CODE_MFR_ENERGY, 0);
}
