/**
 * Tests every way in which a board file can be wrong. The message must have file, line and key, and say
 * what is wrong and what is allowed. Each case extends the reference board, so that nothing else is wrong
 * with it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BOARDS_DIRECTORY } from "../../scripts/boards.ts";
import { type BadBoard, boardFolder, problemsOf, testBadBoards } from "./board-folder.ts";

const CASES: readonly BadBoard[] = [
  [
    "a pin used twice",
    { signals: { PG_5V: { gpio: 22 } } },
    /^bad\.json:7:7: signals\.PG_5V\.gpio: GPIO22 is already EN_5V; free for sio: GPIO9, GPIO10, GPIO11, GPIO24; EN_5V is at slot-hat\.json:\d+:7$/,
  ],
  [
    "a pin the board itself has wired",
    { wired_gpios: { "22": "an LED" } },
    /^bad\.json:6:5: wired_gpios\.22: GPIO22 is already EN_5V; free for sio: GPIO9, GPIO10, GPIO11; EN_5V is at slot-hat\.json:\d+:7$/,
  ],
  [
    "a pin without the needed function",
    { signals: { UART0_TX: { gpio: 9 } } },
    /signals\.UART0_TX\.gpio: GPIO9 cannot be uart0_tx; allowed for uart0_tx: GPIO0, GPIO12, GPIO16, GPIO28$/,
  ],
  [
    "an ADC signal on a digital pin",
    { signals: { VIN_SENSE: { gpio: 9 } } },
    /signals\.VIN_SENSE\.gpio: GPIO9 is a digital pin, it has no ADC input; allowed for adc0: GPIO26$/,
  ],
  [
    "an ADC signal on another ADC pin",
    {
      signals: { V3V3_SENSE: null, VIN_SENSE: { gpio: 29 } },
      rails: [{ name: "3V3_AUX", sensor: null }],
      sensors: { V3V3: null },
      limits: { V3V3: null },
    },
    /signals\.VIN_SENSE\.gpio: GPIO29 is adc3; allowed for adc0: GPIO26$/,
  ],
  [
    "a GPIO out of range",
    { signals: { LED_STATUS: { gpio: 30 } } },
    /signals\.LED_STATUS\.gpio: is 30; allowed: 0 to 29$/,
  ],
  [
    "a GPIO that is no whole number",
    { signals: { LED_STATUS: { gpio: 1.5 } } },
    /signals\.LED_STATUS\.gpio: is 1\.5; allowed: integer$/,
  ],
  [
    "an unknown function",
    { signals: { LED_STATUS: { function: "pwm" } } },
    /signals\.LED_STATUS\.function: is "pwm"; allowed: "sio", "uart0_tx", .*"adc3"$/,
  ],
  [
    "no sensor at all",
    {
      sensors: { VIN: null, V5: null, V3V3: null, I5: null, TEMPERATURE: null },
      limits: { VIN: null, V5: null, V3V3: null, I5: null, P5: null, TEMPERATURE: null },
      rails: [
        { name: "5V", sensor: null },
        { name: "3V3_AUX", sensor: null },
      ],
    },
    /sensors: leaves no sensor; a slot needs at least one, and the RP2040 has one for its temperature$/,
  ],
  [
    "a missing required signal",
    { signals: { HALTED: null } },
    /^bad\.json:6:5: signals\.HALTED: is missing; every board must wire it$/,
  ],
  [
    "a console without its receive line",
    { signals: { UART1_RX: null } },
    /signals\.UART1_RX: is missing; every board must wire it$/,
  ],
  [
    "a rail whose enable is not wired",
    { signals: { EN_5V: null } },
    /^slot-hat\.json:\d+:\d+: rails\[1\]\.enable: is "EN_5V", which is missing among the signals of this board$/,
  ],
  [
    "a rail naming an unknown signal",
    { rails: [{ name: "5V", power_good: "PG_5V0" }] },
    /^bad\.json:8:7: rails\[0\]\.power_good: is "PG_5V0", which is missing among the signals of this board; did you mean PG_5V\?; signals\.PG_5V is at slot-hat\.json:\d+:5$/,
  ],
  [
    "a rail naming a signal like no other",
    { rails: [{ name: "5V", power_good: "REGULATED" }] },
    /^bad\.json:8:7: rails\[0\]\.power_good: is "REGULATED", which is missing among the signals of this board; allowed: PG_5V$/,
  ],
  [
    "a rail switched by a signal that has a meaning of its own",
    { rails: [{ name: "5V", enable: "LED_STATUS" }] },
    /^bad\.json:8:7: rails\[0\]\.enable: is "LED_STATUS", which has a meaning of its own; allowed: EN_5V$/,
  ],
  [
    "a rail switched by an input",
    { rails: [{ name: "5V", enable: "PG_3V3_AUX" }] },
    /^bad\.json:8:7: rails\[0\]\.enable: is "PG_3V3_AUX"; allowed: a signal with function "sio" and direction "out"; signals\.PG_3V3_AUX\.direction is at slot-hat\.json:\d+:7$/,
  ],
  [
    "a rail naming an unknown sensor",
    { rails: [{ name: "5V", sensor: "V12" }] },
    /rails\[0\]\.sensor: is "V12", which this board does not have; allowed: VIN, V5, V3V3, null$/,
  ],
  [
    "a rail naming a sensor this board does not have",
    { sensors: { V5: null }, limits: { V5: null, P5: null } },
    /^slot-hat\.json:\d+:\d+: rails\[1\]\.sensor: is "V5", which this board does not have; allowed: VIN, V3V3, null$/,
  ],
  [
    "a rail measured by a current sensor",
    { rails: [{ name: "5V", sensor: "I5" }] },
    /rails\[0\]\.sensor: is "I5", which measures no voltage; allowed: VIN, V5, V3V3, null$/,
  ],
  [
    "two rails with one enable",
    { rails: [{ name: "5V", enable: "EN_3V3_AUX" }] },
    /rails\[0\]\.enable: "EN_3V3_AUX" is already that of 3V3_AUX$/,
  ],
  [
    "an enable that is wired as an input",
    { signals: { EN_5V: { direction: "in", drive: null, external_pull: null } } },
    /^bad\.json:7:7: signals\.EN_5V\.direction: is "in"; allowed: "out", as enable of 5V; enable of 5V is at slot-hat\.json:\d+:7$/,
  ],
  [
    "a power-good that is given to a peripheral",
    { signals: { PG_5V: { function: "uart0_tx", gpio: 0, direction: null }, LED_STATUS: null } },
    /^bad\.json:7:7: signals\.PG_5V\.function: uart0_tx is already UART0_TX; allowed: one pin for each peripheral line; UART0_TX is at slot-hat\.json:\d+:7$/,
    /^bad\.json:7:7: signals\.PG_5V\.function: is "uart0_tx"; allowed: "sio", as power_good of 5V; power_good of 5V is at slot-hat\.json:\d+:7$/,
  ],
  [
    "a time-out of nothing",
    { rails: [{ name: "5V", power_good_timeout_ms: 0 }] },
    /rails\[0\]\.power_good_timeout_ms: is 0; allowed: 1 to 600000$/,
  ],
  [
    "a # name that is active high",
    { signals: { "PRESENT#": { active: "high" } } },
    /signals\.PRESENT#\.active: is "high"; allowed: "low" for PRESENT#, or the name PRESENT$/,
  ],
  [
    "an active-low signal without #",
    { signals: { HALTED: { active: "low" } } },
    /signals\.HALTED\.active: is "low"; allowed: "high" for HALTED, or the name HALTED#$/,
  ],
  [
    "one signal under two names",
    {
      signals: {
        PRESENT: { gpio: 9, function: "sio", direction: "in", active: "high", pull: "up", meaning: "x" },
      },
    },
    /signals\.PRESENT: is the same signal as PRESENT#; allowed: one of the two$/,
  ],
  [
    "an open-drain output nothing pulls up",
    { signals: { COMPUTE_RUN: { external_pull: null } } },
    /signals\.COMPUTE_RUN\.external_pull: an open-drain output only pulls low; allowed: pull "up" or external_pull "up"$/,
  ],
  [
    "an open-drain output that is pulled down",
    { signals: { COMPUTE_RUN: { external_pull: "down", pull: "up" } } },
    /signals\.COMPUTE_RUN\.pull: "up" works against external_pull "down"; allowed: "none", "down"$/,
    /signals\.COMPUTE_RUN\.external_pull: an open-drain output must rest high; allowed: "up"$/,
  ],
  [
    "an I2C line nothing pulls up",
    { signals: { I2C0_SDA: { external_pull: null } } },
    /signals\.I2C0_SDA\.external_pull: an I2C line only pulls low; allowed: /,
  ],
  [
    "half of an I2C bus",
    { signals: { I2C0_SCL: null } },
    /signals\.I2C0_SDA\.function: i2c0_sda without i2c0_scl; allowed: both lines of a bus or none$/,
  ],
  [
    "a peripheral line on two pins",
    { signals: { V_SENSE: { gpio: 26, function: "adc0", active: "high", pull: "none", meaning: "x" } } },
    /signals\.V_SENSE\.gpio: GPIO26 is already VIN_SENSE; no GPIO is free for adc0; VIN_SENSE is at slot-hat\.json:\d+:7$/,
    /signals\.V_SENSE\.function: adc0 is already VIN_SENSE; allowed: one pin for each peripheral line; VIN_SENSE is at slot-hat\.json:\d+:7$/,
  ],
  [
    "an enable that floats while the RP2040 is in reset",
    { signals: { EN_5V: { external_pull: null } } },
    /signals\.EN_5V\.external_pull: is missing; allowed: "down", so that the rail is off while the RP2040 is in reset$/,
  ],
  [
    "a pull on an ADC input",
    { signals: { VIN_SENSE: { pull: "down" } } },
    /signals\.VIN_SENSE\.pull: "down" would bend the divider's voltage; allowed: "none" for an ADC input$/,
  ],
  [
    "an output without a drive",
    { signals: { LED_STATUS: { drive: null } } },
    /signals\.LED_STATUS\.drive: is missing; allowed: "push-pull", "open-drain"$/,
  ],
  [
    "an input with a drive",
    { signals: { HALTED: { drive: "push-pull" } } },
    /signals\.HALTED\.drive: is not for an input; allowed: only with direction out$/,
  ],
  [
    "a pin without a direction",
    { signals: { HALTED: { direction: null } } },
    /signals\.HALTED\.direction: is missing; allowed: "in", "out"$/,
  ],
  [
    "a direction against the contract",
    { signals: { HALTED: { direction: "out", drive: "push-pull" } } },
    /signals\.HALTED\.direction: is "out"; allowed: "in", as in abi\/contract\.ts$/,
  ],
  [
    "a direction on a peripheral's pin",
    { signals: { UART0_TX: { direction: "out" } } },
    /signals\.UART0_TX\.direction: is not for uart0_tx; allowed: only with "sio"$/,
  ],
  [
    "an unknown signal name",
    {
      signals: {
        LED_STATSU: {
          gpio: 9,
          function: "sio",
          direction: "out",
          drive: "push-pull",
          active: "high",
          pull: "none",
          meaning: "x",
        },
      },
    },
    /^bad\.json:6:5: signals\.LED_STATSU: unknown signal LED_STATSU; did you mean LED_STATUS\?$/,
  ],
  [
    "a contract signal given to a peripheral",
    { signals: { LED_STATUS: { function: "uart0_tx", direction: null, drive: null } } },
    /signals\.LED_STATUS\.function: is "uart0_tx", but the logic drives or reads LED_STATUS itself; allowed: "sio"$/,
    /^bad\.json:7:7: signals\.LED_STATUS\.function: uart0_tx is already UART0_TX; allowed: one pin for each peripheral line; UART0_TX is at slot-hat\.json:\d+:7$/,
  ],
  [
    "a signal without a meaning",
    { signals: { LED_STATUS: { meaning: null } } },
    /signals\.LED_STATUS\.meaning: is missing$/,
  ],
  [
    "a misspelt key",
    { signals: { LED_STATUS: { actvie: "high" } } },
    /signals\.LED_STATUS\.actvie: is not a key here; allowed: .*gpio.*; did you mean active\?$/,
  ],
  [
    "a signal name in lower case",
    { signals: { led: { gpio: 9, function: "adc0", active: "high", pull: "none", meaning: "x" } } },
    /signals\.led: is no name for this; allowed: capital letters, digits and _, with # at the end/,
  ],
  [
    "a sensor on a channel without a signal",
    { signals: { V5_SENSE: null } },
    /^slot-hat\.json:\d+:\d+: sensors\.V5\.adc_channel: is 1, to which no signal is wired; allowed: 0, 2, 3$/,
  ],
  [
    "two sensors on one channel",
    { sensors: { V5: { adc_channel: 0 } } },
    /sensors\.V5\.adc_channel: channel 0 is already VIN$/,
  ],
  [
    "a sensor in the wrong unit",
    { sensors: { I5: { unit: "mv" } } },
    /^bad\.json:7:7: sensors\.I5\.unit: is "mv", but no rail names I5, and the input voltage is VIN already; allowed: a rail with "sensor": "I5", another unit, or no such sensor$/,
  ],
  [
    "the temperature on another channel",
    {
      sensors: { V3V3: null, TEMPERATURE: { adc_channel: 3 } },
      rails: [{ name: "3V3_AUX", sensor: null }],
      limits: { V3V3: null },
    },
    /sensors\.TEMPERATURE\.adc_channel: is 3; allowed: 4, the sensor in the RP2040$/,
  ],
  [
    "a scaled temperature",
    { sensors: { TEMPERATURE: { numerator: 2 } } },
    /sensors\.TEMPERATURE\.numerator: scales the temperature/,
  ],
  [
    "a divider that would overflow 32 bits",
    { sensors: { VIN: { numerator: 318 } } },
    /sensors\.VIN\.numerator: is 318; allowed: 1 to 317$/,
  ],
  [
    "a division by zero",
    { sensors: { VIN: { denominator: 0 } } },
    /sensors\.VIN\.denominator: is 0; allowed: 1 to 65535$/,
  ],
  ["another crystal", { crystal_hz: 16000000 }, /crystal_hz: is 16000000; allowed: 12000000$/],
  [
    "a flash size no chip has",
    { flash: { bytes: 3000000 } },
    /flash\.bytes: is 3000000; allowed: 524288, .*16777216$/,
  ],
  [
    "a flash chip that the firmware cannot drive",
    { flash: { chip: "IS25LP080D", bytes: 1048576 } },
    /^bad\.json:\d+:\d+: flash\.chip: is "IS25LP080D"; allowed: .*W25Q16JV.*W25Q128JVS"?$/,
  ],
  [
    "a typing error in the name of a flash chip",
    { flash: { chip: "W25Q61JV" } },
    /flash\.chip: is "W25Q61JV"; allowed: .*W25Q128JVS"?; did you mean W25Q\d\dJV\?$/,
  ],
  [
    "a flash chip with the size of another",
    { flash: { chip: "W25Q64JV" } },
    /flash\.bytes: is 2097152, which is not the size of a W25Q64JV; allowed: 8388608/,
  ],
  ["a crystal that needs no time", { crystal_startup_ms: 0 }, /crystal_startup_ms: is 0; allowed: 1 to 100$/],
  ["a crystal that never starts", { crystal_startup_ms: 101 }, /is 101; allowed: 1 to 100$/],
  ["no timing", { timing: null }, /timing: is missing$/],
  [
    "a pin taken from a signal of the base by an override that comes earlier",
    { signals: { LED_STATUS: { gpio: 22 } } },
    /^bad\.json:7:7: signals\.LED_STATUS\.gpio: GPIO22 is already EN_5V; free for sio: GPIO0, GPIO9, GPIO10, GPIO11; EN_5V is at slot-hat\.json:\d+:7$/,
  ],
  [
    "a typing error in the name of an override",
    { signals: { LED_STAUS: { connector: "LED0" } } },
    /^bad\.json:6:5: signals\.LED_STAUS: unknown signal LED_STAUS; did you mean LED_STATUS\?$/,
  ],
  [
    "a name in small letters",
    { signals: { led_status: { gpio: 9 } } },
    /^bad\.json:6:5: signals\.led_status: unknown signal led_status; did you mean LED_STATUS\?$/,
  ],
  [
    "a typing error in a name the board writes with #",
    { signals: { "PRESNT#": { gpio: 9 } } },
    /signals\.PRESNT#: unknown signal PRESNT#; did you mean PRESENT#\?$/,
  ],
  [
    "an unknown signal like no other",
    { signals: { FAN_TACHO: { gpio: 9, colour: "red" } } },
    /signals\.FAN_TACHO\.colour: is not a key here/,
    /signals\.FAN_TACHO: unknown signal FAN_TACHO; allowed: LED_STATUS, .*UART0_TX.*, and any name in capital letters, digits and _ for adc0 to adc3$/,
  ],
  [
    "a slot without rails",
    { rails: [] },
    /^bad\.json:5:3: rails: is empty; a slot needs its rails: leave the key out, or list those to change$/,
  ],
  [
    "a title that would clear the reader's screen",
    { title: "x\u001b[2J" },
    /^bad\.json:4:3: title: is "x\\u001b\[2J"; allowed: text without control characters/,
  ],
  [
    "control characters in what tables show",
    {
      description: "a\u009bm",
      flash: { chip: "\u0007" },
      signals: { LED_STATUS: { meaning: "a\nb", connector: "\u202e1" } },
      wired_gpios: { 11: "\u007f" },
    },
    /description: is "a\\u009bm"; allowed: text without/,
    /flash\.chip: is "\\u0007"; allowed: "?W25Q16JV/,
    /LED_STATUS\.connector: is "\\u202e1"; allowed: text without/,
    /LED_STATUS\.meaning: is "a\\nb"; allowed: text without/,
    /wired_gpios\.11: is "\\u007f"; allowed: text without/,
  ],
  [
    "a key with control characters is not played back to the terminal",
    { "\u001b[2J": 1 },
    /\\u001b\[2J: is not a key here/,
  ],
  ["a text of the wrong type, reported once", { title: 7 }, /title: is 7; allowed: string$/],
  [
    "a rail's name in small letters",
    {
      rails: [
        {
          name: "5v",
          enable: "EN_5V",
          power_good: "PG_5V",
          nominal_mv: 5000,
          power_good_timeout_ms: 1,
          discharge_timeout_ms: 1,
        },
      ],
    },
    /rails\[0\]\.name: is "5v"; allowed: capital letters, digits and _/,
  ],
  [
    "an impossible name of a board, reported once",
    { name: "Bad!" },
    /^bad\.json:3:3: name: is "Bad!"; allowed: "bad", the name of the file$/,
  ],
  [
    "a name that is not the file's",
    { name: "other" },
    /name: is "other"; allowed: "bad", the name of the file$/,
  ],
  [
    "several at once, all reported",
    {
      crystal_hz: 1,
      signals: { PG_5V: { gpio: 22 }, LED_STATUS: { gpio: 99 } },
      sensors: { I5: { unit: "mv" } },
    },
    /crystal_hz/,
    /signals\.LED_STATUS\.gpio/,
    /signals\.PG_5V\.gpio/,
    /sensors\.I5\.unit/,
  ],
];

testBadBoards(CASES);

test("a board does not inherit the name of its base", (context) => {
  const folder = boardFolder(context, { mine: '{ "extends": "slot-hat" }' });
  assert.deepEqual(problemsOf("mine", folder), ['mine.json: name: is missing; add "name": "mine"']);
});

test("a file whose name no board can have is to be renamed", (context) => {
  const folder = boardFolder(context, {
    My_Board: '{ "extends": "slot-hat" }',
    "2nd": { extends: "slot-hat", name: "2nd" },
    Slot_Hat: '{ "extends": "slot-hat" }',
  });
  const rule = "allowed are lower case letters, digits and single -, a letter first, 24 characters at most";
  const expected = (file: string, example: string) => [
    `${file}.json: the file's name is the board's: rename the file${example}; ${rule}`,
  ];
  assert.deepEqual(problemsOf("My_Board", folder), expected("My_Board", ", to my-board.json for example"));
  assert.deepEqual(problemsOf("2nd", folder), expected("2nd", ", to nd.json for example"));
  assert.deepEqual(problemsOf("Slot_Hat", folder), expected("Slot_Hat", ""), "there is one of that name");
});

test("a misspelt required signal is not reported as missing as well", (context) => {
  const board = JSON.parse(readFileSync(join(BOARDS_DIRECTORY, "slot-hat.json"), "utf8"));
  board.name = "bad";
  board.signals.HALTD = board.signals.HALTED;
  board.signals.EN_5VV = board.signals.EN_5V;
  delete board.signals.HALTED;
  delete board.signals.EN_5V;
  const problems = problemsOf("bad", boardFolder(context, { bad: board }));
  assert.equal(problems.length, 2, problems.join("\n"));
  assert.match(problems[0] ?? "", /unknown signal HALTD; did you mean HALTED\?$/);
  assert.match(
    problems[1] ?? "",
    /unknown signal EN_5VV; did you mean EN_5V\?; enable of 5V is at bad\.json:\d+:7$/,
  );
});

test("a pin that the base's board has wired is reported at the line that uses it", (context) => {
  const folder = boardFolder(context, {
    base: { extends: "slot-hat", name: "base", wired_gpios: { "9": "an LED" } },
    mine: { extends: "base", name: "mine", signals: { LED_STATUS: { gpio: 9 } } },
  });
  const [problem, ...others] = problemsOf("mine", folder);
  assert.match(
    problem ?? "",
    /^mine\.json:6:7: signals\.LED_STATUS\.gpio: GPIO9 is wired on the board \(an LED\); .*; GPIO9 is at base\.json:5:5$/,
  );
  assert.deepEqual(others, []);
});

test("the rail that feeds the compute board is forgotten, with its signals left", (context) => {
  const board = JSON.parse(readFileSync(join(BOARDS_DIRECTORY, "slot-hat.json"), "utf8"));
  board.name = "bad";
  board.rails.pop();
  const problems = problemsOf("bad", boardFolder(context, { bad: board }));
  assert.equal(problems.length, 1, problems.join("\n"));
  assert.match(
    problems[0] ?? "",
    /^bad\.json:\d+:3: rails: none of 3V3_AUX feeds the compute board; one must have "feeds_compute": true$/,
  );
});

test("a rail given twice is reported, not merged", (context) => {
  const board = JSON.parse(readFileSync(join(BOARDS_DIRECTORY, "slot-hat.json"), "utf8"));
  board.name = "bad";
  board.rails.push(board.rails[1]);
  const problems = problemsOf("bad", boardFolder(context, { bad: board }));
  assert.match(problems[0] ?? "", /rails\[2\]\.name: "5V" is already that of another rail$/);
});

test("an unknown board names the known ones and the nearest", (context) => {
  const folder = boardFolder(context, {});
  assert.deepEqual(problemsOf("slothat", folder), [
    'there is no board "slothat"; allowed: slot-hat; did you mean slot-hat?',
  ]);
  assert.match(problemsOf("../slot-hat", folder)[0] ?? "", /^there is no board "\.\.\/slot-hat"/);
  assert.match(problemsOf("schema", folder)[0] ?? "", /^there is no board "schema"/);
});
