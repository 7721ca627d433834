/**
 * Tests what a board gives the SMBus target: address, identity and limits for the logic, pins for the host.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import asc from "assemblyscript/asc";
import { quantities } from "../../abi/quantities.ts";
import { enumerations } from "../../abi/vocabulary.ts";
import { boardAssemblyScript, boardHeader, boardPinTable, loadBoard } from "../../scripts/boards.ts";
import { boardFolder, problemsOf, tableOf } from "./board-folder.ts";

/** The place of a quantity in the logic's tables. */
function indexOf(quantity: string): number {
  return quantities.findIndex(({ name }) => name === quantity);
}

/** The limits of one quantity in the order of their values, as written. */
function limitsOf(quantity: string, text: string): (string | undefined)[] {
  const index = indexOf(quantity);
  const fourOfEach = tableOf("LIMITS", text);
  const [highFault, highWarning, lowWarning, lowFault] = fourOfEach.slice(4 * index, 4 * index + 4);
  return [
    tableOf("LIMIT_MINIMUM", text)[index],
    lowFault,
    lowWarning,
    highWarning,
    highFault,
    tableOf("LIMIT_MAXIMUM", text)[index],
  ];
}

const NONE = "NO_LIMIT";

test("the logic's constants of slot-hat, to the number", () => {
  const text = boardAssemblyScript(loadBoard("slot-hat"));
  assert.match(text, /^export const SMBUS_ADDRESS: u32 = 0x10;$/m);
  assert.match(text, /^export const MANUFACTURER: string = "Racklet";$/m);
  assert.match(text, /^export const BOARD_REVISION: string = "0\.1\.0";$/m);
  assert.match(text, /^export const BOARD_DATE: string = "261121";$/m);
  assert.match(text, /^export const NO_LIMIT: i32 = -2147483648;$/m);
  assert.deepEqual(limitsOf("VIN", text), ["9000", "10800", "11400", "20400", "21000", "22000"]);
  assert.deepEqual(limitsOf("VOUT_0", text), ["4000", "4600", "4750", "5300", "5500", "6000"]);
  assert.deepEqual(limitsOf("IOUT", text), ["0", NONE, NONE, "3000", "4000", "5000"]);
  assert.deepEqual(limitsOf("POUT", text), ["0", NONE, NONE, "16000", "21000", "26000"]);
  assert.deepEqual(limitsOf("VOUT_1", text), ["2500", "2970", "3135", "3465", "3630", "4000"]);
  assert.deepEqual(limitsOf("TEMPERATURE", text), ["-40000", "-30000", "-20000", "75000", "85000", "110000"]);
});

test("the tables of limits say their units and their order", () => {
  const text = boardAssemblyScript(loadBoard("slot-hat"));
  assert.match(text, /^\/\/ Limits, in mV, mA, mW and millidegrees\./m);
  assert.match(text, /^\/\*\* By quantity and LimitKind\. \*\/\nexport const LIMITS/m);
  assert.equal(tableOf("LIMITS", text).length, 4 * quantities.length);
});

test("the four limits of a quantity are in the order of the logic's LimitKind", () => {
  const kinds = enumerations.find(({ name }) => name === "LimitKind")?.terms ?? [];
  assert.deepEqual(
    kinds.slice(0, 4).map(({ name }) => name),
    ["HIGH_FAULT", "HIGH_WARNING", "LOW_WARNING", "LOW_FAULT"],
  );
});

test("a quantity that pico does not measure has no limits, the others are slot-hat's", () => {
  const pico = loadBoard("pico");
  const { V3V3, ...others } = loadBoard("slot-hat").limits;
  assert.ok(V3V3);
  assert.deepEqual(others, pico.limits);
  assert.deepEqual(limitsOf("VOUT_1", boardAssemblyScript(pico)), ["0", NONE, NONE, NONE, NONE, "0"]);
});

test("a limit that a board file leaves out is null in the resolved board", () => {
  assert.deepEqual(loadBoard("slot-hat").limits.I5, {
    minimum: 0,
    low_fault: null,
    low_warning: null,
    high_warning: 3000,
    high_fault: 4000,
    maximum: 5000,
    hysteresis: 100,
    warning_filter_ms: 200,
    fault_filter_ms: 50,
  });
});

test("a derived board changes an address, a revision and one limit, and inherits the rest", (context) => {
  const change = {
    smbus: { address: 98 },
    identity: { revision: "B" },
    limits: { V5: { high_warning: 5400 }, VIN: { low_warning: null } },
  };
  const folder = boardFolder(context, { mine: { extends: "slot-hat", name: "mine", ...change } });
  const base = loadBoard("slot-hat", folder);
  const board = loadBoard("mine", folder);
  assert.deepEqual(board.identity, { ...base.identity, revision: "B" });
  assert.deepEqual(board.limits, {
    ...base.limits,
    V5: { ...base.limits.V5, high_warning: 5400 },
    VIN: { ...base.limits.VIN, low_warning: null },
  });
  const text = boardAssemblyScript(board);
  assert.match(text, /^export const SMBUS_ADDRESS: u32 = 0x62;$/m);
  assert.deepEqual(limitsOf("VIN", text), ["9000", "10800", NONE, "20400", "21000", "22000"]);
});

