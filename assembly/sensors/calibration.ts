/**
 * Computes offset and gain of a converter channel from two points, at which the user knows the true value.
 * The first point is stored, and the second one completes the calibration. Points that no working channel
 * would show are refused and change nothing. The result goes into the converter's table.
 */
import { QUANTITIES } from "../generated/vocabulary";
import {
  GAIN_ONE,
  MAXIMUM_GAIN,
  MAXIMUM_OFFSET_16THS,
  MINIMUM_GAIN,
  nominal_16ths,
  setCalibration,
} from "./converter";
import { channelOf } from "./quantities";

/**
 * The points must be this far apart. Our choice: a tenth of full scale, so that noise hardly affects the
 * gain.
 */
const APART_16THS: i32 = 6600;
/** A value this far from the reading is a typing error. Our choice: a fifth of full scale. */
const MISMATCH_16THS: i32 = 13200;

export enum Outcome {
  /** The first point was stored. */
  First,
  /** Both points are there, and the channel is calibrated. */
  Done,
  /** The given value is far from the reading. */
  Mismatch,
  /** The point is too near to the first one. */
  TooNear,
  /** Gain or offset would be larger than the tolerances of the board's parts explain. */
  Implausible,
}

const firstTaken: StaticArray<bool> = new StaticArray<bool>(QUANTITIES);
const firstShown: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const firstMeant: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);

/** True if the first point is stored and the second one is missing. */
export function isHalfway(quantity: i32): bool {
  return unchecked(firstTaken[quantity]);
}

/** Discards a stored first point. */
export function forget(quantity: i32): void {
  firstTaken[quantity] = false;
}

/**
 * Takes one point. `shown` is the converter's mean in sixteenths of a linear code, without correction.
 * `milli` is the true value in thousandths.
 */
export function point(quantity: i32, shown: i32, milli: i32): Outcome {
  const meant = nominal_16ths(quantity, milli);
  if (abs(shown - meant) > MISMATCH_16THS) return Outcome.Mismatch;
  if (!isHalfway(quantity)) {
    firstTaken[quantity] = true;
    firstShown[quantity] = shown;
    firstMeant[quantity] = meant;
    return Outcome.First;
  }
  const shownApart = shown - unchecked(firstShown[quantity]);
  const meantApart = meant - unchecked(firstMeant[quantity]);
  if (abs(shownApart) < APART_16THS || abs(meantApart) < APART_16THS) return Outcome.TooNear;
  const gain = (<i64>meantApart * GAIN_ONE + shownApart / 2) / shownApart;
  if (gain < <i64>MINIMUM_GAIN || gain > <i64>MAXIMUM_GAIN) return Outcome.Implausible;
  // corrected = (shown + 1/2 - offset) * gain, in codes. Nominal values lack the half code.
  const offset = <i64>(shown + 8) - (<i64>(meant + 8) * GAIN_ONE) / gain;
  if (abs(offset) > MAXIMUM_OFFSET_16THS) return Outcome.Implausible;
  setCalibration(channelOf(quantity), <i32>offset, <u32>gain);
  forget(quantity);
  return Outcome.Done;
}
