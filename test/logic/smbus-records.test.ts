/**
 * Records that the slot keeps for a controller to read later: energy, events and the trace of the last fault.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { contract } from "../../abi/contract.ts";
import { EventKind, State } from "../../abi/generated/vocabulary.ts";
import { Signal } from "../../simulator/generated/abi.ts";
import { codesOf, RUNNING } from "../support/codes.ts";
import {
  INVALID_COMMAND,
  INVALID_DATA,
  littleEndian,
  named,
  OPERATION,
  PAGE,
  POWER_STATE,
  SmbusSlot,
} from "../support/smbus-logic.ts";

const READ_EOUT = 0x87;
const READ_IOUT = 0x8c;
const FAULT_CLEAR = named("MFR_FAULT_CLEAR").code;
const POLICY = named("MFR_RESTORE_POLICY").code;
const ENERGY = named("MFR_ENERGY").code;
const EVENT_STATUS = named("MFR_EVENT_STATUS").code;
const EVENT_READ = named("MFR_EVENT_READ").code;
const TRACE_READ = named("MFR_TRACE_READ").code;
/** Events kept, as docs/smbus.md says. */
const EVENTS_KEPT = 64;
/** Events that readings cause again and again. */
const REPEATING: readonly number[] = [
  EventKind.Warning,
  EventKind.WarningOver,
  EventKind.Sensor,
  EventKind.Monitor,
];
/** Between two readings while the slot is on. */
const WINDOW_MS = 10;
const ROUNDS = contract.sampling.traceRounds;

interface Event {
  readonly number: number;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly count: number;
  /** Kind, origin, detail, subject. */
  readonly what: readonly number[];
  readonly value: number;
  readonly limit: number;
}

function eventOf(slot: SmbusSlot, wanted: number): Event {
  const answer = slot.call(EVENT_READ, ...littleEndian(wanted));
  assert.equal(answer.length, 28);
  return {
    number: answer.readUInt32LE(0),
    first_ms: answer.readUIntLE(4, 5),
    last_ms: answer.readUIntLE(9, 5),
    count: answer.readUInt16LE(14),
    what: [...answer.subarray(16, 20)],
    value: answer.readInt32LE(20),
    limit: answer.readInt32LE(24),
  };
}

function rangeOf(slot: SmbusSlot): { oldest: number; end: number } {
  const [bytes] = slot.host.message([{ write: [EVENT_STATUS] }, { read: 10 }]) ?? [];
  const block = Buffer.from(bytes ?? []);
  assert.equal(block[0], 8);
  return { oldest: block.readUInt32LE(1), end: block.readUInt32LE(5) };
}

function eventsOf(slot: SmbusSlot): Event[] {
  const { oldest, end } = rangeOf(slot);
  const events: Event[] = [];
  for (let wanted = oldest; wanted < end; wanted = (events.at(-1) as Event).number + 1)
    events.push(eventOf(slot, wanted));
  return events;
}

function traceAt(slot: SmbusSlot, round: number) {
  const answer = slot.call(TRACE_READ, ...littleEndian(round));
  const codes: number[] = [];
  const end = answer.length - ((answer.length - 8) % 10);
  for (let at = 8; at < end; at += 2) codes.push(answer.readUInt16LE(at));
  return {
    fault_ms: end < answer.length ? answer.readUInt32LE(end) : undefined,
    round: answer.readUInt16LE(0),
    after: answer.readUInt16LE(2),
    period_ns: answer.readUInt32LE(4),
    codes,
  };
}

// ------------------------------------------------------------------- energy

