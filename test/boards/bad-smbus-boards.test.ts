/** Tests the messages for mistakes in the parts of a board file that concern the SMBus target. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BOARDS_DIRECTORY } from "../../scripts/boards.ts";
import { type BadBoard, boardFolder, problemsOf, testBadBoards } from "./board-folder.ts";

const ADDRESSES =
  "allowed: 13 to 24 \\(0x0d to 0x18\\), 56 \\(0x38\\), " +
  "76 to 81 \\(0x4c to 0x51\\), 98 to 104 \\(0x62 to 0x68\\)";

/** An address that is refused, and the reason. */
function address(value: number, clash: string): BadBoard {
  const message = `^bad\\.json:6:5: smbus\\.address: is ${value}: ${clash}; ${ADDRESSES}$`;
  return [`the SMBus address ${value}`, { smbus: { address: value } }, new RegExp(message)];
}

const ADDRESS_CASES: readonly BadBoard[] = [
  address(0, "slot 0 would be at 0x00, and a target must be within 0x08 to 0x77"),
  address(7, "slot 0 would be at 0x07, and a target must be within 0x08 to 0x77"),
  address(8, "slot 0 would be at 0x08, which is reserved for the SMBus host"),
  address(12, "slot 0 would be at 0x0c, which is reserved for the Alert Response Address"),
  address(25, "slot 15 would be at 0x28, which is reserved for ACCESS.bus hosts"),
  address(41, "slot 14 would be at 0x37, which is reserved for the ACCESS.bus default address"),
  address(57, "slot 15 would be at 0x48, which is reserved for prototypes"),
  address(75, "slot 0 would be at 0x4b, which is reserved for prototypes"),
  address(82, "slot 15 would be at 0x61, which is reserved for the SMBus device default address"),
  address(105, "slot 15 would be at 0x78, and a target must be within 0x08 to 0x77"),
  [
    "an SMBus address in hexadecimal",
    { smbus: { address: "0x10" } },
    /^bad\.json:6:5: smbus\.address: is "0x10"; allowed: integer$/,
  ],
  [
    "an SMBus address with its read bit",
    { smbus: { address: 160 } },
    /smbus\.address: is 160; allowed: 0 to 127$/,
  ],
  ["no SMBus address", { smbus: { address: null } }, /^bad\.json:6:5: smbus\.address: is missing$/],
  ["no SMBus at all", { smbus: null }, /^bad\.json:5:3: smbus: is missing$/],
];

const BUS_CASES: readonly BadBoard[] = [
  [
    "no SMBus lines",
    { signals: { I2C1_SDA: null, I2C1_SCL: null } },
    /^bad\.json:6:5: signals\.I2C1_SDA: is missing; every board must wire it$/,
    /^bad\.json:7:5: signals\.I2C1_SCL: is missing; every board must wire it$/,
  ],
  [
    "an SMBus line without a resistor",
    { signals: { I2C1_SCL: { external_pull: null } } },
    /^bad\.json:7:7: signals\.I2C1_SCL\.external_pull: is missing; allowed: "up", the RP2040's own pull-ups are too weak for SMBus$/,
  ],
  [
    "an SMBus line that only the RP2040 pulls up",
    { signals: { I2C1_SDA: { external_pull: null, pull: "up" } } },
    /signals\.I2C1_SDA\.external_pull: is missing; allowed: "up", the RP2040's own pull-ups are too weak for SMBus$/,
  ],
  [
    "an SMBus line that is pulled down",
    { signals: { I2C1_SDA: { external_pull: "down" } } },
    /signals\.I2C1_SDA\.external_pull: is "down"; allowed: "up", the RP2040's own pull-ups/,
  ],
];

const ASCII = "allowed: printable ASCII, 1 to 16 characters, no space at either end$";

const IDENTITY_CASES: readonly BadBoard[] = [
  ["no identity", { identity: null }, /^bad\.json:5:3: identity: is missing$/],
  [
    "no manufacturer",
    { identity: { manufacturer: null } },
    /^bad\.json:6:5: identity\.manufacturer: is missing$/,
  ],
  [
    "a manufacturer of 17 characters",
    { identity: { manufacturer: "12345678901234567" } },
    new RegExp(`^bad\\.json:6:5: identity\\.manufacturer: is "12345678901234567"; ${ASCII}`),
  ],
  [
    "a manufacturer beyond ASCII",
    { identity: { manufacturer: "Räcklet" } },
    new RegExp(`identity\\.manufacturer: is "Räcklet"; ${ASCII}`),
  ],
  [
    "a revision of nothing",
    { identity: { revision: "" } },
    new RegExp(`identity\\.revision: is ""; ${ASCII}`),
  ],
  [
    "a revision with a line feed at its end",
    { identity: { revision: "1\n" } },
    new RegExp(`identity\\.revision: is "1\\\\n"; ${ASCII}`),
  ],
  [
    "a revision of one space",
    { identity: { revision: " " } },
    new RegExp(`identity\\.revision: is " "; ${ASCII}`),
  ],
  [
    "a date with dashes",
    { identity: { date: "2026-11-21" } },
    /^bad\.json:6:5: identity\.date: is "2026-11-21"; allowed: YYMMDD, a date in 2000 to 2099, as in PMBus MFR_DATE$/,
  ],
  ...["261131", "261301", "260001", "261100", "270229", "211326"].map(
    (date): BadBoard => [
      `the date ${date}`,
      { identity: { date } },
      new RegExp(`^bad\\.json:6:5: identity\\.date: is "${date}", which is not a date; allowed: YYMMDD$`),
    ],
  ),
];

