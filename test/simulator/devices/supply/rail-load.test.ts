/**
 * The load of the 5 V rail with all that a test can do to it, and the true energy that it draws, against sums
 * and closed forms.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InputSupply } from "../../../../simulator/devices/supply/input-supply.ts";
import { RailLoad } from "../../../../simulator/devices/supply/rail-load.ts";
import { Supply } from "../../../../simulator/devices/supply/supply.ts";
import { Truth } from "../../../../simulator/devices/truth.ts";
import { FakeClock, fakeSignal } from "../fakes.ts";

/** A supply that has come up; the time is 10 ms. */
function bench() {
  const clock = new FakeClock();
  const enable = fakeSignal(clock, "EN_5V");
  const powerGood = fakeSignal(clock, "PG_5V");
  const supply = new Supply({
    clock,
    name: "5V",
    nominalMv: 5100,
    enable: enable.signal,
    powerGood: powerGood.signal,
    limitMa: 4500,
  });
  const load = new RailLoad({ clock, supply, seed: 7 });
  const input = new InputSupply({ clock, convertedMw: (nanos) => supply.convertedMwAt(nanos) });
  const truth = new Truth({ clock, supply, input });
  const turn = (on: boolean) => enable.net.drive("test", on);
  turn(true);
  clock.runFor(10);
  return { clock, supply, load, truth, turn };
}

const near = (value: number, expected: number, share: number) =>
  assert.ok(Math.abs(value - expected) <= share * Math.abs(expected), `${value} is not near ${expected}`);

describe("load of the 5 V rail", () => {
  it("is the compute board's load, except while an override replaces it", () => {
    const { supply, load } = bench();
    load.enter("kernel");
    assert.ok(supply.milliamperes > 700 && supply.milliamperes < 1000);
    load.override(1234);
    assert.equal(supply.milliamperes, 1234);
    load.enter("userspace");
    assert.equal(supply.milliamperes, 1234);
    load.override(null);
    assert.ok(supply.milliamperes > 600 && supply.milliamperes < 900);
    assert.throws(() => load.override(-1), /-1 mA/);
  });

  it("the energy stays finite through an overload that comes at any moment and stays", () => {
    for (let offset = 0; offset < 200; offset++) {
      const { clock, load, truth, turn } = bench();
      clock.runFor(1000 + offset * 7.0137 + 1 / 3);
      load.override(6200);
      // The converter stops, rests and tries again. Then it is switched off, and on again into the overload.
      clock.runFor(60 + 1 / 7);
      turn(false);
      clock.runFor(1000 / 7);
      turn(true);
      clock.runFor(30 + 1 / 7);
      const before = truth.energyMj;
      assert.ok(before > 0 && Number.isFinite(before));
    }
  });

  it("follows a course over time in steps of a microsecond", () => {
    const { clock, supply, load } = bench();
    load.override((nanos) => 1000 + (nanos - 10e6) / 1e4);
    clock.runFor(5);
    assert.equal(supply.milliamperes, 1500);
    assert.equal(supply.milliamperesAt(clock.nanos + 999), 1500);
    assert.equal(supply.milliamperesAt(clock.nanos + 1001), 1500.1);
    clock.runFor(31);
    // The course is beyond 4.5 A from 45 ms on. The supply limits it within its reaction time.
    clock.runFor(0.5);
    assert.equal(supply.milliamperes, 4500);
  });

  it("takes steps at their times, until another call replaces them", () => {
    const { clock, supply, load } = bench();
    load.steps([
      { afterMs: 1, ma: 500 },
      { afterMs: 2, ma: 2000 },
      { afterMs: 3, ma: null },
    ]);
    const seen = [0.5, 1, 1, 1].map((ms) => {
      clock.runFor(ms);
      return supply.milliamperes;
    });
    assert.deepEqual(seen, [0, 500, 2000, 0]);
    load.steps([{ afterMs: 1, ma: 500 }]);
    load.override(300);
    clock.runFor(5);
    assert.equal(supply.milliamperes, 300);
  });

  it("rises slowly to an overload and stays", () => {
    const { clock, supply, load } = bench();
    load.override(1000);
    load.riseTo(4200, 100);
    clock.runFor(50);
    near(supply.milliamperes, 2600, 0.001);
    clock.runFor(500);
    assert.equal(supply.milliamperes, 4200);
    near(supply.millivolts, 5100 - 50.4, 0.001);
  });

  it("a short takes the current beyond the sensor's 6.6 A within a few microseconds, for some hundred", () => {
    const { clock, supply, load } = bench();
    load.override(600);
    load.short();
    assert.equal(supply.milliamperes, 600);
    const over = () => supply.milliamperes > 6600;
    let us = 0;
    for (; !over() && us < 100; us++) clock.runFor(0.001);
    assert.ok(us >= 2 && us <= 5, `${us} us`);
    let lasts = 0;
    for (; over() && lasts < 2000; lasts++) clock.runFor(0.001);
    assert.ok(lasts >= 200 && lasts <= 500, `${lasts} us`);
    load.clearShort();
    clock.runFor(50);
    assert.equal(supply.milliamperes, 600);
    assert.equal(supply.powerGood, true);
  });

  it("wanders as much as noise() says", () => {
    const { clock, supply, load } = bench();
    load.enter("kernel");
    const spread = () => {
      const seen = Array.from({ length: 400 }, () => {
        clock.runFor(0.13);
        return supply.milliamperes;
      });
      return Math.max(...seen) - Math.min(...seen);
    };
    load.noise({ ripple: 0, work: 0 });
    assert.equal(spread(), 0);
    assert.equal(supply.milliamperes, 860);
    load.noise({ ripple: 0.3, work: 0 });
    assert.ok(spread() > 400);
    assert.throws(() => load.noise({ ripple: 2 }), /noise of 2/);
  });
});

