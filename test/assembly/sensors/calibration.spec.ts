/** Calibration: one point sets the offset, two give offset and gain, and bad ones change nothing. */

import { LIMIT_MAXIMUM, LIMIT_MINIMUM } from "../../../assembly/generated/board";
import { Quantity } from "../../../assembly/generated/vocabulary";
import {
  apart_16ths,
  apart_milli,
  forget,
  isHalfway,
  Outcome,
  point,
} from "../../../assembly/sensors/calibration";
import {
  GAIN_ONE,
  gainOf,
  MAXIMUM_GAIN,
  MAXIMUM_OFFSET_16THS,
  MINIMUM_GAIN,
  milliOf,
  nominal_16ths,
  offsetOf,
  setCalibration,
} from "../../../assembly/sensors/converter";
import { channelOf } from "../../../assembly/sensors/quantities";

const QUANTITIES: StaticArray<i32> = [
  Quantity.Vin,
  Quantity.Vout0,
  Quantity.Vout1,
  Quantity.Iout,
  Quantity.Temperature,
];
/** Two values of each that are far enough apart. */
const LOW: StaticArray<i32> = [9000, 1000, 1000, 500, -30000];
const HIGH: StaticArray<i32> = [20000, 5500, 4000, 6000, 110000];
/** How far two points must be apart: a fifth of the board's range, and a tenth of full scale for I5. */
const APART: StaticArray<i32> = [2600, 400, 300, 660, 30000];

/** The mean that a channel with this offset and gain shows: corrected = (shown + 1/2 - offset) * gain. */
function shownBy(quantity: i32, milli: i32, offset_16ths: i32, gain: u32): i32 {
  const meant = nominal_16ths(quantity, milli) + 8;
  return <i32>((<i64>meant * GAIN_ONE + gain / 2) / gain) + offset_16ths - 8;
}

function clear(quantity: i32): void {
  forget(quantity);
  setCalibration(channelOf(quantity), 0, GAIN_ONE);
}

/** Expects offset and gain to be as `clear` left them. */
function expectUntouched(quantity: i32): void {
  expect(offsetOf(channelOf(quantity))).toBe(0);
  expect(gainOf(channelOf(quantity))).toBe(GAIN_ONE);
}

const V5 = Quantity.Vout0;

/** The smallest number of millivolts that is at least `meant` sixteenths; a millivolt is ten of them. */
function milliAt(meant: i32): i32 {
  let milli = <i32>((<i64>meant * 6600) / 66112);
  while (nominal_16ths(V5, milli) < meant) milli++;
  return milli;
}

/**
 * A point given in sixteenths: its value to the next millivolt, and a shown mean at the same distance from
 * it.
 */
function pointAt(shown: i32, meant: i32): Outcome {
  const milli = milliAt(meant);
  return point(V5, shown - meant + nominal_16ths(V5, milli), milli);
}

beforeEach(() => {
  for (let i = 0; i < QUANTITIES.length; i++) clear(QUANTITIES[i]);
});

/** Expects a first point to be kept, with or without an offset at once. */
function expectFirst(quantity: i32, shown: i32, milli: i32): void {
  const outcome = point(quantity, shown, milli);
  expect(outcome == Outcome.Offset || outcome == Outcome.First).toBe(true);
  expect(isHalfway(quantity)).toBe(true);
  if (outcome == Outcome.First) expectUntouched(quantity);
}

/** The largest error over a range of true values, in thousandths. */
function worstError(quantity: i32, low: i32, high: i32, offset: i32, gain: u32): i32 {
  let worst = 0;
  for (let step = 0; step <= 100; step++) {
    const truth = low + ((high - low) * step) / 100;
    const error = abs(milliOf(quantity, shownBy(quantity, truth, offset, gain)) - truth);
    worst = max(worst, error);
  }
  return worst;
}

