/**
 * Converts between thousandths (mV, mA, mW, thousandths of a degree) and the two number formats of PMBus
 * readings and limits. All arithmetic is in integers. Results are rounded to the nearest value, halves away
 * from zero.
 *
 * LINEAR11 (PMBus 1.2 part II, 7.1): a signed mantissa of 11 bits times two to a signed exponent of 5 bits.
 * LINEAR16 (8.3.1 there): an unsigned mantissa, whose exponent is in VOUT_MODE.
 */

/**
 * Values from here on, in thousandths at exponent 0, would round to a mantissa of 1024, which does not fit.
 */
const POSITIVE_END: u32 = 1023500;
/** The same for negative values, whose mantissa can be -1024 in two's complement. */
const NEGATIVE_END: u32 = 1024500;
const LOWEST_EXPONENT: i32 = -16;

/** 16 V in mV, the first value whose LINEAR16 word would need 17 bits. */
const LINEAR16_END_MILLI: u32 = 16000;

/**
 * LINEAR11 word for `value` thousandths. To keep all resolution, the exponent is the smallest one from -16 on
 * whose rounded mantissa fits -1024 to 1023. By this rule zero is 8000h. Every i32 has a word; the largest
 * has exponent 12.
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
  // If the loop above has run, the magnitude is at least `half`, and this loop does not run.
  while (magnitude < half && exponent > LOWEST_EXPONENT) {
    magnitude <<= 1;
    exponent--;
  }
  const mantissa = (magnitude + (unit >> 1)) / unit;
  return ((<u32>exponent & 0x1f) << 11) | ((value < 0 ? 0 - mantissa : mantissa) & 0x7ff);
}

/** Thousandths of a LINEAR11 word, to nearest, halves away from zero. Results beyond i32 are clamped. */
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
 * LINEAR16 word with exponent -12 for `value` thousandths, to nearest. There are no halves, because 4096/1000
 * is 512/125. From 16 V on the word is FFFFh, 15.9998 V.
 */
export function linear16FromMilli(value: u32): u32 {
  if (value >= LINEAR16_END_MILLI) return 0xffff;
  return (value * 512 + 62) / 125;
}

/** Thousandths of a LINEAR16 word with exponent -12, to nearest, halves up. */
export function milliFromLinear16(word: u32): u32 {
  return ((word & 0xffff) * 125 + 256) >> 9;
}
