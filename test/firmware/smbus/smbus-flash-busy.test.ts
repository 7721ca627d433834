/**
 * The target is served from SRAM, so that it still answers while flash is busy, as for 400 ms of an erase.
 * The first tests show that the handlers never touch flash. The others show that the handlers suffice while
 * everything else stands still.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { alertResponse, readByte, readWord, sendByte } from "../../../simulator/devices/smbus/protocols.ts";
import type { Slot } from "../../../simulator/slot/slot.ts";
import { readSymbols } from "../../../simulator/tools/elf.ts";
import { asserted, assertNoWarnings, buildDirectory } from "../../support/simulated-slot.ts";
import { busOf, park, setFlash } from "./smbus-parked.ts";
import { ADDRESS, code, hex, SPEEDS, startedBus, text } from "./smbus-slot.ts";

const IRQ_TIMER_1 = 1;
const IRQ_I2C1 = 24;
/** The number of an exception is 16 more than that of its interrupt. */
const BUS_EXCEPTIONS = [16 + IRQ_TIMER_1, 16 + IRQ_I2C1];
const VTOR = 0xe000_ed08;
const SRAM_END = 0x2004_2000;

/**
 * Makes flash unavailable while the target's handlers run, from now on. Returns how often each handler was
 * entered, by name.
 */
function withoutFlashInHandlers(slot: Slot): Map<string, number> {
  const symbols = readSymbols(readFileSync(`${buildDirectory()}/firmware.elf`));
  const entries = new Map<number, string>();
  for (const name of ["i2c1_interrupt", "smbus_timer_interrupt", "smbus_alert_answer"]) {
    entries.set(symbols.get(name) ?? assert.fail(`the firmware has ${name}`), name);
  }
  const { cpu } = busOf(slot);
  const entered = new Map<string, number>();
  let away = false;
  slot.chip.trace = (pc) => {
    const inHandler = BUS_EXCEPTIONS.includes(cpu.IPSR);
    if (inHandler !== away) setFlash(slot, !inHandler);
    away = inHandler;
    const name = entries.get(pc);
    if (name !== undefined) entered.set(name, (entered.get(name) ?? 0) + 1);
  };
  return entered;
}

test("the vectors and the bus' handlers are in SRAM", () => {
  const { slot } = startedBus();
  const { bus: systemBus } = slot.chip;
  const isSram = (address: number) => address >= 0x2000_0000 && address < SRAM_END;
  const vectors = systemBus.readUint32(VTOR);
  assert.ok(isSram(vectors), `VTOR ${vectors.toString(16)}`);
  for (const exception of BUS_EXCEPTIONS) {
    const handler = systemBus.readUint32(vectors + 4 * exception);
    assert.ok(isSram(handler), `exception ${exception} at ${handler.toString(16)}`);
  }
});

test("no handler of the bus fetches or reads anything from flash", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({ neighbours: [{ address: 0x44 }] }, hz);
    const { slot } = bus;
    const entered = withoutFlashInHandlers(slot);
    // Prepared reads, short and long.
    for (const name of [
      "READ_VIN",
      "STATUS_WORD",
      "CAPABILITY",
      "MFR_ID",
      "READ_EOUT",
      "MFR_LAST_FAULT",
    ] as const)
      bus.bytes(name);
    slot.transfer(readWord({ address: ADDRESS, command: code("READ_VIN") })); // leaves a byte behind
    // Reads that need the logic, served and refused, and messages to other targets.
    bus.bytes("MFR_COUNTERS");
    bus.bytes("MFR_LOG_READ", [0, 0, 0, 0]);
    slot.transfer(readWord(bus.to(0x89)));
    slot.transfer(readWord({ address: 0x44, command: 0x45, pec: true }));
    // Writes of every kind, too long and with a wrong PEC, and PAGE, which the host follows at once.
    bus.write("PAGE", 1);
    bus.number("READ_VOUT");
    bus.write("PAGE", 0);
    bus.write("MFR_COMPUTE_INPUT", [1, 2, 3]);
    slot.transfer(bus.writing("MFR_COMPUTE_INPUT", [1, 2, 3]), { kind: "too-many-bytes", bytes: 60 });
    slot.transfer(bus.writing("MFR_IDENTIFY", 1), { kind: "wrong-pec" });
    // The alert that these messages have raised.
    slot.runFor(1);
    assert.ok(asserted(slot, "SMBALERT"));
    assert.equal(slot.transfer(alertResponse()).kind, "ok");
    bus.write("CLEAR_FAULTS");
    // A message that is broken off, and a bus that stands still.
    slot.transfer(bus.writing("MFR_IDENTIFY", 1), { kind: "restart-for-stop", next: sendByte(bus.to(3)) });
    slot.transfer(bus.writing("MFR_IDENTIFY", 1), { kind: "hold-scl-low", bit: 20, ms: 40, goOn: false });
    slot.transfer(bus.reading("MFR_MODEL"), { kind: "stop-at-bit", bit: 60 });
    slot.transfer(bus.reading("MFR_MODEL"), { kind: "lose-arbitration", bit: 60 });
    assert.equal(bus.number("MFR_IDENTIFY"), 0);
    for (const name of ["i2c1_interrupt", "smbus_timer_interrupt", "smbus_alert_answer"])
      assert.ok((entered.get(name) ?? 0) > 0, `${name} was traced`);
    const warnings = slot.chip.log.warnings.filter(({ source }) => source !== "I2C1");
    assert.deepEqual(warnings, [], `${hz} Hz`);
    assert.equal(slot.chip.resets.length, 1, slot.describe());
  }
});

