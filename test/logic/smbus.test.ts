/**
 * The SMBus target's logic in Node: which messages are accepted, which are refused and how, and what readings
 * show.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { State } from "../../abi/generated/vocabulary.ts";
import { commands } from "../../abi/smbus.ts";
import { Event, Port, Signal } from "../../simulator/generated/abi.ts";
import { CHANNELS, codeOf, pinOf } from "../support/codes.ts";
import {
  ADDRESS,
  CLEAR_FAULTS,
  INVALID_COMMAND,
  INVALID_DATA,
  named,
  OPERATION,
  OTHER_COMMUNICATION,
  OTHER_MEMORY_LOGIC,
  PAGE,
  PEC_FAILED,
  POWER_COMMAND,
  POWER_STATE,
  pec,
  SmbusSlot as Slot,
  STATUS_CML,
  STATUS_INPUT,
  STATUS_IOUT,
  STATUS_WORD,
  WRITE_PROTECT,
} from "../support/smbus-logic.ts";

const VIN_OV_WARN_LIMIT = 0x57;

test("identification names model, firmware and slot, with PEC", () => {
  const slot = new Slot();
  assert.equal(slot.byte(0x19), 0xd0);
  assert.equal(slot.byte(0x98), 0x33);
  assert.equal(slot.byte(0x20), 0x14);
  assert.equal(slot.text(0x99), "Racklet");
  assert.equal(slot.text(0x9a), "slot-hat");
  assert.equal(slot.text(0x9c), "slot 0");
  assert.equal(slot.text(0xad), "RP2040");
  assert.match(slot.text(0xda), /^racklet-bmc \d+\.\d+\.\d+, contract \d$/);
});

test("a write with a wrong PEC is not carried out, but one with a right PEC or without PEC is", () => {
  const slot = new Slot();
  slot.write(PAGE, 1, pec(ADDRESS << 1, PAGE, 1) ^ 0x01);
  assert.equal(slot.byte(PAGE), 0);
  assert.equal(slot.takeCml(), PEC_FAILED);
  slot.write(PAGE, 1, pec(ADDRESS << 1, PAGE, 1));
  assert.equal(slot.byte(PAGE), 1);
  slot.write(PAGE, 0);
  assert.equal(slot.byte(PAGE), 0);
  assert.equal(slot.takeCml(), 0);
});

test("no writable command is carried out with a wrong PEC", () => {
  for (const { code, name, write } of commands) {
    if (!write) continue;
    const slot = new Slot();
    const data = { send: [], byte: [1], word: [1, 2], block: [2, 0x68, 0x69] }[write];
    const right = pec(ADDRESS << 1, code, ...data);
    const before = slot.host.smbus.counters.messages;
    for (let wrong = 1; wrong < 256; wrong += 37) slot.write(code, ...data, right ^ wrong);
    assert.equal(slot.host.smbus.counters.messages - before, 7);
    assert.equal(slot.takeCml(), PEC_FAILED, name);
    assert.equal(slot.byte(POWER_STATE), 0, name);
  }
});

test("an unknown command reads as FFh with no PEC that fits, and shows in STATUS_CML", () => {
  const slot = new Slot();
  for (let code = 0; code < 256; code++) {
    if (commands.some((command) => command.code === code && command.read)) continue;
    const [bytes] = slot.host.message([{ write: [code] }, { read: 3 }]) ?? [];
    const before = [ADDRESS << 1, code, (ADDRESS << 1) | 1];
    assert.ok((bytes?.[0] ?? 0) >= 0xfe, `0x${code.toString(16)}`);
    assert.notEqual(bytes?.[1], pec(...before, bytes?.[0] ?? 0));
    assert.notEqual(bytes?.[2], pec(...before, bytes?.[0] ?? 0, bytes?.[1] ?? 0));
    assert.equal(slot.takeCml(), INVALID_COMMAND);
  }
});

test("writing a read-only or unknown command is an invalid command", () => {
  const slot = new Slot();
  for (const code of [0x19, 0x88, 0x98, 0x99, 0xd1, 0xde, 0xdf, 0xe0, 0xe1, 0xe2, 0x05, 0xff]) {
    slot.write(code, 1);
    assert.equal(slot.takeCml(), INVALID_COMMAND, `0x${code.toString(16)}`);
  }
});

test("too little or too much data is invalid data, whatever the form", () => {
  const slot = new Slot();
  slot.write(PAGE);
  assert.equal(slot.takeCml(), INVALID_DATA);
  slot.write(PAGE, 0, 0, 0);
  assert.equal(slot.takeCml(), INVALID_DATA);
  slot.write(VIN_OV_WARN_LIMIT, 0xd1);
  assert.equal(slot.takeCml(), INVALID_DATA);
  for (const block of [[], [0], [3, 1, 2], [33, ...Array(33).fill(0x41)], [1, 0x41, 0x42, 0x43]]) {
    slot.write(named("MFR_CONSOLE_INPUT").code, ...block);
    assert.equal(slot.takeCml(), INVALID_DATA, JSON.stringify(block));
  }
  slot.write(named("MFR_CONSOLE_INPUT").code, ...Array(50).fill(0x41));
  assert.equal(slot.takeCml(), INVALID_DATA);
});

test("PAGE beyond the two supplies is refused and keeps the old one", () => {
  const slot = new Slot();
  slot.write(PAGE, 1);
  for (const page of [2, 31, 0xff]) {
    slot.write(PAGE, page);
    assert.equal(slot.byte(PAGE), 1);
    assert.equal(slot.takeCml(), INVALID_DATA);
  }
});

test("limits are settable within the board's range, and read as they were written", () => {
  const slot = new Slot();
  const before = slot.word(VIN_OV_WARN_LIMIT);
  slot.write(VIN_OV_WARN_LIMIT, 0x13, 0x00); // 19 V with exponent 0
  assert.equal(slot.word(VIN_OV_WARN_LIMIT), 0x0013);
  assert.notEqual(before, 0x0013);
  for (const volts of [0x08, 0x17]) {
    slot.write(VIN_OV_WARN_LIMIT, volts, 0x00); // 8 V and 23 V: the board allows 9 to 22
    assert.equal(slot.takeCml(), INVALID_DATA);
    assert.equal(slot.word(VIN_OV_WARN_LIMIT), 0x0013);
  }
});

/** LINEAR11 with exponent -3. */
const eighthsOf = (volts: number) => [(volts * 8) & 0xff, 0xe8 | ((volts * 8) >> 8)] as const;
const VIN_LIMITS = { highFault: 0x55, highWarning: VIN_OV_WARN_LIMIT, lowWarning: 0x58, lowFault: 0x59 };

