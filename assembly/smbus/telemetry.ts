/**
 * Readings for the SMBus: every tenth of a second all channels are converted, prepared as responses,
 * compared with their limits, and the power put out is summed up.
 */
import { signals_read } from "../generated/abi";
import {
  RAIL_COUNT,
  RAIL_ENABLE,
  RAIL_POWER_GOOD,
  SENSOR_I5_CHANNEL,
  SENSOR_TEMPERATURE_CHANNEL,
  SENSOR_V3V3_CHANNEL,
  SENSOR_V5_CHANNEL,
  SENSOR_VIN_CHANNEL,
} from "../generated/board";
import {
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
import { linear11FromMilli, linear16FromMilli } from "../linear";
import * as power from "../power";
import * as sensors from "../sensors";
import { State } from "../sequencer";
import { BEYOND_HIGH_FAULT, BEYOND_HIGH_WARNING, beyond, Quantity } from "./limits";
import { beginBlock, EVERY_PAGE, publishBlock, publishWord, putNumber } from "./responses";
import { Register, set, setPresent } from "./status";

/** Chosen: what a person calls live, at a thousandth of the processor's time. */
const PERIOD_US: u64 = 100000;

/** READ_EOUT's accumulator counts quarter watts up to 1023 of them, then rolls over (see abi/smbus.ts). */
const ENERGY_STEP_MW: u32 = 1000 >> -ENERGY_EXPONENT;
const ENERGY_END_MW: u32 = 1023 * ENERGY_STEP_MW;
const ENERGY_EXPONENT_FIELD: u32 = (ENERGY_EXPONENT & 0x1f) << 11;

let next_us: u64 = 0;
/** Signals the status was last told of; at first none that there could be. */
let seen: u32 = 0xffffffff;
let energy_mw: u32 = 0;
let rollovers: u32 = 0;
let samples: u32 = 0;

/** When `step` wants to be called again. */
export function deadline_us(): u64 {
  return next_us;
}

/** Takes readings when it is time. */
export function step(now_us: u64): void {
  if (now_us < next_us) return;
  next_us = now_us + PERIOD_US;
  sensors.sample();
  readInput();
  readOutputs();
}

/** Rails come up in the board's order, pages begin with the one that comes up last and feeds the board. */
function railOf(page: u32): i32 {
  return RAIL_COUNT - 1 - <i32>page;
}

export function pageOf(rail: i32): u32 {
  return <u32>(RAIL_COUNT - 1 - rail);
}

/** Tells the status what the rails are now; cheap enough for every pass that something happened in. */
export function refreshPresent(): void {
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

function readInput(): void {
  if (sensors.isFitted(SENSOR_VIN_CHANNEL)) {
    const vin_mv = <i32>sensors.vin_mv();
    publishWord(CODE_READ_VIN, EVERY_PAGE, linear11FromMilli(vin_mv));
    set(Register.Input, beyond(Quantity.Vin, vin_mv) << 4);
  }
  if (!sensors.isFitted(SENSOR_TEMPERATURE_CHANNEL)) return;
  const temperature_mdeg = sensors.temperature_mdeg();
  publishWord(CODE_READ_TEMPERATURE_1, EVERY_PAGE, linear11FromMilli(temperature_mdeg));
  set(Register.Temperature, beyond(Quantity.Temperature, temperature_mdeg) << 4);
}

function readOutputs(): void {
  // A rail that is off or on its way has no limits to keep.
  const steady = power.state() == State.On;
  if (sensors.isFitted(SENSOR_V5_CHANNEL)) {
    const v5_mv = sensors.v5_mv();
    publishWord(CODE_READ_VOUT, 0, linear16FromMilli(v5_mv));
    if (steady) set(Register.Vout0, beyond(Quantity.Vout0, v5_mv) << 4);
  }
  if (sensors.isFitted(SENSOR_V3V3_CHANNEL)) {
    const v3v3_mv = sensors.v3v3_mv();
    publishWord(CODE_READ_VOUT, 1, linear16FromMilli(v3v3_mv));
    if (steady) set(Register.Vout1, beyond(Quantity.Vout1, v3v3_mv) << 4);
  }
  if (sensors.isFitted(SENSOR_I5_CHANNEL)) {
    const i5_ma = <i32>sensors.i5_ma();
    publishWord(CODE_READ_IOUT, 0, linear11FromMilli(i5_ma));
    if (steady) set(Register.Iout, currentBits(beyond(Quantity.Iout, i5_ma)));
    if (sensors.isFitted(SENSOR_V5_CHANNEL)) readPower(steady);
  }
}

function currentBits(over: u32): u32 {
  return (
    (over & BEYOND_HIGH_FAULT ? STATUS_IOUT_IOUT_OC_FAULT : 0) |
    (over & BEYOND_HIGH_WARNING ? STATUS_IOUT_IOUT_OC_WARNING : 0)
  );
}

function readPower(steady: bool): void {
  const p5_mw = sensors.p5_mw();
  publishWord(CODE_READ_POUT, 0, linear11FromMilli(p5_mw));
  const over = beyond(Quantity.Pout, p5_mw);
  if (steady) {
    if (over & BEYOND_HIGH_FAULT) set(Register.Iout, STATUS_IOUT_POUT_OP_FAULT);
    if (over & BEYOND_HIGH_WARNING) set(Register.Iout, STATUS_IOUT_POUT_OP_WARNING);
  }
  energy_mw += p5_mw;
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
}
