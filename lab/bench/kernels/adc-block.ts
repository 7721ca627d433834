/**
 * Blocks of converter samples in the order of the RP2040's round robin, channel after channel. The kernel
 * computes a first-order filter and the extremes of every channel, and the energy of the rail whose voltage
 * and current are both measured. All values are integers. The energy has 64 bits, because microwatts of
 * many samples overflow 32 bits within seconds.
 */
import { next, seed } from "./common";

const BLOCKS: u32 = 4;
const CHANNELS: u32 = 5;
const SAMPLES: u32 = 64;
const SAMPLE_BYTES: u32 = 2;
const ROUND_BYTES: u32 = CHANNELS * SAMPLE_BYTES;
const BLOCK_BYTES: u32 = SAMPLES * ROUND_BYTES;

const VOLTAGE_CHANNEL: u32 = 1;
const CURRENT_CHANNEL: u32 = 2;
/** Full scale of 4096 in mV or mA: a reference of 3300 mV behind a divider by 2. */
const FULL_SCALE: u32 = 6600;

/** The filter keeps 8 fraction bits, and moves a 16th of the way with every sample. */
const FILTER_FRACTION_BITS: u32 = 8;
const FILTER_SHIFT: u32 = 4;

/** The layout of a channel: filter i32, lowest u16, highest u16. */
const CHANNEL_BYTES: u32 = 8;
const LOWEST: usize = 4;
const HIGHEST: usize = 6;

const LEVELS: usize = memory.data<u16>([2400, 3100, 1200, 2050, 870]);

const samples: usize = memory.data(2560, 4);
const channels: usize = memory.data(40, 4);
/** The sum of microwatts, one value for each sample. */
let energy: u64 = 0;

export function prepareAdcBlock(): void {
  seed(0xadc);
  let at = samples;
  for (let i: u32 = 0; i < BLOCKS * SAMPLES; i++) {
    for (let channel: u32 = 0; channel < CHANNELS; channel++) {
      const level = load<u16>(LEVELS + channel * SAMPLE_BYTES);
      store<u16>(at, <u16>(level + (next() & 63)));
      at += SAMPLE_BYTES;
    }
  }
  for (let channel: u32 = 0; channel < CHANNELS; channel++) {
    const state = channels + channel * CHANNEL_BYTES;
    store<i32>(state, 0);
    store<u16>(state, 0xffff, LOWEST);
    store<u16>(state, 0, HIGHEST);
  }
  energy = 0;
}

/** Processes one channel of a block; `at` is its first sample. */
function filterChannel(state: usize, at: usize): void {
  let filter = load<i32>(state);
  let lowest: u32 = load<u16>(state, LOWEST);
  let highest: u32 = load<u16>(state, HIGHEST);
  for (const end = at + BLOCK_BYTES; at != end; at += ROUND_BYTES) {
    const sample: u32 = load<u16>(at);
    filter += (<i32>(sample << FILTER_FRACTION_BITS) - filter) >> FILTER_SHIFT;
    if (sample < lowest) lowest = sample;
    if (sample > highest) highest = sample;
  }
  store<i32>(state, filter);
  store<u16>(state, <u16>lowest, LOWEST);
  store<u16>(state, <u16>highest, HIGHEST);
}

function addEnergy(block: usize): void {
  let sum = energy;
  for (let at = block, end = block + BLOCK_BYTES; at != end; at += ROUND_BYTES) {
    const voltage_mV = (<u32>load<u16>(at, VOLTAGE_CHANNEL * SAMPLE_BYTES) * FULL_SCALE + 2048) >> 12;
    const current_mA = (<u32>load<u16>(at, CURRENT_CHANNEL * SAMPLE_BYTES) * FULL_SCALE + 2048) >> 12;
    sum += voltage_mV * current_mA;
  }
  energy = sum;
}

export function adc_block(): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < BLOCKS; i++) {
    const block = samples + i * BLOCK_BYTES;
    for (let channel: u32 = 0; channel < CHANNELS; channel++) {
      const state = channels + channel * CHANNEL_BYTES;
      filterChannel(state, block + channel * SAMPLE_BYTES);
      sum = sum * 31 + load<i32>(state);
      sum = sum * 31 + load<u16>(state, LOWEST);
      sum = sum * 31 + load<u16>(state, HIGHEST);
    }
    addEnergy(block);
    sum = sum * 31 + <u32>energy;
    sum = sum * 31 + <u32>(energy >> 32);
  }
  return sum;
}
