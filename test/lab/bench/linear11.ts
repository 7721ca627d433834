/** PMBus LINEAR11 in exact arithmetic, by its definition: value = mantissa x 2^exponent. */

/** Returns the nearest integer to a quotient of non-negative numbers; halves are rounded up. */
function nearest(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}

/**
 * Returns the word for a number of thousandths: the smallest exponent whose rounded mantissa is below 1024.
 */
export function encoded(milli: number): number {
  if (milli === 0) return 0;
  const magnitude = BigInt(Math.abs(milli));
  for (let exponent = -16; exponent <= 15; exponent++) {
    // Multiplied by 2^16, so that negative exponents give whole numbers too.
    const mantissa = nearest(magnitude << 16n, 1000n << BigInt(16 + exponent));
    if (mantissa > 1023n) continue;
    const signed = milli < 0 ? -mantissa : mantissa;
    return ((exponent & 0x1f) << 11) | Number(BigInt.asUintN(11, signed));
  }
  throw new RangeError(`${milli} has no LINEAR11 word`);
}

/** Returns thousandths; halves are rounded away from zero, and the result is limited to 32 bits. */
export function decoded(word: number): number {
  const exponent = Number(BigInt.asIntN(5, BigInt(word >> 11)));
  const mantissa = BigInt.asIntN(11, BigInt(word));
  const magnitude = mantissa < 0n ? -mantissa : mantissa;
  const milli = nearest((magnitude * 1000n) << BigInt(16 + exponent), 1n << 16n);
  const signed = mantissa < 0n ? -milli : milli;
  return Number(signed > 2147483647n ? 2147483647n : signed < -2147483648n ? -2147483648n : signed);
}
