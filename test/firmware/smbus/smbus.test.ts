/**
 * The SMBus target of the real image: every command of the table by every protocol that it has, with and
 * without PEC, at every speed; the refusals; and the addresses at which it answers.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS, decodeLinear11 } from "@racklet/client";
import {
  quick,
  rawMessage,
  readWord,
  receiveByte,
  writeByte,
} from "../../../simulator/devices/smbus/protocols.ts";
import { asserted, assertNoWarnings, powerUp, startedSlot } from "../../support/simulated-slot.ts";
import {
  ADDRESS,
  ALL_COMMANDS,
  CML_INVALID_COMMAND,
  CML_INVALID_DATA,
  CML_OTHER_MEMORY_LOGIC,
  CML_PEC,
  code,
  hex,
  littleEndian,
  SlotBus,
  SPEEDS,
  startedBus,
  text,
} from "./smbus-slot.ts";

/** Every speed, with and without PEC. */
const EVERY_WAY = SPEEDS.flatMap((hz) => [true, false].map((pec) => ({ hz, pec })));

/** The bytes that each process call sends. */
const QUESTIONS: Readonly<Record<string, readonly number[]>> = {
  SMBALERT_MASK: [code("STATUS_CML")],
  MFR_LOG_READ: [0, 0, 0, 0],
  MFR_CONSOLE_OUTPUT: [0, 0, 0, 0],
  MFR_EVENT_READ: [0, 0, 0, 0],
  MFR_TRACE_READ: [0, 0, 0, 0],
};

for (const { hz, pec } of EVERY_WAY) {
  test(`every command that can be read is read, ${hz} Hz, PEC ${pec}`, () => {
    const bus = startedBus({}, hz);
    bus.pec = pec;
    powerUp(bus.slot);
    for (const [name, { read }] of ALL_COMMANDS) {
      if (read === undefined) continue;
      const bytes = bus.bytes(name, QUESTIONS[name] ?? []);
      const expected = { byte: 1, word: 2 }[read as string];
      if (expected !== undefined) assert.equal(bytes.length, expected, name);
      else assert.ok(bytes.length >= 1 && bytes.length <= 32, `${name}: ${bytes.length} bytes`);
      assert.equal(bus.number("STATUS_CML"), 0, name);
    }
    assertNoWarnings(bus.slot);
  });

  test(`every command that can be written is written, ${hz} Hz, PEC ${pec}`, () => {
    const bus = startedBus({}, hz);
    bus.pec = pec;
    for (const [name, { read, write, code: command }] of ALL_COMMANDS) {
      if (write === undefined) continue;
      // Writing the present value changes nothing. A mask needs the code of its register.
      const value =
        read === "byte" || read === "word" ? bus.number(name) : command === 0x1b ? code("STATUS_CML") : 3;
      bus.write(name, write === "block" ? [0x20] : value);
      assert.equal(bus.takeCml(), 0, name);
      if (read === "byte" || read === "word") assert.equal(bus.number(name), value, name);
    }
    assertNoWarnings(bus.slot);
  });
}

test("an unknown or unreadable command brings no data, no right PEC, and a bit of STATUS_CML", () => {
  for (const { hz, pec } of EVERY_WAY) {
    const bus = startedBus({}, hz);
    const known = new Map(ALL_COMMANDS.map(([, command]) => [command.code, command]));
    for (let command = 0; command < 256; command++) {
      if (known.get(command)?.read !== undefined) continue;
      bus.slot.transfer(bus.writing("STATUS_CML", 0xff));
      const answer = bus.slot.transfer(readWord({ address: ADDRESS, command, pec }));
      assert.equal(answer.kind, pec ? "bad-pec" : "ok", `command ${command.toString(16)}`);
      // The second byte is FEh where FFh would be the right PEC of the bytes before it.
      assert.match(hex(answer.data), /^ff(ff|fe)$/);
      assert.equal(bus.number("STATUS_CML"), CML_INVALID_COMMAND, `command ${command.toString(16)}`);
    }
    assertNoWarnings(bus.slot);
  }
});

test("a write to a command that cannot be written is refused", () => {
  const bus = startedBus();
  const writable = new Set(ALL_COMMANDS.filter(([, { write }]) => write).map(([, command]) => command.code));
  for (let command = 0; command < 256; command++) {
    if (!writable.has(command)) bus.refused(writeByte(bus.to(command), 1), CML_INVALID_COMMAND);
  }
});

