/**
 * tTIMEOUT of the real image: when SCL is low for more than 25 ms, the slot releases both lines, after 35 ms
 * at the latest, and 10 ms after that it is usable again (SMBus 3.2, AC specifications). Other tests hold a
 * line from outside.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { quick } from "../../../simulator/devices/smbus/protocols.ts";
import type { Protocol } from "../../../simulator/devices/smbus/steps.ts";
import { ending, START, STOP } from "../../../simulator/devices/smbus/steps.ts";
import { assertNoWarnings } from "../../support/simulated-slot.ts";
import { ADDRESS, SlotBus, SPEEDS, startedBus } from "./smbus-slot.ts";

const SDA_GPIO = 6;
const SCL_GPIO = 7;
const NANOS_PER_MS = 1e6;
const TIMEOUT_MIN_MS = 25;
const TIMEOUT_MAX_MS = 35;
const USABLE_AFTER_MS = 10;

/** The lines that the slot itself pulls low, whatever else holds them. */
function pulls(bus: SlotBus) {
  const { pins } = bus.slot.chip;
  return { sda: pins[SDA_GPIO]?.chipDrives === false, scl: pins[SCL_GPIO]?.chipDrives === false };
}

/**
 * Bits at which the slot holds SDA low: it acknowledges the address or a byte, or sends a byte that begins
 * with a zero.
 */
const HOLDING: readonly {
  readonly name: string;
  readonly bit: number;
  readonly protocol: (bus: SlotBus) => Protocol;
}[] = [
  { name: "acknowledging its address", bit: 8, protocol: () => quick(ADDRESS, "read") },
  { name: "acknowledging a command", bit: 17, protocol: (bus) => bus.writing("MFR_IDENTIFY", 1) },
  {
    name: "acknowledging a byte of a block",
    bit: 35,
    protocol: (bus) => bus.writing("MFR_COMPUTE_INPUT", [1, 2]),
  },
  { name: "acknowledging the address of a read", bit: 27, protocol: (bus) => bus.reading("MFR_IDENTIFY") },
  { name: "sending a zero", bit: 28, protocol: (bus) => bus.reading("MFR_IDENTIFY") },
  { name: "sending a zero in the middle of a block", bit: 41, protocol: (bus) => bus.reading("MFR_MODEL") },
];

for (const { name, bit, protocol } of HOLDING) {
  test(`SCL low while ${name}: the slot releases SDA after 25 to 35 ms, and answers 10 ms later`, () => {
    // The firmware looks at the bus every 5 ms. The test uses moments in between, at each speed.
    for (const [index, hz] of [...SPEEDS, ...SPEEDS].entries()) {
      const bus = startedBus({}, hz);
      const { slot } = bus;
      const { chip } = slot;
      let fellNanos = 0;
      let letGoNanos = 0;
      chip.pins[SCL_GPIO]?.onChange((level) => {
        if (!level) fellNanos = chip.nanos;
      });
      chip.pins[SDA_GPIO]?.onChange((level) => {
        if (level && chip.nanos - fellNanos > NANOS_PER_MS) letGoNanos ||= chip.nanos;
      });
      slot.runFor(index * 0.83);
      // The slot's action shows in the low part of the clock before this bit. SCL then stays low.
      const run = slot.smbus.begin(protocol(bus), { kind: "hold-scl-low", bit, ms: 60, goOn: false });
      slot.runFor(10);
      assert.ok(pulls(bus).sda, `holds SDA, ${hz} Hz`);
      slot.runUntil(() => letGoNanos > 0, 40, "SDA to be released");
      const heldMs = (letGoNanos - fellNanos) / NANOS_PER_MS;
      assert.ok(heldMs >= TIMEOUT_MIN_MS && heldMs <= TIMEOUT_MAX_MS, `${heldMs} ms at ${hz} Hz`);
      assert.deepEqual(pulls(bus), { sda: false, scl: false });
      slot.runUntil(() => run.done, 60, "the controller's end");
      assert.equal(bus.number("MFR_IDENTIFY"), 0);
      const counters = bus.bytes("MFR_COUNTERS");
      assert.equal(counters[4], 1, "one time-out is counted");
      assertNoWarnings(slot);
    }
  });
}

