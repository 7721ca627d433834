/**
 * Readings against exact arithmetic over the whole range of the converter, for slot-hat's dividers: VIN by 8,
 * V5 and V3V3 by 2, 0.5 V per ampere. Each test counts wrong values and expects 0. The first wrong value is
 * printed.
 */
import { Quantity } from "../../../assembly/generated/vocabulary";
import {
  codeOf,
  GAIN_ONE,
  linear,
  MAXIMUM_GAIN,
  MAXIMUM_OFFSET_16THS,
  MINIMUM_GAIN,
  mean_16ths,
  milliOf,
  milliOfCode,
  nominal_16ths,
  power_uw,
  setCalibration,
} from "../../../assembly/sensors/converter";
import { channelOf } from "../../../assembly/sensors/quantities";

/** Full scale in sixteenths of a linear code: 4092 codes of one step and four of ten. */
const FULL_16THS: i32 = 4132 * 16;
const LAST_16THS: i32 = 4131 * 16;

let wrong: i32 = 0;
function check(isRight: bool, what: string, at: i64, got: i64): void {
  if (isRight) return;
  if (wrong == 0) log(`${what} at ${at}: ${got}`);
  wrong++;
}

/** Thousandths at the board per volt at the pin. */
function ratio(quantity: i32): i64 {
  return quantity == Quantity.Vin ? 8 : 2;
}

function calibrate(quantity: i32, offset_16ths: i32, gain: u32): void {
  setCalibration(channelOf(quantity), offset_16ths, gain);
}

const LINEAR: StaticArray<i32> = [Quantity.Vin, Quantity.Vout0, Quantity.Vout1, Quantity.Iout];
const OFFSETS: StaticArray<i32> = [0, -MAXIMUM_OFFSET_16THS, -5, 13, MAXIMUM_OFFSET_16THS];
const GAINS: StaticArray<u32> = [GAIN_ONE, MINIMUM_GAIN, GAIN_ONE - 1, 66000, MAXIMUM_GAIN];

beforeEach(() => {
  wrong = 0;
});

afterEach(() => {
  for (let channel = 0; channel < 5; channel++) setCalibration(channel, 0, GAIN_ONE);
});

describe("linear codes", () => {
  test("each of the four wide codes takes ten steps, and its middle represents it (erratum RP2040-E11)", () => {
    let step: u32 = 0;
    for (let code: u32 = 0; code < 4096; code++) {
      const isWide = (code & 1023) == 512;
      check(linear(code) == step + (isWide ? 4 : 0), "linear", code, linear(code));
      step += isWide ? 10 : 1;
    }
    expect(wrong).toBe(0);
    expect(step).toBe(4132);
  });
});

describe("means", () => {
  test("are rounded to nearest, up to 16384 rounds of the largest code", () => {
    const counts: StaticArray<u32> = [1, 2, 3, 7, 16, 100, 9999, 10000, 16383, 16384];
    for (let i = 0; i < counts.length; i++) {
      const rounds = counts[i];
      const most = 4131 * rounds;
      for (let k: u32 = 0; k <= 2000; k++) {
        const sum = <u32>((<u64>most * k) / 2000);
        const twice = (2 * 16 * <u64>sum + rounds) / (2 * rounds);
        check(<u64>mean_16ths(sum, rounds) == twice, `mean of ${rounds}`, sum, mean_16ths(sum, rounds));
      }
    }
    expect(wrong).toBe(0);
  });

  test("of more rounds are within a third of a code, even for the largest code", () => {
    for (let rounds: u32 = 16385; rounds <= 1000000; rounds += rounds / 3 + 1) {
      for (let code: u32 = 0; code <= 4131; code += 1) {
        const error = mean_16ths(code * rounds, rounds) - <i32>(code * 16);
        check(abs(error) <= 5, `mean of ${rounds}`, code, error);
      }
    }
    expect(wrong).toBe(0);
  });

  test("of no rounds are nothing", () => {
    expect(mean_16ths(0, 0)).toBe(0);
    expect(mean_16ths(12345, 0)).toBe(0);
  });
});

