/**
 * The power monitor's logic with a chip on the bus, in Node: readings, faults, and random sequences of them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { I2cResult } from "../../simulator/generated/abi.ts";
import { I2cHost } from "../../simulator/logic-host/i2c-host.ts";
import { Random } from "../support/logic.ts";
import { CONFIGURATION_LOST, FROZEN, MonitoredLogic, WRONG_ID } from "../support/power-monitor.ts";

/** Asserts that a value is within one per cent (the chip's error) and a step of its ten bits. */
function near(actual: number, expected: number, step: number): void {
  assert.ok(Math.abs(actual - expected) <= expected / 100 + step, `${actual}, expected about ${expected}`);
}

test("readings show the true values, from the first 100 ms on", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed);
    const logic = new MonitoredLogic(seed);
    logic.truth.busMv = random.below(7900);
    logic.truth.shuntMa = random.below(4900);
    logic.wait(100);
    const { monitor, truth } = logic;
    assert.equal(monitor.state, "ok", `seed ${seed}`);
    near(monitor.voltage_mv, truth.busMv, 8);
    near(monitor.current_ma, truth.shuntMa, 5);
    near(monitor.power_mw, (truth.busMv * truth.shuntMa) / 1000, 40);
    assert.deepEqual(logic.warnings, []);
  }
});

test("there are three transfers every tenth of a second, and a change is read in the next", () => {
  const logic = new MonitoredLogic();
  logic.wait(1000);
  const before = logic.host.i2c.transfers;
  logic.truth.busMv = 4000;
  logic.wait(10_000);
  assert.equal(logic.host.i2c.transfers, before + 300);
  near(logic.monitor.voltage_mv, 4000, 8);
  assert.equal(logic.monitor.errors, 0);
});

test("the comparison agrees with the converter, and deviates when the values differ", () => {
  const logic = new MonitoredLogic();
  logic.followTruth();
  logic.wait(3000);
  assert.equal(logic.monitor.comparison, "agrees");
  logic.truth.shuntMa = 2300;
  logic.wait(3000);
  assert.equal(logic.monitor.comparison, "deviates");
  assert.ok(Math.abs(logic.monitor.deviation_permille - 130) < 15, String(logic.monitor.deviation_permille));
  logic.followTruth();
  logic.wait(3000);
  assert.equal(logic.monitor.comparison, "agrees");
});

test("a dip of its supply costs a second of readings at most", () => {
  const logic = new MonitoredLogic();
  logic.wait(1000);
  logic.chip.powerUp();
  logic.wait(1000);
  assert.deepEqual([logic.monitor.state, logic.monitor.recoveries], ["ok", 1]);
  near(logic.monitor.voltage_mv, 5100, 8);
});

test("a failing monitor is reported, and is used again when it works", () => {
  const faults: [string, number, (logic: MonitoredLogic, on: boolean) => void][] = [
    [
      "absent",
      I2cResult.NACK_ADDRESS,
      ({ chip }, on) => {
        chip.absent = on;
      },
    ],
    [
      "absent",
      I2cResult.NACK_ADDRESS,
      ({ chip }, on) => {
        chip.refusesAddress = on;
      },
    ],
    [
      "failed",
      I2cResult.NACK_DATA,
      ({ chip }, on) => {
        chip.refusesData = on;
      },
    ],
    [
      "failed",
      I2cResult.TIMEOUT,
      ({ host }, on) => {
        host.i2c.fault = on ? I2cResult.TIMEOUT : null;
      },
    ],
    [
      "failed",
      I2cResult.BUS_STUCK,
      ({ host }, on) => {
        host.i2c.fault = on ? I2cResult.BUS_STUCK : null;
      },
    ],
  ];
  for (const [state, trouble, set] of faults) {
    const logic = new MonitoredLogic();
    logic.wait(500);
    set(logic, true);
    logic.wait(500);
    assert.deepEqual([logic.monitor.state, logic.monitor.trouble], [state, trouble]);
    logic.wait(300_000);
    const { transfers } = logic.host.i2c;
    logic.wait(600_000);
    assert.equal(logic.host.i2c.transfers - transfers, 30, "three every minute");
    set(logic, false);
    logic.wait(61_000);
    assert.deepEqual([logic.monitor.state, logic.monitor.recoveries], ["ok", 1]);
  }
});

