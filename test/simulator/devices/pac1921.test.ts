/**
 * The power monitor at its registers, over a bus of two wires. The SMBus controller, which shares no code
 * with it, reads and writes them. The expected values come from the scales of the Linux driver.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { I2cTargetLines } from "../../../simulator/devices/i2c-target-lines.ts";
import { Pac1921 } from "../../../simulator/devices/pac1921.ts";
import { rawMessage } from "../../../simulator/devices/smbus/protocols.ts";
import { fakeSignal } from "./fakes.ts";
import { smbusBench } from "./smbus/bench.ts";

const ADDRESS = 0x18;
const READ_STATE = 0x0e;
const INTEGRATE = 0x0f;
const VPOWER_FREE_RUN = 0xc0;

function rig(options: { seed?: number } = {}) {
  const bench = smbusBench({ hz: 400_000 });
  const truth = { busMv: 5100, shuntMa: 2000 };
  const warnings: string[] = [];
  const pin = fakeSignal(bench.clock, "READ/INT");
  const device = new Pac1921({
    clock: bench.clock,
    address: ADDRESS,
    seed: options.seed ?? 1,
    shuntMicroOhm: 10_000,
    busMv: () => truth.busMv,
    shuntMa: () => truth.shuntMa,
    integratePin: pin.signal,
    warn: (message) => warnings.push(message),
  });
  const { clock, sda, scl } = bench;
  const lines = new I2cTargetLines({ clock, sda, scl, name: "PAC1921", responder: device });
  const transfer = (written: number[], count = 0) => bench.transfer(rawMessage(ADDRESS, written, count));
  return {
    ...bench,
    truth,
    warnings,
    pin,
    device,
    lines,
    transfer,
    read: (register: number, count: number) => {
      const outcome = transfer([register], count);
      assert.equal(outcome.kind, "ok");
      return [...outcome.data];
    },
    write: (...bytes: number[]) => assert.equal(transfer(bytes).kind, "ok"),
    result: (register: number) => {
      const [high, low] = [...transfer([register], 2).data] as [number, number];
      assert.equal(low & 0x3f, 0, "ten bits, left aligned");
      return (high << 2) | (low >> 6);
    },
  };
}

/** Asserts that a value is within one per cent and one step. */
function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= expected / 100 + 1, `${actual}, expected about ${expected}`);
}

test("answers 20 ms after power, with its identification and power-on values", () => {
  const { transfer, clock, read, warnings } = rig();
  clock.runFor(19);
  assert.deepEqual([transfer([0xfd], 1).kind, transfer([0xfd], 1).at], ["nack", "address"]);
  clock.runFor(1.2);
  assert.deepEqual(read(0xfd, 3), [0x5b, 0x5d, 0x82]);
  assert.deepEqual(read(0x00, 3), [0x00, 0x0c, 0x00]);
  assert.deepEqual(read(0x10, 4), [0, 0, 0, 0], "it does not convert by itself");
  assert.equal(transfer([0xfd], 1).data.length, 1);
  assert.deepEqual(warnings, []);
});

test("free running: bus voltage, sense voltage and power in tenths of a percent of full scale", () => {
  const { clock, write, result, read } = rig();
  clock.runFor(21);
  write(0x00, 0x00, READ_STATE, VPOWER_FREE_RUN);
  write(0x01, INTEGRATE);
  clock.runFor(2);
  assert.equal(result(0x10), 0, "nothing before the first integration has ended");
  clock.runFor(1);
  near(result(0x10), (5100 / 32_000) * 1023);
  near(result(0x12), (20_000 / 100_000) * 1023);
  near(result(0x1d), (5100 / 32_000) * (20_000 / 100_000) * 1023);
  assert.deepEqual(read(0x1c, 1), [0]);
});

test("gains multiply, up to 32 and 128; beyond full scale a result saturates and says so", () => {
  const { clock, write, result, read, truth } = rig();
  clock.runFor(21);
  write(0x00, (1 << 3) | 2, READ_STATE, VPOWER_FREE_RUN);
  write(0x01, INTEGRATE);
  clock.runFor(3);
  near(result(0x10), (5100 / 8000) * 1023);
  near(result(0x12), (20 / 50) * 1023);
  near(result(0x1d), (5100 / 8000) * (20 / 50) * 1023);
  truth.shuntMa = 6000;
  clock.runFor(10);
  assert.equal(result(0x12), 1023);
  assert.deepEqual(read(0x1c, 1), [0b100]);
  truth.busMv = 9000;
  clock.runFor(10);
  assert.equal(result(0x10), 1023);
  assert.deepEqual(read(0x1c, 1), [0b111]);
});

test("a configuration takes effect when the next integration begins", () => {
  const { clock, write, result } = rig();
  clock.runFor(21);
  write(0x00, 0x00, READ_STATE, VPOWER_FREE_RUN);
  write(0x01, INTEGRATE);
  clock.runFor(3);
  write(0x00, 2);
  clock.runFor(6);
  near(result(0x10), (5100 / 32_000) * 1023);
  write(0x01, READ_STATE);
  write(0x01, INTEGRATE);
  clock.runFor(3);
  near(result(0x10), (5100 / 8000) * 1023);
});