test("10 ms after the release the slot answers, and the write that broke off is not carried out", () => {
  for (let phase = 0; phase < 10; phase++) {
    const bus = startedBus();
    const { slot } = bus;
    slot.runFor(phase * 0.5);
    // The slot releases the lines after 30 ms at the latest, so that it has had at least 6 of its 10 ms when
    // SCL rises after 36 ms.
    slot.transfer(bus.writing("MFR_IDENTIFY", 1), { kind: "hold-scl-low", bit: 27, ms: 36, goOn: false });
    const began = slot.chip.nanos;
    assert.equal(bus.number("MFR_IDENTIFY"), 0);
    assert.ok(slot.chip.nanos - began < USABLE_AFTER_MS * NANOS_PER_MS);
    assert.equal(bus.takeCml(), 0x02, "the message that broke off shows in STATUS_CML");
    assertNoWarnings(slot);
  }
});

test("SCL low for 24 ms is no time-out: the message goes on", () => {
  for (let phase = 0; phase < 12; phase++) {
    const bus = startedBus();
    bus.slot.runFor(phase * 0.45);
    for (const bit of [3, 12, 20, 26]) {
      const fault = { kind: "hold-scl-low", bit, ms: 24, goOn: true } as const;
      assert.equal(bus.slot.transfer(bus.writing("MFR_IDENTIFY", 1), fault).kind, "ok");
      assert.equal(bus.number("MFR_IDENTIFY"), 1, `phase ${phase}, bit ${bit}`);
      bus.write("MFR_IDENTIFY", 0);
      const read = bus.slot.transfer(bus.reading("MFR_MODEL"), { ...fault, bit: bit + 20 });
      assert.equal(`${read.kind} ${Buffer.from(read.data).toString("latin1")}`, "ok slot-hat");
    }
    assert.equal(bus.bytes("MFR_COUNTERS")[4], 0, "no time-out is counted");
  }
});

test("the slot recovers from a line that another device holds for a second", () => {
  for (const gpio of [SDA_GPIO, SCL_GPIO]) {
    const bus = startedBus();
    const { slot } = bus;
    const net = slot.chip.pins[gpio];
    net?.drive("another device", false);
    slot.runFor(1000);
    assert.deepEqual(pulls(bus), { sda: false, scl: false });
    net?.drive("another device", null);
    slot.runFor(1);
    assert.equal(bus.number("MFR_IDENTIFY"), 0);
    // A hold in the middle of a message ends the message.
    const run = slot.smbus.begin(bus.reading("MFR_MODEL"));
    slot.runFor(0.12);
    net?.drive("another device", false);
    slot.runFor(200);
    assert.deepEqual(pulls(bus), { sda: false, scl: false });
    net?.drive("another device", null);
    slot.runUntil(() => run.done, 100, "the controller's end");
    assert.equal(bus.number("MFR_IDENTIFY"), 0);
    assertNoWarnings(slot);
  }
});

/** A read whose controller vanishes, with SCL high, in the first bit of a byte that begins with a zero. */
const VANISHING: Protocol = {
  name: "a read whose controller vanishes",
  *steps() {
    yield START;
    yield { op: "write", byte: ADDRESS << 1, at: "address" };
    yield { op: "write", byte: 0xd9, at: "command" };
    yield START;
    yield { op: "write", byte: (ADDRESS << 1) | 1, at: "read-address" };
    yield { op: "hold-high", sda: true, nanos: 0 };
    yield { op: "let-go", free: false };
    return ending("abandoned", "data");
  },
};

test("if a controller vanishes while the slot holds SDA low, the slot releases it by itself within 35 ms", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({}, hz);
    const { slot } = bus;
    slot.transfer(VANISHING);
    slot.runFor(1);
    assert.ok(pulls(bus).sda, "a zero on the line");
    slot.runFor(TIMEOUT_MAX_MS);
    assert.deepEqual(pulls(bus), { sda: false, scl: false });
    assert.equal(slot.chip.pins[SDA_GPIO]?.level, true);
    assert.equal(bus.number("MFR_IDENTIFY"), 0);
    assertNoWarnings(slot);
  }
});

test("a controller that comes back at once gets the bus free with its nine clocks", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({}, hz);
    bus.slot.transfer(VANISHING);
    bus.slot.runFor(1);
    assert.equal(bus.number("MFR_IDENTIFY"), 0);
    bus.slot.transfer({
      name: "STOP",
      *steps() {
        yield START;
        yield STOP;
        return ending("ok", "stop");
      },
    });
    assert.equal(bus.number("MFR_IDENTIFY"), 0);
  }
});
