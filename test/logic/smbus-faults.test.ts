/**
 * Power faults, limits and input power as a controller on the SMBus sees them, and the commands that act on
 * them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { State } from "../../abi/generated/vocabulary.ts";
import { Signal } from "../../simulator/generated/abi.ts";
import { CHANNELS, codeOf } from "../support/codes.ts";
import {
  CLEAR_FAULTS,
  INVALID_COMMAND,
  INVALID_DATA,
  named,
  OPERATION,
  OTHER_MEMORY_LOGIC,
  PAGE,
  PEC_FAILED,
  POWER_COMMAND,
  POWER_STATE,
  SmbusSlot,
  STATUS_BYTE,
  STATUS_INPUT,
  STATUS_IOUT,
  STATUS_MFR_SPECIFIC,
  STATUS_VOUT,
  STATUS_WORD,
  WRITE_PROTECT,
} from "../support/smbus-logic.ts";

const FAULT_CLEAR = named("MFR_FAULT_CLEAR").code;
const POLICY = named("MFR_RESTORE_POLICY").code;
const VIN_UV_FAULT_LIMIT = 0x59;
const VIN_OV_FAULT_LIMIT = 0x55;
const VIN_UV_WARN_LIMIT = 0x58;
const POWER_FAULT = 0x80;
const REMOVED = 0x40;
const LATCHED = 0x20;
const VIN_UV_FAULT = 0x10;
const LOW_VIN = 0x08;
/** Three pauses, and four times the 50 ms in which power-good must come. */
const TRIED_MS = 1000 + 5000 + 25_000 + 4 * 50;

/** A slot whose 3V3_AUX never becomes good, with all tries used up. */
function latched(): SmbusSlot {
  const slot = new SmbusSlot();
  slot.write(OPERATION, 0x80);
  slot.wait(TRIED_MS + 100);
  assert.equal(slot.byte(POWER_STATE), State.Fault);
  return slot;
}

test("a fault is tried again three times and reported each time; then it is latched, and reported too", () => {
  const slot = new SmbusSlot();
  slot.write(OPERATION, 0x80);
  slot.write(PAGE, 1);
  for (const [index, pause_ms] of [1000, 5000, 25_000].entries()) {
    slot.wait(52);
    assert.equal(slot.byte(POWER_STATE), State.RetryPause);
    assert.equal(slot.byte(OPERATION), 0, "the slot provides no power and is not coming up");
    assert.equal(slot.byte(STATUS_VOUT), 0x04, "TON_MAX_FAULT on the page of 3V3_AUX");
    assert.equal(slot.byte(STATUS_MFR_SPECIFIC), POWER_FAULT);
    assert.ok(slot.asserted(Signal.SMBALERT));
    const { reason, page, latched: isLatched, measured, count } = slot.lastFault();
    assert.deepEqual([reason, page, isLatched, measured, count], [1, 1, 0, 1, index + 1]);
    slot.write(CLEAR_FAULTS);
    assert.ok(!slot.asserted(Signal.SMBALERT));
    assert.equal(slot.byte(STATUS_VOUT) | slot.byte(STATUS_MFR_SPECIFIC), 0);
    slot.wait(pause_ms);
    assert.equal(slot.byte(POWER_STATE), 1, "a rail is coming up");
  }
  slot.wait(60);
  assert.equal(slot.byte(POWER_STATE), State.Fault);
  assert.equal(slot.byte(STATUS_MFR_SPECIFIC), POWER_FAULT | LATCHED);
  assert.equal(slot.word(STATUS_WORD) & 0x9001, 0x9001);
  slot.write(CLEAR_FAULTS);
  assert.equal(slot.byte(STATUS_MFR_SPECIFIC), 0, "the register shows what happened, not the present state");
  const { reason, page, latched: isLatched, count } = slot.lastFault();
  assert.deepEqual([reason, page, isLatched, count], [1, 1, 1, 4]);
});

