/**
 * Readings of the board's converter channels. The host sums up codes, and this file computes from the sums:
 *
 * - the window: the mean since the last call, 10 ms under power and 100 ms otherwise, for protection;
 * - the reading: the mean of the last 100 ms, for users and the SMBus;
 * - the extremes: the smallest and largest sample while the slot was on, since they were last cleared;
 * - the energy: from the product of voltage and current of each round, not from averages.
 */
import {
  SAMPLES_ELAPSED_US,
  SAMPLES_MAXIMUM_0,
  SAMPLES_MINIMUM_0,
  SAMPLES_OVERRUNS,
  SAMPLES_PRODUCT_HIGH,
  SAMPLES_PRODUCT_LOW,
  SAMPLES_RESTARTS,
  SAMPLES_ROUNDS,
  SAMPLES_SUM_0,
  SAMPLES_WORDS,
  SAMPLING_CHANNELS,
  samples_take,
} from "../generated/abi";
import { QUANTITIES, Quantity } from "../generated/vocabulary";
import { mean_16ths, milliOn, power_uw } from "./converter";
import * as energy from "./energy";
import { channelOf, isMeasured, quantityOn } from "./quantities";

/** Length of a window while a rail is enabled. Our choice: the time resolution that protection needs. */
export const WINDOW_ON_US: u64 = 10000;
/** Length of a window while no rail is enabled. Our choice: enough for a display. */
export const WINDOW_OFF_US: u64 = 100000;
/** Length of a reading. */
const READING_US: u32 = 100000;

const samples: usize = memory.data(SAMPLES_WORDS * 4, 4);
assert(SAMPLING_CHANNELS == 5);

const window: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const reading: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const shown: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const smallest: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const largest: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
let extremesKnown: bool = false;

// Sums for the next reading.
const sums: StaticArray<u32> = [0, 0, 0, 0, 0];
let product: u64 = 0;
let rounds: u32 = 0;
let elapsed_us: u32 = 0;
/** Finished readings since start. */
let readings: u32 = 0;

function sample(field: i32): u32 {
  return load<u32>(samples + ((<usize>field) << 2));
}

/** Smallest linear code of a channel in the window. */
export function windowMinimum(channel: i32): u32 {
  return sample(SAMPLES_MINIMUM_0 + channel);
}

/** Largest linear code of a channel in the window. */
export function windowMaximum(channel: i32): u32 {
  return sample(SAMPLES_MAXIMUM_0 + channel);
}

/** Mean of the last window, in thousandths of the unit. */
export function windowOf(quantity: i32): i32 {
  return unchecked(window[quantity]);
}

/** The last reading, in thousandths of the unit. */
export function readingOf(quantity: i32): i32 {
  return unchecked(reading[quantity]);
}

/** Number of readings since start. It grows by one whenever all quantities have a new reading. */
export function readingCount(): u32 {
  return readings;
}

export function haveExtremes(): bool {
  return extremesKnown;
}

export function smallestOf(quantity: i32): i32 {
  return unchecked(smallest[quantity]);
}

export function largestOf(quantity: i32): i32 {
  return unchecked(largest[quantity]);
}

export function clearExtremes(): void {
  extremesKnown = false;
}

/** How often the host has restarted the converter. */
export function converterRestarts(): u32 {
  return sample(SAMPLES_RESTARTS);
}

/** How often samples were lost because the host was late. */
export function converterOverruns(): u32 {
  return sample(SAMPLES_OVERRUNS);
}

/**
 * Takes the rounds since the last call as a new window. False if there are none. `isOn`: the slot has been on
 * since the last call, so that the samples count for the extremes.
 */
export function take(isOn: bool): bool {
  samples_take(samples);
  const count = sample(SAMPLES_ROUNDS);
  if (count == 0) return false;
  for (let channel = 0; channel < <i32>SAMPLING_CHANNELS; channel++) {
    const quantity = quantityOn(channel);
    if (quantity < 0) continue;
    window[quantity] = milliOn(channel, quantity, mean_16ths(sample(SAMPLES_SUM_0 + channel), count));
  }
  if (isMeasured(Quantity.Pout)) takePower(count);
  if (isOn) updateExtremes();
  sumUp(count);
  return true;
}

function takePower(count: u32): void {
  const voltages = sample(SAMPLES_SUM_0 + channelOf(Quantity.Vout0));
  const currents = sample(SAMPLES_SUM_0 + channelOf(Quantity.Iout));
  const products = ((<u64>sample(SAMPLES_PRODUCT_HIGH)) << 32) | sample(SAMPLES_PRODUCT_LOW);
  const power = power_uw(products, voltages, currents, count);
  window[Quantity.Pout] = <i32>((power + 500) / 1000);
  energy.add(power, sample(SAMPLES_ELAPSED_US));
}

function updateExtremes(): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const channel = channelOf(quantity);
    let low = unchecked(window[quantity]);
    let high = low;
    if (channel >= 0) {
      const atMinimum = milliOn(channel, quantity, <i32>(windowMinimum(channel) * 16));
      const atMaximum = milliOn(channel, quantity, <i32>(windowMaximum(channel) * 16));
      // The diode's voltage falls with temperature.
      low = min(atMinimum, atMaximum);
      high = max(atMinimum, atMaximum);
    } else if (quantity != Quantity.Pout) continue; // the board does not measure it
    if (!extremesKnown || low < unchecked(smallest[quantity])) smallest[quantity] = low;
    if (!extremesKnown || high > unchecked(largest[quantity])) largest[quantity] = high;
  }
  extremesKnown = true;
}

function sumUp(count: u32): void {
  for (let channel = 0; channel < <i32>SAMPLING_CHANNELS; channel++) {
    sums[channel] += sample(SAMPLES_SUM_0 + channel);
  }
  product += ((<u64>sample(SAMPLES_PRODUCT_HIGH)) << 32) | sample(SAMPLES_PRODUCT_LOW);
  rounds += count;
  elapsed_us += sample(SAMPLES_ELAPSED_US);
  // The first reading comes at once, so that no reader sees zeros.
  if (readings == 0 || elapsed_us >= READING_US - <u32>WINDOW_ON_US / 2) renew();
}

function renew(): void {
  for (let channel = 0; channel < <i32>SAMPLING_CHANNELS; channel++) {
    const quantity = quantityOn(channel);
    if (quantity < 0) continue;
    shown[quantity] = mean_16ths(unchecked(sums[channel]), rounds);
    reading[quantity] = milliOn(channel, quantity, unchecked(shown[quantity]));
  }
  if (isMeasured(Quantity.Pout)) {
    const voltages = unchecked(sums[channelOf(Quantity.Vout0)]);
    const currents = unchecked(sums[channelOf(Quantity.Iout)]);
    reading[Quantity.Pout] = <i32>((power_uw(product, voltages, currents, rounds) + 500) / 1000);
  }
  beginReading();
  readings++;
  energy.keep();
}

/**
 * Starts the next reading from zero. Called after a last `take` when the converter's pace changes. Rounds at
 * the two paces stand for different times, so that one mean must not contain both.
 */
export function beginReading(): void {
  for (let channel = 0; channel < <i32>SAMPLING_CHANNELS; channel++) sums[channel] = 0;
  product = 0;
  rounds = elapsed_us = 0;
}

/** The mean of the last reading in sixteenths of a linear code, without correction. Calibration uses it. */
export function shown_16ths(quantity: i32): i32 {
  return unchecked(shown[quantity]);
}