describe("two good points", () => {
  test("make every channel read the true value over its whole range, whichever comes first", () => {
    const offsets: StaticArray<i32> = [0, 300, -300, 1000, -1000];
    const gains: StaticArray<u32> = [GAIN_ONE, 64000, 67000, 60000, 71000];
    for (let i = 0; i < QUANTITIES.length; i++) {
      const quantity = QUANTITIES[i];
      for (let k = 0; k < 2 * offsets.length; k++) {
        const offset = offsets[k % offsets.length];
        const gain = gains[k / 2];
        const first = k % 2 ? HIGH[i] : LOW[i];
        const second = k % 2 ? LOW[i] : HIGH[i];
        clear(quantity);
        expectFirst(quantity, shownBy(quantity, first, offset, gain), first);
        expect(point(quantity, shownBy(quantity, second, offset, gain), second)).toBe(Outcome.Done);
        expect(isHalfway(quantity)).toBe(false);
        const worst = worstError(quantity, LOW[i], HIGH[i], offset, gain);
        // Two sixteenths of a code: 0.8 mV of VIN, 58 millidegrees. Sixteenths are coarse for 140 degrees.
        expect(worst <= (quantity == Quantity.Temperature ? 120 : 2)).toBe(true, `${quantity}: ${worst}`);
      }
    }
  });

  test("leave the other channels alone", () => {
    expect(point(V5, shownBy(V5, 1000, 100, 64000), 1000)).toBe(Outcome.Offset);
    expect(isHalfway(Quantity.Iout)).toBe(false);
    expect(point(V5, shownBy(V5, 5000, 100, 64000), 5000)).toBe(Outcome.Done);
    expect(gainOf(channelOf(V5)) != GAIN_ONE).toBe(true);
    for (let i = 0; i < QUANTITIES.length; i++) {
      if (QUANTITIES[i] != V5) expectUntouched(QUANTITIES[i]);
    }
  });

  test("use what the channel shows, without an earlier calibration", () => {
    setCalibration(channelOf(V5), 200, 60000);
    point(V5, nominal_16ths(V5, 1000), 1000);
    expect(point(V5, nominal_16ths(V5, 5000), 5000)).toBe(Outcome.Done);
    expect(abs(offsetOf(channelOf(V5))) <= 1).toBe(true);
    expect(abs(<i32>gainOf(channelOf(V5)) - <i32>GAIN_ONE) <= 2).toBe(true);
  });
});

describe("one point", () => {
  test("sets the offset of every channel at once, and the reading is true there", () => {
    const offsets: StaticArray<i32> = [0, 300, -300, 1000, -1000];
    for (let i = 0; i < QUANTITIES.length; i++) {
      const quantity = QUANTITIES[i];
      for (let k = 0; k < offsets.length; k++) {
        clear(quantity);
        const shown = shownBy(quantity, HIGH[i], offsets[k], GAIN_ONE);
        expect(point(quantity, shown, HIGH[i])).toBe(Outcome.Offset);
        expect(offsetOf(channelOf(quantity))).toBe(offsets[k]);
        expect(gainOf(channelOf(quantity))).toBe(GAIN_ONE);
        const error = abs(milliOf(quantity, shown) - HIGH[i]);
        expect(error <= (quantity == Quantity.Temperature ? 60 : 1)).toBe(true, `${quantity}: ${error}`);
      }
    }
  });

  test("can be taken again, and the newest counts, also for the gain", () => {
    for (let i = 0; i < QUANTITIES.length; i++) {
      const quantity = QUANTITIES[i];
      // A slip of the keys, put right at once; then the room has got a little warmer.
      point(quantity, shownBy(quantity, LOW[i], 0, GAIN_ONE), LOW[i] + apart_milli(quantity) / 10);
      expect(point(quantity, shownBy(quantity, LOW[i], 300, GAIN_ONE), LOW[i])).toBe(Outcome.Offset);
      expect(offsetOf(channelOf(quantity))).toBe(300);
      const nearby = LOW[i] + apart_milli(quantity) / 2;
      expect(point(quantity, shownBy(quantity, nearby, 100, 64000), nearby)).toBe(Outcome.Offset);
      expect(point(quantity, shownBy(quantity, HIGH[i], 100, 64000), HIGH[i])).toBe(Outcome.Done);
      const error = abs(<i32>gainOf(channelOf(quantity)) - 64000);
      expect(error <= 100).toBe(true, `${quantity}: ${error}`);
    }
  });

  test("keeps the gain of an earlier calibration", () => {
    setCalibration(channelOf(V5), 0, 64000);
    expect(point(V5, shownBy(V5, 5000, 100, 64000), 5000)).toBe(Outcome.Offset);
    expect(gainOf(channelOf(V5))).toBe(64000);
    expect(abs(offsetOf(channelOf(V5)) - 100) <= 1).toBe(true);
  });

  test("whose offset alone would be too large changes nothing before the second one", () => {
    expect(point(V5, shownBy(V5, 5000, 0, 67000), 5000)).toBe(Outcome.First);
    expectUntouched(V5);
    expect(point(V5, shownBy(V5, 4000, 0, 67000), 4000)).toBe(Outcome.Done);
    expect(abs(<i32>gainOf(channelOf(V5)) - 67000) <= 20).toBe(true);
  });
});