describe("readings", () => {
  test("every mean of every linear quantity is rounded to nearest", () => {
    for (let i = 0; i < LINEAR.length; i++) {
      const quantity = LINEAR[i];
      for (let mean = 1; mean <= LAST_16THS; mean++) {
        const milli = milliOf(quantity, mean);
        // Code n stands for n and a half. The rounding of factors of 24 bits is less than 1/250 of a
        // thousandth.
        const exact = <i64>(mean + 8) * 3300 * ratio(quantity);
        const error = abs(<i64>milli * FULL_16THS - exact);
        check(250 * 2 * error <= 252 * FULL_16THS, `quantity ${quantity}`, mean, milli);
      }
    }
    expect(wrong).toBe(0);
  });

  test("examples worked by hand", () => {
    // 1000.5 codes of 4132: 0.79904 V at the pin.
    expect(milliOf(Quantity.Vin, 16000)).toBe(6392);
    expect(milliOf(Quantity.Vout0, 16000)).toBe(1598);
    // Full scale: 4131.5 of 4132.
    expect(milliOf(Quantity.Vin, LAST_16THS)).toBe(26397);
    expect(milliOf(Quantity.Iout, LAST_16THS)).toBe(6599);
  });

  test("zero stays zero, whatever the calibration", () => {
    for (let i = 0; i < LINEAR.length; i++) {
      for (let k = 0; k < OFFSETS.length; k++) {
        calibrate(LINEAR[i], OFFSETS[k], GAINS[k]);
        expect(milliOf(LINEAR[i], 0)).toBe(0);
      }
    }
  });

  test("offset and gain are applied to the nearest sixteenth, never below zero", () => {
    for (let k = 0; k < OFFSETS.length * GAINS.length; k++) {
      const offset = OFFSETS[k % OFFSETS.length];
      const gain = GAINS[k / OFFSETS.length];
      calibrate(Quantity.Vin, offset, gain);
      for (let mean = 1; mean <= LAST_16THS; mean += 3) {
        const milli = milliOf(Quantity.Vin, mean);
        const code = max(mean + 8 - offset, 0);
        const exact = (<f64>code * gain * 3300 * 8) / (<f64>FULL_16THS * 65536);
        // Half a sixteenth is 0.2 mV.
        check(abs(<f64>milli - exact) <= 0.5 + 0.2 + 0.005, `offset ${offset} gain ${gain}`, mean, milli);
      }
    }
    expect(wrong).toBe(0);
  });

  test("rise with the mean; the diode's fall with it", () => {
    for (let k = 0; k < OFFSETS.length; k++) {
      for (let quantity = 0; quantity <= Quantity.Temperature; quantity++) {
        if (quantity == Quantity.Pout) continue;
        calibrate(quantity, OFFSETS[k], GAINS[k]);
        let last = milliOf(quantity, 1);
        for (let mean = 2; mean <= LAST_16THS; mean++) {
          const milli = milliOf(quantity, mean);
          const isRight = quantity == Quantity.Temperature ? milli <= last : milli >= last;
          check(isRight, `quantity ${quantity}`, mean, milli);
          last = milli;
        }
      }
    }
    expect(wrong).toBe(0);
  });

  test("temperatures are 27 - (V - 0.706) / 0.001721, to the millidegree (datasheet 4.9.5)", () => {
    for (let mean = 1; mean <= LAST_16THS; mean++) {
      const microvolts = (<f64>(mean + 8) * 3300000) / FULL_16THS;
      const exact = 27000 - ((microvolts - 706000) * 1000) / 1721;
      const milli = milliOf(Quantity.Temperature, mean);
      check(abs(<f64>milli - exact) <= 1.3, "temperature", mean, milli);
    }
    expect(wrong).toBe(0);
    // 0.706 V is code 884.00 of 4132.
    expect(abs(milliOf(Quantity.Temperature, 14136) - 27000) < 30).toBe(true);
  });

  test("the mean that a perfect channel shows for a value reads as that value", () => {
    for (let i = 0; i < LINEAR.length; i++) {
      const quantity = LINEAR[i];
      const most = milliOf(quantity, LAST_16THS);
      for (let milli = 10; milli < most; milli++) {
        const again = milliOf(quantity, nominal_16ths(quantity, milli));
        check(abs(again - milli) <= 1, `quantity ${quantity}`, milli, again);
      }
    }
    // A sixteenth of a code is 29 millidegrees.
    for (let milli = -40000; milli <= 125000; milli += 7) {
      const again = milliOf(Quantity.Temperature, nominal_16ths(Quantity.Temperature, milli));
      check(abs(again - milli) <= 31, "temperature", milli, again);
    }
    expect(wrong).toBe(0);
  });
});

describe("thresholds", () => {
  test("are the smallest code that reads at least the value, or the last code if none does", () => {
    for (let k = 0; k < 3; k++) {
      for (let i = 0; i < LINEAR.length; i++) {
        const quantity = LINEAR[i];
        calibrate(quantity, OFFSETS[k], GAINS[k]);
        const most = milliOfCode(quantity, 4095);
        for (let milli = -3; milli <= most + 3; milli++) {
          const code = codeOf(quantity, milli);
          const isEnough = milliOfCode(quantity, code) >= milli || (code == 4095 && milli > most);
          const isLeast = code == 0 || milliOfCode(quantity, code - 1) < milli;
          check(isEnough && isLeast, `quantity ${quantity}`, milli, code);
        }
      }
    }
    expect(wrong).toBe(0);
  });

  test("slot-hat's over-current, 5.5 A: 2.75 V at the pin are 3443 of 4132", () => {
    const code = codeOf(Quantity.Iout, 5500);
    // Step 3443, less the steps that three wide codes add.
    expect(code).toBe(3443 - 3 * 9);
    expect(linear(code)).toBe(3443);
  });
});

