/**
 * The host's side of the sensor bus on the image. The test calls it directly: transfers longer than the power
 * monitor needs, every mix of written and read bytes, and a handler that comes late.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type I2cResponder, I2cTargetLines } from "../../simulator/devices/i2c-target-lines.ts";
import { I2cResult } from "../../simulator/generated/abi.ts";
import { assertNoWarnings } from "../support/simulated-slot.ts";
import { BUFFER_AT, ParkedHost } from "./parked-host.ts";

const ADDRESS = 0x50;
const REQUEST = BUFFER_AT;
const RESPONSE = BUFFER_AT + 0x100;
const NVIC_ISER = 0xe000_e100;
const NVIC_ICER = 0xe000_e180;
const IRQ_I2C0 = 1 << 23;

class Memory implements I2cResponder {
  written: number[] = [];
  next = 0x80;
  addressed(address: number): boolean {
    return address === ADDRESS;
  }
  received(byte: number): boolean {
    this.written.push(byte);
    return true;
  }
  send(): number {
    return this.next++ & 0xff;
  }
}

/** A parked host with a memory on its sensor bus. */
class Host extends ParkedHost {
  readonly memory = new Memory();

  constructor() {
    super();
    const { chip } = this.slot;
    const [sda, scl] = [chip.pins[4], chip.pins[5]];
    assert.ok(sda && scl);
    new I2cTargetLines({ clock: chip, sda, scl, name: "memory", responder: this.memory });
    assert.equal(this.take(), 0, "no transfer is under way");
  }

  begin(written: readonly number[], readLength: number, address = ADDRESS): number {
    for (const [index, byte] of written.entries()) this.slot.chip.bus.writeUint8(REQUEST + index, byte);
    return this.call("host_i2c_begin", address, REQUEST, written.length, readLength);
  }

  take(capacity = 33): number {
    return this.call("host_i2c_take", RESPONSE, capacity);
  }

  response(count: number): number[] {
    return Array.from({ length: count }, (_, index) => this.slot.chip.bus.readUint8(RESPONSE + index));
  }

  /** Calls `take` until the transfer is over. Returns the result, followed by the bytes read. */
  finish(): number[] {
    for (let turn = 0; turn < 20; turn++) {
      this.slot.runFor(1);
      const count = this.take();
      if (count > 0) return this.response(count);
    }
    throw new Error("the transfer does not end");
  }
}

const bytes = (count: number, first: number) =>
  Array.from({ length: count }, (_, index) => (first + index) & 0xff);

test("every length written with every length read", () => {
  const host = new Host();
  for (let written = 0; written <= 8; written++) {
    for (const read of [0, 1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 32]) {
      const what = `${written} written, ${read} read`;
      host.memory.written = [];
      host.memory.next = 0x80;
      if (written + read === 0) {
        assert.equal(host.begin([], 0), 0, what);
        continue;
      }
      assert.equal(host.begin(bytes(written, 0x10), read), 1, what);
      assert.deepEqual(host.finish(), [I2cResult.OK, ...bytes(read, 0x80)], what);
      assert.deepEqual(host.memory.written, bytes(written, 0x10), what);
    }
  }
  assertNoWarnings(host.slot);
});

test("one transfer at a time, each taken before the next begins, and no more bytes than there is room for", () => {
  const host = new Host();
  assert.equal(host.begin([1], 4), 1);
  assert.equal(host.begin([1], 4), 0, "under way");
  assert.equal(host.take(), 0);
  host.slot.runFor(1);
  assert.equal(host.begin([1], 4), 0, "not taken");
  assert.equal(host.take(0), 0, "without room it stays");
  assert.equal(host.take(3), 3);
  assert.deepEqual(host.response(3), [I2cResult.OK, 0x80, 0x81]);
  assert.equal(host.take(), 0);
  assert.equal(host.begin([1], 0, 0x51), 1);
  assert.deepEqual(host.finish(), [I2cResult.NACK_ADDRESS]);
  assertNoWarnings(host.slot);
});

test("a delayed handler loses nothing, because the peripheral holds SCL", () => {
  const host = new Host();
  const { bus } = host.slot.chip;
  for (let delay = 0; delay < 1000; delay += 90) {
    host.memory.written = [];
    host.memory.next = 0;
    assert.equal(host.begin(bytes(8, 1), 32), 1);
    host.slot.chip.runUntilNanos(host.slot.chip.nanos + delay * 1000);
    bus.writeUint32(NVIC_ICER, IRQ_I2C0);
    host.slot.runFor(3);
    bus.writeUint32(NVIC_ISER, IRQ_I2C0);
    assert.deepEqual(host.finish(), [I2cResult.OK, ...bytes(32, 0)], `held off after ${delay} us`);
    assert.deepEqual(host.memory.written, bytes(8, 1));
  }
  assertNoWarnings(host.slot);
});
