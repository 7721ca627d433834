/**
 * From the converter's codes to millivolts, milliamperes and millidegrees: linear codes (the host has
 * undone erratum RP2040-E11), corrected by offset and gain, times the board's divider. Means are in
 * sixteenths of a code, so that averaging is worth something; all of it is integer arithmetic.
 */
import { SAMPLING_CHANNELS } from "../generated/abi";
import { QUANTITY_FACTOR } from "../generated/board";
import { Quantity } from "../generated/vocabulary";
import { channelOf } from "./quantities";

/** Code n is what lies between its step and the next: it stands for half a code more. */
const HALF_CODE_16THS: i32 = 8;
/** Sums are brought down to so many rounds, whose mean fits 32 bits; the rest is below the noise. */
const ROUNDS_DIVIDED: u32 = 16384;

/** Gains are 65536ths. */
export const GAIN_ONE: u32 = 65536;
/** What a calibration may be at most, either way: resistors of 1 % and an amplifier are far within. */
export const GAIN_LEAST: u32 = 58982;
export const GAIN_MOST: u32 = 72090;
export const OFFSET_MOST_16THS: i32 = 64 * 16;

const FACTOR_BITS = 24;
/** Raw codes of the converter. */
const CODES: u32 = 4096;

// Offset and gain of each channel.
const offsets: StaticArray<i32> = [0, 0, 0, 0, 0];
const gains: StaticArray<u32> = [GAIN_ONE, GAIN_ONE, GAIN_ONE, GAIN_ONE, GAIN_ONE];
assert(SAMPLING_CHANNELS == 5);

export function offsetOf(channel: i32): i32 {
  return unchecked(offsets[channel]);
}

export function gainOf(channel: i32): u32 {
  return unchecked(gains[channel]);
}

/** The caller has checked the ranges above. */
export function setCalibration(channel: i32, offset_16ths: i32, gain: u32): void {
  offsets[channel] = offset_16ths;
  gains[channel] = gain;
}

/** Thousandths of the unit per sixteenth of a code, times 2^24; of the die's diode microvolts. */
function factorOf(quantity: i32): i64 {
  return unchecked(QUANTITY_FACTOR[quantity]);
}

/** Mean of `rounds` linear codes in sixteenths, 0 for none. */
export function mean_16ths(sum: u32, rounds: u32): i32 {
  while (rounds > ROUNDS_DIVIDED) {
    sum >>= 1;
    rounds >>= 1;
  }
  return rounds == 0 ? 0 : <i32>((sum * 16 + rounds / 2) / rounds);
}

/** With offset and gain of the channel. What never left code 0 is nothing, and stays so. */
function corrected_16ths(channel: i32, mean: i32): i64 {
  if (mean == 0) return 0;
  const code = mean + HALF_CODE_16THS - offsetOf(channel);
  return code <= 0 ? 0 : (<i64>code * gainOf(channel) + GAIN_ONE / 2) >> 16;
}

/** A mean as the quantity in thousandths, rounded to nearest; never negative but for temperatures. */
export function milliOf(quantity: i32, mean: i32): i32 {
  const scaled = corrected_16ths(channelOf(quantity), mean) * factorOf(quantity);
  const rounded = <i32>((scaled + (1 << (FACTOR_BITS - 1))) >> FACTOR_BITS);
  if (quantity != Quantity.Temperature) return rounded;
  // Of the RP2040's die: T = 27 C - (V - 706 mV) / 1.721 mV per degree (datasheet 4.9.5).
  return 27000 - <i32>(((<i64>rounded - 706000) * 1000) / 1721);
}

/** The mean a perfect channel shows for a value, in sixteenths of a code: what calibration compares with. */
export function nominal_16ths(quantity: i32, milli: i32): i32 {
  const scaled: i64 =
    quantity == Quantity.Temperature ? 706000 - ((<i64>milli - 27000) * 1721) / 1000 : <i64>milli;
  return <i32>((scaled << FACTOR_BITS) / factorOf(quantity)) - HALF_CODE_16THS;
}

/**
 * Mean power in microwatts, from sums over the same rounds: of products, of voltages, of currents. The
 * corrections of both channels are applied to the products exactly, as if to each sample.
 */
export function power_uw(product: u64, voltages: u32, currents: u32, rounds: u32): u32 {
  if (rounds == 0 || voltages == 0 || currents == 0) return 0;
  const voltage = channelOf(Quantity.Vout0);
  const current = channelOf(Quantity.Iout);
  const voltageShift = <i64>(HALF_CODE_16THS - offsetOf(voltage));
  const currentShift = <i64>(HALF_CODE_16THS - offsetOf(current));
  const sum =
    ((<i64>product) << 8) +
    ((currentShift * voltages + voltageShift * currents) << 4) +
    voltageShift * currentShift * rounds;
  if (sum <= 0) return 0;
  // Microwatts per 256th of a code squared, times 2^32.
  const nominal = (factorOf(Quantity.Vout0) * factorOf(Quantity.Iout)) >> 16;
  // One after the other: both gains in one of 16 bits would be off by 0.8 mW at full scale.
  const scale = (((nominal * gainOf(voltage)) >> 16) * gainOf(current)) >> 16;
  return <u32>(((sum / rounds) * scale) >> 32);
}

/** Erratum RP2040-E11 undone, as the host does it: see host/sampling/sampling-interrupt.c. */
export function linear(code: u32): u32 {
  return code + ((9 * (((code + 511) >> 10) + ((code + 512) >> 10))) >> 1);
}

/** A converted code as the quantity in thousandths. */
export function milliOfCode(quantity: i32, code: u32): i32 {
  return milliOf(quantity, <i32>(linear(code) * 16));
}

/** The smallest code that means `milli` or more; 4095 if none does. */
export function codeOf(quantity: i32, milli: i32): u32 {
  let below: u32 = 0;
  let from: u32 = CODES - 1;
  while (below < from) {
    const middle = (below + from) / 2;
    if (milliOfCode(quantity, middle) >= milli) from = middle;
    else below = middle + 1;
  }
  return from;
}