test("a limit that contradicts the others is refused, counted and changes nothing", () => {
  const slot = new Slot();
  const words = () => Object.values(VIN_LIMITS).map((code) => slot.word(code));
  const before = words();
  // The board's limits are 21, 20.4, 11.4 and 10.8 V, with a hysteresis of 0.2 V.
  for (const [code, volts] of [
    [VIN_LIMITS.highFault, 20.25], // below the high warning
    [VIN_LIMITS.highFault, 11],
    [VIN_LIMITS.highWarning, 21.125], // above the high fault
    [VIN_LIMITS.highWarning, 11.75], // closer to the low warning than both hystereses
    [VIN_LIMITS.lowWarning, 20.125],
    [VIN_LIMITS.lowWarning, 10.75], // below the low fault
    [VIN_LIMITS.lowFault, 11.5], // above the low warning
    [VIN_LIMITS.lowFault, 21],
  ] as const) {
    slot.write(code, ...eighthsOf(volts));
    assert.equal(slot.takeCml(), INVALID_DATA, `${volts} V for ${code.toString(16)}`);
    assert.deepEqual(words(), before);
  }
});

test("a limit may be written as it or its neighbour reads, whatever the format rounds", () => {
  const slot = new Slot();
  const word = (code: number) => {
    const value = slot.word(code);
    return [value & 0xff, value >> 8] as const;
  };
  for (const code of Object.values(VIN_LIMITS)) slot.write(code, ...word(code));
  slot.write(VIN_LIMITS.highFault, ...word(VIN_LIMITS.highWarning)); // 20.4 V reads as 20.40625 V
  slot.write(VIN_LIMITS.lowFault, ...word(VIN_LIMITS.lowWarning));
  assert.equal(slot.takeCml(), 0);
  assert.equal(slot.word(VIN_LIMITS.highFault), slot.word(VIN_LIMITS.highWarning));
});