test("while a fault is latched power on is refused and off changes nothing, until MFR_FAULT_CLEAR", () => {
  const slot = latched();
  for (const [command, value] of [
    [OPERATION, 0x80],
    [POWER_COMMAND, 1],
    [POWER_COMMAND, 4],
    [POWER_COMMAND, 5],
  ] as const) {
    slot.write(command, value);
    assert.equal(slot.takeCml(), OTHER_MEMORY_LOGIC, `${command} ${value}`);
    assert.equal(slot.byte(POWER_STATE), State.Fault);
  }
  for (const value of [0x00, 0x40]) slot.write(OPERATION, value);
  slot.write(CLEAR_FAULTS);
  assert.equal(slot.takeCml(), 0, "the slot is off already");
  assert.equal(slot.byte(POWER_STATE), State.Fault);
  slot.write(FAULT_CLEAR);
  assert.equal(slot.byte(POWER_STATE), State.Off);
  const { reason, latched: isLatched, count } = slot.lastFault();
  assert.deepEqual([reason, isLatched, count], [1, 0, 4], "the record stays");
  slot.comeUp();
});

test("MFR_FAULT_CLEAR is a send byte with the checks of every write: PEC, length and protection", () => {
  const slot = latched();
  slot.write(FAULT_CLEAR, 0x01);
  assert.equal(slot.takeCml(), PEC_FAILED);
  slot.write(FAULT_CLEAR, 1, 2);
  assert.equal(slot.takeCml(), INVALID_DATA);
  slot.assertRefused([FAULT_CLEAR], INVALID_COMMAND);
  for (const level of [0x20, 0x40, 0x80]) {
    slot.write(WRITE_PROTECT, level);
    slot.write(FAULT_CLEAR);
    slot.write(WRITE_PROTECT, 0);
    assert.equal(slot.takeCml(), INVALID_COMMAND);
  }
  assert.equal(slot.byte(POWER_STATE), State.Fault);
  slot.write(PAGE, 1);
  slot.write(FAULT_CLEAR);
  assert.equal(slot.takeCml(), 0);
  assert.equal(slot.byte(POWER_STATE), State.Off);
  slot.write(FAULT_CLEAR);
  assert.equal(slot.takeCml(), 0, "without a fault there is nothing to fail");
});

test("in a retry's pause power on comes up at once, and power off ends the pause", () => {
  const slot = new SmbusSlot();
  for (const [value, state] of [
    [0x80, 1],
    [0x40, State.Off],
    [0x00, State.Off],
  ] as const) {
    slot.write(OPERATION, 0x80);
    slot.wait(60);
    assert.equal(slot.byte(POWER_STATE), State.RetryPause);
    slot.write(OPERATION, value);
    assert.equal(slot.byte(POWER_STATE), state);
    slot.write(OPERATION, 0x00);
    slot.live(15);
    assert.equal(slot.byte(POWER_STATE), State.Off);
  }
  assert.equal(slot.takeCml(), 0);
});

/** Name, supplies beyond the limit, number of the limit, register, bit, page. */
const LIMITS = [
  ["V5 high", { v5_mv: 5600 }, 1 * 4 + 0, STATUS_VOUT, 0x80, 0],
  ["V5 low", { v5_mv: 4500 }, 1 * 4 + 3, STATUS_VOUT, 0x10, 0],
  ["V3V3 high", { v3v3_mv: 3700 }, 2 * 4 + 0, STATUS_VOUT, 0x80, 1],
  ["V3V3 low", { v3v3_mv: 2900 }, 2 * 4 + 3, STATUS_VOUT, 0x10, 1],
  ["I5", { v5_mv: 5000, i5_ma: 4100 }, 3 * 4 + 0, STATUS_IOUT, 0x80, 0],
  ["P5", { v5_mv: 5490, i5_ma: 3950 }, 4 * 4 + 0, STATUS_IOUT, 0x02, 0],
  ["VIN high", { vin_mv: 21_500 }, 0 * 4 + 0, STATUS_INPUT, 0x80, 0],
] as const;

for (const [name, wrong, limit, register, bit, page] of LIMITS) {
  test(`beyond the fault limit of ${name} the slot goes off, and register and record show the cause`, () => {
    const slot = new SmbusSlot();
    slot.comeUp();
    const supplies = { v5_mv: 5100, i5_ma: 1000, v3v3_mv: 3300, ...wrong };
    slot.supplies(supplies);
    slot.live(10);
    assert.equal(slot.byte(POWER_STATE), State.On, "within its filter time it does not count");
    slot.live(80);
    assert.equal(slot.byte(POWER_STATE), State.RetryPause);
    slot.write(PAGE, page);
    assert.equal(slot.byte(register) & bit, bit);
    assert.equal(slot.byte(STATUS_MFR_SPECIFIC), POWER_FAULT);
    assert.ok(slot.asserted(Signal.SMBALERT));
    const fault = slot.lastFault();
    assert.deepEqual([fault.reason, fault.page, fault.limit, fault.latched], [6, page, limit, 0]);
    const shown = [fault.vin_mv, fault.vout_0_mv, fault.vout_1_mv, fault.iout_ma];
    const meant = [12_000, supplies.v5_mv, supplies.v3v3_mv, supplies.i5_ma];
    if ("vin_mv" in wrong) meant[0] = wrong.vin_mv;
    for (const [at, value] of shown.entries()) {
      const expected = meant[at] as number;
      assert.ok(Math.abs(value - expected) <= Math.max(4, expected / 1000), `${shown}, meant ${meant}`);
    }
  });
}