describe("the distance of two points", () => {
  test("suits the quantity, and can be had between the board's limits", () => {
    for (let i = 0; i < QUANTITIES.length; i++) {
      const quantity = QUANTITIES[i];
      const apart = apart_milli(quantity);
      // Sixteenths are coarse: 0.1 mV of V5, 29 millidegrees.
      const error = abs(apart - APART[i]);
      expect(error <= (quantity == Quantity.Temperature ? 60 : 3)).toBe(true, `${quantity}: ${apart}`);
      expect(apart * 4 <= LIMIT_MAXIMUM[quantity] - LIMIT_MINIMUM[quantity]).toBe(true, `${quantity}`);
    }
  });

  test("keeps an error of one code in each point below ten codes over the board's range", () => {
    for (let i = 0; i < QUANTITIES.length; i++) {
      const quantity = QUANTITIES[i];
      if (quantity == Quantity.Iout) continue; // 15 codes, 0.4 % of full scale: currents are hard to set
      const low = LIMIT_MINIMUM[quantity];
      const high = LIMIT_MAXIMUM[quantity];
      clear(quantity);
      point(quantity, nominal_16ths(quantity, low) - 16, low);
      const second = low + apart_milli(quantity);
      expect(point(quantity, nominal_16ths(quantity, second) + 16, second)).toBe(Outcome.Done);
      const read = milliOf(quantity, nominal_16ths(quantity, high));
      const error = abs(nominal_16ths(quantity, read) - nominal_16ths(quantity, high));
      expect(error <= 10 * 16).toBe(true, `${quantity}: ${error}`);
    }
  });

  test("is needed between the true values; what is shown may be nearer by the gain", () => {
    for (let i = 0; i < QUANTITIES.length; i++) {
      const quantity = QUANTITIES[i];
      const apart = apart_milli(quantity);
      const near = LOW[i] + apart - 30 - apart / 50;
      for (let sign = -1; sign <= 1; sign += 2) {
        clear(quantity);
        const first = sign < 0 ? near : LOW[i];
        const second = sign < 0 ? LOW[i] : near;
        expectFirst(quantity, shownBy(quantity, first, 0, 69000), first);
        expectFirst(quantity, shownBy(quantity, second, 0, 69000), second);
        expectFirst(quantity, shownBy(quantity, first, 0, 69000), first);
        const far = first + sign * (apart + 30);
        expect(point(quantity, shownBy(quantity, far, 0, 69000), far)).toBe(Outcome.Done, `${quantity}`);
      }
    }
  });

  test("a reading that hardly moves makes no gain", () => {
    const first = milliAt(20000);
    const second = milliAt(nominal_16ths(V5, first) + apart_16ths(V5));
    expect(point(V5, 20000, first)).toBe(Outcome.Offset);
    expect(point(V5, 20900, second)).toBe(Outcome.Implausible);
    expect(point(V5, 23500, second)).toBe(Outcome.Implausible);
    expect(isHalfway(V5)).toBe(true);
    expect(point(V5, 20000 + apart_16ths(V5), second)).toBe(Outcome.Done);
    // An offset in its range may explain either value of a temperature that does not move at all.
    const shown = nominal_16ths(Quantity.Temperature, 40000);
    expect(point(Quantity.Temperature, shown, 25000)).toBe(Outcome.Offset);
    expect(point(Quantity.Temperature, shown, 58000)).toBe(Outcome.Implausible);
  });
});

