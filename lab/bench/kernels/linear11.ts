/**
 * PMBus LINEAR11 (PMBus 1.3 part II, 7.3): a signed mantissa of 11 bits times 2 to a signed exponent of 5
 * bits. The kernel converts from and to thousandths, the units in which a BMC keeps readings: mV, mA, mW.
 *
 * Encoding takes the smallest exponent whose rounded mantissa is at most 1023, so the word is the nearest
 * one with a mantissa of that size. Both directions round halves away from zero. A value that does not fit
 * into 32 bits when decoded becomes the largest number of its sign.
 */
import { next, seed } from "./common";

const VALUES: u32 = 128;
/** Below this, a mantissa of 1023 suffices at exponent 0: 1023.5 in thousandths. */
const FULL_SCALE: u32 = 1023500;
const LOWEST_EXPONENT: i32 = -16;

const values: usize = memory.data(512, 4);
const words: usize = memory.data(256, 4);

/** Numbers of every size: a random word shifted by some bits, with both signs. */
export function prepareLinear11(): void {
  seed(0x11);
  for (let i: u32 = 0; i < VALUES; i++) {
    store<i32>(values + (i << 2), <i32>next() >> <i32>(i & 31));
    store<u16>(words + (i << 1), 0);
  }
}

export function encode(milli: i32): u32 {
  if (milli == 0) return 0;
  let magnitude: u32 = milli < 0 ? 0 - <u32>milli : <u32>milli;
  let exponent = 0;
  let unit: u32 = 1000;
  let limit: u32 = FULL_SCALE;
  while (magnitude >= limit) {
    unit <<= 1;
    limit <<= 1;
    exponent++;
  }
  while (magnitude < FULL_SCALE / 2 && exponent > LOWEST_EXPONENT) {
    magnitude <<= 1;
    exponent--;
  }
  const mantissa = (magnitude + (unit >> 1)) / unit;
  return ((<u32>(exponent & 0x1f)) << 11) | ((milli < 0 ? 0 - mantissa : mantissa) & 0x7ff);
}

export function decode(word: u32): i32 {
  const exponent = <i32>(word << 16) >> 27;
  const mantissa = <i32>(word << 21) >> 21;
  let magnitude: u32 = <u32>(mantissa < 0 ? -mantissa : mantissa) * 1000;
  if (exponent < 0) {
    magnitude = (magnitude + (1 << (-exponent - 1))) >> -exponent;
  } else if (magnitude > <u32>i32.MAX_VALUE >> exponent) {
    return mantissa < 0 ? i32.MIN_VALUE : i32.MAX_VALUE;
  } else {
    magnitude <<= exponent;
  }
  return mantissa < 0 ? -(<i32>magnitude) : <i32>magnitude;
}

export function linear11(): u32 {
  for (let i: u32 = 0; i < VALUES; i++) {
    store<u16>(words + (i << 1), <u16>encode(load<i32>(values + (i << 2))));
  }
  let sum: u32 = 0;
  for (let i: u32 = 0; i < VALUES; i++) {
    const word = load<u16>(words + (i << 1));
    sum = sum * 31 + word;
    sum = sum * 31 + <u32>decode(word);
  }
  return sum;
}