test("more samples take longer, and the average reaches back over the period", () => {
  const { clock, write, result, truth } = rig();
  clock.runFor(21);
  write(0x00, 0x02, 0x40 | READ_STATE, VPOWER_FREE_RUN);
  write(0x01, 0x40 | INTEGRATE);
  clock.runFor(22);
  assert.equal(result(0x10), 0);
  truth.busMv = 0;
  clock.runFor(2);
  near(result(0x10), (2550 / 8000) * 1023);
  clock.runFor(24);
  assert.equal(result(0x10), 0);
});

test("VBUS and VSENSE free-run leave the other results alone", () => {
  const { clock, write, result } = rig();
  clock.runFor(21);
  write(0x00, 0x00, READ_STATE, 0x80);
  write(0x01, INTEGRATE);
  clock.runFor(5);
  assert.deepEqual([result(0x10) > 0, result(0x12), result(0x1d)], [true, 0, 0]);
  write(0x01, READ_STATE);
  write(0x02, 0x40);
  write(0x01, INTEGRATE);
  clock.runFor(5);
  assert.deepEqual([result(0x12) > 0, result(0x1d)], [true, 0]);
});

test("pin-controlled: READ/INT begins and ends the one integration", () => {
  const { clock, write, result, pin, truth } = rig();
  clock.runFor(21);
  write(0x01, 0x0c);
  pin.net.drive("board", true);
  clock.runFor(10);
  assert.equal(result(0x10), 0);
  pin.net.drive("board", false);
  near(result(0x10), (5100 / 32_000) * 1023);
  truth.busMv = 0;
  clock.runFor(10);
  near(result(0x10), (5100 / 32_000) * 1023);
});

test("the register pointer counts on from byte to byte and from read to read", () => {
  const { clock, write, read, transfer } = rig();
  clock.runFor(21);
  write(0x00, 0x0a, 0x4e, 0xc0);
  assert.deepEqual(read(0x00, 3), [0x0a, 0x4e, 0xc0]);
  read(0x00, 1);
  assert.deepEqual([...transfer([], 2).data], [0x4e, 0xc0]);
});

test("after a dip of its supply it is silent for a while, and then as after power-on", () => {
  const { clock, write, read, transfer, device } = rig();
  clock.runFor(21);
  write(0x00, 0x0a, INTEGRATE, 0xc0);
  device.powerUp();
  assert.equal(transfer([0x00], 1).kind, "nack");
  clock.runFor(21);
  assert.deepEqual(read(0x00, 3), [0x00, 0x0c, 0x00]);
});

test("faults: absent, refusing its address or data, frozen, another chip, SDA held for some clocks", () => {
  const { clock, write, result, read, transfer, device, truth, lines, sda } = rig();
  clock.runFor(21);
  write(0x00, 0x02, READ_STATE, VPOWER_FREE_RUN);
  write(0x01, INTEGRATE);
  clock.runFor(5);
  const before = result(0x10);
  device.frozen = true;
  truth.busMv = 1000;
  clock.runFor(20);
  assert.equal(result(0x10), before);
  device.frozen = false;
  device.productId = 0x5a;
  assert.deepEqual(read(0xfd, 1), [0x5a]);
  device.refusesAddress = true;
  assert.deepEqual([transfer([0], 1).kind, transfer([0], 1).at], ["nack", "address"]);
  device.refusesAddress = false;
  device.refusesData = true;
  assert.deepEqual([transfer([0], 1).kind, transfer([0], 1).at], ["nack", "data"]);
  device.refusesData = false;
  device.absent = true;
  assert.equal(transfer([0], 1).kind, "nack");
  device.absent = false;
  lines.holdSda(3);
  clock.runFor(1);
  assert.equal(sda.level, false);
  // The controller clears the bus with clocks (UM10204, 3.1.16).
  assert.equal(transfer([0xfe], 1).kind, "ok");
  assert.equal(sda.level, true);
});

test("warns when a driver uses a part that is not modelled", () => {
  const { clock, read, write, warnings } = rig();
  clock.runFor(21);
  read(0x14, 1);
  write(0x10, 1);
  write(0x02, 0x08);
  assert.deepEqual(warnings, [
    "read of register 0x14, which is not modelled",
    "write to register 0x10, which is read-only",
    "CONTROL.TOUT is not modelled",
  ]);
});

test("two parts have different gain errors", () => {
  const readings = [1, 2, 3, 4].map((seed) => {
    const { clock, write, result, truth } = rig({ seed });
    truth.busMv = 7900;
    clock.runFor(21);
    write(0x00, 0x02, READ_STATE, VPOWER_FREE_RUN);
    write(0x01, INTEGRATE);
    clock.runFor(5);
    return result(0x10);
  });
  assert.ok(new Set(readings).size > 1, String(readings));
});