test("READ_EOUT's accumulator rolls over at its stated maximum, and the average power is right", () => {
  const slot = new SmbusSlot();
  slot.comeUp({ ...RUNNING, i5_ma: 2000 });
  const total = () => {
    const [, low = 0, high = 0, rollovers = 0, ...samples] = slot.read(READ_EOUT, 7);
    const quarters = (low | (high << 8)) & 0x7ff;
    assert.equal(high >> 3, 0x1e, "exponent -2");
    const count = (samples[0] ?? 0) | ((samples[1] ?? 0) << 8) | ((samples[2] ?? 0) << 16);
    return { watts: (rollovers * 1023 + quarters) / 4, count };
  };
  const first = total();
  slot.wait(60_000);
  const second = total();
  assert.equal(second.count - first.count, 600);
  const average = (second.watts - first.watts) / (second.count - first.count);
  assert.ok(Math.abs(average - 10.2) < 0.02, `${average} W`);
});

test("MFR_ENERGY counts millijoules on page 0, and exists on no other page", () => {
  const slot = new SmbusSlot();
  slot.comeUp({ ...RUNNING, i5_ma: 2000 });
  const energy_mj = () => Number(slot.block(ENERGY, 8).readBigUInt64LE());
  const before = energy_mj();
  slot.wait(60_000);
  const gained = energy_mj() - before;
  assert.ok(Math.abs(gained - 612_000) < 612, `${gained} mJ of 10.2 W in a minute`);
  slot.write(PAGE, 1);
  slot.assertRefused([ENERGY], INVALID_COMMAND);
  slot.write(PAGE, 0);
  slot.assertRefused([ENERGY, 1, 0], INVALID_DATA);
});

test("after switching off, the slower converter falsifies neither energy nor readings", () => {
  const slot = new SmbusSlot();
  slot.comeUp({ ...RUNNING, i5_ma: 2000 });
  const energy_mj = () => Number(slot.block(ENERGY, 8).readBigUInt64LE());
  for (let ms = 0; ms < 12; ms++) {
    let before = energy_mj();
    // From here on the energy belongs to this moment.
    for (const stale = before; before === stale; before = energy_mj()) slot.live(1);
    slot.live(ms);
    slot.write(OPERATION, 0x00);
    slot.live(WINDOW_MS); // a window has the codes of its end here, see converter-host.ts
    slot.supplies({});
    slot.live(240);
    const gained = energy_mj() - before;
    // 10.2 W for these milliseconds and the window, and up to two on either side.
    assert.ok(
      gained >= 10.2 * (ms - 1) && gained < 10.2 * (ms + WINDOW_MS + 4),
      `${gained} mJ in ${ms} ms and a little`,
    );
    assert.equal(slot.word(READ_IOUT), 0x8000, "zero, as READ_IOUT encodes it");
    slot.comeUp({ ...RUNNING, i5_ma: 2000 });
  }
});

// ------------------------------------------------------------------- events

test("events have a number, a kind, a time and an origin, and are the same on both pages", () => {
  const slot = new SmbusSlot();
  const start = rangeOf(slot);
  assert.equal(start.oldest, 0);
  assert.deepEqual(eventOf(slot, 0).what, [11, 0, 0, 0], "the BMC was started by power-on");
  const before_ms = Number(slot.host.now_us / 1000n);
  slot.write(POLICY, 2);
  slot.wait(20);
  slot.write(PAGE, 1);
  const { end } = rangeOf(slot);
  assert.equal(end, start.end + 1);
  const event = eventOf(slot, end - 1);
  assert.deepEqual([event.number, event.count], [end - 1, 1]);
  assert.deepEqual(event.what, [12, 2, 2, 0], "policy, by SMBus, always off");
  assert.ok(event.first_ms >= before_ms && event.first_ms <= before_ms + 1, `${event.first_ms} ms`);
  assert.equal(event.last_ms, event.first_ms);
});

test("equal events are counted in the newest, with the first and the last time", () => {
  const slot = new SmbusSlot();
  slot.wait(1000); // until the event that there is no power monitor
  for (let turn = 0; turn < 5; turn++) {
    slot.write(POLICY, 1);
    slot.wait(1000);
  }
  const { end } = rangeOf(slot);
  const { count, first_ms, last_ms, what } = eventOf(slot, end - 1);
  assert.deepEqual(what, [12, 2, 1, 0]);
  assert.equal(count, 5);
  assert.equal(last_ms - first_ms, 4000);
  slot.write(POLICY, 0);
  assert.equal(rangeOf(slot).end, end + 1, "another one is a new event");
  // More events than the field can count.
  for (let turn = 0; turn < 0x10005; turn++) slot.write(POLICY, 0);
  assert.equal(eventOf(slot, end).count, 0xffff);
});

