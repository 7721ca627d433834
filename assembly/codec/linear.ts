/**
 * The two number formats PMBus readings and limits travel in, from and to thousandths: mV, mA, mW and
 * thousandths of a degree. Integers only; the nearest value is taken, halves away from zero.
 *
 * LINEAR11 (PMBus 1.2 part II, 7.1): a signed mantissa of 11 bits times two to a signed exponent of 5 bits.
 * LINEAR16 (8.3.1 there): an unsigned mantissa alone, its exponent is the one VOUT_MODE tells.
 */

/** A mantissa of 1023 rounds up from here on, in thousandths at exponent 0. */
const POSITIVE_END: u32 = 1023500;
/** And one of -1024 from here on: two's complement reaches one further down. */
const NEGATIVE_END: u32 = 1024500;
const LOWEST_EXPONENT: i32 = -16;

/** 16 V in mV: the first value whose LINEAR16 word would need a seventeenth bit. */
const LINEAR16_END_MILLI: u32 = 16000;

/**
 * LINEAR11 word for `value` thousandths. The exponent is the smallest, from -16 on, whose mantissa still fits
 * -1024 to 1023 once rounded, so that no bit of resolution is given away; zero is 8000h by that rule.
 * Every i32 has a word: the largest takes exponent 12.
 */
export function linear11FromMilli(value: i32): u32 {
  let magnitude: u32 = value < 0 ? 0 - <u32>value : <u32>value;
  let end: u32 = value < 0 ? NEGATIVE_END : POSITIVE_END;
  let unit: u32 = 1000;
  let exponent = 0;
  const half = end >> 1;
  while (magnitude >= end) {
    end <<= 1; // 2^31 is below its twelfth double, and that below 2^32
    unit <<= 1;
    exponent++;
  }
  // With an exponent of 0 or more this is no longer small.
  while (magnitude < half && exponent > LOWEST_EXPONENT) {
    magnitude <<= 1;
    exponent--;
  }
  const mantissa = (magnitude + (unit >> 1)) / unit;
  return ((<u32>exponent & 0x1f) << 11) | ((value < 0 ? 0 - mantissa : mantissa) & 0x7ff);
}

/** Thousandths of a LINEAR11 word, nearest, halves away from zero, held within i32. */
export function milliFromLinear11(word: u32): i32 {
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
  return mantissa < 0 ? 0 - <i32>magnitude : <i32>magnitude;
}

/**
 * LINEAR16 word, exponent -12, for `value` thousandths: nearest, there are no halves (4096/1000 is 512/125).
 * From 16 V on it is FFFFh, 15.9998 V.
 */
export function linear16FromMilli(value: u32): u32 {
  if (value >= LINEAR16_END_MILLI) return 0xffff;
  return (value * 512 + 62) / 125;
}

/** Thousandths of a LINEAR16 word, exponent -12: nearest, halves up. */
export function milliFromLinear16(word: u32): u32 {
  return ((word & 0xffff) * 125 + 256) >> 9;
}
