/** Tests the power monitor in board files: the messages for mistakes, and what is generated from it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { monitorGainsLog2 } from "../../scripts/boards/check-monitor.ts";
import { boardAssemblyScript, boardHeader, boardPinTable, loadBoard } from "../../scripts/boards.ts";
import { boardFolder, testBadBoards } from "./board-folder.ts";

testBadBoards([
  [
    "a power monitor at an address it cannot have",
    { power_monitor: { address: 0x40 } },
    /power_monitor\.address: is 64 \(0x40\), where a PAC1921 cannot be; allowed: 24 \(0x18\), 40 \(0x28\), .*79 \(0x4f\)$/,
  ],
  [
    "a power monitor no bus leads to",
    { signals: { I2C0_SDA: null, I2C0_SCL: null } },
    /power_monitor: needs I2C0_SDA and I2C0_SCL, which this board does not wire; allowed: both lines, or null$/,
  ],
  [
    "a shunt too large for the board's current",
    { power_monitor: { shunt_micro_ohm: 25000 } },
    /shunt_micro_ohm: is 25000: the chip would measure up to 4000 mA, and limits\.I5\.maximum is 5000; allowed: 20000 at most$/,
  ],
  [
    "a shunt of nothing",
    { power_monitor: { shunt_micro_ohm: 0 } },
    /power_monitor\.shunt_micro_ohm: is 0; allowed: 500 to 1000000$/,
  ],
  [
    "another chip",
    { power_monitor: { chip: "INA219" } },
    /power_monitor\.chip: is "INA219"; allowed: "PAC1921"$/,
  ],
  [
    "a power monitor without a shunt",
    { power_monitor: { shunt_micro_ohm: null } },
    /power_monitor\.shunt_micro_ohm: is missing$/,
  ],
  [
    "a key the power monitor does not have",
    { power_monitor: { adress: 24 } },
    /power_monitor\.adress: is not a key here; allowed: note, chip, address, shunt_micro_ohm; did you mean address\?$/,
  ],
]);

test("the monitor is in what logic, host and document get; a board without one says so", (context) => {
  const folder = boardFolder(context, {
    fine: { extends: "slot-hat", name: "fine", power_monitor: { address: 0x4c, shunt_micro_ohm: 4000 } },
    bare: { extends: "slot-hat", name: "bare", power_monitor: null },
  });
  const text = (name: string) => boardAssemblyScript(loadBoard(name, folder));
  assert.match(text("fine"), /POWER_MONITOR_ADDRESS: u32 = 0x4c;/);
  assert.match(text("fine"), /POWER_MONITOR_SHUNT_MICRO_OHM: u32 = 4000;/);
  assert.match(text("fine"), /POWER_MONITOR_VOLTAGE_GAIN_LOG2: u32 = 2;/);
  assert.match(text("fine"), /POWER_MONITOR_CURRENT_GAIN_LOG2: u32 = 2;/);
  assert.match(text("bare"), /POWER_MONITOR_ADDRESS: u32 = 0x0;/);
  assert.match(boardHeader(loadBoard("fine", folder)), /#define BOARD_HAS_POWER_MONITOR 1\n/);
  assert.match(boardHeader(loadBoard("bare", folder)), /#define BOARD_HAS_POWER_MONITOR 0\n/);
  const table = boardPinTable([loadBoard("fine", folder)]);
  assert.match(table, /Power monitor: PAC1921 on I2C0 at 0x4c, shunt 4 mOhm\./);
  assert.equal(loadBoard("bare", folder).power_monitor, null);
  assert.deepEqual(loadBoard("slot-hat").power_monitor, {
    chip: "PAC1921",
    address: 24,
    shunt_micro_ohm: 10000,
  });
  assert.equal(loadBoard("pico").power_monitor, null);
  assert.notEqual(loadBoard("hatlet").power_monitor, null);
});

test("gains are the highest that leave room for the limits", () => {
  const monitor = { chip: "PAC1921", address: 24, shunt_micro_ohm: 10_000 } as const;
  const gains = (mv: number, ma: number) => Object.values(monitorGainsLog2(monitor, mv, ma));
  assert.deepEqual(gains(6000, 5000), [2, 1]);
  assert.deepEqual(gains(8000, 10_000), [2, 0]);
  assert.deepEqual(gains(8001, 2499), [1, 2]);
  assert.deepEqual(gains(1, 1), [5, 7]);
  assert.deepEqual(gains(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY), [0, 0]);
});