test("the ends of every range are good", (context) => {
  const ends = {
    identity: { manufacturer: "1234567890123456", revision: "~", date: "000229" },
    sensors: { V5: { numerator: 5 } }, // otherwise the value is outside the converter's range
    limits: {
      VIN: { minimum: 10800, maximum: 21000 },
      V5: { minimum: 0, maximum: 15900 },
      TEMPERATURE: { minimum: -1000000, maximum: 1000000 },
    },
  };
  const folder = boardFolder(context, { mine: { extends: "slot-hat", name: "mine", ...ends } });
  assert.deepEqual(problemsOf("mine", folder), []);
});

test("hysteresis and filters are among the logic's constants, zeros where nothing is measured", () => {
  const watchingOf = (quantity: string, board: string) =>
    ["HYSTERESIS", "WARNING_FILTER_MS", "FAULT_FILTER_MS"].map(
      (key) => tableOf(key, boardAssemblyScript(loadBoard(board)))[indexOf(quantity)],
    );
  assert.deepEqual(watchingOf("VIN", "slot-hat"), ["200", "100", "20"]);
  assert.deepEqual(watchingOf("VOUT_0", "slot-hat"), ["50", "100", "20"]);
  assert.deepEqual(watchingOf("IOUT", "slot-hat"), ["100", "200", "50"]);
  assert.deepEqual(watchingOf("POUT", "slot-hat"), ["500", "200", "50"]);
  assert.deepEqual(watchingOf("VOUT_1", "slot-hat"), ["30", "100", "20"]);
  assert.deepEqual(watchingOf("TEMPERATURE", "slot-hat"), ["3000", "1000", "1000"]);
  assert.deepEqual(watchingOf("VOUT_1", "pico"), ["0", "0", "0"]);
});

test("AssemblyScript takes the constants, also the lowest number and a name with quotes", async (context) => {
  const identity = { manufacturer: '"\\" & `Sons`', date: "000101" };
  const folder = boardFolder(context, { mine: { extends: "slot-hat", name: "mine", identity } });
  const program = `${boardAssemblyScript(loadBoard("mine", folder))}
    export function none(): i32 { return LIMITS[${4 * indexOf("IOUT") + 3}]; }
    export function lowest(): i32 { return LIMIT_MINIMUM[${indexOf("TEMPERATURE")}]; }
    export function address(): u32 { return SMBUS_ADDRESS; }
    export function character(index: i32): i32 { return MANUFACTURER.charCodeAt(index); }
    export function length(): i32 { return MANUFACTURER.length; }`;
  const { error, stderr, binary } = await asc.compileString(program, { runtime: "stub" });
  assert.equal(error, null, stderr.toString());
  const module = new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>);
  const instance = new WebAssembly.Instance(module, { env: { abort: () => {} } });
  const call = (name: string, ...values: number[]) =>
    (instance.exports[name] as (...values: number[]) => number)(...values);
  assert.equal(call("none"), -(2 ** 31));
  assert.equal(call("lowest"), -40000);
  assert.equal(call("address"), 16);
  const characters = Array.from({ length: call("length") }, (_, index) => call("character", index));
  assert.equal(String.fromCharCode(...characters), identity.manufacturer);
});

test("board.h has the I2C pins and SMBALERT#, and 32 for what is not wired", (context) => {
  const bare = {
    signals: { I2C0_SDA: null, I2C0_SCL: null, "SMBALERT#": null, I2C1_SDA: { gpio: 10 } },
    power_monitor: null,
  };
  const folder = boardFolder(context, { bare: { extends: "slot-hat", name: "bare", ...bare } });
  const pins = (name: string) =>
    ["I2C0_SDA", "I2C0_SCL", "I2C1_SDA", "I2C1_SCL", "SMBALERT"].map(
      (pin) =>
        new RegExp(`^#define BOARD_${pin}_GPIO (\\d+)u$`, "m").exec(
          boardHeader(loadBoard(name, folder)),
        )?.[1],
    );
  assert.deepEqual(pins("slot-hat"), ["4", "5", "6", "7", "8"]);
  assert.deepEqual(pins("bare"), ["32", "32", "10", "7", "32"]);
});

test("the pins of board.h are whole numbers for the C compiler, and those of the board", () => {
  const { signals } = loadBoard("pico");
  const asserts = ["I2C0_SDA", "I2C0_SCL", "I2C1_SDA", "I2C1_SCL", "SMBALERT#"].map(
    (name) => `_Static_assert(BOARD_${name.replace("#", "")}_GPIO == ${signals[name]?.gpio}, "${name}");`,
  );
  const program = [boardHeader(loadBoard("pico")).replace("#pragma once", ""), ...asserts].join("\n");
  const options = ["-std=c11", "-Wall", "-Werror", "-fsyntax-only", "-xc", "-"];
  const compiler = spawnSync("arm-none-eabi-gcc", options, { input: program, encoding: "utf8" });
  assert.equal(compiler.status, 0, compiler.stderr ?? String(compiler.error));
});

test("the tables have a row for each quantity that is measured, with dashes for limits there are not", () => {
  const text = boardPinTable([loadBoard("pico")]);
  assert.match(
    text,
    /Racklet pico, revision 0\.1\.0, 2026-11-21\. SMBus address of slot 0: 0x10\. No power monitor\./,
  );
  assert.ok(text.includes("| V5 (mV) | 4000 | 4600 | 4750 | 5300 | 5500 | 6000 | 50 | 100 | 20 |\n"));
  assert.ok(text.includes("| I5 (mA) | 0 | - | - | 3000 | 4000 | 5000 | 100 | 200 | 50 |\n"));
  assert.equal(text.includes("V3V3 (mV)"), false);
});
