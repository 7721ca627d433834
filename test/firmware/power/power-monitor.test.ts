/**
 * The power monitor on the image: host, I2C peripheral, bus and chip together, and what happens to its
 * readings when any of them fails. The rack's SMBus, on the other peripheral, must not notice.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readWord } from "../../../simulator/devices/smbus/protocols.ts";
import { I2cResult } from "../../../simulator/generated/abi.ts";
import { Slot, type SlotOptions } from "../../../simulator/slot/slot.ts";
import { BusRecorder } from "../../simulator/chip/i2c/i2c-recorder.ts";
import { type MonitorView, monitorOf, WRONG_ID } from "../../support/power-monitor.ts";
import {
  assertNoWarnings,
  buildDirectory,
  command,
  powerUp,
  startedSlot,
} from "../../support/simulated-slot.ts";

const SDA = 4;
const SCL = 5;

function fitted(slot: Slot) {
  assert.ok(slot.powerMonitor, "slot-hat has a power monitor");
  return slot.powerMonitor;
}

function waitFor(slot: Slot, state: MonitorView["state"], timeoutMs: number): void {
  slot.runUntil(() => monitorOf(slot).state === state, timeoutMs, `the power monitor to be ${state}`);
}

/** A slot that is on and has read the monitor. */
function runningSlot(options: Partial<SlotOptions> = {}): Slot {
  const slot = startedSlot(options);
  waitFor(slot, "ok", 300);
  powerUp(slot);
  slot.runFor(300);
  return slot;
}

function recorder(slot: Slot): BusRecorder {
  const [sda, scl] = [slot.chip.pins[SDA], slot.chip.pins[SCL]];
  assert.ok(sda && scl);
  return new BusRecorder(sda, scl, () => slot.chip.nanos);
}

function near(actual: number, expected: number, step: number): void {
  assert.ok(Math.abs(actual - expected) <= expected / 50 + step, `${actual}, expected about ${expected}`);
}

test("readings show what the supply delivers, while the board boots and afterwards", () => {
  const slot = startedSlot();
  waitFor(slot, "ok", 200);
  assert.deepEqual([monitorOf(slot).voltage_mv, monitorOf(slot).current_ma], [0, 0]);
  powerUp(slot);
  const supply = slot.supplies["5V"];
  assert.ok(supply);
  for (let second = 0; second < 10; second++) {
    slot.runFor(1000);
    const { state, voltage_mv, current_ma, power_mw, errors, comparison } = monitorOf(slot);
    assert.deepEqual([state, errors], ["ok", 0]);
    assert.notEqual(comparison, "deviates");
    near(voltage_mv, supply.millivolts, 8);
    // The load moves between two readings.
    near(current_ma, supply.milliamperes, 100);
    near(power_mw, (voltage_mv * current_ma) / 1000, 60);
  }
  slot.runUntil(() => monitorOf(slot).comparison === "agrees", 5000, "monitor and converter to agree");
  assertNoWarnings(slot);
});

test("a wrong gain of the converter's amplifier shows as a deviation", () => {
  const slot = runningSlot();
  const supply = slot.supplies["5V"];
  assert.ok(supply);
  // The amplifier of the converter has lost a tenth of its gain.
  slot.chip.adcSource(2, () => (supply.milliamperes / 2) * 0.9);
  slot.runUntil(() => monitorOf(slot).comparison === "deviates", 20_000, "the deviation");
  // The deviation also contains the change of the load between the monitor's moment and the converter's
  // window.
  near(monitorOf(slot).deviation_permille, 100, 80);
});

test("the wires show three transfers at 400 kHz with repeated STARTs", () => {
  const slot = runningSlot();
  const bus = recorder(slot);
  slot.runFor(100);
  assert.match(bus.text, /S 30\+ 00\+ Sr 31\+ 0a\+ 4f\+ c0- P/);
  assert.match(bus.text, /S 30\+ 10\+ Sr 31\+ ([0-9a-f]{2}\+ ){3}[0-9a-f]{2}- P/);
  assert.match(bus.text, /S 30\+ 1c\+ Sr 31\+ 00\+ [0-9a-f]{2}\+ [0-9a-f]{2}- P/);
  assert.equal(bus.events.filter((event) => event === "P").length, 3);
  // Fast-mode: tLOW 1.3 us, tHIGH and tHD;STA 0.6 us, a period of 2.5 us (UM10204, table 10).
  assert.ok(Math.min(...bus.low) >= 1300, `low ${Math.min(...bus.low)}`);
  assert.ok(Math.min(...bus.high) >= 600, `high ${Math.min(...bus.high)}`);
  assert.ok(Math.min(...bus.startHold) >= 600);
  assert.ok(Math.min(...bus.low) + Math.min(...bus.high) >= 2500);
});

