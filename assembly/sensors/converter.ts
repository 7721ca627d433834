/**
 * Converts codes of the converter to millivolts, milliamperes and millidegrees. The host has corrected
 * erratum RP2040-E11, so that the codes are linear. This file applies offset, gain and the board's divider.
 * Means are in sixteenths of a code, because averaging gives more resolution than one sample. All arithmetic
 * is in integers.
 */
import { SAMPLING_CHANNELS } from "../generated/abi";
import { QUANTITY_FACTOR } from "../generated/board";
import { Quantity } from "../generated/vocabulary";
import { channelOf } from "./quantities";

/** Code n stands for all voltages from its step to the next one, and so for half a code more on average. */
const HALF_CODE_16THS: i32 = 8;
/** Sums of more rounds are halved first, so that the mean fits 32 bits. The lost bits are below the noise. */
const ROUNDS_DIVIDED: u32 = 16384;

/** Gain 1.0. Gains are in 65536ths. */
export const GAIN_ONE: u32 = 65536;
/** Range of a gain, 0.9 to 1.1. Resistors of 1 % and an amplifier need much less. */
export const MINIMUM_GAIN: u32 = 58982;
export const MAXIMUM_GAIN: u32 = 72090;
/** Range of an offset in either direction: 64 codes. */
export const MAXIMUM_OFFSET_16THS: i32 = 64 * 16;

const FACTOR_BITS = 24;
/** Number of raw codes of the converter, which has 12 bits. */
const CODES: u32 = 4096;

// Offset in sixteenths of a code, and gain in 65536ths, of each channel.
const offsets: StaticArray<i32> = [0, 0, 0, 0, 0];
const gains: StaticArray<u32> = [GAIN_ONE, GAIN_ONE, GAIN_ONE, GAIN_ONE, GAIN_ONE];
assert(SAMPLING_CHANNELS == 5);

export function offsetOf(channel: i32): i32 {
  return unchecked(offsets[channel]);
}

export function gainOf(channel: i32): u32 {
  return unchecked(gains[channel]);
}

/** Sets offset and gain of a channel. The caller has checked their ranges. */
export function setCalibration(channel: i32, offset_16ths: i32, gain: u32): void {
  offsets[channel] = offset_16ths;
  gains[channel] = gain;
}

/** Thousandths of the unit per sixteenth of a code, times 2^24. For the die's temperature: microvolts. */
function factorOf(quantity: i32): i64 {
  return unchecked(QUANTITY_FACTOR[quantity]);
}

/** Mean of `rounds` linear codes in sixteenths of a code; 0 for no rounds. */
export function mean_16ths(sum: u32, rounds: u32): i32 {
  while (rounds > ROUNDS_DIVIDED) {
    sum >>= 1;
    rounds >>= 1;
  }
  return rounds == 0 ? 0 : <i32>((sum * 16 + rounds / 2) / rounds);
}

/** Applies offset and gain of the channel. A mean of 0 stays 0: an offset must not turn it into a voltage. */
function corrected_16ths(channel: i32, mean: i32): i64 {
  if (mean == 0) return 0;
  const code = mean + HALF_CODE_16THS - unchecked(offsets[channel]);
  return code <= 0 ? 0 : (<i64>code * unchecked(gains[channel]) + GAIN_ONE / 2) >> 16;
}

/**
 * Converts a mean in sixteenths to thousandths of the unit, rounded to nearest. Only temperatures are
 * negative.
 */
export function milliOf(quantity: i32, mean: i32): i32 {
  return milliOn(channelOf(quantity), quantity, mean);
}

/** The same for a caller that knows the channel of the quantity already. */
export function milliOn(channel: i32, quantity: i32, mean: i32): i32 {
  const scaled = corrected_16ths(channel, mean) * factorOf(quantity);
  const rounded = <i32>((scaled + (1 << (FACTOR_BITS - 1))) >> FACTOR_BITS);
  if (quantity != Quantity.Temperature) return rounded;
  // Temperature of the RP2040's die: T = 27 C - (V - 706 mV) / 1.721 mV per degree (datasheet 4.9.5).
  return 27000 - <i32>(((<i64>rounded - 706000) * 1000) / 1721);
}

/**
 * The mean that an ideal channel shows for a value, in sixteenths of a code. Calibration compares with it.
 */
export function nominal_16ths(quantity: i32, milli: i32): i32 {
  const scaled: i64 =
    quantity == Quantity.Temperature ? 706000 - ((<i64>milli - 27000) * 1721) / 1000 : <i64>milli;
  return <i32>((scaled << FACTOR_BITS) / factorOf(quantity)) - HALF_CODE_16THS;
}

/** The distance between two values that many sixteenths of a code apart, in thousandths, rounded up. */
export function across_milli(quantity: i32, sixteenths: i32): i32 {
  const scaled = <i32>((<i64>sixteenths * factorOf(quantity)) >> FACTOR_BITS);
  return (quantity == Quantity.Temperature ? <i32>((<i64>scaled * 1000) / 1721) : scaled) + 1;
}

/**
 * Mean power in microwatts, from sums of products, voltages and currents over the same rounds. The result is
 * exactly that of correcting each sample of both channels before multiplying.
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
  // The gains are applied one after the other. Their product in 16 bits would be off by 0.8 mW at full scale.
  const scale = (((nominal * gainOf(voltage)) >> 16) * gainOf(current)) >> 16;
  return <u32>(((sum / rounds) * scale) >> 32);
}

/** Corrects erratum RP2040-E11 as the host does in host/sampling/sampling-interrupt.c. */
export function linear(code: u32): u32 {
  return code + ((9 * (((code + 511) >> 10) + ((code + 512) >> 10))) >> 1);
}

/** Converts one raw code to thousandths of the unit. */
export function milliOfCode(quantity: i32, code: u32): i32 {
  return milliOf(quantity, <i32>(linear(code) * 16));
}

/** The smallest raw code that stands for `milli` or more; 4095 if there is none. */
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