function assertServedFromSram(slot: Slot): void {
  assertNoWarnings(slot);
  assert.equal(slot.chip.resets.length, 1, slot.describe());
}

test("while flash is busy prepared responses come as usual", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({}, hz);
    const { slot } = bus;
    const names = ["READ_TEMPERATURE_1", "READ_VIN", "STATUS_WORD", "MFR_MODEL", "OT_FAULT_LIMIT"] as const;
    const before = names.map((name) => hex(bus.bytes(name)));
    const resume = park(slot);
    const until = slot.chip.nanos + 50e6;
    const bitNanos = 1e9 / hz;
    while (slot.chip.nanos < until) {
      for (const [index, name] of names.entries()) {
        const outcome = bus.done(bus.reading(name));
        assert.equal(hex(outcome.data), before[index], name);
        assert.ok(
          outcome.largestStretchNanos <= bitNanos,
          `${name} waited ${outcome.largestStretchNanos} ns`,
        );
      }
      slot.runFor(1);
    }
    resume();
    bus.number("READ_VIN");
    slot.expect("bmc> ", 1000);
    assertServedFromSram(slot);
  }
});

test("the host follows PAGE while flash is busy", () => {
  const bus = startedBus();
  const resume = park(bus.slot);
  for (let round = 0; round < 5; round++) {
    bus.write("PAGE", 1);
    assert.equal(bus.number("PAGE"), 1);
    assert.equal(bus.number("STATUS_WORD"), 0x0840, "off, no power-good");
    bus.write("PAGE", 0);
    assert.equal(bus.number("PAGE"), 0);
  }
  resume();
  bus.slot.expect("bmc> ", 1000);
  assert.equal(bus.number("PAGE"), 0);
  assertServedFromSram(bus.slot);
});

test("requests queue up while flash is busy, and are served in their order afterwards", () => {
  const bus = startedBus();
  const { slot } = bus;
  const typed: number[] = [];
  slot.chip.uarts[0].onFrame((byte) => typed.push(byte));
  const resume = park(slot);
  for (const letter of "abcdefgh") {
    bus.write("MFR_COMPUTE_INPUT", Buffer.from(letter));
    slot.runFor(2);
  }
  bus.write("MFR_IDENTIFY", 1);
  bus.write("MFR_IDENTIFY", 0);
  bus.write("MFR_IDENTIFY", 1);
  assert.equal(asserted(slot, "LED_IDENTIFY"), false, "not yet");
  slot.runFor(20);
  resume();
  slot.runFor(5);
  assert.equal(text(Uint8Array.from(typed)), "abcdefgh");
  assert.ok(asserted(slot, "LED_IDENTIFY"));
  assert.equal(bus.number("MFR_IDENTIFY"), 1);
  assert.equal(bus.takeCml(), 0);
  assertServedFromSram(slot);
});

test("without room for requests the address is not acknowledged, and no acknowledged write is lost", () => {
  const bus = startedBus();
  const { slot } = bus;
  const typed: number[] = [];
  slot.chip.uarts[0].onFrame((byte) => typed.push(byte));
  const resume = park(slot);
  let sent = "";
  let refused = 0;
  for (let index = 0; index < 30; index++) {
    const letter = String.fromCharCode(0x41 + index);
    const outcome = slot.transfer(bus.writing("MFR_COMPUTE_INPUT", Buffer.from(letter)));
    if (outcome.kind === "ok") sent += letter;
    else {
      assert.equal(`${outcome.kind} ${outcome.at}`, "nack address");
      refused++;
    }
    slot.runFor(1);
  }
  assert.ok(refused > 10 && sent.length >= 12, `${sent.length} taken, ${refused} refused`);
  resume();
  slot.runFor(5);
  assert.equal(text(Uint8Array.from(typed)), sent);
  assert.ok((bus.bytes("MFR_COUNTERS")[12] as number) >= 1, "counted as busy");
  assert.equal(bus.number("CAPABILITY"), 0xd0);
  assertServedFromSram(slot);
});

test("a read that needs the logic gets its FFh in time, and the lines are free", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({}, hz);
    const { slot } = bus;
    const resume = park(slot);
    for (const protocol of [
      readByte({ address: ADDRESS, command: 0x89 }),
      readWord({ address: ADDRESS, command: code("MFR_LOG_STATUS") }),
    ]) {
      const outcome = slot.transfer(protocol);
      assert.equal(outcome.kind, "ok");
      assert.ok(outcome.data.every((byte) => byte === 0xff));
      // tLOW:SEXT: 25 ms of stretching in one message.
      const stretchedMs = outcome.largestStretchNanos / 1e6;
      assert.ok(stretchedMs >= 10 && stretchedMs <= 15.1, `${stretchedMs} ms`);
      slot.runFor(1);
      for (const name of ["I2C1_SDA", "I2C1_SCL"]) assert.ok(slot.signal(name)?.asserted, `${name} is high`);
    }
    // A prepared read waits as long if a write before it may change it.
    bus.write("MFR_IDENTIFY", 1);
    const waited = slot.transfer(bus.reading("MFR_IDENTIFY"));
    assert.equal(waited.kind, "bad-pec");
    assert.ok(waited.largestStretchNanos / 1e6 <= 15.1);
    resume();
    slot.runFor(5);
    assert.equal(bus.number("MFR_IDENTIFY"), 1);
    assert.ok((bus.bytes("MFR_COUNTERS")[14] as number) >= 2, "counted as late");
    assertServedFromSram(slot);
  }
});
