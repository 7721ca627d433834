/** Two devices at one address: what a controller notices, and what it does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isShared } from "@racklet/client";
import { MemorySlot, Overlapping } from "./memory-slot.ts";

/** A slot with a serial number, or without one. */
function board(serial: string | null): MemorySlot {
  const device = new MemorySlot();
  device.silent = true;
  if (serial === null) device.remove("MFR_SERIAL");
  else device.put("MFR_SERIAL", [...Buffer.from(serial)]);
  return device;
}

const ONE = "E6616408437A9B2C";
const OTHER = "E660D4A0C7515E2A";

test("two boards whose serial numbers differ are noticed, and one board is not taken for two", async () => {
  const [one, other] = [board(ONE), board(OTHER)];
  assert.equal(await isShared(new Overlapping(one, other), 0x10), true);
  one.trace.length = 0;
  assert.equal(await isShared(one, 0x10), false);
  assert.equal(one.trace.filter((line) => line.startsWith("r")).length, 1, "one message");
});

test("a device without a serial number, without PEC or with a disturbed answer is no second device", async () => {
  const bare = board(null);
  assert.equal(await isShared(bare, 0x10), false);
  assert.equal(bare.cml, 0, "the question leaves no bit set");
  const plain = board(ONE);
  plain.knowsPec = false;
  assert.equal(await isShared(plain, 0x10), false);
  const disturbed = board(ONE);
  disturbed.disturbNext = true;
  assert.equal(await isShared(disturbed, 0x10), false);
  assert.equal(await isShared(board(ONE), 0x11), false, "nobody is there");
});

test("a serial number that is disturbed otherwise each time is no second device", async () => {
  const device = board(ONE);
  let flips = 0;
  const read = device.read.bind(device);
  device.read = async (...message) => {
    const answer = await read(...message);
    if (message[1][0] === 0x9e) answer[5] = (answer[5] ?? 0) ^ (1 << flips++);
    return answer;
  };
  assert.equal(await isShared(device, 0x10), false);
  assert.equal(flips, 2, "two answers that differ are enough");
});

test("what cannot be seen: two boards with the same answers", async () => {
  assert.equal(await isShared(new Overlapping(board(ONE), board(ONE)), 0x10), false);
  assert.equal(await isShared(new Overlapping(board(ONE), board(null)), 0x10), false);
});