test("all limits move up from the highest to the lowest, and down from the lowest to the highest", () => {
  const slot = new Slot();
  const order = Object.values(VIN_LIMITS);
  const up = [21.875, 21.5, 21, 20.875];
  const down = [9.75, 9.625, 9.125, 9];
  for (const [codes, volts] of [
    [order, up],
    [[...order].reverse(), [...down].reverse()],
    [order, up],
  ] as const) {
    for (const [index, code] of codes.entries()) slot.write(code, ...eighthsOf(volts[index] as number));
    assert.equal(slot.takeCml(), 0);
  }
  assert.equal(slot.word(VIN_LIMITS.lowFault) & 0x7ff, 20.875 * 8);
});

test("each page has limits of its own, and page 1 has no current", () => {
  const slot = new Slot();
  const over5 = slot.word(0x40);
  slot.write(PAGE, 1);
  const over3 = slot.word(0x40);
  assert.equal(Math.round((over5 * 1000) / 4096), 5500);
  assert.equal(Math.round((over3 * 1000) / 4096), 3630);
  for (const code of [0x46, 0x4a, 0x68, 0x6a, 0x7b, 0x87, 0x8c, 0x96, 0xde]) {
    slot.host.message([{ write: [code] }, { read: 3 }]);
    assert.equal(slot.takeCml(), INVALID_COMMAND, `0x${code.toString(16)} on page 1`);
  }
});

test("a reading is beyond a limit above it, not at it, and only after the filter time", () => {
  const slot = new Slot();
  // A code that reads a whole number of eighths of a volt, so that LINEAR11 has a word for exactly this
  // value.
  const milli = (code: number) => Math.round(pinOf(code) * CHANNELS.VIN.factor);
  let code = codeOf(16_400, CHANNELS.VIN);
  while (milli(code) % 125 !== 0) code++;
  const eighths = milli(code) / 125;
  assert.ok(eighths * 125 > 16_400 && eighths * 125 < 19_000);
  slot.host.setCode(0, code);
  slot.write(VIN_OV_WARN_LIMIT, eighths & 0xff, 0xe8 | (eighths >> 8)); // times two to the -3
  assert.equal(slot.takeCml(), 0);
  slot.wait(1000);
  assert.equal(slot.byte(STATUS_INPUT), 0);
  slot.write(VIN_OV_WARN_LIMIT, (eighths - 1) & 0xff, 0xe8 | ((eighths - 1) >> 8));
  slot.wait(90); // 100 ms are the board's filter time, and at most as long lies between two windows
  assert.equal(slot.byte(STATUS_INPUT), 0);
  slot.wait(210);
  assert.equal(slot.byte(STATUS_INPUT), 0x40);
  // At the limit it still counts, because the hysteresis is 200 mV.
  slot.write(VIN_OV_WARN_LIMIT, (eighths + 1) & 0xff, 0xe8 | ((eighths + 1) >> 8));
  slot.wait(300);
  slot.write(CLEAR_FAULTS);
  assert.equal(slot.byte(STATUS_INPUT), 0x40, "its cause is still there, so it comes back");
  slot.write(VIN_OV_WARN_LIMIT, (eighths + 2) & 0xff, 0xe8 | ((eighths + 2) >> 8));
  slot.wait(300);
  assert.equal(slot.byte(STATUS_INPUT), 0x40, "what happened stays until it is cleared");
  slot.write(CLEAR_FAULTS);
  slot.wait(300);
  assert.equal(slot.byte(STATUS_INPUT), 0);
});

