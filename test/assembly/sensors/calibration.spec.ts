/** Calibration by two points: good ones give offset and gain, and bad ones change nothing. */
import { Quantity } from "../../../assembly/generated/vocabulary";
import { forget, isHalfway, Outcome, point } from "../../../assembly/sensors/calibration";
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
/** Two values of each that are more than a tenth of full scale apart. */
const LOW: StaticArray<i32> = [9000, 1000, 1000, 500, -30000];
const HIGH: StaticArray<i32> = [20000, 5500, 4000, 6000, 330000];

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
        expect(point(quantity, shownBy(quantity, first, offset, gain), first)).toBe(Outcome.First);
        expect(isHalfway(quantity)).toBe(true);
        expectUntouched(quantity);
        expect(point(quantity, shownBy(quantity, second, offset, gain), second)).toBe(Outcome.Done);
        expect(isHalfway(quantity)).toBe(false);
        let worst = 0;
        for (let step = 0; step <= 100; step++) {
          const truth = LOW[i] + ((HIGH[i] - LOW[i]) * step) / 100;
          const error = abs(milliOf(quantity, shownBy(quantity, truth, offset, gain)) - truth);
          worst = max(worst, error);
        }
        // Two sixteenths of a code: 0.8 mV of VIN, 58 millidegrees.
        expect(worst <= (quantity == Quantity.Temperature ? 90 : 2)).toBe(true, `${quantity}: ${worst}`);
      }
    }
  });

  test("leave the other channels alone", () => {
    expect(point(V5, shownBy(V5, 1000, 100, 64000), 1000)).toBe(Outcome.First);
    expect(isHalfway(Quantity.Iout)).toBe(false);
    expect(point(V5, shownBy(V5, 5000, 100, 64000), 5000)).toBe(Outcome.Done);
    expect(gainOf(channelOf(V5)) != GAIN_ONE).toBe(true);
    for (let i = 0; i < QUANTITIES.length; i++) {
      if (QUANTITIES[i] != V5) expectUntouched(QUANTITIES[i]);
    }
  });

  test("use what the channel shows, without an earlier calibration", () => {
    setCalibration(channelOf(V5), 200, 60000);
    expect(point(V5, nominal_16ths(V5, 1000), 1000)).toBe(Outcome.First);
    expect(point(V5, nominal_16ths(V5, 5000), 5000)).toBe(Outcome.Done);
    expect(abs(offsetOf(channelOf(V5))) <= 1).toBe(true);
    expect(abs(<i32>gainOf(channelOf(V5)) - <i32>GAIN_ONE) <= 2).toBe(true);
  });
});

describe("points that are refused", () => {
  test("a value a fifth of full scale away from what is shown, first or second", () => {
    expect(pointAt(20000 + 13201, 20000)).toBe(Outcome.Mismatch);
    expect(pointAt(20000 - 13201, 20000)).toBe(Outcome.Mismatch);
    expect(isHalfway(V5)).toBe(false);
    expect(pointAt(20000 + 13200, 20000)).toBe(Outcome.First);
    expect(pointAt(60000 - 13201, 60000)).toBe(Outcome.Mismatch);
    expect(isHalfway(V5)).toBe(true, "the first one is kept");
    expectUntouched(V5);
  });

  test("a second one closer than a tenth of full scale, as shown or as given", () => {
    const first = milliAt(20000);
    const tenth = milliAt(nominal_16ths(V5, first) + 6600);
    expect(point(V5, 20000, first)).toBe(Outcome.First);
    expect(point(V5, 20000, first)).toBe(Outcome.TooNear);
    expect(point(V5, 20000 + 6599, tenth + 20)).toBe(Outcome.TooNear);
    expect(point(V5, 20000 - 6599, 2 * first - tenth - 20)).toBe(Outcome.TooNear);
    expect(point(V5, 20000 + 6700, tenth - 1)).toBe(Outcome.TooNear);
    expect(isHalfway(V5)).toBe(true);
    expectUntouched(V5);
    expect(point(V5, 20000 + 6600, tenth)).toBe(Outcome.Done);
  });

  test("a gain beyond the tolerance of the parts; the ends of the range are accepted", () => {
    // With a point this low the offset stays small, whatever the gain.
    expect(pointAt(2000, 2000)).toBe(Outcome.First);
    expect(pointAt(12000, 2000 + 8900)).toBe(Outcome.Implausible, "0.89");
    expect(pointAt(12000, 2000 + 11100)).toBe(Outcome.Implausible, "1.11");
    expect(isHalfway(V5)).toBe(true);
    expectUntouched(V5);
    clear(V5);
    expect(pointAt(2000, 2000)).toBe(Outcome.First);
    expect(pointAt(12000, 2000 + 9050)).toBe(Outcome.Done, "0.905");
    expect(gainOf(channelOf(V5)) >= MINIMUM_GAIN).toBe(true);
    clear(V5);
    expect(pointAt(2000, 2000)).toBe(Outcome.First);
    expect(pointAt(12000, 2000 + 10950)).toBe(Outcome.Done, "1.095");
    expect(gainOf(channelOf(V5)) <= MAXIMUM_GAIN).toBe(true);
  });

  test("points where a larger value shows a smaller mean", () => {
    expect(pointAt(20000, 26000)).toBe(Outcome.First);
    expect(pointAt(28000, 19000)).toBe(Outcome.Implausible);
    expectUntouched(V5);
  });

  test("an offset of more than 64 codes, either way", () => {
    for (let sign = -1; sign <= 1; sign += 2) {
      expect(pointAt(20000 + sign * (MAXIMUM_OFFSET_16THS + 1), 20000)).toBe(Outcome.First);
      expect(pointAt(40000 + sign * (MAXIMUM_OFFSET_16THS + 1), 40000)).toBe(Outcome.Implausible);
      expectUntouched(V5);
      clear(V5);
      expect(pointAt(20000 + sign * MAXIMUM_OFFSET_16THS, 20000)).toBe(Outcome.First);
      expect(pointAt(40000 + sign * MAXIMUM_OFFSET_16THS, 40000)).toBe(Outcome.Done);
      expect(offsetOf(channelOf(V5))).toBe(sign * MAXIMUM_OFFSET_16THS);
      expect(gainOf(channelOf(V5))).toBe(GAIN_ONE);
      clear(V5);
    }
  });

  test("a first point that was forgotten does not count", () => {
    expect(pointAt(20000, 20000)).toBe(Outcome.First);
    forget(V5);
    expect(isHalfway(V5)).toBe(false);
    expect(pointAt(40000, 40000)).toBe(Outcome.First);
    expectUntouched(V5);
  });
});
