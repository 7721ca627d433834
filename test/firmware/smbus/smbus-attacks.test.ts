/**
 * Attacks that once broke the SMBus target: messages with pauses in them, the first moment after a start, a
 * logic that stands still for longer than its request queue lasts, and a BMC that fails for good.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { alertResponse, groupCommand, readBlock } from "../../../simulator/devices/smbus/protocols.ts";
import { Slot } from "../../../simulator/slot/slot.ts";
import { asserted } from "../../support/simulated-slot.ts";
import { park } from "./smbus-parked.ts";
import { ADDRESS, code, hex, startedBus, text } from "./smbus-slot.ts";

const ALWAYS_OFF = 2;
/** SDA and SCL of I2C1 on slot-hat. */
const LINES = [6, 7];

/** Causes a sudden HardFault. */
function crash(slot: Slot): void {
  slot.chip.bus.core.waiting = false;
  slot.chip.bus.core.PC = 0x3000_0000;
}

test("a read that had to wait for a write is complete, however long the controller pauses in it", () => {
  for (const ms of [4, 12, 16, 20]) {
    const bus = startedBus({}, 1_000_000);
    const whole = text(bus.bytes("MFR_FIRMWARE"));
    bus.write("MFR_IDENTIFY", 1);
    const pause = { kind: "hold-scl-low", bit: 110, ms, goOn: true } as const;
    const outcome = bus.slot.transfer(bus.reading("MFR_FIRMWARE"), pause);
    assert.equal(`${outcome.kind} ${text(outcome.data)}`, `ok ${whole}`, `pause of ${ms} ms`);
  }
});

test("abandoned reads do not push an acknowledged write out of the ring", () => {
  const bus = startedBus();
  const { slot } = bus;
  const typed: number[] = [];
  slot.chip.uarts[0].onFrame((byte) => typed.push(byte));
  const resume = park(slot);
  bus.write("MFR_COMPUTE_INPUT", Buffer.from("a"));
  const log = readBlock({ address: ADDRESS, command: code("MFR_LOG_STATUS") });
  for (let reads = 0; reads < 30; reads++) assert.match(hex(slot.transfer(log).data), /^(ff)*$/);
  resume();
  slot.runFor(20);
  assert.equal(text(Uint8Array.from(typed)), "a");
  assert.equal(bus.number("CAPABILITY"), 0xd0);
  assert.equal(slot.chip.resets.length, 1, slot.describe());
});

test("a write that a repeated START breaks off pushes no acknowledged write out of a ring full of reads", () => {
  const bus = startedBus();
  const { slot } = bus;
  const limit = bus.number("VIN_OV_WARN_LIMIT"); // LINEAR11: a smaller mantissa is a lower limit
  const resume = park(slot);
  bus.write("MFR_RESTORE_POLICY", ALWAYS_OFF);
  for (let step = 1; step <= 11; step++) bus.write("VIN_OV_WARN_LIMIT", limit - step);
  const log = readBlock({ address: ADDRESS, command: code("MFR_LOG_STATUS") });
  for (let reads = 0; reads < 4; reads++) slot.transfer(log);
  // Two writes with a repeated START between them: the first one is broken off.
  const write = (value: number) => {
    return { address: ADDRESS, command: code("VIN_OV_WARN_LIMIT"), data: [value & 0xff, value >> 8] };
  };
  const outcome = slot.transfer(groupCommand([write(limit - 20), write(limit - 12)]));
  resume();
  slot.runFor(20);
  assert.equal(bus.number("MFR_RESTORE_POLICY"), ALWAYS_OFF, "the first of all writes was carried out");
  assert.equal(bus.number("VIN_OV_WARN_LIMIT"), limit - (outcome.kind === "ok" ? 12 : 11));
  assert.equal(slot.chip.resets.length, 1, slot.describe());
});

test("a write of PAGE behind a write protection that the logic has not seen yet is refused", () => {
  const bus = startedBus();
  const resume = park(bus.slot);
  bus.write("WRITE_PROTECT", 0x80);
  bus.write("PAGE", 1);
  resume();
  bus.slot.runFor(20);
  assert.equal(bus.number("PAGE"), 0);
  assert.equal(bus.number("STATUS_CML"), 0x80);
  assert.equal(bus.number("WRITE_PROTECT"), 0x80);
});

test("a BMC that fails for good releases SMBALERT# for the other targets", () => {
  const bus = startedBus();
  const { slot } = bus;
  for (let life = 0; life < 3; life++) {
    const resets = slot.chip.resets.length;
    crash(slot);
    slot.runUntil(() => slot.chip.resets.length > resets, 100, "the restart");
    slot.expect(life < 2 ? "bmc> " : "minimal> ", 2000);
    slot.runFor(20);
    assert.equal(asserted(slot, "SMBALERT"), life < 2, `after failure ${life + 1}`);
  }
  assert.equal(slot.transfer(alertResponse()).kind, "nack");
});

test("a restart in the middle of an alert response releases both lines at once", () => {
  for (let bit = 0; bit < 28; bit++) {
    const bus = startedBus();
    const { slot } = bus;
    bus.done(bus.writing("PAGE", 9));
    slot.runUntil(() => asserted(slot, "SMBALERT"), 5, "the alert");
    slot.runFor(0.1);
    const run = slot.smbus.begin(alertResponse({ pec: true }));
    const began = slot.chip.nanos;
    slot.chip.runUntilNanos(began + 5000 + bit * 2500);
    const resets = slot.chip.resets.length;
    crash(slot);
    slot.runUntil(() => slot.chip.resets.length > resets, 100, "the restart");
    const held = LINES.filter((gpio) => slot.chip.pins[gpio]?.chipDrives === false);
    assert.deepEqual(held, [], `at bit ${bit}`);
    slot.runUntil(() => run.done, 200, "the controller's end");
    slot.expect(/type help\r\n[\s\S]*bmc> /, 2000);
    assert.equal(bus.number("CAPABILITY"), 0xd0, `after a restart at bit ${bit}`);
  }
});

test("the time-out also covers a START that is handled together with the STOP before it", () => {
  const bus = startedBus({}, 400_000);
  const { slot } = bus;
  const { bus: systemBus } = slot.chip;
  const [sda = 0, scl = 0] = LINES;
  const drive = (gpio: number, low: boolean) => slot.chip.pins[gpio]?.drive("test", low ? false : null);
  const step = (us: number) => slot.chip.runUntilNanos(slot.chip.nanos + us * 1000);
  const enabled = systemBus.readUint32(0xe000_e100);
  drive(sda, true); // START of a message that addresses no target
  step(5);
  systemBus.writeUint32(0xe000_e180, 1 << 24); // delays its handler over STOP and START
  drive(sda, false);
  step(2);
  drive(sda, true);
  step(2);
  drive(scl, true);
  systemBus.writeUint32(0xe000_e100, enabled);
  const { cpu } = systemBus;
  cpu.requestStop();
  for (const bit of [0, 0, 1, 0, 0, 0, 0, 0]) {
    drive(sda, bit === 0);
    step(1);
    drive(scl, false);
    step(1.5);
    drive(scl, true);
    step(1);
  }
  drive(sda, false);
  step(2);
  assert.equal(slot.chip.pins[sda]?.chipDrives, false, "the address is acknowledged");
  slot.runFor(35);
  assert.equal(slot.chip.pins[sda]?.chipDrives, null, "released after 25 to 35 ms");
  drive(scl, false);
  slot.runFor(1);
  assert.equal(bus.number("CAPABILITY"), 0xd0);
});