/** Microwatts of one sample, exactly: 6.6 V and 6.6 A are full scale. */
function exact_uw(voltage_16ths: f64, current_16ths: f64): f64 {
  return (voltage_16ths * current_16ths * 6600 * 6600) / (<f64>FULL_16THS * FULL_16THS);
}

let seed: u32 = 1;
function random(limit: u32): u32 {
  seed = seed * 1103515245 + 12345;
  return (seed >> 8) % limit;
}

describe("power", () => {
  test("of constant samples is voltage times current, to a tenth of a milliwatt", () => {
    const counts: StaticArray<u32> = [1, 3, 1000, 10000, 1000000];
    for (let i = 0; i < counts.length; i++) {
      const rounds = counts[i];
      for (let v: u32 = 1; v <= 4131; v += 59) {
        for (let c: u32 = 1; c <= 4131; c += 61) {
          const power = power_uw(<u64>v * c * rounds, v * rounds, c * rounds, rounds);
          const exact = exact_uw(<f64>(16 * v + 8), <f64>(16 * c + 8));
          check(abs(<f64>power - exact) <= 100, `${rounds} rounds, ${v} times`, c, power);
        }
      }
    }
    expect(wrong).toBe(0);
  });

  test("is the product of the readings beside it, within their rounding", () => {
    for (let v: u32 = 1; v <= 4131; v += 83) {
      for (let c: u32 = 1; c <= 4131; c += 89) {
        const power = power_uw(<u64>v * c, v, c, 1);
        const volts = milliOf(Quantity.Vout0, <i32>v * 16);
        const amperes = milliOf(Quantity.Iout, <i32>c * 16);
        const error = abs(<i64>power - <i64>volts * amperes);
        check(2 * error <= volts + amperes + 200, `${v} times`, c, power);
      }
    }
    expect(wrong).toBe(0);
  });

  test("of samples that vary is the mean of their products, offsets and gains applied to each", () => {
    for (let trial = 0; trial < 400; trial++) {
      const gainV = MINIMUM_GAIN + random(MAXIMUM_GAIN - MINIMUM_GAIN + 1);
      const gainI = MINIMUM_GAIN + random(MAXIMUM_GAIN - MINIMUM_GAIN + 1);
      const offsetV = <i32>random(2 * MAXIMUM_OFFSET_16THS + 1) - MAXIMUM_OFFSET_16THS;
      const offsetI = <i32>random(2 * MAXIMUM_OFFSET_16THS + 1) - MAXIMUM_OFFSET_16THS;
      calibrate(Quantity.Vout0, offsetV, gainV);
      calibrate(Quantity.Iout, offsetI, gainI);
      const rounds: u32 = 1 + random(500);
      // The voltage is anywhere in the range and the current anywhere between zero and `most`, so that the
      // mean of the products is not the product of the means.
      const most: u32 = 100 + random(3900);
      let products: u64 = 0;
      let voltages: u32 = 0;
      let currents: u32 = 0;
      let exact: f64 = 0;
      for (let i: u32 = 0; i < rounds; i++) {
        const v: u32 = 64 + random(4064);
        const c: u32 = 64 + random(most);
        products += <u64>v * c;
        voltages += v;
        currents += c;
        exact += exact_uw(<f64>(<i32>v * 16 + 8 - offsetV), <f64>(<i32>c * 16 + 8 - offsetI));
      }
      exact = (exact * gainV * gainI) / (<f64>rounds * 65536 * 65536);
      const power = power_uw(products, voltages, currents, rounds);
      check(abs(<f64>power - exact) <= 100, `trial ${trial}, ${rounds} rounds`, <i64>exact, power);
    }
    expect(wrong).toBe(0);
  });

  test("is zero without rounds, voltage or current, and never negative", () => {
    expect(power_uw(0, 0, 0, 0)).toBe(0);
    expect(power_uw(0, 1000, 0, 10)).toBe(0);
    expect(power_uw(0, 0, 1000, 10)).toBe(0);
    // One code of each, and an offset of 20 codes on one of them.
    calibrate(Quantity.Iout, 20 * 16, GAIN_ONE);
    expect(power_uw(10, 10, 10, 10)).toBe(0);
  });
});