test("CLEAR_FAULTS on page 1 does not clear registers that only page 0 has", () => {
  const slot = new Slot();
  slot.comeUp();
  slot.supplies({ v5_mv: 5100, i5_ma: 3300, v3v3_mv: 3300 });
  slot.live(300);
  assert.equal(slot.byte(STATUS_IOUT), 0x21, "over 3 A and over 16 W");
  slot.supplies({ v5_mv: 5100, i5_ma: 1000, v3v3_mv: 3300 });
  slot.live(100);
  slot.write(PAGE, 1);
  slot.write(CLEAR_FAULTS);
  slot.write(PAGE, 0);
  assert.equal(slot.byte(STATUS_IOUT), 0x21);
  slot.write(CLEAR_FAULTS);
  assert.equal(slot.byte(STATUS_IOUT), 0);
});

test("OPERATION and MFR_POWER_COMMAND switch the slot, and set a status bit when they cannot", () => {
  const slot = new Slot();
  slot.write(OPERATION, 0x80);
  assert.equal(slot.byte(POWER_STATE), 1);
  assert.equal(slot.byte(OPERATION), 0x80);
  slot.host.setInputs(Signal.PG_RAIL_0 | Signal.PG_RAIL_1, Signal.PG_RAIL_0 | Signal.PG_RAIL_1);
  slot.wait(25);
  assert.equal(slot.byte(POWER_STATE), 3);
  slot.write(POWER_COMMAND, 5);
  assert.equal(slot.byte(POWER_STATE), 7);
  slot.write(POWER_COMMAND, 4);
  assert.equal(slot.byte(STATUS_WORD - 1) & 0x80, 0x80, "BUSY");
  slot.wait(200);
  slot.write(OPERATION, 0x00);
  assert.equal(slot.byte(POWER_STATE), 5);
  slot.host.setInputs(Signal.PG_RAIL_0 | Signal.PG_RAIL_1, 0);
  slot.wait(5);
  assert.equal(slot.byte(POWER_STATE), 0);
  assert.equal(slot.takeCml(), 0);
  slot.write(POWER_COMMAND, 4);
  assert.equal(slot.takeCml(), OTHER_MEMORY_LOGIC);
  slot.host.setInputs(Signal.PRESENT, 0);
  slot.write(OPERATION, 0x80);
  assert.equal(slot.takeCml(), OTHER_MEMORY_LOGIC);
  assert.equal(slot.byte(POWER_STATE), 0);
  for (const value of [0x94, 0xa4, 0x01]) {
    slot.write(OPERATION, value);
    assert.equal(slot.takeCml(), INVALID_DATA);
  }
});

test("OPERATION off with a soft turn-off asks the OS, and without one does not", () => {
  for (const [value, state] of [
    [0x40, State.ShuttingDown],
    [0x00, State.RailDown],
  ] as const) {
    const slot = new Slot();
    slot.comeUp();
    slot.write(OPERATION, value);
    assert.equal(slot.byte(POWER_STATE), state);
    assert.equal(slot.asserted(Signal.SHUTDOWN_REQ), value === 0x40);
  }
});

test("an SMBALERT# that was pulled before the start is released by it", () => {
  const slot = new Slot(Signal.PRESENT | Signal.SMBALERT);
  assert.ok(!slot.asserted(Signal.SMBALERT));
});

