/**
 * The voltages at the sense pins: each quantity through its divider, the temperature diode, ripple, and the
 * errors that a test adds.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Board } from "../../../boards/board.ts";
import { dieTemperature, diodeMv, type SensorErrors, sensePins } from "../../../simulator/devices/analog.ts";

const RAILS = [{ name: "5V", sensor: "V5", feeds_compute: true }];
const SENSORS = {
  VIN: { unit: "mv", adc_channel: 0, numerator: 8, denominator: 1 },
  V5: { unit: "mv", adc_channel: 1, numerator: 2, denominator: 1 },
  I5: { unit: "ma", adc_channel: 2, numerator: 2, denominator: 1 },
  TEMPERATURE: { unit: "mdeg", adc_channel: 4, numerator: 1, denominator: 1 },
} as const;

function pins(nanos: number, errors: SensorErrors = {}) {
  const board = { rails: RAILS, sensors: SENSORS } as unknown as Board;
  const quantities = {
    railMv: (sensor: string) => (sensor === "V5" ? 5100 : null),
    computeMa: () => 600,
    computeMw: () => 3060,
    inputMv: () => 11_950,
  };
  const list = sensePins(board, 3, quantities, errors);
  const read = (name: string) => list.find((pin) => pin.name === name)?.millivolts(nanos);
  return { list, read };
}

const near = (value: number | undefined, expected: number, tolerance: number) =>
  assert.ok(Math.abs((value ?? Number.NaN) - expected) <= tolerance, `${value} is not near ${expected}`);

describe("sense pins", () => {
  it("shows each quantity through the board's divider", () => {
    const { list, read } = pins(1e9);
    near(read("V5"), 2550, 1);
    near(read("I5"), 300, 1);
    near(read("VIN"), 11_950 / 8, 1);
    assert.deepEqual(
      list.map((pin) => pin.channel),
      [0, 1, 2, 4],
    );
  });

  it("follows the datasheet's temperature diode: 706 mV at 27 C, -1.721 mV per degree", () => {
    near(diodeMv(27), 706, 1e-9);
    near(diodeMv(37), 688.79, 1e-9);
    near(pins(5e9).read("TEMPERATURE"), diodeMv(dieTemperature(3)(5e9, 3060)), 1e-9);
  });

  it("the ripple depends on the moment only, so that every reader sees the same", () => {
    assert.equal(pins(1e9).read("V5"), pins(1e9).read("V5"));
    assert.notEqual(pins(1e9).read("V5"), pins(1e9 + 5000).read("V5"));
  });

  it("adds a channel's offset at the pin and applies its gain error to the whole path", () => {
    const { read } = pins(1e9, { V5: { offsetMv: -7, gainPpm: 10_000 }, I5: { offsetMv: 4 } });
    const plain = pins(1e9);
    near(read("V5"), (plain.read("V5") ?? 0) + 25.5 - 7, 1e-9);
    near(read("I5"), (plain.read("I5") ?? 0) + 4, 1e-9);
    assert.equal(read("VIN"), plain.read("VIN"));
  });
});
