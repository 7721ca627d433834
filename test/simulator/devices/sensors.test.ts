/** The faults of sensors: stuck, shorted, open and noisy, their times, and their repair. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sensors } from "../../../simulator/devices/sensors.ts";
import { FakeClock } from "./fakes.ts";

class FakeConverter extends FakeClock {
  readonly sources: ((nanos: number) => number)[] = [];
  readonly stuck: (number | null)[] = [];
  adcSource(channel: number, millivolts: (nanos: number) => number): void {
    this.sources[channel] = millivolts;
  }
  adcStuck(channel: number, code: number | null): void {
    this.stuck[channel] = code;
  }
  /** The code that a conversion would bring, without noise. */
  code(channel: number): number {
    const lsb = ((this.sources[channel]?.(this.nanos) ?? 0) * 4096) / 3300;
    return this.stuck[channel] ?? Math.min(4095, Math.floor(lsb));
  }
}

function bench() {
  const converter = new FakeConverter();
  let mv = 1650;
  const pins = [
    { channel: 1, name: "V5" as const, millivolts: () => mv },
    { channel: 2, name: "I5" as const, millivolts: () => 300 },
  ];
  const sensors = new Sensors(converter, pins, 3);
  const set = (to: number) => {
    mv = to;
  };
  return { converter, sensors, set };
}

describe("sensor faults", () => {
  it("stuck: the code of that moment, or a given one, until it is repaired", () => {
    const { converter, sensors, set } = bench();
    sensors.fault("V5", { kind: "stuck" });
    set(1000);
    assert.equal(converter.code(1), 2048);
    sensors.fault("V5", { kind: "stuck", code: 77 });
    assert.equal(converter.code(1), 77);
    assert.equal(converter.code(2), 372, "the others work");
    sensors.mend("V5");
    assert.equal(converter.code(1), 1241);
  });

  it("shorted reads the lowest code, open the highest", () => {
    const { converter, sensors } = bench();
    sensors.fault("V5", { kind: "shorted" });
    assert.equal(converter.code(1), 0);
    sensors.fault("V5", { kind: "open" });
    assert.equal(converter.code(1), 4095);
  });

  it("noisy: the readings scatter around the true value", () => {
    const { converter, sensors } = bench();
    sensors.fault("V5", { kind: "noisy", mv: 200 });
    const seen = Array.from({ length: 500 }, () => {
      converter.runFor(0.01);
      return converter.sources[1]?.(converter.nanos) ?? 0;
    });
    assert.ok(Math.min(...seen) < 1480 && Math.min(...seen) >= 1450);
    assert.ok(Math.max(...seen) > 1820 && Math.max(...seen) <= 1850);
  });

  it("a planned fault begins in its time, unless a later call replaced it", () => {
    const { converter, sensors } = bench();
    sensors.fault("V5", { kind: "shorted" }, 10);
    converter.runFor(9);
    assert.equal(converter.code(1), 2048);
    converter.runFor(2);
    assert.equal(converter.code(1), 0);
    sensors.mend("V5", 5);
    sensors.fault("V5", { kind: "open" });
    converter.runFor(10);
    assert.equal(converter.code(1), 4095);
    assert.throws(() => sensors.fault("VIN", { kind: "open" }), /no sensor VIN; it has V5, I5/);
  });
});
