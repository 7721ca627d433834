/**
 * A switching supply: its ramp, power-good, limits, discharge, trips and rests, against times and voltages
 * worked out by hand.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constantLoad } from "../../../../simulator/devices/supply/load.ts";
import type { SupplyFault } from "../../../../simulator/devices/supply/power-good.ts";
import { Supply, type SupplyInput } from "../../../../simulator/devices/supply/supply.ts";
import { FakeClock, fakeSignal } from "../fakes.ts";

function bench(fault?: SupplyFault, input?: SupplyInput) {
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
    ...(input ? { input } : {}),
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

  it("reports power-good again when it was off too shortly to leave regulation", () => {
    const { clock, supply, turn, powerGood } = bench();
    turn(true);
    clock.runFor(10);
    turn(false);
    clock.runFor(0.1);
    assert.equal(supply.outputGood, true);
    turn(true);
    assert.equal(powerGood.level, false);
    clock.runFor(1.1);
    assert.equal(powerGood.level, true);
  });

  it("a load empties the output capacitors of 470 uF faster than the bleeder alone", () => {
    const { clock, supply, turn } = bench();
    turn(true);
    clock.runFor(10);
    supply.setLoad(constantLoad(510));
    turn(false);
    clock.runFor(4);
    // 10 ohms and 470 uF are 4.7 ms, with the bleeder's 40 ms 4.206 ms.
    const expected = 5100 * Math.exp(-4 / 4.206) * (1 - 0.0012);
    assert.ok(Math.abs(supply.millivolts - expected) < 1, `${supply.millivolts} is not ${expected}`);
  });

  it("starts into a charged output from its present voltage", () => {
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
    supply.setLoad(constantLoad(6000));
    assert.equal(powerGood.level, true);
    clock.runFor(2);
    assert.equal(powerGood.level, false);
    assert.equal(supply.milliamperes, 4500);
    assert.ok(supply.millivolts < 3900 && supply.millivolts > 3600, `${supply.millivolts}`);
    supply.setLoad(constantLoad(0));
    clock.runFor(5);
    assert.equal(powerGood.level, true);
  });

  it("reads lower by 12 mV per ampere at the sense point", () => {
    const { clock, supply, turn } = bench();
    turn(true);
    clock.runFor(10);
    supply.setLoad(constantLoad(2000));
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

  it("a tripped supply does not come back for a load that comes or goes", () => {
    const { clock, supply, turn, powerGood } = bench({ lostAfterMs: 100 });
    turn(true);
    clock.runFor(200);
    const decayed = supply.millivolts;
    assert.ok(decayed < 800, `${decayed}`);
    supply.setLoad(constantLoad(6000));
    clock.runFor(5);
    supply.setLoad(constantLoad(0));
    clock.runFor(5);
    assert.ok(supply.millivolts < decayed, `${supply.millivolts}`);
    assert.equal(supply.outputGood, false);
    assert.equal(powerGood.level, false);
  });

  it("trips once: a second trip, or one while it is disabled, does not start the discharge again", () => {
    const { clock, supply, turn, powerGood } = bench();
    supply.trip();
    turn(true);
    clock.runFor(10);
    assert.equal(powerGood.level, true);
    supply.setLoad(constantLoad(6000));
    clock.runFor(5);
    assert.equal(supply.outputGood, false, "a trip of a supply that is off has no effect");
    supply.setLoad(constantLoad(0));
    clock.runFor(30);
    const trippedMs = clock.ms;
    supply.trip();
    assert.equal(powerGood.level, false);
    assert.equal(supply.enabled, true);
    clock.runFor(40);
    supply.trip();
    // There is one discharge from 5100 mV, 40 ms * ln 10 long, whatever happened meanwhile.
    clock.runFor(100);
    const downMs = (supply.wentDownAtNanos ?? 0) / 1e6;
    assert.ok(Math.abs(downMs - trippedMs - 92.1) < 0.1, `${trippedMs} to ${downMs}`);
  });

  it("discharges in the time its capacitors take, after a trip as after a disable", () => {
    for (const stop of ["trip", "disable"]) {
      const { clock, supply, turn } = bench();
      turn(true);
      clock.runFor(10);
      if (stop === "trip") supply.trip();
      else turn(false);
      const readings = [10, 20, 40, 80].map((ms) => {
        clock.runFor(10 + ms - clock.ms);
        return supply.millivolts;
      });
      // 5100 mV * exp(-t / 40 ms), worked by hand.
      for (const [index, expected] of [3971.9, 3093.3, 1876.2, 690.2].entries()) {
        assert.ok(Math.abs((readings[index] as number) - expected) < 1, `${stop}: ${readings}`);
      }
      assert.equal(supply.wentDownAtNanos, null, "still above a tenth");
      clock.runFor(13);
      assert.notEqual(supply.wentDownAtNanos, null);
    }
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

  it("delivers beyond its average limit until its loop has reacted, up to its peak limit", () => {
    const { clock, supply, turn } = bench();
    turn(true);
    clock.runFor(10);
    supply.setLoad(constantLoad(6000));
    clock.runFor(0.39);
    assert.equal(supply.milliamperes, 6000);
    assert.equal(supply.millivolts, 5100 - 72);
    clock.runFor(0.02);
    assert.equal(supply.milliamperes, 4500);
    supply.setLoad(constantLoad(0));
    clock.runFor(20);
    supply.setLoad(constantLoad(6000));
    clock.runFor(0.2);
    supply.setLoad(constantLoad(3000));
    clock.runFor(5);
    assert.equal(supply.milliamperes, 3000, "an overload that ends in time does not limit it");
    assert.equal(supply.millivolts, 5100 - 36);
  });

  it("shorted: the peak limit, then the average one, then rest and another try, for as long as it lasts", () => {
    const { clock, supply, turn, powerGood } = bench();
    turn(true);
    clock.runFor(10);
    supply.setLoad(constantLoad(100_000));
    clock.runFor(0.2);
    assert.equal(supply.milliamperes, 9000);
    assert.ok(supply.millivolts < 500, `${supply.millivolts}`);
    assert.equal(powerGood.level, false);
    clock.runFor(0.3);
    assert.equal(supply.milliamperes, 4500);
    // After 1 ms of collapse the converter stops. The rest comes from the capacitors.
    clock.runFor(0.6);
    assert.equal(supply.convertedMwAt(clock.nanos), 0);
    // 16 ms of rest, 4 ms of soft start and 1 ms of trying, again and again.
    const works = new Set<number>();
    for (let tenths = 0; tenths < 420; tenths++) {
      clock.runFor(0.1);
      if (supply.convertedMwAt(clock.nanos) > 0) works.add(tenths);
      assert.ok(supply.milliamperes <= 4500, `${supply.milliamperes}`);
    }
    const times = [...works];
    assert.ok(Math.abs(times.length - 100) <= 4, `works for ${times.length / 10} of 42 ms`);
    assert.ok(Math.abs((times[0] ?? 0) - 159) <= 2, `first after ${(times[0] ?? 0) / 10} ms`);
    supply.setLoad(constantLoad(0));
    clock.runFor(30);
    assert.equal(supply.millivolts, 5100);
    assert.equal(powerGood.level, true);
  });

  it("disabled while it rests, it stays off", () => {
    const { clock, supply, turn } = bench();
    turn(true);
    clock.runFor(10);
    supply.setLoad(constantLoad(100_000));
    clock.runFor(3);
    turn(false);
    supply.setLoad(constantLoad(0));
    clock.runFor(100);
    assert.ok(supply.millivolts < 500);
    turn(true);
    clock.runFor(6);
    assert.equal(supply.powerGood, true);
  });

  it("needs its input: without it the output falls, and when it returns there is a soft start", () => {
    let good = true;
    let notify = (_good: boolean) => {};
    const input: SupplyInput = {
      get good() {
        return good;
      },
      onGood: (listener) => {
        notify = listener;
      },
    };
    const { clock, supply, turn, powerGood } = bench(undefined, input);
    const set = (now: boolean) => {
      good = now;
      notify(now);
    };
    turn(true);
    clock.runFor(10);
    set(false);
    assert.equal(powerGood.level, false);
    clock.runFor(40);
    assert.ok(Math.abs(supply.millivolts - 5100 / Math.E) < 5);
    set(true);
    clock.runFor(1);
    assert.ok(supply.millivolts > 5100 / Math.E + 1200 && supply.millivolts < 3300, `${supply.millivolts}`);
    clock.runFor(5);
    assert.equal(powerGood.level, true);
    turn(false);
    set(false);
    set(true);
    clock.runFor(20);
    assert.ok(supply.millivolts < 5100, "disabled it does not start");
  });

  it("a load draws less from an output that is not up, as a resistor would", () => {
    const { clock, supply, turn } = bench();
    supply.setLoad(constantLoad(1000));
    assert.equal(supply.milliamperes, 0);
    turn(true);
    clock.runFor(2);
    assert.ok(Math.abs(supply.milliamperes - 500) < 1, `${supply.milliamperes}`);
  });
});
