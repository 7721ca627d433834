/**
 * Offset and gain of a converter channel from two points at which somebody knows the true value. The first
 * point is remembered, the second one makes the calibration; points that no honest channel would show are
 * refused, and change nothing. Pure, but for the converter's table that it sets.
 */
import { QUANTITIES } from "../generated/vocabulary";
import {
  GAIN_LEAST,
  GAIN_MOST,
  GAIN_ONE,
  nominal_16ths,
  OFFSET_MOST_16THS,
  setCalibration,
} from "./converter";
import { channelOf } from "./quantities";

/** The points must be a tenth of full scale apart, or noise would make the gain. Chosen. */
const APART_16THS: i32 = 6600;
/** Of full scale: a point that far from what the channel shows is a slip of the keyboard. */
const ASTRAY_16THS: i32 = 13200;

export enum Outcome {
  /** The first point was taken. */
  First,
  /** Both are there: calibrated. */
  Done,
  /** What the channel shows is nowhere near that value. */
  Astray,
  /** Too near to the first point. */
  TooNear,
  /** Gain or offset would be beyond what the board's parts can be off. */
  Implausible,
}

const firstTaken: StaticArray<bool> = new StaticArray<bool>(QUANTITIES);
const firstShown: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);
const firstMeant: StaticArray<i32> = new StaticArray<i32>(QUANTITIES);

/** Whether a first point waits for its second. */
export function isHalfway(quantity: i32): bool {
  return unchecked(firstTaken[quantity]);
}

export function forget(quantity: i32): void {
  firstTaken[quantity] = false;
}

/** One point: `shown` is the mean the converter has, in sixteenths of a linear code, `milli` the truth. */
export function point(quantity: i32, shown: i32, milli: i32): Outcome {
  const meant = nominal_16ths(quantity, milli);
  if (abs(shown - meant) > ASTRAY_16THS) return Outcome.Astray;
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
  if (gain < <i64>GAIN_LEAST || gain > <i64>GAIN_MOST) return Outcome.Implausible;
  // corrected = (shown + 1/2 - offset) * gain, and nominal values are half a code less than that.
  const offset = <i64>(shown + 8) - (<i64>(meant + 8) * GAIN_ONE) / gain;
  if (abs(offset) > OFFSET_MOST_16THS) return Outcome.Implausible;
  setCalibration(channelOf(quantity), <i32>offset, <u32>gain);
  forget(quantity);
  return Outcome.Done;
}
