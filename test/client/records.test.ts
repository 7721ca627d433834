/** Events that are read while they change their numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readEvents, SlotClient } from "@racklet/client";
import { MemorySlot } from "./memory-slot.ts";

/** Numbers of EVENT_KIND. */
const [POWER, WARNING, WARNING_OVER] = [1, 4, 5];

/** A block of MFR_EVENT_READ behind its number. */
function event(kind: number, first_ms: number, count = 1): Buffer {
  const block = Buffer.alloc(24);
  block.writeUIntLE(first_ms, 0, 5);
  block.writeUIntLE(first_ms + count, 5, 5);
  block.writeUInt16LE(count, 10);
  block[12] = kind;
  return block;
}

async function readAll(device: MemorySlot) {
  const events: string[] = [];
  for await (const { kind, first_ms } of readEvents(new SlotClient(device, device.address)))
    events.push(`${kind} ${first_ms}`);
  return events;
}

/** Gives the event at this place a new number, as one that repeats gets it. */
function repeat(device: MemorySlot, first_ms: number): void {
  const at = device.events.findIndex((one) => one?.readUIntLE(0, 5) === first_ms);
  const count = (device.events[at]?.readUInt16LE(10) ?? 0) + 1;
  const kind = device.events[at]?.[12] ?? 0;
  device.events[at] = null;
  device.events.push(event(kind, first_ms, count));
}

test("a warning that comes and goes during the whole reading is among the events, once", async () => {
  const device = new MemorySlot();
  device.firstEvent = 90;
  for (let at = 0; at < 20; at++) device.events.push(event(POWER, at));
  device.events.push(event(WARNING, 100), event(WARNING_OVER, 101));
  const numbers = new Set<number>();
  // A reading that swings around its limit at every window, while each read takes as long.
  device.eventRead = () => {
    numbers.add(device.events.length);
    repeat(device, numbers.size % 2 ? 100 : 101);
  };
  const events = await readAll(device);
  assert.equal(events.length, 22);
  assert.deepEqual(events.slice(20).sort(), ["WARNING 100", "WARNING_OVER 101"]);
});

test("the reading ends even where events come as fast as they are read", async () => {
  const device = new MemorySlot();
  device.events = [event(POWER, 0)];
  device.eventRead = () => device.events.push(event(POWER, device.events.length));
  const events = await readAll(device);
  assert.ok(events.length >= 10 && events.length < 100, `${events.length}`);
});

test("a BMC that restarts meanwhile has no further events, which is no error", async () => {
  const device = new MemorySlot();
  for (let at = 0; at < 10; at++) device.events.push(event(POWER, at));
  let reads = 0;
  device.eventRead = () => {
    reads++;
    if (reads === 5) device.events = [event(POWER, 0)];
  };
  assert.equal((await readAll(device)).length, 5);
});
