import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Supply, type SupplyFault } from "../../../simulator/devices/supply.ts";
import { FakeClock, fakeSignal } from "./fakes.ts";

function bench(fault?: SupplyFault) {
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
    ...(fault ? { fault } : {}),
  });
  const turn = (on: boolean) => enable.net.drive("test", on);
  return { clock, supply, turn, powerGood: powerGood.net };
}

describe("supply", () => {
  it("ramps in 4 ms and reports power-good 1 ms after 90 %", () => {
    const { clock, supply, turn, powerGood } = bench();
    assert.equal(supply.millivolts, 0);
    turn(true);
    clock.runFor(2);
    assert.ok(Math.abs(supply.millivolts - 2550) < 1, `${supply.millivolts}`);
    clock.runFor(2.5);
    assert.equal(powerGood.level, false);
    assert.equal(supply.outputGood, true);
    clock.runFor(0.2);
    assert.equal(powerGood.level, true);
    assert.equal(supply.millivolts, 5100);
    assert.ok(Math.abs((supply.cameUpAtNanos ?? 0) - 3.6e6) < 10);
  });

  it("drops power-good at once when disabled, while the output discharges", () => {
    const { clock, supply, turn, powerGood } = bench();
    turn(true);
    clock.runFor(10);
    turn(false);
    assert.equal(powerGood.level, false);
    assert.ok(supply.millivolts > 5000);
    assert.equal(supply.wentDownAtNanos, null);
    clock.runFor(40);
    assert.ok(Math.abs(supply.millivolts - 5100 / Math.E) < 5, `${supply.millivolts}`);
    clock.runFor(60);
    // 40 ms * ln 10 after the disable at 10 ms.
    assert.ok(Math.abs((supply.wentDownAtNanos ?? 0) - 102.1e6) < 0.1e6, `${supply.wentDownAtNanos}`);
  });

  it("starts into a charged output from where it is", () => {
    const { clock, supply, turn } = bench();
    turn(true);
    clock.runFor(10);
    turn(false);
    clock.runFor(30);
    const left = supply.millivolts;
    turn(true);
    assert.ok(Math.abs(supply.millivolts - left) < 1);
    clock.runFor(1);
    assert.ok(Math.abs(supply.millivolts - (left + 1275)) < 1);
    assert.equal(supply.wentDownAtNanos, null);
  });

  it("sags below power-good when overloaded, and recovers with the load gone", () => {
    const { clock, supply, turn, powerGood } = bench();
    turn(true);
    clock.runFor(10);
    supply.setLoad(() => 6000, 6000);
    assert.equal(powerGood.level, true);
    clock.runFor(2);
    assert.equal(powerGood.level, false);
    assert.equal(supply.milliamperes, 4500);
    assert.ok(supply.millivolts < 3900 && supply.millivolts > 3600, `${supply.millivolts}`);
    supply.setLoad(() => 0, 0);
    clock.runFor(5);
    assert.equal(powerGood.level, true);
  });

  it("reads lower by 12 mV per ampere at the sense point", () => {
    const { clock, supply, turn } = bench();
    turn(true);
    clock.runFor(10);
    supply.setLoad(() => 2000, 2000);
    assert.equal(Math.round(supply.millivolts), 5076);
  });

  it("never reports power-good with that fault, though the output comes", () => {
    const { clock, supply, turn, powerGood } = bench({ neverGood: true });
    turn(true);
    clock.runFor(1000);
    assert.equal(supply.outputGood, true);
    assert.equal(powerGood.level, false);
    assert.equal(powerGood.changes.length, 0);
  });

  it("reports power-good late, and not at all when disabled before", () => {
    const { clock, turn, powerGood } = bench({ lateMs: 150 });
    turn(true);
    clock.runFor(150);
    assert.equal(powerGood.level, false);
    turn(false);
    clock.runFor(500);
    assert.equal(powerGood.changes.length, 0);
    turn(true);
    clock.runFor(156);
    assert.equal(powerGood.level, true);
  });

  it("trips after a time, stays off, and works again once disabled and enabled", () => {
    const { clock, supply, turn, powerGood } = bench({ lostAfterMs: 100 });
    turn(true);
    clock.runFor(104);
    assert.equal(powerGood.level, true);
    clock.runFor(2);
    assert.equal(powerGood.level, false);
    clock.runFor(500);
    assert.ok(supply.millivolts < 1);
    assert.equal(supply.enabled, true);
    turn(false);
    turn(true);
    clock.runFor(10);
    assert.equal(powerGood.level, true);
  });

  it("glitches power-good without touching the output", () => {
    const { clock, supply, turn, powerGood } = bench({ glitch: { afterMs: 20, durationUs: 50 } });
    turn(true);
    clock.runFor(60);
    assert.deepEqual(
      powerGood.changes.map((change) => change.level),
      [true, false, true],
    );
    const [, fell, rose] = powerGood.changes;
    assert.equal(Math.round((rose?.nanos ?? 0) - (fell?.nanos ?? 0)), 50_000);
    assert.equal(supply.millivolts, 5100);
  });
});