test("the fast path's over-current is IOUT_OC_FAULT, with the current that tripped it", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.host.setCode(2, codeOf(6000, CHANNELS.I5));
  assert.ok(!slot.asserted(Signal.EN_RAIL_1), "off before any pass");
  slot.wait(0);
  assert.equal(slot.byte(POWER_STATE), State.RailDown);
  assert.equal(slot.byte(STATUS_IOUT), 0x80);
  assert.equal(slot.byte(STATUS_BYTE) & 0x10, 0x10);
  assert.equal(slot.byte(STATUS_MFR_SPECIFIC), POWER_FAULT);
  assert.ok(slot.asserted(Signal.SMBALERT));
  const { reason, page, iout_ma } = slot.lastFault();
  assert.deepEqual([reason, page], [5, 0]);
  assert.ok(Math.abs(iout_ma - 6000) <= 4, `${iout_ma} mA`);
});

test("a brown-out pulls SMBALERT# with VIN_UV_FAULT, takes the slot down and is no power fault", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  const faults = slot.lastFault().count;
  slot.host.setCode(0, codeOf(10_500, CHANNELS.VIN));
  slot.wait(0);
  slot.host.setCode(0, codeOf(12_000, CHANNELS.VIN)); // gone before the next window
  assert.equal(slot.byte(POWER_STATE), State.RailDown);
  assert.equal(slot.byte(STATUS_INPUT), VIN_UV_FAULT);
  assert.equal(slot.byte(STATUS_BYTE) & 0x08, 0x08);
  assert.ok(slot.asserted(Signal.SMBALERT));
  slot.live(20);
  assert.equal(slot.byte(POWER_STATE), State.NoInput);
  assert.equal(slot.byte(STATUS_INPUT), VIN_UV_FAULT | LOW_VIN);
  slot.write(CLEAR_FAULTS);
  assert.equal(slot.byte(STATUS_INPUT), LOW_VIN, "the slot is still off for lack of input power");
  assert.equal(slot.byte(STATUS_MFR_SPECIFIC), 0);
  assert.equal(slot.lastFault().count, faults);
  for (const command of [
    [OPERATION, 0x80],
    [POWER_COMMAND, 1],
  ] as const) {
    slot.write(...command);
    assert.equal(slot.takeCml(), OTHER_MEMORY_LOGIC);
  }
  slot.live(1000); // the input has been good for a second, and this slot was on
  assert.equal(slot.byte(POWER_STATE), State.Restoring);
  assert.equal(slot.byte(OPERATION), 0);
  slot.write(CLEAR_FAULTS);
  assert.equal(slot.byte(STATUS_INPUT), 0);
  slot.supplies({});
  slot.live(1600);
  assert.equal(slot.byte(POWER_STATE), State.On);
});

test("input power that fails while the slot is off shows as well, and the slot stays off", () => {
  const slot = new SmbusSlot();
  slot.supplies({ vin_mv: 5000 });
  slot.wait(300);
  assert.equal(slot.byte(POWER_STATE), State.NoInput);
  assert.equal(slot.byte(STATUS_INPUT), 0x20 | VIN_UV_FAULT | LOW_VIN);
  slot.write(CLEAR_FAULTS);
  assert.equal(slot.byte(STATUS_INPUT), 0x20 | VIN_UV_FAULT | LOW_VIN, "the causes are still there");
  slot.supplies({});
  slot.wait(1500);
  assert.equal(slot.byte(POWER_STATE), State.Off);
});

