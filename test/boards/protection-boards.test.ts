/**
 * Tests protection and restore in board files: the messages for mistakes, and what is generated from them.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { boardAssemblyScript, boardHeader, boardPinTable, loadBoard } from "../../scripts/boards.ts";
import { type BadBoard, boardFolder, problemsOf, testBadBoards } from "./board-folder.ts";

const KEYS: Readonly<Record<string, readonly string[]>> = {
  protection: ["overcurrent_ma", "overcurrent_rounds", "brown_out_us", "retry_pauses_ms", "good_after_ms"],
  restore: ["policy", "settle_ms", "stagger_ms"],
};

const MISSING = Object.entries(KEYS).flatMap(([group, keys]) => [
  [`no ${group}`, { [group]: null }, new RegExp(`^bad\\.json:5:3: ${group}: is missing$`)] as BadBoard,
  ...keys.map(
    (key): BadBoard => [
      `no ${key}`,
      { [group]: { [key]: null } },
      new RegExp(`^bad\\.json:6:5: ${group}\\.${key}: is missing$`),
    ],
  ),
]);

const OVERCURRENT = "allowed: 5000 \\(limits\\.I5\\.maximum\\) to 6598 \\(the converter's range\\)$";

const OVERCURRENT_CASES: readonly BadBoard[] = [
  [
    "an over-current below the limits that may be set",
    { protection: { overcurrent_ma: 4999 } },
    new RegExp(`^bad\\.json:6:5: protection\\.overcurrent_ma: is 4999; ${OVERCURRENT}`),
  ],
  [
    "an over-current that the converter would never show",
    { protection: { overcurrent_ma: 6599 } },
    new RegExp(`^bad\\.json:6:5: protection\\.overcurrent_ma: is 6599; ${OVERCURRENT}`),
  ],
  [
    "limits that may be set above the base's over-current",
    { limits: { I5: { maximum: 5501 } } },
    /^slot-hat\.json:\d+:5: protection\.overcurrent_ma: is 5500; allowed: 5501 \(limits\.I5\.maximum\) to 6598 /,
  ],
  [
    "a sensor whose full scale is below the base's over-current",
    {
      sensors: { I5: { numerator: 1 } },
      limits: { I5: { high_warning: 2000, high_fault: 2500, maximum: 3000 } },
    },
    /^slot-hat\.json:\d+:5: protection\.overcurrent_ma: is 5500; allowed: 3000 .* to 3298 /,
  ],
  [
    "an over-current in amperes",
    { protection: { overcurrent_ma: 5.5 } },
    /^bad\.json:6:5: protection\.overcurrent_ma: is 5\.5; allowed: integer$/,
    /^bad\.json:6:5: protection\.overcurrent_ma: is 5\.5; allowed: 100 to 100000$/,
  ],
  [
    "an over-current of no conversion",
    { protection: { overcurrent_rounds: 0 } },
    /protection\.overcurrent_rounds: is 0; allowed: 1 to 100$/,
  ],
];

const TIME_CASES: readonly BadBoard[] = [
  [
    "a brown-out within the converter's noise",
    { protection: { brown_out_us: 99 } },
    /protection\.brown_out_us: is 99; allowed: 100 to 100000$/,
  ],
  ...[[], [1000], [1000, 5000], [1, 2, 3, 4]].map(
    (pauses): BadBoard => [
      `${pauses.length} pauses`,
      { protection: { retry_pauses_ms: pauses } },
      new RegExp(`^bad\\.json:6:5: protection\\.retry_pauses_ms: is \\[${pauses}\\]; allowed: a list of 3$`),
    ],
  ),
  [
    "a pause of no time is reported at its position",
    { protection: { retry_pauses_ms: [1000, 0, 25000] } },
    /^bad\.json:8:7: protection\.retry_pauses_ms\[1\]: is 0; allowed: 1 to 600000$/,
  ],
  [
    "a pause that is none",
    { protection: { retry_pauses_ms: [1000, 5000, null] } },
    /^bad\.json:9:7: protection\.retry_pauses_ms\[2\]: is null; allowed: integer$/,
  ],
  [
    "one pause instead of a list",
    { protection: { retry_pauses_ms: 1000 } },
    /^bad\.json:6:5: protection\.retry_pauses_ms: is 1000; allowed: array$/,
  ],
  [
    "a slot that would never have its tries again",
    { protection: { good_after_ms: 600001 } },
    /protection\.good_after_ms: is 600001; allowed: 1 to 600000$/,
  ],
  [
    "a misspelt key of protection",
    { protection: { overcurent_ma: 5500 } },
    /^bad\.json:6:5: protection\.overcurent_ma: is not a key here; allowed: note, overcurrent_ma, .*good_after_ms; did you mean overcurrent_ma\?$/,
  ],
];

const RESTORE_CASES: readonly BadBoard[] = [
  [
    "an unknown policy",
    { restore: { policy: "always_on" } },
    /^bad\.json:6:5: restore\.policy: is "always_on"; allowed: "last", "always-on", "always-off"; did you mean always-on\?$/,
  ],
  [
    "a negative stagger",
    { restore: { stagger_ms: -1 } },
    /^bad\.json:6:5: restore\.stagger_ms: is -1; allowed: 0 to 60000$/,
  ],
  [
    "an input that is believed at once",
    { restore: { settle_ms: 0 } },
    /^bad\.json:6:5: restore\.settle_ms: is 0; allowed: 1 to 600000$/,
  ],
  [
    "a misspelt key of restore",
    { restore: { staggers_ms: 1 } },
    /restore\.staggers_ms: is not a key here; allowed: note, policy, settle_ms, stagger_ms; did you mean stagger_ms\?$/,
  ],
];

for (const cases of [MISSING, OVERCURRENT_CASES, TIME_CASES, RESTORE_CASES]) testBadBoards(cases);

test("the ends of every range are good", (context) => {
  const fast = { overcurrent_rounds: 100, brown_out_us: 100, retry_pauses_ms: [1, 600000, 1] };
  const board = (overcurrent_ma: number, stagger_ms: number) => ({
    extends: "slot-hat",
    protection: { ...fast, overcurrent_ma, good_after_ms: 600000 },
    restore: { policy: "always-off", settle_ms: 1, stagger_ms },
    limits: { VIN: { hysteresis: 0, warning_filter_ms: 600000, fault_filter_ms: 1 } },
  });
  const files = {
    least: { ...board(5000, 0), name: "least" },
    most: { ...board(6598, 60000), name: "most" },
  };
  const folder = boardFolder(context, files);
  assert.deepEqual([problemsOf("least", folder), problemsOf("most", folder)], [[], []]);
});

test("a board that measures no current needs no range of its converter for it", (context) => {
  const bare = {
    sensors: { I5: null },
    limits: { I5: null, P5: null },
    signals: { I5_SENSE: null },
    protection: { overcurrent_ma: 100000 },
  };
  const folder = boardFolder(context, { bare: { extends: "slot-hat", name: "bare", ...bare } });
  assert.deepEqual(problemsOf("bare", folder), []);
  const header = boardHeader(loadBoard("bare", folder));
  assert.match(header, /^#define BOARD_VOUT_ADC_CHANNEL 1u$/m);
  assert.match(header, /^#define BOARD_IOUT_ADC_CHANNEL 5u$/m);
  assert.match(header, /^#define BOARD_ADC_CHANNELS 0x1bu$/m);
});

test("protection and restore are among the logic's constants, pauses replaced as a whole", (context) => {
  const change = {
    protection: { retry_pauses_ms: [7, 8, 9], overcurrent_rounds: 3 },
    restore: { stagger_ms: 0 },
  };
  const folder = boardFolder(context, { mine: { extends: "slot-hat", name: "mine", ...change } });
  const text = boardAssemblyScript(loadBoard("mine", folder));
  for (const line of [
    "OVERCURRENT_MA: u32 = 5500",
    "OVERCURRENT_ROUNDS: u32 = 3",
    "BROWN_OUT_US: u32 = 1000",
    "RETRY_PAUSE_MS: StaticArray<u32> = [7, 8, 9]",
    "GOOD_AFTER_MS: u32 = 60000",
    "RESTORE_SETTLE_MS: u32 = 1000",
    "RESTORE_STAGGER_MS: u32 = 0",
  ])
    assert.ok(text.includes(`export const ${line};\n`), line);
  const table = boardPinTable([loadBoard("mine", folder)]);
  assert.match(
    table,
    /Over-current of 5500 mA is switched off in the interrupt, after 3 conversions in a row, or 2 at full scale\./,
  );
  assert.match(table, /Tries after a fault: in 0\.007 s, 0\.008 s, 0\.009 s\./);
  assert.match(table, /When input power returns: last, after 1 s and 0 s for each slot before it\./);
});

test("a policy is the number that the logic gives it", (context) => {
  const source = readFileSync(new URL("../../assembly/generated/vocabulary.ts", import.meta.url), "utf8");
  const [, body = ""] = /export enum RestorePolicy \{([^}]*)\}/.exec(source) ?? [];
  const names = [...body.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").matchAll(/\w+/g)].map(([name]) => name);
  const policies = names.map((name) => name.replace(/(?!^)[A-Z]/g, "-$&").toLowerCase());
  assert.deepEqual([...policies].sort(), ["always-off", "always-on", "last"]);
  for (const [number, policy] of policies.entries()) {
    const folder = boardFolder(context, {
      mine: { extends: "slot-hat", name: "mine", restore: { policy } },
    });
    assert.match(
      boardAssemblyScript(loadBoard("mine", folder)),
      new RegExp(`^export const RESTORE_POLICY: u32 = ${number};$`, "m"),
    );
  }
});