test("the BMC waits for a chip that stretches the clock", () => {
  const slot = runningSlot();
  fitted(slot).lines.stretchNanos = 200_000;
  slot.runFor(1000);
  const { state, errors } = monitorOf(slot);
  assert.deepEqual([state, errors], ["ok", 0]);
  assertNoWarnings(slot);
});

test("an absent chip is reported and probed more and more rarely, and nothing else suffers", () => {
  const slot = new Slot({ directory: buildDirectory() });
  fitted(slot).chip.absent = true;
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  waitFor(slot, "absent", 200);
  const bus = recorder(slot);
  slot.runFor(30_000);
  assert.equal(bus.events.filter((event) => event === "P").length, 12, "after 1, 3, 7 and 15 s");
  assert.match(command(slot, "status"), /power/);
  fitted(slot).chip.absent = false;
  waitFor(slot, "ok", 35_000);
  assert.equal(monitorOf(slot).recoveries, 1);
  assertNoWarnings(slot);
});

test("a chip that refuses its address or data for a while, and a dip of its supply", () => {
  const slot = runningSlot();
  const { chip } = fitted(slot);
  chip.refusesAddress = true;
  waitFor(slot, "absent", 200);
  assert.equal(monitorOf(slot).trouble, I2cResult.NACK_ADDRESS);
  chip.refusesAddress = false;
  waitFor(slot, "ok", 1200);
  chip.refusesData = true;
  waitFor(slot, "failed", 200);
  assert.equal(monitorOf(slot).trouble, I2cResult.NACK_DATA);
  chip.refusesData = false;
  waitFor(slot, "ok", 1200);
  const { recoveries } = monitorOf(slot);
  chip.powerUp();
  slot.runFor(300);
  assert.deepEqual([monitorOf(slot).state, monitorOf(slot).recoveries], ["ok", recoveries + 1]);
  assertNoWarnings(slot);
});

test("another chip at its address is a wrong device", () => {
  const slot = new Slot({ directory: buildDirectory() });
  fitted(slot).chip.productId = 0x42;
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  waitFor(slot, "wrong device", 200);
  assert.equal(monitorOf(slot).trouble, WRONG_ID);
  assertNoWarnings(slot);
});

test("SDA held by a target that lost count: nine clocks at most make it let go", () => {
  for (const clocks of [1, 5, 9]) {
    const slot = runningSlot();
    // The hold begins in the pause between two readings, because a transfer under way would bring enough
    // clocks.
    slot.runUntil(() => slot.chip.pins[SDA]?.level === true, 10, "a free bus");
    const bus = recorder(slot);
    slot.runFor(60);
    bus.clear();
    slot.runUntil(() => bus.events.filter((event) => event === "P").length === 3, 200, "a reading");
    slot.runFor(5);
    // SCL falls three times before the address loses its third bit, the first that is a one.
    fitted(slot).lines.holdSda(clocks + 3);
    slot.runFor(1000);
    const { state, busClears, errors } = monitorOf(slot);
    assert.deepEqual([state, busClears, errors], ["ok", 1, 1], `${clocks} clocks`);
    assertNoWarnings(slot);
  }
});

test("SDA held for good is a stuck bus: the logic and the rack's bus go on, and it recovers once released", () => {
  const slot = runningSlot();
  fitted(slot).lines.holdSda();
  waitFor(slot, "failed", 300);
  assert.equal(monitorOf(slot).trouble, I2cResult.BUS_STUCK);
  for (let read = 0; read < 200; read++) {
    const outcome = slot.transfer(readWord({ address: 0x10, command: 0x8b, pec: true }));
    assert.equal(outcome.kind, "ok");
    slot.runFor(10);
  }
  assert.equal(monitorOf(slot).state, "failed");
  assert.match(command(slot, "status"), /power/);
  fitted(slot).lines.releaseSda();
  waitFor(slot, "ok", 10_000);
  assertNoWarnings(slot);
});