test("a fault's event has the page and MFR_LAST_FAULT's numbers, a warning's the value and the limit", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.supplies({ ...RUNNING, i5_ma: 3100 });
  slot.live(300);
  slot.supplies(RUNNING);
  slot.live(100);
  slot.supplies({ ...RUNNING, v5_mv: 5600 });
  slot.live(100);
  const events = eventsOf(slot);
  const find = (kind: number, subject?: number) =>
    events.find(({ what }) => what[0] === kind && (subject === undefined || what[3] === subject));
  const warning = find(4, 3 * 4 + 1);
  assert.deepEqual([warning?.what, warning?.limit], [[4, 0, 0, 13], 3000]);
  assert.ok(Math.abs((warning?.value ?? 0) - 3100) <= 4);
  const over = find(5, 3 * 4 + 1);
  assert.ok(Math.abs((over?.value ?? 0) - 1000) <= 4);
  const fault = find(2);
  assert.deepEqual([fault?.what, fault?.limit], [[2, 4, 6, 4], 5500], "a limit: V5, high fault");
  assert.ok(Math.abs((fault?.value ?? 0) - 5600) <= 6);
  const released = events.find(({ what }) => what[0] === 1 && what[2] === 4);
  assert.deepEqual(released?.what, [1, 2, 4, 3], "on, because COMPUTE_RUN was released, by the SMBus");
});

test("a power-good failure's event has its page, and the clearing's event its origin", () => {
  const slot = new SmbusSlot();
  slot.write(OPERATION, 0x80);
  slot.wait(32_000);
  slot.write(FAULT_CLEAR);
  const events = eventsOf(slot);
  const faults = events.filter(({ what }) => what[0] === 2);
  assert.equal(faults.length, 4);
  for (const { what } of faults) assert.deepEqual(what, [2, 4, 1, 1], "power-good time-out on page 1");
  assert.deepEqual(events.find(({ what }) => what[0] === 3)?.what, [3, 2, 0, 0]);
});

test("reading after the newest event returns only a number, reading one that is gone returns the next", () => {
  const slot = new SmbusSlot();
  for (let turn = 0; turn < 2 * EVENTS_KEPT; turn++) slot.write(POLICY, turn % 3);
  const { oldest, end } = rangeOf(slot);
  const kept = end - EVENTS_KEPT;
  for (const wanted of [end, end + 1, 0x8000_0000, 0xffff_ffff]) {
    assert.deepEqual([...slot.call(EVENT_READ, ...littleEndian(wanted))], littleEndian(end), `${wanted}`);
  }
  for (const wanted of [kept - EVENTS_KEPT / 2, kept - 1, kept])
    assert.equal(eventOf(slot, wanted).number, kept);
  assert.equal(eventOf(slot, 0).number, oldest);
  assert.equal(eventOf(slot, end - 1).number, end - 1);
  assert.deepEqual(eventOf(slot, oldest), eventOf(slot, oldest), "reading removes nothing");
});

test("a load that swings around its warning limit for minutes replaces no other event", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  const { end } = rangeOf(slot);
  const before = eventsOf(slot).filter(({ what }) => !REPEATING.includes(what[0] as number));
  for (let turn = 0; turn < 200; turn++) {
    slot.supplies({ ...RUNNING, ...(turn % 2 === 0 ? { v5_mv: 5400, i5_ma: 3200 } : {}) });
    slot.wait(300);
  }
  assert.ok(rangeOf(slot).end > end + 300, "every swing was an event");
  const events = eventsOf(slot);
  for (const event of before)
    assert.deepEqual(
      events.find(({ number }) => number === event.number),
      event,
    );
  const warnings = events.filter(({ what }) => what[0] === EventKind.Warning);
  assert.ok(warnings.length >= 2 && warnings.every(({ count }) => count === 100), JSON.stringify(warnings));
});