describe("truth", () => {
  it("adds up a constant load exactly", () => {
    const { clock, load, truth } = bench();
    load.override(2000);
    assert.equal(truth.energyMj, 0);
    clock.runFor(1000);
    near(truth.energyMj, 5.076 * 2 * 1000, 1e-12);
    assert.deepEqual([truth.v5Mv, truth.i5Ma], [5076, 2000]);
    near(truth.p5Mw, 10_152, 1e-12);
  });

  it("adds up a course step by step, however often the energy is read", () => {
    for (const looks of [1, 777]) {
      const { clock, load, truth } = bench();
      const course = (nanos: number) => 1000 + 500 * Math.sin(nanos / 3e5);
      load.override(course);
      const from = clock.nanos;
      for (let look = 0; look < looks; look++) {
        clock.runFor(5 / looks);
        void truth.energyMj;
      }
      let expected = 0;
      for (let nanos = from; nanos < from + 5e6 - 1; nanos += 1000) {
        const ma = course(nanos);
        expected += ((5100 - 0.012 * ma) * ma * 1000) / 1e3 / 1e9;
      }
      near(truth.energyMj, expected, looks === 1 ? 1e-12 : 1e-6);
    }
  });

  it("adds up the compute board's energy including its ripple", () => {
    const { clock, supply, load, truth } = bench();
    load.enter("userspace");
    const from = clock.nanos;
    clock.runFor(200);
    let expected = 0;
    for (let nanos = from; nanos < from + 200e6; nanos += 20_000) {
      const ma = supply.milliamperesAt(nanos + 1);
      expected += ((5100 - 0.012 * ma) * ma * 20_000) / 1e12;
    }
    near(truth.energyMj, expected, 1e-9);
  });

  it("adds up ramps and exponentials: a resistor's energy in closed form", () => {
    const { clock, load, truth, turn } = bench();
    turn(false);
    clock.runFor(5000);
    load.override(1000);
    const before = truth.energyMj;
    turn(true);
    clock.runFor(4);
    // The current rises as t / 4 ms of 1 A at the converter. The sense point is 12 milliohms further on.
    near(truth.energyMj - before, (4 / 3) * (5.1 - 0.012), 1e-6);
    clock.runFor(6);
    const up = truth.energyMj;
    turn(false);
    clock.runFor(3000);
    // 5.1 ohms at 470 uF, in parallel with the bleeder's 40 ms. The energy has half of this time constant,
    // because power goes with the square of the voltage.
    const tauMs = 1 / (1 / 40 + 1 / (5.1 * 0.47));
    near(truth.energyMj - up, (tauMs / 2) * (5.1 - 0.012), 1e-6);
  });
});