test("MFR_COUNTERS counts every refusal once, whatever its reason, and wrong PECs besides", () => {
  const slot = new Slot();
  const counts = () => {
    const block = slot.block(named("MFR_COUNTERS").code, 18);
    return { pecErrors: block.readUInt16LE(6), refused: block.readUInt16LE(10) };
  };
  assert.deepEqual(counts(), { pecErrors: 0, refused: 0 });
  slot.write(OPERATION, 0x80, 0x00);
  assert.deepEqual(counts(), { pecErrors: 1, refused: 1 }, "a wrong PEC");
  slot.write(0x03 ^ 0xff, 1);
  assert.equal(counts().refused, 2, "no such command");
  slot.write(OPERATION, 0x94);
  assert.equal(counts().refused, 3, "a value that is not allowed");
  slot.write(OPERATION, 0x80);
  slot.write(POWER_COMMAND, 4);
  assert.equal(counts().refused, 4, "a slot that comes up is busy");
  slot.write(OPERATION, 0x00);
  slot.wait(1000);
  slot.write(POWER_COMMAND, 4);
  assert.equal(counts().refused, 5, "a command that failed");
  slot.takeCml();
  slot.assertRefused([0xfc], INVALID_COMMAND);
  assert.deepEqual(counts(), { pecErrors: 1, refused: 6 }, "a read");
});

test("WRITE_PROTECT protects the commands of its level, including power commands", () => {
  const levels = [
    { level: 0x20, page: true, operation: true },
    { level: 0x40, page: true, operation: true },
    { level: 0x80, page: false, operation: false },
  ];
  for (const { level, page, operation } of levels) {
    const slot = new Slot();
    slot.write(WRITE_PROTECT, level);
    assert.equal(slot.byte(WRITE_PROTECT), level);
    slot.write(PAGE, 1);
    assert.equal(slot.byte(PAGE), page ? 1 : 0);
    slot.write(POWER_COMMAND, 1);
    assert.equal(slot.byte(POWER_STATE), 0, "MFR_POWER_COMMAND");
    slot.write(named("MFR_RESTORE_POLICY").code, 2);
    assert.equal(slot.byte(named("MFR_RESTORE_POLICY").code), 0, "MFR_RESTORE_POLICY");
    slot.write(VIN_OV_WARN_LIMIT, 0x13, 0x00);
    assert.notEqual(slot.word(VIN_OV_WARN_LIMIT), 0x0013);
    assert.equal(slot.byte(STATUS_CML), INVALID_COMMAND);
    slot.write(0x03);
    assert.equal(slot.byte(STATUS_CML), 0, "CLEAR_FAULTS is always possible");
    slot.write(OPERATION, 0x80);
    assert.equal(slot.byte(POWER_STATE), operation ? 1 : 0, "OPERATION");
    slot.write(WRITE_PROTECT, 0x00);
    slot.write(PAGE, 1);
    assert.equal(slot.byte(PAGE), 1);
  }
  const slot = new Slot();
  slot.write(WRITE_PROTECT, 0x60);
  assert.equal(slot.takeCml(), INVALID_DATA);
  assert.equal(slot.byte(WRITE_PROTECT), 0);
});

test("more requests than one pass serves are served in the next passes, without a further event", () => {
  const slot = new Slot();
  for (let turn = 0; turn < 12; turn++) assert.ok(slot.host.message([{ write: [PAGE, 1 - (turn & 1)] }]));
  slot.host.handle(Event.SMBUS);
  assert.ok(slot.host.smbus.waiting, "one pass leaves some, so that power is not kept waiting");
  slot.wait(1);
  assert.equal(slot.host.smbus.waiting, false);
  assert.equal(slot.byte(PAGE), 0);
});

