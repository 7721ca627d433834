/**
 * Decodes and encodes PMBus' LINEAR11 and LINEAR16. Decoding is exact: a double holds the value of every
 * word. Encoding takes the nearest word, halves away from zero, as assembly/codec/linear.ts of the BMC does.
 */

const LOWEST_EXPONENT = -16;
const HIGHEST_EXPONENT = 15;
const MANTISSA_MAX = 1023;
const MANTISSA_MIN = -1024;
const LINEAR16_MAX = 0xffff;

/** The format has no word for a number; the message gives its range. */
export class LinearError extends Error {}

/** Exponent of a VOUT_MODE byte in linear mode: five bits, signed. */
export function voutExponent(voutMode: number): number {
  return (voutMode << 27) >> 27;
}

export function decodeLinear11(word: number): number {
  const exponent = (word << 16) >> 27;
  const mantissa = (word << 21) >> 21;
  return mantissa * 2 ** exponent;
}

/** Uses the smallest exponent whose rounded mantissa fits. Throws a LinearError beyond 33.5 million. */
export function encodeLinear11(value: number): number {
  for (let exponent = LOWEST_EXPONENT; exponent <= HIGHEST_EXPONENT; exponent++) {
    const mantissa = nearest(value / 2 ** exponent);
    if (mantissa <= MANTISSA_MAX && mantissa >= MANTISSA_MIN)
      return ((exponent & 0x1f) << 11) | (mantissa & 0x7ff);
  }
  throw new LinearError(
    `${value} is beyond LINEAR11: ${MANTISSA_MAX * 2 ** HIGHEST_EXPONENT} is its largest`,
  );
}

export function decodeLinear16(word: number, exponent: number): number {
  return (word & LINEAR16_MAX) * 2 ** exponent;
}

/** Throws a LinearError where the value does not fit, negative ones included. */
export function encodeLinear16(value: number, exponent: number): number {
  const mantissa = nearest(value / 2 ** exponent);
  if (mantissa >= 0 && mantissa <= LINEAR16_MAX) return mantissa;
  throw new LinearError(`${value} does not fit: 0 to ${decodeLinear16(LINEAR16_MAX, exponent)} are possible`);
}

/** Rounds halves away from zero; Math.round rounds them up. */
function nearest(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}
