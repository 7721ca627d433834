/**
 * Readings of the board's converter channels. The host sums up codes; here they become
 *
 * - the window: mean since the last call, 10 ms under power and 100 ms otherwise, for protection;
 * - the reading: mean of the last 100 ms, for people and the SMBus;
 * - extremes: the smallest and largest sample while the slot was on, since somebody cleared them;
 * - energy, from the products of voltage and current of each round, never from averages.
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
import { mean_16ths, milliOf, power_uw } from "./converter";
import * as energy from "./energy";
import { channelOf, isMeasured } from "./quantities";

/** Window while rails are enabled, and while none is. Chosen: protection's resolution, and a live display. */
export const WINDOW_ON_US: u64 = 10000;
export const WINDOW_OFF_US: u64 = 100000;
/** What a reading is the mean of. */
const READING_US: u32 = 100000;

const samples: usize = memory.data(SAMPLES_WORDS * 4, 4);
assert(SAMPLING_CHANNELS == 5);

const window: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const reading: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const shown: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const smallest: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const largest: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
let extremesKnown: bool = false;

// The reading under way.
const sums: StaticArray<u32> = [0, 0, 0, 0, 0];
let product: u64 = 0;
let rounds: u32 = 0;
let elapsed_us: u32 = 0;
let readings: u32 = 0;

function sample(field: i32): u32 {
  return load<u32>(samples + ((<usize>field) << 2));
}

/** Smallest and largest linear code of a channel in the window. */
export function windowMinimum(channel: i32): u32 {
  return sample(SAMPLES_MINIMUM_0 + channel);
}

export function windowMaximum(channel: i32): u32 {
  return sample(SAMPLES_MAXIMUM_0 + channel);
}

/** Mean of the window, and the last reading, in thousandths. */
export function windowOf(quantity: i32): i32 {
  return unchecked(window[quantity]);
}

export function readingOf(quantity: i32): i32 {
  return unchecked(reading[quantity]);
}

/** Readings since start: one more each time they are renewed. */
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

/** Times the converter had to be started anew, and times blocks were lost. */
export function converterRestarts(): u32 {
  return sample(SAMPLES_RESTARTS);
}

export function converterOverruns(): u32 {
  return sample(SAMPLES_OVERRUNS);
}

/**
 * Takes what the converter has brought; false if that is nothing. `isOn`: the slot has been on since the
 * last call, so that extremes and energy mean something.
 */
export function take(isOn: bool): bool {
  samples_take(samples);
  const count = sample(SAMPLES_ROUNDS);
  if (count == 0) return false;
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const channel = channelOf(quantity);
    if (channel < 0) continue;
    window[quantity] = milliOf(quantity, mean_16ths(sample(SAMPLES_SUM_0 + channel), count));
  }
  if (isMeasured(Quantity.Pout)) takePower(count);
  if (isOn) noteExtremes();
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

function noteExtremes(): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const channel = channelOf(quantity);
    let low = unchecked(window[quantity]);
    let high = low;
    if (channel >= 0) {
      const atMinimum = milliOf(quantity, <i32>(windowMinimum(channel) * 16));
      const atMaximum = milliOf(quantity, <i32>(windowMaximum(channel) * 16));
      // The diode's voltage falls with temperature.
      low = min(atMinimum, atMaximum);
      high = max(atMinimum, atMaximum);
    }
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
  // The first reading comes at once: nobody should be told zeros.
  if (readings == 0 || elapsed_us >= READING_US - <u32>WINDOW_ON_US / 2) renew();
}

function renew(): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const channel = channelOf(quantity);
    if (channel < 0) continue;
    shown[quantity] = mean_16ths(unchecked(sums[channel]), rounds);
    reading[quantity] = milliOf(quantity, unchecked(shown[quantity]));
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
 * Forgets the reading under way. Called when the converter's pace changes, after a last `take`: rounds of two
 * paces stand for different times, and must not be counted alike.
 */
export function beginReading(): void {
  for (let channel = 0; channel < <i32>SAMPLING_CHANNELS; channel++) sums[channel] = 0;
  product = 0;
  rounds = elapsed_us = 0;
}

/** The mean of the last reading in sixteenths of a linear code, before any correction: for calibration. */
export function shown_16ths(quantity: i32): i32 {
  return unchecked(shown[quantity]);
}
