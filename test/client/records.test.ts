/** Records that take several messages, and change between two of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangedError, readEvents, readTrace, SlotClient as Slot, type SlotClient } from "@racklet/client";
import { MemorySlot } from "./memory-slot.ts";

const rounds = (first: number) => Array.from({ length: 8 }, (_, round) => [first + round, 1, 2, 3, 4]);

function slotWith(device: MemorySlot): SlotClient {
  return new Slot(device, device.address);
}

async function eventsOf(slot: SlotClient) {
  const events = [];
  for await (const event of readEvents(slot)) events.push(event);
  return events;
}

/** kind, count and first time of an event as the bus has it, behind its number. */
function event(kind: number, first_ms: number, count: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUIntLE(first_ms, 0, 5);
  bytes.writeUIntLE(first_ms + count - 1, 5, 5);
  bytes.writeUInt16LE(count, 10);
  bytes[12] = kind;
  return bytes;
}

test("a trace that is replaced while it is read is read again from its beginning", async () => {
  const device = new MemorySlot();
  device.traceRounds = rounds(100);
  device.traceFault_ms = 5000;
  let reads = 0;
  device.onTraceRead = () => {
    if (++reads !== 2) return;
    device.traceRounds = rounds(200);
    device.traceFault_ms = 6000;
  };
  const trace = await readTrace(slotWith(device));
  assert.deepEqual(trace?.rounds, rounds(200));
});

test("a trace that is cleared while it is read is none", async () => {
  const device = new MemorySlot();
  device.traceRounds = rounds(100);
  device.traceFault_ms = 5000;
  device.onTraceRead = () => {
    device.traceRounds = [];
  };
  assert.equal(await readTrace(slotWith(device)), null);
});

test("a trace that changes each time is an error with advice", async () => {
  const device = new MemorySlot();
  device.traceRounds = rounds(100);
  device.traceFault_ms = 1;
  device.onTraceRead = () => {
    device.traceFault_ms = (device.traceFault_ms ?? 0) + 1;
  };
  await assert.rejects(readTrace(slotWith(device)), ChangedError);
});

test("the trace of firmware that does not tell its time is read as before", async () => {
  const device = new MemorySlot();
  device.traceRounds = rounds(100);
  assert.deepEqual((await readTrace(slotWith(device)))?.rounds, rounds(100));
});

test("an event that comes again while the log is read is listed once, with its new count", async () => {
  const device = new MemorySlot();
  device.events = [event(4, 10, 1), event(5, 20, 1), event(1, 30, 1)];
  let reads = 0;
  device.onEventRead = () => {
    if (++reads === 2) device.events.push(event(4, 10, 2));
  };
  const events = await eventsOf(slotWith(device));
  assert.deepEqual(
    events.map(({ first_ms, count }) => [first_ms, count]),
    [
      [20, 1],
      [30, 1],
      [10, 2],
    ],
  );
});

test("events are read again after a restart of the BMC", async () => {
  const device = new MemorySlot();
  device.events = [event(4, 10, 1), event(5, 20, 1), event(1, 30, 1)];
  let reads = 0;
  device.onEventRead = () => {
    if (++reads === 2) device.events = [event(11, 40, 1)];
  };
  assert.deepEqual(
    (await eventsOf(slotWith(device))).map(({ first_ms }) => first_ms),
    [40],
  );
});

/** Numbers of EVENT_KIND. */
const [POWER, WARNING, WARNING_OVER] = [1, 4, 5];

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
  for (let at = 0; at < 20; at++) device.events.push(event(POWER, at, 1));
  device.events.push(event(WARNING, 100, 1), event(WARNING_OVER, 101, 1));
  const numbers = new Set<number>();
  // A reading that swings around its limit at every window, while each read takes as long.
  device.onEventRead = () => {
    numbers.add(device.events.length);
    repeat(device, numbers.size % 2 ? 100 : 101);
  };
  const events = await eventsOf(slotWith(device));
  assert.equal(events.length, 22);
  const swinging = events.filter(({ kind }) => kind !== "POWER").map(({ first_ms }) => first_ms);
  assert.deepEqual(swinging.sort(), [100, 101]);
});

test("the reading ends even where events come as fast as they are read", async () => {
  const device = new MemorySlot();
  device.events = [event(POWER, 0, 1)];
  device.onEventRead = () => device.events.push(event(POWER, device.events.length, 1));
  const events = await eventsOf(slotWith(device));
  assert.ok(events.length >= 10 && events.length < 200, `${events.length}`);
});

test("a slot in the minimal state says why, any other is none", async () => {
  const device = new MemorySlot();
  assert.equal(await slotWith(device).minimal(), null);
  device.becomeMinimal("failed again and again");
  assert.equal(await slotWith(device).minimal(), "failed again and again");
});

test("status of a slot in the minimal state has what there is to read, and null for the rest", async () => {
  const device = new MemorySlot();
  device.becomeMinimal("failed again and again");
  device.put("MFR_POWER_STATE", [3]);
  const { minimal, power, bootStage, rails, registers, lastFault } = await slotWith(device).status();
  assert.deepEqual([minimal, power, bootStage, lastFault], ["failed again and again", "ON", null, null]);
  assert.deepEqual(
    rails.map(({ name }) => name),
    device.rails,
  );
  assert.deepEqual(
    registers.map(({ name, page }) => [name, page]),
    [
      ["STATUS_WORD", 0],
      ["STATUS_WORD", 1],
      ["STATUS_CML", undefined],
      ["STATUS_MFR_SPECIFIC", undefined],
    ],
  );
  assert.equal(device.cml, 0, "the questions leave no bit set");
});
