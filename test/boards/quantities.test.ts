/** The derivation of pages and quantities: which page each rail gets, and what each sensor measures. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BoardRail, BoardSensor } from "../../boards/board.ts";
import { computeRail, pagesOfRails, powerName, quantitiesOf, quantityOf } from "../../boards/quantities.ts";
import { loadBoard } from "../../scripts/boards.ts";

function rail(name: string, keys: Partial<BoardRail> = {}): BoardRail {
  return {
    name,
    enable: `EN_${name}`,
    power_good: `PG_${name}`,
    sensor: null,
    feeds_compute: false,
    nominal_mv: 1800,
    power_good_timeout_ms: 10,
    discharge_timeout_ms: 100,
    ...keys,
  };
}

function sensor(unit: BoardSensor["unit"], adc_channel: number): BoardSensor {
  return { unit, adc_channel, numerator: 2, denominator: 1 };
}

describe("pages of rails", () => {
  const pages = (feeds: string) => pagesOfRails([...feeds].map((one) => ({ feeds_compute: one === "c" })));

  it("the rail that feeds the compute board has page 0, wherever it is, the others follow", () => {
    assert.deepEqual(pages("c"), [0]);
    assert.deepEqual(pages("c-"), [0, 1]);
    assert.deepEqual(pages("-c"), [1, 0]);
    assert.deepEqual(pages("c--"), [0, 1, 2]);
    assert.deepEqual(pages("-c-"), [1, 0, 2]);
    assert.deepEqual(pages("--c"), [1, 2, 0]);
    assert.deepEqual(pages("c---"), [0, 1, 2, 3]);
    assert.deepEqual(pages("-c--"), [1, 0, 2, 3]);
    assert.deepEqual(pages("--c-"), [1, 2, 0, 3]);
    assert.deepEqual(pages("---c"), [1, 2, 3, 0]);
  });

  it("without such a rail, as in a file that is being checked, none is 0", () => {
    assert.equal(computeRail([{ feeds_compute: false }]), -1);
    assert.deepEqual(pagesOfRails([]), []);
  });
});

describe("quantities", () => {
  const shape = (found: ReturnType<typeof quantitiesOf>) =>
    found.map((one) => [one.name, one.quantity, one.unit, one.rail?.name, one.sensor?.adc_channel]);

  it("of slot-hat, in the order of the file, the power last", () => {
    assert.deepEqual(shape(quantitiesOf(loadBoard("slot-hat"))), [
      ["VIN", "VIN", "mv", undefined, 0],
      ["V5", "VOUT_0", "mv", "5V", 1],
      ["I5", "IOUT", "ma", "5V", 2],
      ["V3V3", "VOUT_1", "mv", "3V3_AUX", 3],
      ["TEMPERATURE", "TEMPERATURE", "mdeg", undefined, 4],
      ["P5", "POUT", "mw", "5V", undefined],
    ]);
  });

  it("names do not matter: a voltage belongs to the rail that names it, and the one no rail names is the input", () => {
    const rails = [
      rail("A", { sensor: "FIRST" }),
      rail("B", { sensor: "SECOND" }),
      rail("C", { sensor: "THIRD", feeds_compute: true }),
    ];
    const sensors = {
      SECOND: sensor("mv", 2),
      FIRST: sensor("mv", 1),
      SUPPLY: sensor("mv", 0),
      THIRD: sensor("mv", 3),
      DIE: sensor("mdeg", 4),
    };
    assert.deepEqual(shape(quantitiesOf({ rails, sensors })), [
      ["SECOND", "VOUT_2", "mv", "B", 2],
      ["FIRST", "VOUT_1", "mv", "A", 1],
      ["SUPPLY", "VIN", "mv", undefined, 0],
      ["THIRD", "VOUT_0", "mv", "C", 3],
      ["DIE", "TEMPERATURE", "mdeg", undefined, 4],
    ]);
  });

  it("there is a power where the compute rail has voltage and current, of that rail and its voltage's name", () => {
    const rails = [rail("12V", { sensor: "V12", feeds_compute: true }), rail("5V", { sensor: "V5" })];
    const sensors = { V12: sensor("mv", 0), V5: sensor("mv", 1), AMPERES: sensor("ma", 2) };
    const power = quantityOf({ rails, sensors }, "POUT");
    assert.deepEqual(
      [power?.name, power?.unit, power?.rail?.name, power?.sensor],
      ["P12", "mw", "12V", undefined],
    );
    assert.equal(quantityOf({ rails, sensors }, "IOUT")?.rail?.name, "12V");
    const { V12: _, ...withoutVoltage } = sensors;
    assert.equal(quantityOf({ rails, sensors: withoutVoltage }, "POUT"), undefined);
    const { AMPERES: __, ...withoutCurrent } = sensors;
    assert.equal(quantityOf({ rails, sensors: withoutCurrent }, "POUT"), undefined);
  });

  it("a power is named after its voltage: P takes the place of a V", () => {
    assert.equal(powerName("V5"), "P5");
    assert.equal(powerName("V1V8"), "P1V8");
    assert.equal(powerName("COMPUTE"), "PCOMPUTE");
  });
});