const LIMIT_CASES: readonly BadBoard[] = [
  [
    "a warning at its fault",
    { limits: { V5: { low_warning: 4600 } } },
    /^bad\.json:7:7: limits\.V5\.low_warning: is 4600; allowed: more than low_fault, 4600; low_fault is at slot-hat\.json:\d+:7$/,
  ],
  [
    "a fault moved past the base's warning is reported where it was moved",
    { limits: { V5: { low_fault: 4800 } } },
    /^bad\.json:7:7: limits\.V5\.low_fault: is 4800; allowed: less than low_warning, 4750; low_warning is at slot-hat\.json:\d+:7$/,
  ],
  [
    "warnings that cross",
    { limits: { TEMPERATURE: { low_warning: 75000 } } },
    /^bad\.json:7:7: limits\.TEMPERATURE\.low_warning: is 75000; allowed: less than high_warning, 75000; /,
  ],
  [
    "a high warning above its fault, both in one file",
    { limits: { I5: { high_warning: 4500, high_fault: 4400 } } },
    /^bad\.json:8:7: limits\.I5\.high_fault: is 4400; allowed: more than high_warning, 4500; high_warning is at bad\.json:7:7$/,
  ],
  [
    "a fault that could not be set again",
    { limits: { P5: { high_fault: 26001 } } },
    /limits\.P5\.high_fault: is 26001; allowed: at most maximum, 26000; maximum is at slot-hat\.json:/,
  ],
  [
    "a minimum above the lowest limit",
    { limits: { VIN: { minimum: 10801 } } },
    /limits\.VIN\.minimum: is 10801; allowed: at most low_fault, 10800; low_fault is at slot-hat\.json:/,
  ],
  [
    "limits that are left out are skipped in the order",
    { limits: { VIN: { low_fault: null, low_warning: null, high_warning: 8000 } } },
    /limits\.VIN\.high_warning: is 8000; allowed: at least minimum, 9000; minimum is at slot-hat\.json:/,
  ],
  [
    "a range upside down",
    { limits: { I5: { high_warning: null, high_fault: null, minimum: 5001 } } },
    /limits\.I5\.minimum: is 5001; allowed: at most maximum, 5000; maximum is at slot-hat\.json:/,
  ],
  [
    "a limit that the converter would never show",
    { limits: { V5: { high_fault: 7000, maximum: 7000 } } },
    /^bad\.json:8:7: limits\.V5\.maximum: is 7000; allowed: at most 6598 \(the converter's range\)$/,
  ],
  [
    "a hysteresis from which no voltage comes back",
    { limits: { V5: { hysteresis: 276 } } },
    /^bad\.json:7:7: limits\.V5\.hysteresis: is 276; allowed: at most 275, half of what lies between 4750 and 5300, /,
  ],
  [
    "a hysteresis from which no current comes back",
    { limits: { I5: { hysteresis: 3001 } } },
    /^bad\.json:7:7: limits\.I5\.hysteresis: is 3001; allowed: at most 3000, from 3000 down to 0, /,
  ],
  ["no minimum", { limits: { I5: { minimum: null } } }, /^bad\.json:7:7: limits\.I5\.minimum: is missing$/],
  [
    "a low limit of a current",
    { limits: { I5: { low_fault: 1 } } },
    /^bad\.json:7:7: limits\.I5\.low_fault: is not a key here: a compute board that is off draws nothing; allowed: high limits alone$/,
  ],
  [
    "an output voltage that LINEAR16 cannot say",
    // The converter can measure 16 V with this divider.
    { sensors: { V5: { numerator: 5 } }, limits: { V5: { maximum: 15901 } } },
    /limits\.V5\.maximum: is 15901; allowed: 0 to 15900$/,
  ],
  [
    "an output voltage below zero",
    { limits: { V3V3: { minimum: -1 } } },
    /limits\.V3V3\.minimum: is -1; allowed: 0 to 15900$/,
  ],
  [
    "a limit out of all range",
    { limits: { VIN: { maximum: 1000001 } } },
    /limits\.VIN\.maximum: is 1000001; allowed: -1000000 to 1000000$/,
  ],
  [
    "a limit in volts",
    { limits: { VIN: { high_fault: 20.5 } } },
    /limits\.VIN\.high_fault: is 20\.5; allowed: integer$/,
  ],
  ...["hysteresis", "warning_filter_ms", "fault_filter_ms"].map(
    (key): BadBoard => [
      `no ${key}`,
      { limits: { V5: { [key]: null } } },
      new RegExp(`^bad\\.json:7:7: limits\\.V5\\.${key}: is missing$`),
    ],
  ),
  [
    "a hysteresis the wrong way",
    { limits: { VIN: { hysteresis: -1 } } },
    /^bad\.json:7:7: limits\.VIN\.hysteresis: is -1; allowed: 0 to 100000$/,
  ],
  [
    "a filter of no time, which would make every sample an alarm",
    { limits: { I5: { fault_filter_ms: 0 } } },
    /limits\.I5\.fault_filter_ms: is 0; allowed: 1 to 600000$/,
  ],
  [
    "half a millisecond of filter",
    { limits: { P5: { warning_filter_ms: 200.5 } } },
    /limits\.P5\.warning_filter_ms: is 200\.5; allowed: integer$/,
  ],
  [
    "a misspelt hysteresis",
    { limits: { TEMPERATURE: { hysterisis: 3000 } } },
    /^bad\.json:7:7: limits\.TEMPERATURE\.hysterisis: is not a key here; allowed: note, .*, fault_filter_ms; did you mean hysteresis\?$/,
  ],
  [
    "a misspelt quantity",
    { limits: { V3V: { minimum: 0, maximum: 1 } } },
    /^bad\.json:6:5: limits\.V3V: is not a key here; allowed: note, VIN, V5, I5, V3V3, TEMPERATURE, P5; did you mean V3V3\?$/,
  ],
  [
    "limits of the wrong shape, reported once",
    { limits: { V5: 7 } },
    /limits\.V5: is 7; allowed: object or null$/,
  ],
  ["no limits at all, reported once", { limits: null }, /^bad\.json:5:3: limits: is missing$/],
  [
    "sensors of the wrong shape are no reason to drop limits",
    { sensors: 7 },
    /^bad\.json:5:3: sensors: is 7; allowed: object$/,
  ],
  [
    "a sensor of the wrong shape is there all the same",
    { sensors: { V5: 7 } },
    /^bad\.json:6:5: sensors\.V5: is 7; allowed: object or null$/,
  ],
];

const SENSOR_CASES: readonly BadBoard[] = [
  [
    "a sensor without limits",
    { limits: { TEMPERATURE: null } },
    /^bad\.json:6:5: limits\.TEMPERATURE: is missing; this board measures TEMPERATURE, which must have limits$/,
  ],
  [
    "voltage and current without limits for the power",
    { limits: { P5: null } },
    /^bad\.json:6:5: limits\.P5: is missing; this board measures P5, which must have limits$/,
  ],
  [
    "a sensor taken away whose limits stay",
    { sensors: { TEMPERATURE: null } },
    /^bad\.json:6:5: sensors\.TEMPERATURE: is not on this board, but there are limits for TEMPERATURE; allowed: null for limits\.TEMPERATURE too; limits\.TEMPERATURE is at slot-hat\.json:\d+:5$/,
  ],
  [
    "a power without its current",
    { sensors: { I5: null }, limits: { I5: null } },
    /^bad\.json:5:3: sensors: has none in ma, but there are limits for P5; allowed: null for limits\.P5 too; limits\.P5 is at slot-hat\.json:\d+:5$/,
  ],
];

for (const cases of [ADDRESS_CASES, BUS_CASES, IDENTITY_CASES, LIMIT_CASES, SENSOR_CASES])
  testBadBoards(cases);

test("limits for a sensor that the base has not are reported at their position", (context) => {
  const without = { sensors: { TEMPERATURE: null }, limits: { TEMPERATURE: null } };
  const limits = { minimum: 0, maximum: 1, hysteresis: 0, warning_filter_ms: 1, fault_filter_ms: 1 };
  const folder = boardFolder(context, {
    base: { extends: "slot-hat", name: "base", ...without },
    mine: { extends: "base", name: "mine", limits: { TEMPERATURE: limits } },
  });
  assert.deepEqual(problemsOf("base", folder), []);
  assert.deepEqual(problemsOf("mine", folder), [
    "mine.json:5:5: limits.TEMPERATURE: needs the sensor TEMPERATURE, which this board does not have; " +
      "allowed: null; sensors.TEMPERATURE is at base.json:5:5",
  ]);
});

test("in a file that extends nothing null is as good as nothing", (context) => {
  const board = JSON.parse(readFileSync(join(BOARDS_DIRECTORY, "slot-hat.json"), "utf8"));
  const bad = { ...board, name: "bad", limits: { ...board.limits, V3V3: null } };
  const problems = problemsOf("bad", boardFolder(context, { bad }));
  assert.equal(problems.length, 1, problems.join("\n"));
  assert.match(problems[0] ?? "", /^bad\.json:\d+:5: limits\.V3V3: is missing; this board measures V3V3/);
});

test("the addresses of slot 0 that can be used, by trying them all", (context) => {
  const good = Array.from({ length: 128 }, (_, value) => value).filter((value) => {
    const board = { extends: "slot-hat", name: "mine", title: "x", smbus: { address: value } };
    return problemsOf("mine", boardFolder(context, { mine: board })).length === 0;
  });
  const run = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, step) => first + step);
  assert.deepEqual(good, [...run(13, 24), 56, ...run(76, 81), ...run(98, 104)]);
});