test("SCL held low: every try ends at its deadline, and the monitor recovers afterwards", () => {
  const slot = runningSlot();
  const scl = slot.chip.pins[SCL];
  assert.ok(scl);
  scl.drive("a short circuit", false);
  waitFor(slot, "failed", 400);
  assert.equal(monitorOf(slot).trouble, I2cResult.BUS_STUCK);
  const { transfers } = monitorOf(slot);
  slot.runFor(3500);
  assert.equal(monitorOf(slot).transfers - transfers, 6, "three tries after one second and after two more");
  scl.drive("a short circuit", null);
  waitFor(slot, "ok", 10_000);
  assertNoWarnings(slot);
});

test("SCL held in the middle of a byte: the transfer ends after 10 ms and is tried again", () => {
  const slot = runningSlot();
  fitted(slot).lines.stretchNanos = 12e6;
  slot.runFor(120);
  fitted(slot).lines.stretchNanos = 0;
  waitFor(slot, "failed", 100);
  assert.equal(monitorOf(slot).trouble, I2cResult.BUS_STUCK);
  waitFor(slot, "ok", 1500);
  assertNoWarnings(slot);
});

test("a restart of the BMC while a target sends a byte leaves SDA held: the target answers again at once", () => {
  const slot = runningSlot();
  const bus = recorder(slot);
  const [sda, scl] = [slot.chip.pins[SDA], slot.chip.pins[SCL]];
  assert.ok(sda && scl);
  const targetHolds = () => /Sr 31\+$/.test(bus.text) && !sda.level && sda.chipDrives === null && !scl.level;
  slot.chip.runUntil(targetHolds, slot.chip.nanos + 500e6);
  assert.equal(targetHolds(), true);
  const WATCHDOG_CTRL_SET = 0x4005_a000;
  slot.chip.bus.writeUint32(WATCHDOG_CTRL_SET, 0x8000_0000);
  slot.runUntil(() => slot.chip.resets.at(-1)?.kind === "watchdog", 10, "the restart");
  slot.expect(/racklet-bmc [\s\S]*bmc> /, 1000);
  assert.deepEqual([sda.level, scl.level], [false, true]);
  // The bits of the address are clocks too. The number of bits left in the target's byte decides how many
  // tries it takes.
  waitFor(slot, "ok", 200);
  assert.ok(monitorOf(slot).errors >= 1);
  assertNoWarnings(slot);
});

test("the sensor bus does not delay the handlers of the rack's bus", () => {
  const slot = runningSlot();
  slot.smbus.hz = 1_000_000;
  for (let read = 0; read < 300; read++) {
    const outcome = slot.transfer(readWord({ address: 0x10, command: 0x88, pec: true }));
    assert.equal(outcome.kind, "ok");
    assert.equal(outcome.disturbances, 0);
  }
  assert.equal(monitorOf(slot).errors, 0);
  // NVIC_IPR has two bits for each interrupt, and 0 goes first. I2C0 is 23, I2C1 is 24.
  const priority = (interrupt: number) =>
    (slot.chip.bus.readUint32(0xe000_e400 + (interrupt & ~3)) >> (8 * (interrupt & 3) + 6)) & 3;
  assert.deepEqual([priority(23), priority(24)], [3, 0]);
  assertNoWarnings(slot);
});

test("a board without a monitor leaves I2C0 in reset and its pins alone", () => {
  const slot = new Slot({ directory: buildDirectory("pico") });
  assert.equal(slot.powerMonitor, null);
  slot.powerOn();
  slot.expect("bmc> ", 1000);
  slot.runFor(3000);
  const RESET = 0x4000_c000;
  const IO_BANK0 = 0x4001_4000;
  assert.notEqual(slot.chip.bus.readUint32(RESET) & (1 << 3), 0);
  for (const gpio of [SDA, SCL]) assert.equal(slot.chip.bus.readUint32(IO_BANK0 + gpio * 8 + 4) & 0x1f, 31);
  assertNoWarnings(slot);
});