test("process calls of events and trace need a block of four bytes, and refuse anything else", () => {
  const slot = new SmbusSlot();
  for (const code of [EVENT_READ, TRACE_READ]) {
    for (const sent of [[], [0], [3, 0, 0, 0], [5, 0, 0, 0, 0, 0], [4, 0, 0, 0], [4, 0, 0, 0, 0, 0]]) {
      slot.assertRefused([code, ...sent], INVALID_DATA);
    }
    slot.write(code, 4, 0, 0, 0, 0);
    assert.equal(slot.takeCml(), INVALID_COMMAND, "it cannot be written");
  }
  slot.assertRefused([EVENT_STATUS, 0], INVALID_DATA);
});

// ------------------------------------------------------------------- trace

test("the trace of a fault has every round as converted, and nothing after its end", () => {
  const slot = new SmbusSlot();
  const none = traceAt(slot, 0);
  assert.deepEqual([none.round, none.codes, none.fault_ms], [0, [], undefined]);
  slot.comeUp();
  slot.supplies({ ...RUNNING, v5_mv: 5600 });
  slot.live(100);
  const codes = codesOf({ ...RUNNING, v5_mv: 5600 });
  let round = 0;
  let calls = 0;
  for (; calls < ROUNDS; calls++) {
    const part = traceAt(slot, round);
    assert.equal(part.round, round);
    assert.deepEqual([part.after, part.period_ns], [64, 10_000]);
    assert.equal(part.fault_ms, Math.floor(slot.lastFault().time_us / 1000), "also at its end");
    if (part.codes.length === 0) break;
    assert.deepEqual(part.codes.slice(0, 5), codes);
    round += part.codes.length / 5;
  }
  assert.equal(round, ROUNDS);
  assert.equal(calls, ROUNDS / 2, "two rounds fit a block");
  const [last, behind, far] = [traceAt(slot, ROUNDS - 1), traceAt(slot, ROUNDS), traceAt(slot, 0xffff_ffff)];
  assert.deepEqual([last.round, last.codes], [ROUNDS - 1, codes]);
  assert.deepEqual([behind.round, behind.codes], [ROUNDS, []]);
  assert.deepEqual([far.round, far.codes], [ROUNDS, []]);
});

test("the trace of the first fault is kept until MFR_FAULT_CLEAR", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.supplies({ ...RUNNING, v5_mv: 5600 });
  slot.live(100);
  const { codes: first, fault_ms } = traceAt(slot, 0);
  slot.supplies({ v5_mv: 0 });
  slot.live(1100);
  slot.supplies({ ...RUNNING, v5_mv: 4000 });
  slot.live(300);
  assert.equal(slot.lastFault().count, 2);
  assert.deepEqual(traceAt(slot, 0).codes, first);
  assert.equal(traceAt(slot, 0).fault_ms, fault_ms, "the time of the first fault, not of the last");
  slot.write(FAULT_CLEAR);
  assert.deepEqual([traceAt(slot, 0).codes, traceAt(slot, 0).fault_ms], [[], undefined]);
});

test("clearing a latched fault keeps its record and events, and removes its trace", () => {
  const slot = new SmbusSlot();
  slot.write(OPERATION, 0x80);
  slot.wait(32_000);
  assert.equal(slot.byte(POWER_STATE), State.Fault);
  assert.equal(traceAt(slot, 0).codes.length, 10);
  slot.write(FAULT_CLEAR);
  assert.equal(traceAt(slot, 0).codes.length, 0);
  assert.equal(slot.lastFault().reason, 1);
  assert.ok(slot.asserted(Signal.SMBALERT), "clearing the fault does not clear the status");
});