test("VIN_UV_FAULT_LIMIT changes the brown-out limit, even while the slot runs", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.write(VIN_UV_FAULT_LIMIT, 0x12, 0xf8); // 9 V
  slot.write(VIN_UV_WARN_LIMIT, 0x13, 0xf8); // 9.5 V
  assert.equal(slot.takeCml(), 0);
  slot.host.setCode(0, codeOf(10_500, CHANNELS.VIN)); // below the board's 10.8 V
  slot.live(200);
  assert.equal(slot.byte(POWER_STATE), State.On);
  slot.write(VIN_UV_WARN_LIMIT, 0x16, 0xf8); // 11 V
  slot.write(VIN_UV_FAULT_LIMIT, 0x16, 0xf8);
  slot.host.setCode(0, codeOf(10_500, CHANNELS.VIN));
  slot.wait(0);
  assert.equal(slot.byte(POWER_STATE), State.RailDown, "at once, not after the filter time");
});

test("after a false brown-out from a broken sensor a true one still counts", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.host.converter.silent.add(0);
  slot.host.setCode(0, codeOf(12_000, CHANNELS.VIN));
  slot.live(2000);
  assert.match(slot.type("sensors\r"), /VIN .*nonsense: stuck/);
  slot.host.setCode(0, codeOf(9000, CHANNELS.VIN));
  slot.host.setCode(0, codeOf(12_000, CHANNELS.VIN));
  slot.live(50);
  assert.equal(slot.byte(POWER_STATE), State.On, "the sensor is not trusted");
  slot.host.converter.silent.clear();
  slot.live(600);
  slot.write(CLEAR_FAULTS);
  slot.host.setCode(0, codeOf(9000, CHANNELS.VIN));
  slot.host.setCode(0, codeOf(12_000, CHANNELS.VIN));
  slot.wait(1); // in the moment of a window it waits for the next round
  assert.equal(slot.byte(POWER_STATE), State.RailDown);
  assert.equal(slot.byte(STATUS_INPUT), VIN_UV_FAULT);
});

test("pulling the board out under power is REMOVED, and latches nothing", () => {
  const slot = new SmbusSlot();
  slot.comeUp();
  slot.host.setInputs(Signal.PRESENT, 0);
  slot.live(30);
  assert.equal(slot.byte(POWER_STATE), State.Off);
  assert.equal(slot.byte(STATUS_MFR_SPECIFIC), REMOVED);
  const { reason, latched: isLatched } = slot.lastFault();
  assert.deepEqual([reason, isLatched], [4, 0]);
  slot.host.setInputs(Signal.PRESENT, Signal.PRESENT);
  slot.comeUp();
});

test("a sensor that reads nonsense inhibits power-on", () => {
  const slot = new SmbusSlot();
  slot.supplies({ v5_mv: 5100 }); // with the supply off
  slot.wait(1000);
  slot.write(OPERATION, 0x80);
  assert.equal(slot.takeCml(), OTHER_MEMORY_LOGIC);
  assert.equal(slot.byte(POWER_STATE), State.Off);
});

test("MFR_RESTORE_POLICY has three values, which are kept and take effect", () => {
  const slot = new SmbusSlot();
  assert.equal(slot.byte(POLICY), 0, "the board's");
  for (const value of [1, 2, 0]) {
    slot.write(POLICY, value);
    assert.equal(slot.byte(POLICY), value);
  }
  for (const value of [3, 0x80, 0xff]) {
    slot.write(POLICY, value);
    assert.equal(slot.takeCml(), INVALID_DATA);
    assert.equal(slot.byte(POLICY), 0);
  }
  slot.write(POLICY, 1, 0, 0);
  assert.equal(slot.takeCml(), INVALID_DATA);
  assert.match(slot.type("policy\r"), /policy +last\r\n/);
  slot.write(POLICY, 1);
  assert.match(slot.type("policy\r"), /policy +always-on\r\n/);
  slot.type("policy always-off\r");
  assert.equal(slot.byte(POLICY), 2);
  slot.write(POLICY, 1);
  slot.supplies({ vin_mv: 0 });
  slot.wait(300);
  slot.supplies({});
  slot.live(2800);
  assert.equal(slot.byte(POWER_STATE), State.On, "always on: it comes up when input power is back");
});

test("VIN has the high fault limit of the table", () => {
  const slot = new SmbusSlot();
  slot.write(VIN_OV_FAULT_LIMIT, 0x15, 0x00); // 21 V
  assert.equal(slot.takeCml(), 0);
  slot.supplies({ vin_mv: 21_300 });
  slot.wait(400);
  assert.equal(slot.byte(STATUS_INPUT), 0xc0, "over-voltage shows while off");
  assert.equal(slot.byte(POWER_STATE), State.Off, "the slot is off already");
});