test("commands of page 0 do not exist on page 1", () => {
  const bus = startedBus();
  bus.write("PAGE", 1);
  for (const [name, { pages, read, write }] of ALL_COMMANDS) {
    if (pages === undefined || pages.includes(1)) continue;
    if (read !== undefined) {
      bus.takeCml();
      assert.equal(bus.slot.transfer(bus.reading(name)).kind === "ok", false, name);
      assert.equal(bus.takeCml(), CML_INVALID_COMMAND, name);
    }
    if (write !== undefined) bus.refused(bus.writing(name, 1), CML_INVALID_COMMAND);
  }
  assert.equal(bus.number("PAGE"), 1);
});

test("a write with a wrong PEC is not carried out, whatever the command, and shows in STATUS_CML", () => {
  const bus = startedBus();
  for (const [name, { read, write }] of ALL_COMMANDS) {
    if (write === undefined) continue;
    const readable = read === "byte" || read === "word";
    const before = readable ? bus.number(name) : 0;
    bus.takeCml();
    const value = write === "block" ? [0x72] : name === "MFR_POWER_COMMAND" ? 1 : before ^ 1;
    bus.slot.transfer(bus.writing(name, value), { kind: "wrong-pec" });
    if (readable && name !== "STATUS_CML") assert.equal(bus.number(name), before, name);
    assert.equal(bus.takeCml(), CML_PEC, name);
  }
  assert.equal(bus.number("MFR_POWER_STATE"), COMMANDS.MFR_POWER_STATE.values.OFF);
  assert.equal(
    littleEndian(bus.bytes("MFR_COUNTERS").subarray(6, 8)),
    ALL_COMMANDS.filter(([, c]) => c.write).length,
  );
});

test("values that are not allowed are refused, and the old ones kept", () => {
  const bus = startedBus();
  const refusals = [
    ["PAGE", 2],
    ["PAGE", 0xff],
    ["OPERATION", 0x94],
    ["ON_OFF_CONFIG", 0x1f],
    ["WRITE_PROTECT", 0x03],
    ["WRITE_PROTECT", 0x60],
    ["MFR_POWER_COMMAND", 0],
    ["MFR_POWER_COMMAND", 6],
    ["MFR_IDENTIFY", 2],
  ] as const;
  for (const [name, value] of refusals) bus.refused(bus.writing(name, value), CML_INVALID_DATA);
  assert.equal(bus.number("PAGE"), 0);
  assert.equal(bus.number("WRITE_PROTECT"), 0);
  assert.equal(bus.number("MFR_POWER_STATE"), 0);
});

test("limits stay within the board's range, and read back as the word written", () => {
  const bus = startedBus();
  const limits = [
    ["VIN_UV_WARN_LIMIT", 11, 5],
    ["IOUT_OC_WARN_LIMIT", 2, 6],
    ["POUT_OP_FAULT_LIMIT", 20, 27],
    ["OT_WARN_LIMIT", 61, 120],
    ["UT_FAULT_LIMIT", (1 << 11) - 25, (1 << 11) - 41],
  ] as const;
  for (const [name, allowed, forbidden] of limits) {
    bus.write(name, allowed);
    assert.equal(bus.number(name), allowed, name);
    bus.refused(bus.writing(name, forbidden), CML_INVALID_DATA);
    assert.equal(bus.number(name), allowed, `${name} is kept`);
  }
  // The two pages have limits of their own.
  bus.write("VOUT_OV_WARN_LIMIT", 5.25 * 4096);
  bus.write("PAGE", 1);
  bus.write("VOUT_OV_WARN_LIMIT", 3.4 * 4096);
  bus.refused(bus.writing("VOUT_OV_WARN_LIMIT", 5.25 * 4096), CML_INVALID_DATA);
  bus.write("PAGE", 0);
  assert.equal(bus.number("VOUT_OV_WARN_LIMIT"), 5.25 * 4096);
});

test("a reading beyond a limit warns and alerts, and can be cleared once the limit is right", () => {
  const bus = startedBus();
  powerUp(bus.slot);
  bus.slot.runFor(1000);
  assert.equal(bus.number("STATUS_INPUT"), 0);
  for (const [name, volts] of [
    ["VIN_UV_FAULT_LIMIT", 9],
    ["VIN_UV_WARN_LIMIT", 10],
    ["VIN_OV_WARN_LIMIT", 11],
  ] as const)
    bus.write(name, volts);
  bus.slot.runFor(150);
  assert.equal(bus.number("STATUS_INPUT"), 0x40);
  assert.equal(bus.number("STATUS_WORD") & 0x2001, 0x2001, "INPUT, none of the above");
  assert.ok(asserted(bus.slot, "SMBALERT"));
  bus.write("VIN_OV_WARN_LIMIT", 20);
  bus.slot.runFor(150);
  bus.write("STATUS_INPUT", 0x40);
  bus.slot.runFor(150);
  assert.equal(bus.number("STATUS_INPUT"), 0);
  assert.equal(asserted(bus.slot, "SMBALERT"), false);
});

