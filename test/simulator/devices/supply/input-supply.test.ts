/**
 * The slot's input: the droop, the hold-up on the capacitor, failures, brown-outs and returns of the rack's
 * supply.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InputSupply } from "../../../../simulator/devices/supply/input-supply.ts";
import { FakeClock } from "../fakes.ts";

function bench(options: { nominalMv?: number; capacitorUf?: number } = {}) {
  const clock = new FakeClock();
  let convertedMw = 0;
  const input = new InputSupply({ clock, convertedMw: () => (input.good ? convertedMw : 0), ...options });
  const changes: { good: boolean; ms: number }[] = [];
  input.onGood((good) => changes.push({ good, ms: clock.ms }));
  const draw = (mw: number) => {
    convertedMw = mw;
  };
  return { clock, input, draw, changes };
}

const near = (value: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not near ${expected}`);

describe("input supply", () => {
  it("droops across 90 milliohms under the power drawn, at an efficiency of 90 %", () => {
    const { input, draw } = bench();
    near(input.millivolts, 12_000 - (150 / 12) * 0.09, 0.01);
    draw(9000);
    near(input.millivolts, 12_000 - ((10_000 + 150) / 12) * 0.09, 0.01);
  });

  it("holds up on its capacitor: V squared falls by 2 P t / C until the converters stop", () => {
    for (const [mw, uf] of [
      [4500, 1000],
      [9000, 1000],
      [4500, 470],
    ] as const) {
      const { clock, input, draw, changes } = bench({ capacitorUf: uf });
      draw(mw);
      const fromMv = input.millivolts;
      input.fail();
      near(input.millivolts, fromMv, 0.01);
      clock.runFor(2);
      const watts = mw / 900 + 0.15;
      const left = (seconds: number) => Math.sqrt((fromMv / 1000) ** 2 - (2 * watts * seconds) / (uf * 1e-6));
      near(input.millivolts, 1000 * left(0.002), 0.1);
      assert.equal(changes.length, 0);
      const holdUpMs = (1000 * (((fromMv / 1000) ** 2 - 36) * uf * 1e-6)) / (2 * watts);
      clock.runFor(holdUpMs - 2 - 0.05);
      assert.equal(changes.length, 0);
      clock.runFor(0.1);
      assert.equal(changes.length, 1);
      near(changes[0]?.ms ?? 0, holdUpMs, 0.01);
      assert.equal(input.good, false);
    }
  });

  it("follows a change of the power while it holds up", () => {
    const { clock, input, draw } = bench();
    draw(9000);
    input.fail();
    clock.runFor(1);
    draw(0);
    const between = input.millivolts;
    clock.runFor(4);
    const fallen = (between / 1000) ** 2 - (input.millivolts / 1000) ** 2;
    // The step of 20 us under way still uses the power with which it began.
    near(fallen, (2 * 0.15 * 0.004) / 1e-3, (2 * 10.15 * 20e-6) / 1e-3 + 0.01);
  });

  it("falls to nothing in the end, and comes back through a limited inrush", () => {
    const { clock, input, changes } = bench();
    input.fail();
    clock.runFor(2000);
    assert.equal(input.millivolts, 0);
    input.restore();
    assert.equal(input.millivolts, 0);
    clock.runFor(0.5);
    near(input.millivolts, 12_000 * (1 - Math.exp(-0.5)), 30);
    clock.runFor(60);
    near(input.millivolts, 12_000, 2);
    assert.deepEqual(
      changes.map(({ good }) => good),
      [false, true],
    );
    // 6.4 V of 12 V, with a time constant of 1 ms.
    near((changes[1]?.ms ?? 0) - 2000, Math.log(12 / 5.6), 0.01);
  });

  it("restored before the converters stop, it only dips", () => {
    const { clock, input, draw, changes } = bench();
    draw(4500);
    input.plan([
      { afterMs: 10, mv: 0 },
      { afterMs: 15, mv: 12_000 },
    ]);
    clock.runFor(14.9);
    assert.ok(input.millivolts < 10_500 && input.millivolts > 8000, `${input.millivolts}`);
    clock.runFor(30);
    near(input.millivolts, 12_000 - (5150 / 12) * 0.09, 0.1);
    assert.deepEqual(changes, []);
  });

  it("browns out to a voltage: the capacitor falls to it, and the source feeds the load again", () => {
    const { clock, input, draw, changes } = bench();
    draw(4500);
    input.setSource(8000);
    near(input.millivolts, 11_961, 2);
    clock.runFor(1);
    assert.ok(input.millivolts > 8500);
    clock.runFor(20);
    near(input.millivolts, 8000 - (5150 / 8) * 0.09, 0.1);
    assert.deepEqual(changes, []);
    input.setSource(5000);
    clock.runFor(100);
    near(input.millivolts, 5000, 5);
    assert.deepEqual(
      changes.map(({ good }) => good),
      [false],
    );
    input.setSource(6200);
    clock.runFor(100);
    assert.equal(input.good, false, "hysteresis");
    input.setSource(6600);
    clock.runFor(100);
    assert.equal(input.good, true);
  });

  it("another change ends a plan, and impossible voltages are refused", () => {
    const { clock, input } = bench();
    input.plan([{ afterMs: 10, mv: 0 }]);
    input.restore();
    clock.runFor(50);
    near(input.millivolts, 12_000, 2);
    assert.throws(() => input.setSource(-1), /input of -1 mV/);
    assert.throws(() => input.plan([{ afterMs: 1, mv: Number.NaN }]), /NaN/);
  });

  it("is 20 V where the rack gives 20 V", () => {
    near(bench({ nominalMv: 20_000 }).input.millivolts, 20_000 - (150 / 20) * 0.09, 0.01);
  });
});
