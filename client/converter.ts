/**
 * Converts codes of the RP2040's analog-to-digital converter into the quantity before the board's divider. It
 * undoes erratum RP2040-E11: codes 512, 1536, 2560 and 3584 are ten steps wide, the others one. It does not
 * know the calibration of a slot.
 */

/** A sensor as the board file describes it. */
export interface Sensor {
  readonly unit: "mv" | "ma" | "mdeg";
  readonly numerator: number;
  readonly denominator: number;
}

const REFERENCE_MV = 3300;
/** Steps of the full scale: 4092 codes of one step and four of ten. */
const STEPS = 4132;
const FIRST_WIDE = 512;
const WIDE_EVERY = 1024;
const EXTRA_STEPS = 9;

/** Millivolts at the pin, in the middle of the code. */
function pinMillivolts(code: number): number {
  const wideBelow = Math.max(0, Math.floor((code - FIRST_WIDE - 1) / WIDE_EVERY) + 1);
  const isWide = code % WIDE_EVERY === FIRST_WIDE;
  const steps = code + EXTRA_STEPS * wideBelow + (isWide ? Math.floor(EXTRA_STEPS / 2) : 0) + 0.5;
  return (steps * REFERENCE_MV) / STEPS;
}

/** The quantity in the sensor's unit: millivolts, milliamperes or thousandths of a degree. Code 0 is 0 mV. */
export function measured(code: number, { unit, numerator, denominator }: Sensor): number {
  const at_mv = code === 0 ? 0 : pinMillivolts(code);
  // RP2040 datasheet 4.9.5: 27 degrees at 706 mV, 1.721 mV less for each more.
  if (unit === "mdeg") return 27_000 - ((at_mv - 706) / 1.721) * 1000;
  return (at_mv * numerator) / denominator;
}