test("WRITE_PROTECT protects the commands of its level, and can always be undone", () => {
  const bus = startedBus();
  const tries = [
    ["PAGE", 1],
    ["OPERATION", 0],
    ["ON_OFF_CONFIG", 0x18],
    ["MFR_IDENTIFY", 1],
    ["MFR_POWER_COMMAND", 1],
    ["OT_WARN_LIMIT", 61],
    ["STATUS_CML", 0],
  ] as const;
  for (const level of [0x80, 0x40, 0x20]) {
    bus.write("WRITE_PROTECT", level);
    assert.equal(bus.number("WRITE_PROTECT"), level);
    for (const [name, value] of tries) {
      bus.write("CLEAR_FAULTS");
      bus.write(name, value);
      const allowed =
        name === "OPERATION" || name === "PAGE" ? level !== 0x80 : name === "ON_OFF_CONFIG" && level === 0x20;
      assert.equal(bus.number("STATUS_CML"), allowed ? 0 : CML_INVALID_COMMAND, `${name} under ${level}`);
      if (name === "PAGE" && allowed) bus.write("PAGE", 0);
    }
    bus.write("WRITE_PROTECT", 0);
  }
  assert.equal(bus.number("WRITE_PROTECT"), 0);
  assert.equal(bus.number("MFR_IDENTIFY"), 0);
  assert.equal(bus.number("PAGE"), 0);
});

test("each of the 16 slots answers at its own address and nowhere else", () => {
  for (let slotId = 0; slotId < 16; slotId++) {
    const slot = startedSlot({ slotId });
    slot.smbus.hz = SPEEDS[slotId % SPEEDS.length] as number;
    const answering: number[] = [];
    for (let address = 0; address < 128; address++) {
      if (slot.transfer(quick(address, "write")).kind === "ok") answering.push(address);
    }
    assert.deepEqual(answering, [ADDRESS + slotId]);
    const bus = new SlotBus(slot, { address: ADDRESS + slotId });
    assert.equal(text(bus.bytes("MFR_LOCATION")), `slot ${slotId}`);
    assert.equal(bus.number("STATUS_CML"), 0, "a scan sets no status bit");
    assertNoWarnings(slot);
  }
});

test("quick commands, receive byte and general calls", () => {
  for (const hz of SPEEDS) {
    const bus = startedBus({}, hz);
    const { slot } = bus;
    assert.equal(slot.transfer(quick(ADDRESS, "write")).kind, "ok");
    assert.equal(slot.transfer(quick(ADDRESS, "read")).kind, "ok");
    // Without a command before it there is nothing to read.
    assert.equal(hex(slot.transfer(receiveByte({ address: ADDRESS })).data), "ff");
    assert.equal(slot.transfer(rawMessage(0x00, [0x06])).kind, "nack", "general call: reset");
    assert.equal(slot.transfer(rawMessage(0x00, [], 1)).kind, "nack", "START byte");
    assert.equal(bus.number("MFR_IDENTIFY"), 0);
    assertNoWarnings(slot);
  }
});

test("readings show the slot's true values, with the right sign and exponent", () => {
  const bus = startedBus();
  powerUp(bus.slot);
  bus.slot.runFor(2000);
  const near = (value: number, wanted: number, by: number) =>
    assert.ok(Math.abs(value - wanted) <= by, `${value}`);
  near(decodeLinear11(bus.number("READ_VIN")), 12, 0.5);
  near(bus.number("READ_VOUT") / 4096, 5.1, 0.1);
  near(decodeLinear11(bus.number("READ_TEMPERATURE_1")), 30, 20);
  const amperes = decodeLinear11(bus.number("READ_IOUT"));
  near(amperes, bus.slot.compute.currentMa / 1000, 0.1);
  near(decodeLinear11(bus.number("READ_POUT")), 5.1 * amperes, 0.5);
  const samples = () => littleEndian(bus.bytes("READ_EOUT").subarray(3, 6));
  const before = samples();
  bus.slot.runFor(1000);
  assert.equal(samples() - before, 10, "ten a second");
});

test("without a compute board power commands fail and set STATUS_CML", () => {
  const bus = startedBus({ present: false });
  for (const [name, value] of [
    ["OPERATION", 0x80],
    ["MFR_POWER_COMMAND", 1],
    ["MFR_POWER_COMMAND", 4],
  ] as const)
    bus.refused(bus.writing(name, value), CML_OTHER_MEMORY_LOGIC);
  assert.equal(bus.number("MFR_POWER_STATE"), 0);
});