test("a pass in which nothing has changed publishes nothing, because each response costs time", () => {
  const slot = new Slot();
  slot.comeUp();
  const published: number[] = [];
  const { smbus } = slot.host;
  const publish = smbus.publish.bind(smbus);
  smbus.publish = (page, command, response) => {
    published.push(command);
    publish(page, command, response);
  };
  for (let pass = 0; pass < 5; pass++) slot.host.handle(0);
  assert.equal(published.length, 0, String(published));
  slot.write(OPERATION, 0x00);
  assert.ok(published.includes(OPERATION));
});

test("a message that broke off is reported, and not carried out", () => {
  const slot = new Slot();
  slot.host.message([{ write: [PAGE, 1] }], "broken");
  slot.host.serveSmbus();
  assert.equal(slot.byte(PAGE), 0);
  assert.equal(slot.takeCml(), OTHER_COMMUNICATION);
});

test("a new status bit pulls SMBALERT#, an alert response releases it, and a mask prevents it", () => {
  const slot = new Slot();
  slot.write(PAGE, 9);
  assert.ok(slot.asserted(Signal.SMBALERT));
  slot.host.signals &= ~Signal.SMBALERT; // the host releases it when the slot's address wins
  slot.host.smbus.alertAnswered();
  slot.host.serveSmbus();
  slot.write(PAGE, 9);
  assert.ok(!slot.asserted(Signal.SMBALERT), "the same bit again does not alert");
  slot.write(0xff, 1);
  assert.ok(slot.asserted(Signal.SMBALERT), "another bit does");
  slot.write(0x03);
  assert.ok(!slot.asserted(Signal.SMBALERT));
  slot.write(0x1b, STATUS_CML, 0xff);
  assert.deepEqual([...slot.call(0x1b, STATUS_CML)], [0xff]);
  slot.write(PAGE, 9);
  assert.ok(!slot.asserted(Signal.SMBALERT));
});

test("the boot log is read exactly, in blocks, and both consoles take input", () => {
  const slot = new Slot();
  const log = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 31) & 0xff));
  slot.bootLog(log);
  const parts: Buffer[] = [];
  for (let position = 0; ; ) {
    const sent = Buffer.alloc(4);
    sent.writeUInt32LE(position);
    const answer = slot.call(0xd5, ...sent);
    assert.equal(answer.readUInt32LE(0), position);
    if (answer.length === 4) break;
    parts.push(answer.subarray(4));
    position += answer.length - 4;
  }
  assert.deepEqual(Buffer.concat(parts), log);
  const before = slot.printed;
  slot.write(0xd6, 8, ...Buffer.from("version\r"));
  slot.wait(1);
  assert.match(slot.printedSince(before), /racklet-bmc .* board slot-hat/);
  slot.write(0xd8, 5, ...Buffer.from("root\r"));
  assert.equal(slot.host.sentText(Port.COMPUTE), "root\r");
});

test("the boot stage follows the printed text, and only goes forward", () => {
  const slot = new Slot();
  assert.equal(slot.byte(0xd2), 0);
  slot.powerOn();
  assert.equal(slot.byte(0xd2), 1);
  for (const [text, stage] of [
    ["RPi boot", 2],
    ["UU-Boot 2021.01", 3],
    ["[ 0.0 ] Linux ver", 3],
    ["sion 5.10", 4],
    ["U-Boot ", 4],
    ["raspberrypi lologin: ", 5],
  ] as const) {
    slot.bootLog(text);
    assert.equal(slot.byte(0xd2), stage, text);
  }
});

test("every combination of straps gives its address", () => {
  const straps = [Signal.SLOT_ID0, Signal.SLOT_ID1, Signal.SLOT_ID2, Signal.SLOT_ID3];
  for (let number = 0; number < 16; number++) {
    const signals = straps.reduce((all, strap, bit) => ((number >> bit) & 1 ? all | strap : all), 0);
    const slot = new Slot(Signal.PRESENT | signals);
    assert.equal(slot.host.smbus.address, ADDRESS + number);
    assert.equal(slot.text(0x9c), `slot ${number}`);
  }
});
