/**
 * Computes offset and gain of a converter channel from points at which the user knows the true value. The
 * first point sets the offset, and a second one, far enough from it, offset and gain. Points that no working
 * channel would show are refused and change nothing. The result goes into the converter's table.
 */
import { LIMIT_MAXIMUM, LIMIT_MINIMUM } from "../generated/board";
import { QUANTITIES } from "../generated/vocabulary";
import {
  across_milli,
  GAIN_ONE,
  gainOf,
  MAXIMUM_GAIN,
  MAXIMUM_OFFSET_16THS,
  MINIMUM_GAIN,
  nominal_16ths,
  setCalibration,
} from "./converter";
import { channelOf } from "./quantities";

/**
 * The points of a gain must be a fifth of the range apart in which the board allows limits, because that is
 * where readings must be right. The mean of 0.1 s has hardly any noise left, but rounding, the converter's
 * steps and the meter put each point off by about a code. Beyond the points that error grows by 2 * (distance
 * from the nearer point) / (distance of the points). At a fifth of the range it is at most 1 + 2 * 4 = 9
 * codes at the far end: 15 mV of 5 V, 58 mV of VIN, 4 degrees.
 */
const RANGE_SHARE: i32 = 5;
/** No quantity needs more than a tenth of full scale: over the whole range, a code becomes 19, or 0.5 %. */
const APART_MOST_16THS: i32 = 6600;
/** Below 40 codes, a code at each point puts the gain off by 5 %: half of what it may correct. */
const APART_LEAST_16THS: i32 = 40 * 16;

export enum Outcome {
  /** The first point is stored, and has set the offset. */
  Offset,
  /** The first point is stored. It needs a gain, because its offset alone would be too large. */
  First,
  /** Both points are there, and the channel is calibrated. */
  Done,
  /** No offset and gain in their ranges explain the value. */
  Mismatch,
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

/** Distance that two points of this quantity must have, in sixteenths of a code. */
export function apart_16ths(quantity: i32): i32 {
  const range = abs(
    nominal_16ths(quantity, unchecked(LIMIT_MAXIMUM[quantity])) -
      nominal_16ths(quantity, unchecked(LIMIT_MINIMUM[quantity])),
  );
  return max(APART_LEAST_16THS, min(APART_MOST_16THS, range / RANGE_SHARE));
}

/** The same distance in thousandths of the unit. */
export function apart_milli(quantity: i32): i32 {
  return across_milli(quantity, apart_16ths(quantity));
}

/**
 * The offset that corrects a mean to `meant` with this gain: corrected = (shown + 1/2 - offset) * gain, in
 * codes.
 */
function offset_16ths(shown: i32, meant: i32, gain: u32): i64 {
  // Nominal values lack the half code.
  return <i64>(shown + 8) - (<i64>(meant + 8) * GAIN_ONE) / gain;
}

/**
 * True if some offset and gain in their ranges explain the mean. A value that none explains is a typing
 * error.
 */
function isExplained(shown: i32, meant: i32): bool {
  return (
    offset_16ths(shown, meant, MINIMUM_GAIN) <= MAXIMUM_OFFSET_16THS &&
    offset_16ths(shown, meant, MAXIMUM_GAIN) >= -MAXIMUM_OFFSET_16THS
  );
}

/**
 * Takes one point. `shown` is the converter's mean in sixteenths of a linear code, without correction.
 * `milli` is the true value in thousandths. A point near the first one replaces it: its value was a mistake,
 * or one point is all that the user can have.
 */
export function point(quantity: i32, shown: i32, milli: i32): Outcome {
  const meant = nominal_16ths(quantity, milli);
  if (!isExplained(shown, meant)) return Outcome.Mismatch;
  const meantApart = meant - unchecked(firstMeant[quantity]);
  if (isHalfway(quantity) && abs(meantApart) >= apart_16ths(quantity))
    return secondPoint(quantity, shown, meant);
  firstTaken[quantity] = true;
  firstShown[quantity] = shown;
  firstMeant[quantity] = meant;
  // The gain stays: it may be that of an earlier calibration.
  const channel = channelOf(quantity);
  const offset = offset_16ths(shown, meant, gainOf(channel));
  if (abs(offset) > MAXIMUM_OFFSET_16THS) return Outcome.First;
  setCalibration(channel, <i32>offset, gainOf(channel));
  return Outcome.Offset;
}

function secondPoint(quantity: i32, shown: i32, meant: i32): Outcome {
  const shownApart = shown - unchecked(firstShown[quantity]);
  const meantApart = meant - unchecked(firstMeant[quantity]);
  if (shownApart == 0) return Outcome.Implausible;
  const gain = (<i64>meantApart * GAIN_ONE + shownApart / 2) / shownApart;
  if (gain < <i64>MINIMUM_GAIN || gain > <i64>MAXIMUM_GAIN) return Outcome.Implausible;
  const offset = offset_16ths(shown, meant, <u32>gain);
  if (abs(offset) > MAXIMUM_OFFSET_16THS) return Outcome.Implausible;
  setCalibration(channelOf(quantity), <i32>offset, <u32>gain);
  forget(quantity);
  return Outcome.Done;
}