test("another chip at its address is left alone", () => {
  const logic = new MonitoredLogic();
  logic.chip.productId = 0x5a;
  logic.wait(500);
  assert.deepEqual([logic.monitor.state, logic.monitor.trouble], ["wrong device", WRONG_ID]);
  assert.deepEqual(logic.host.i2c.written, [0xfd]);
  logic.chip.productId = 0x5b;
  logic.wait(5000);
  assert.equal(logic.monitor.state, "ok");
});

test("a chip that stopped converting is detected once the converter sees a change", () => {
  const logic = new MonitoredLogic();
  logic.followTruth();
  logic.wait(3000);
  logic.chip.frozen = true;
  logic.wait(3000);
  assert.equal(logic.monitor.state, "ok", "a constant value is plausible");
  logic.truth.shuntMa = 3000;
  logic.followTruth();
  logic.wait(2000);
  assert.deepEqual([logic.monitor.state, logic.monitor.trouble], ["failed", FROZEN]);
  logic.chip.frozen = false;
  logic.wait(61_000);
  assert.equal(logic.monitor.state, "ok");
});

test("a changed configuration is overwritten", () => {
  const logic = new MonitoredLogic();
  logic.wait(500);
  const { chip } = logic;
  for (const byte of [0x01, 0x0c]) {
    if (byte === 0x01) chip.addressed(0x18, false);
    chip.received(byte);
  }
  logic.wait(500);
  assert.deepEqual(
    [logic.monitor.state, logic.monitor.trouble, logic.monitor.recoveries],
    ["ok", CONFIGURATION_LOST, 1],
  );
});

test("random faults cause no storm of transfers, and the monitor recovers afterwards (seeds printed)", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const logic = new MonitoredLogic(seed);
    const { chip, host, truth } = logic;
    for (let step = 0; step < 2000; step++) {
      const where = `seed ${seed}, step ${step}`;
      const some = () => random.below(4) === 0;
      chip.absent = some();
      chip.refusesData = some();
      chip.frozen = some();
      chip.productId = some() ? random.below(256) : 0x5b;
      host.i2c.fault = some() ? random.below(7) : null;
      if (some()) chip.powerUp();
      truth.busMv = random.below(9000);
      truth.shuntMa = random.below(6000);
      if (some()) logic.followTruth();
      const before = host.i2c.transfers;
      logic.wait(1 + random.below(200));
      assert.ok(host.i2c.transfers - before <= 30, where);
      const { monitor } = logic;
      assert.ok(monitor.state !== undefined && monitor.comparison !== undefined, where);
      assert.ok(
        monitor.voltage_mv <= 8000 && monitor.current_ma <= 5000 && monitor.power_mw <= 40_000,
        where,
      );
    }
    chip.absent = chip.refusesData = chip.frozen = false;
    chip.productId = 0x5b;
    host.i2c.fault = null;
    truth.busMv = 5000;
    truth.shuntMa = 1000;
    logic.followTruth();
    logic.wait(65_000);
    assert.deepEqual([logic.monitor.state, logic.monitor.comparison], ["ok", "agrees"], `seed ${seed}`);
    near(logic.monitor.current_ma, 1000, 5);
    assert.deepEqual(logic.warnings, []);
  }
});

test("the Node host's bus: one transfer at a time, and each taken before the next begins", () => {
  const bus = new I2cHost();
  const response = new Uint8Array(33);
  assert.equal(bus.begin(0n, 0x18, Uint8Array.of(), 0), 0, "nothing to transfer");
  assert.equal(bus.begin(0n, 0x18, Uint8Array.of(1), 2), 1);
  assert.equal(bus.begin(0n, 0x18, Uint8Array.of(1), 2), 0, "under way");
  assert.equal(bus.take(10n, response), 0);
  assert.equal(bus.takeEvent(10n), false);
  assert.deepEqual([bus.takeEvent(1000n), bus.takeEvent(1000n)], [true, false]);
  assert.equal(bus.begin(1000n, 0x18, Uint8Array.of(1), 2), 0, "not taken");
  assert.equal(bus.take(1000n, response.subarray(0, 0)), 0, "no room for anything");
  assert.deepEqual([bus.take(1000n, response), response[0]], [1, I2cResult.NACK_ADDRESS]);
  assert.equal(bus.take(1000n, response), 0);
  assert.equal(bus.begin(1000n, 0x18, Uint8Array.of(1), 2), 1);
});
