/** The `calibrate` command: checks its points, prints its answers and saves the result to the settings. */
import * as log from "../events/log";
import { SAMPLING_CHANNELS } from "../generated/abi";
import { NO_LIMIT } from "../generated/board";
import {
  EventKind,
  Health,
  healthText,
  LIMIT_KINDS,
  LimitKind,
  Origin,
  QUANTITIES,
  Quantity,
} from "../generated/vocabulary";
import * as power from "../power/power";
import { maximumOf, minimumOf } from "../protection/protection";
import * as supervision from "../protection/supervision";
import * as calibration from "../sensors/calibration";
import { Outcome } from "../sensors/calibration";
import { GAIN_ONE, gainOf, offsetOf, setCalibration } from "../sensors/converter";
import { channelOf, nameOf, unitOf } from "../sensors/quantities";
import * as sensors from "../sensors/sensors";
import * as settings from "../settings/settings";
import { CharCode } from "./char-code";
import { decimal, endLine, key, put, signed, text } from "./output";
import { unsavedNote } from "./report";

const CHANNELS = <i32>SAMPLING_CHANNELS;

/** Loads the calibration of each channel from the settings. */
export function start(): void {
  for (let channel = 0; channel < CHANNELS; channel++) {
    setCalibration(channel, settings.adcOffset(channel), settings.adcGain(channel));
  }
}

/** Prints the calibration of all channels: "V5            offset   12/16 codes, gain 1.0032, calibrated". */
export function showCalibration(): void {
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    const channel = channelOf(quantity);
    if (channel < 0) continue;
    key(nameOf(quantity));
    text("offset ");
    signed(offsetOf(channel));
    text("/16 codes, gain ");
    gain(gainOf(channel));
    if (calibration.isHalfway(quantity)) text("; a second point sets the gain");
    endLine();
  }
}

/** Prints a gain in 65536ths with four decimals. */
function gain(value: u32): void {
  const tenThousandths = (value * 10000 + GAIN_ONE / 2) / GAIN_ONE;
  decimal(tenThousandths / 10000);
  put(CharCode.FULL_STOP);
  const rest = tenThousandths % 10000;
  for (let digit: u32 = 1000; digit > 0; digit /= 10) put(CharCode.DIGIT_0 + ((rest / digit) % 10));
}

/** Removes the calibration of a sensor. */
export function resetCalibration(now_us: u64, quantity: i32): void {
  calibration.forget(quantity);
  setCalibration(channelOf(quantity), 0, GAIN_ONE);
  keep(now_us, quantity);
  text(nameOf(quantity));
  text(" is as it came\r\n");
  unsavedNote(now_us);
}

/** Takes one calibration point: `milli` is the true value of what the sensor measured in the last 100 ms. */
export function calibrate(now_us: u64, quantity: i32, milli: i32): void {
  const health = supervision.healthOf(quantity);
  if (health != Health.Good) {
    text("error: ");
    text(nameOf(quantity));
    text(" is ");
    text(healthText(health));
    text(": nothing it shows can be calibrated\r\n");
    return;
  }
  switch (calibration.point(quantity, sensors.shown_16ths(quantity), milli)) {
    case Outcome.Offset:
      keep(now_us, quantity);
      text(nameOf(quantity));
      text(" is calibrated at this point.");
      askForSecondPoint(quantity);
      break;
    case Outcome.First:
      text("first point of ");
      text(nameOf(quantity));
      text(" taken; an offset alone cannot correct it.");
      askForSecondPoint(quantity);
      break;
    case Outcome.Done:
      keep(now_us, quantity);
      text(nameOf(quantity));
      text(" calibrated: gain ");
      gain(gainOf(channelOf(quantity)));
      endLine();
      break;
    case Outcome.Mismatch:
      text("error: no offset and gain explain that value; ");
      whatItShows(quantity);
      break;
    default:
      text(
        "error: the two points need a gain beyond 0.9 to 1.1 or an offset beyond 64 codes;\r\nthe first is kept\r\n",
      );
  }
}

/** Prints how far the second point must be from this one, with the unit. */
function askForSecondPoint(quantity: i32): void {
  text("\r\nFor the gain, change it by ");
  decimal(calibration.apart_milli(quantity));
  put(CharCode.SPACE);
  text(unitOf(quantity));
  text(" or more and calibrate again.\r\n");
}

function whatItShows(quantity: i32): void {
  text(nameOf(quantity));
  text(" shows ");
  signed(sensors.readingOf(quantity));
  put(CharCode.SPACE);
  text(unitOf(quantity));
  endLine();
}

/** Prints that the value of a point is out of range, and the range. */
export function refuseValue(quantity: i32): void {
  text("error: ");
  text(nameOf(quantity));
  text(" needs a value in ");
  text(unitOf(quantity));
  text(", ");
  signed(smallestValueOf(quantity));
  text(" to ");
  signed(largestValueOf(quantity));
  endLine();
}

/** The smallest true value of a point. It is 0 for voltages, because their rails may be off. */
export function smallestValueOf(quantity: i32): i32 {
  return quantity == Quantity.Temperature ? minimumOf(quantity) : 0;
}

/**
 * The largest true value of a point. A calibration to a value beyond the fault limit would switch the slot
 * off.
 */
export function largestValueOf(quantity: i32): i32 {
  const fault = supervision.protection.limit(quantity * LIMIT_KINDS + LimitKind.HighFault);
  return fault == NO_LIMIT ? maximumOf(quantity) : fault;
}

/** Saves the calibration of a sensor, and has the fast protection paths use it. */
function keep(now_us: u64, quantity: i32): void {
  const channel = channelOf(quantity);
  settings.setAdcOffset(channel, offsetOf(channel));
  settings.setAdcGain(channel, gainOf(channel));
  power.calibrationChanged();
  log.record(now_us, EventKind.Calibrated, Origin.Console, 0, quantity);
}