describe("points that are refused", () => {
  test("a value that no offset and gain in their ranges explain, first or second", () => {
    // 20000 sixteenths: up to 20008 / 0.9 + 1024 - 8, down to 20008 / 1.1 - 1024 - 8.
    expect(pointAt(23255, 20000)).toBe(Outcome.Mismatch);
    expect(pointAt(17150, 20000)).toBe(Outcome.Mismatch);
    expect(isHalfway(V5)).toBe(false);
    expect(pointAt(23235, 20000)).toBe(Outcome.First);
    clear(V5);
    expect(pointAt(17170, 20000)).toBe(Outcome.First);
    expect(pointAt(40000, 60000)).toBe(Outcome.Mismatch);
    expect(isHalfway(V5)).toBe(true, "the first one is kept");
    expectUntouched(V5);
    expect(point(Quantity.Temperature, nominal_16ths(Quantity.Temperature, 25000), 110000)).toBe(
      Outcome.Mismatch,
    );
  });

  test("a gain beyond the tolerance of the parts; the ends of the range are accepted", () => {
    // With a point this low the offset stays small, whatever the gain.
    expect(pointAt(2000, 2000)).toBe(Outcome.Offset);
    expect(pointAt(12000, 2000 + 8900)).toBe(Outcome.Implausible, "0.89");
    expect(pointAt(12000, 2000 + 11100)).toBe(Outcome.Implausible, "1.11");
    expect(isHalfway(V5)).toBe(true);
    expectUntouched(V5);
    clear(V5);
    expect(pointAt(2000, 2000)).toBe(Outcome.Offset);
    expect(pointAt(12000, 2000 + 9050)).toBe(Outcome.Done, "0.905");
    expect(gainOf(channelOf(V5)) >= MINIMUM_GAIN).toBe(true);
    clear(V5);
    expect(pointAt(2000, 2000)).toBe(Outcome.Offset);
    expect(pointAt(12000, 2000 + 10950)).toBe(Outcome.Done, "1.095");
    expect(gainOf(channelOf(V5)) <= MAXIMUM_GAIN).toBe(true);
  });

  test("points where a larger value shows a smaller mean", () => {
    expect(pointAt(50000, 55000)).toBe(Outcome.First);
    expect(pointAt(54000, 50000)).toBe(Outcome.Implausible);
    expectUntouched(V5);
  });

  test("an offset of more than 64 codes, either way", () => {
    for (let sign = -1; sign <= 1; sign += 2) {
      expect(pointAt(20000 + sign * (MAXIMUM_OFFSET_16THS + 1), 20000)).toBe(Outcome.First);
      expect(pointAt(40000 + sign * (MAXIMUM_OFFSET_16THS + 1), 40000)).toBe(Outcome.Implausible);
      expectUntouched(V5);
      clear(V5);
      expect(pointAt(20000 + sign * MAXIMUM_OFFSET_16THS, 20000)).toBe(Outcome.Offset);
      expect(pointAt(40000 + sign * MAXIMUM_OFFSET_16THS, 40000)).toBe(Outcome.Done);
      expect(offsetOf(channelOf(V5))).toBe(sign * MAXIMUM_OFFSET_16THS);
      expect(gainOf(channelOf(V5))).toBe(GAIN_ONE);
      clear(V5);
    }
  });

  test("a first point that was forgotten does not count", () => {
    expect(pointAt(20000, 20000)).toBe(Outcome.Offset);
    forget(V5);
    expect(isHalfway(V5)).toBe(false);
    expect(pointAt(40000, 40000)).toBe(Outcome.Offset);
    expectUntouched(V5);
  });
});
