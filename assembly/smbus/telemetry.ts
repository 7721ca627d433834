/**
 * Publishes the readings on the SMBus whenever there are new ones, which is ten times a second. It also sums
 * up the output power for READ_EOUT, and shows exceeded limits in the status registers.
 */
import { linear11FromMilli, linear16FromMilli } from "../codec/linear";
import { signals_read } from "../generated/abi";
import { PAGE_RAIL, RAIL_COUNT, RAIL_ENABLE, RAIL_POWER_GOOD } from "../generated/board";
import { CODE_MFR_ENERGY, CODE_READ_EOUT, CODE_READ_VOUT, ENERGY_EXPONENT } from "../generated/smbus";
import {
  isOff,
  LIMIT_KINDS,
  LIMIT_STATUS,
  QUANTITIES,
  QUANTITY_PAGE,
  QUANTITY_READ,
  Quantity,
} from "../generated/vocabulary";
import * as power from "../power/power";
import { protection } from "../protection/supervision";
import * as energy from "../sensors/energy";
import { isMeasured } from "../sensors/quantities";
import * as sensors from "../sensors/sensors";
import { beginBlock, publishBlock, publishWord, putNumber } from "./responses";
import { registerOfQuantity, set, setPresent } from "./status";

/** READ_EOUT's accumulator counts quarter watts up to 1023 of them, then rolls over (see abi/smbus.ts). */
const ENERGY_STEP_MW: u32 = 1000 >> -ENERGY_EXPONENT;
const ENERGY_END_MW: u32 = 1023 * ENERGY_STEP_MW;
const ENERGY_EXPONENT_FIELD: u32 = (ENERGY_EXPONENT & 0x1f) << 11;

/** The number of the reading that was last published. */
let published: u32 = 0;
/** Signals and state as last shown in the status. The first values are impossible ones. */
let seenSignals: u32 = 0xffffffff;
let seenState: i32 = -1;
let energy_mw: u32 = 0;
let rollovers: u32 = 0;
let samples: u32 = 0;

/** Publishes the readings if they are new. */
export function step(): void {
  if (sensors.readingCount() == published) return;
  published = sensors.readingCount();
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    if (isMeasured(quantity)) publish(quantity);
  }
  if (isMeasured(Quantity.Pout)) publishEnergy();
}

/** PMBus sends output voltages as LINEAR16, and everything else as LINEAR11. */
export function isOutputVoltage(quantity: i32): bool {
  return <u32>unchecked(QUANTITY_READ[quantity]) == CODE_READ_VOUT;
}

function publish(quantity: i32): void {
  const milli = sensors.readingOf(quantity);
  const word = isOutputVoltage(quantity) ? linear16FromMilli(milli) : linear11FromMilli(milli);
  publishWord(unchecked(QUANTITY_READ[quantity]), unchecked(QUANTITY_PAGE[quantity]), word);
}

/** Shows exceeded limits and the states of the rails in the status. It is cheap enough for every pass. */
export function refreshPresent(): void {
  if (protection.active != 0) refreshLimits();
  const signals = signals_read();
  const state = power.state();
  if (signals == seenSignals && state == seenState) return;
  seenSignals = signals;
  seenState = state;
  for (let page: u32 = 0; page < <u32>RAIL_COUNT; page++) {
    const rail: i32 = unchecked(PAGE_RAIL[page]);
    const isEnabled = (signals & unchecked(RAIL_ENABLE[rail])) != 0;
    const isGood = (signals & unchecked(RAIL_POWER_GOOD[rail])) != 0;
    setPresent(page, isOff(state) || !isEnabled, isGood);
  }
}

/**
 * Sets the bits of exceeded limits. A bit cleared while its cause lasts is set again (PMBus 1.2 part II,
 * 10.2.4).
 */
function refreshLimits(): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const active = protection.activeKinds(quantity);
    let bits: u32 = 0;
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      if (active & (1 << kind)) bits |= unchecked(LIMIT_STATUS[quantity * LIMIT_KINDS + kind]);
    }
    if (bits != 0) set(registerOfQuantity(quantity), bits);
  }
}

function publishEnergy(): void {
  energy_mw += sensors.readingOf(Quantity.Pout);
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
