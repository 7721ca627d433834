/** Every way the rails of a board file and their sensors can be wrong, and the message for it. */
import { type BadBoard, testBadBoards } from "./board-folder.ts";

const NOMINAL = "allowed: 4750 \\(limits\\.V5\\.low_warning\\) to 5300 \\(limits\\.V5\\.high_warning\\)$";
const RAIL = { nominal_mv: 1800, power_good_timeout_ms: 20, discharge_timeout_ms: 200 };

/** Pins for one more rail of that name. */
function pins(name: string, enableGpio: number, powerGoodGpio: number) {
  const common = { function: "sio", active: "high", meaning: "x" };
  return {
    [`EN_${name}`]: {
      ...common,
      gpio: enableGpio,
      direction: "out",
      drive: "push-pull",
      pull: "none",
      external_pull: "down",
    },
    [`PG_${name}`]: { ...common, gpio: powerGoodGpio, direction: "in", pull: "down" },
  };
}

function rail(name: string, keys: object = {}) {
  return { name, enable: `EN_${name}`, power_good: `PG_${name}`, ...RAIL, ...keys };
}

const COUNT_CASES: readonly BadBoard[] = [
  [
    "five rails",
    {
      // The spare pins and some of LEDs and straps that three more rails need.
      signals: {
        LED_STATUS: null,
        LED_IDENTIFY: null,
        SLOT_ID2: null,
        ...pins("1V8", 9, 10),
        ...pins("1V2", 11, 0),
        ...pins("1V0", 1, 2),
      },
      rails: [rail("1V8"), rail("1V2"), rail("1V0")],
    },
    /^bad\.json:\d+:3: rails: has 5 rails; allowed: at most 4, one to a PMBus page$/,
  ],
  [
    "no rail left",
    { rails: ["3V3_AUX", "5V"].map((name) => ({ name, fitted: false })), limits: { P5: null } },
    /^bad\.json:5:3: rails: leaves no rail; a slot needs one that feeds the compute board$/,
  ],
  [
    "the rail that feeds the compute board taken away",
    { rails: [{ name: "5V", fitted: false }] },
    /^bad\.json:5:3: rails: none of 3V3_AUX feeds the compute board; one must have "feeds_compute": true$/,
  ],
];

const NOMINAL_CASES: readonly BadBoard[] = [
  [
    "a nominal voltage below its sensor's limits",
    { rails: [{ name: "5V", nominal_mv: 4749 }] },
    new RegExp(`^bad\\.json:8:7: rails\\[0\\]\\.nominal_mv: is 4749; ${NOMINAL}`),
  ],
  [
    "a nominal voltage above its sensor's limits",
    { rails: [{ name: "5V", nominal_mv: 5301 }] },
    new RegExp(`rails\\[0\\]\\.nominal_mv: is 5301; ${NOMINAL}`),
  ],
];

const COMPUTE_CASES: readonly BadBoard[] = [
  [
    "no rail feeds the compute board",
    { rails: [{ name: "5V", feeds_compute: false }] },
    /^bad\.json:5:3: rails: none of 3V3_AUX, 5V feeds the compute board; one must have "feeds_compute": true$/,
  ],
  [
    "two rails feed the compute board",
    { rails: [{ name: "3V3_AUX", feeds_compute: true }] },
    /^bad\.json:8:7: rails\[0\]\.feeds_compute: is true, but 5V feeds the compute board already; allowed: one rail; feeds_compute of 5V is at slot-hat\.json:\d+:7$/,
  ],
  [
    "feeds_compute as a text",
    { rails: [{ name: "5V", feeds_compute: "yes" }] },
    /^bad\.json:8:7: rails\[0\]\.feeds_compute: is "yes"; allowed: boolean$/,
  ],
];

const NAME_CASES: readonly BadBoard[] = [
  [
    "another rail on the signals of the base's",
    { rails: [{ ...rail("12V"), enable: "EN_5V", power_good: "PG_5V" }] },
    /^bad\.json:8:7: rails\[0\]\.enable: "EN_5V" is already that of 5V$/,
    /^bad\.json:9:7: rails\[0\]\.power_good: "PG_5V" is already that of 5V$/,
  ],
  [
    "another rail on the same signals, written as active-low ones",
    { rails: [{ ...rail("12V"), enable: "EN_5V#", power_good: "PG_5V#" }] },
    /^bad\.json:8:7: rails\[0\]\.enable: "EN_5V#" is already that of 5V$/,
    /^bad\.json:9:7: rails\[0\]\.power_good: "PG_5V#" is already that of 5V$/,
  ],
  [
    "an enable that rests on the level that is on",
    { signals: { EN_5V: { drive: "open-drain", external_pull: "up" } } },
    /^bad\.json:7:7: signals\.EN_5V\.drive: is "open-drain", which rests high while the RP2040 is in reset, and the rail would be on; allowed: "push-pull", or an enable that is active low$/,
  ],
  [
    "a pin of the converter with the contract's name of an enable",
    {
      signals: {
        V3V3_SENSE: null,
        EN_RAIL_0: { gpio: 29, function: "adc3", active: "high", pull: "none", meaning: "x" },
      },
      rails: [{ name: "3V3_AUX", sensor: null }],
      sensors: { V3V3: null },
      limits: { V3V3: null },
    },
    /^bad\.json:7:5: signals\.EN_RAIL_0: unknown signal EN_RAIL_0/,
  ],
  [
    "a misspelt rail",
    { rails: [{ name: "3V3_UAX", power_good_timeout_ms: 60 }] },
    /^bad\.json:6:5: rails\[0\]: "3V3_UAX" lacks enable, power_good, nominal_mv and discharge_timeout_ms; did you mean 3V3_AUX\?$/,
  ],
  [
    "a rail that says little of itself",
    { rails: [{ name: "VERY_OTHER", nominal_mv: 1800 }] },
    /^bad\.json:6:5: rails\[0\]\.enable: is missing$/,
    /^bad\.json:6:5: rails\[0\]\.power_good: is missing$/,
    /^bad\.json:6:5: rails\[0\]\.power_good_timeout_ms: is missing$/,
    /^bad\.json:6:5: rails\[0\]\.discharge_timeout_ms: is missing$/,
  ],
  [
    "a rail without a name",
    { rails: [{ nominal_mv: 1800 }] },
    /^bad\.json:6:5: rails\[0\]\.name: is missing$/,
    /rails\[0\]\.enable: is missing$/,
    /rails\[0\]\.power_good: is missing$/,
    /rails\[0\]\.power_good_timeout_ms: is missing$/,
    /rails\[0\]\.discharge_timeout_ms: is missing$/,
  ],
  [
    "a misspelt key of a rail",
    { rails: [{ name: "5V", feed_compute: true }] },
    /^bad\.json:8:7: rails\[0\]\.feed_compute: is not a key here; allowed: note, name, enable, .*feeds_compute, fitted; did you mean feeds_compute\?$/,
  ],
];

const FITTED_CASES: readonly BadBoard[] = [
  [
    "a rail taken away that the base does not have",
    { rails: [{ name: "12V", fitted: false }] },
    /^bad\.json:8:7: rails\[0\]\.fitted: is false, but the base has no rail "12V"; allowed: 3V3_AUX, 5V$/,
  ],
  [
    "a rail taken away whose signals, sensor and limits stay",
    { rails: [{ name: "3V3_AUX", fitted: false }] },
    /^bad\.json:8:7: rails\[0\]\.fitted: is false, but EN_3V3_AUX of the rail 3V3_AUX is still wired; allowed: null for signals\.EN_3V3_AUX too; signals\.EN_3V3_AUX is at slot-hat\.json:\d+:5$/,
    /^bad\.json:8:7: rails\[0\]\.fitted: is false, but PG_3V3_AUX of the rail 3V3_AUX is still wired; allowed: null for signals\.PG_3V3_AUX too; signals\.PG_3V3_AUX is at slot-hat\.json:\d+:5$/,
    /^bad\.json:8:7: rails\[0\]\.fitted: is false, but the sensor V3V3 of the rail 3V3_AUX is still there; allowed: null for sensors\.V3V3 too; sensors\.V3V3 is at slot-hat\.json:\d+:5$/,
  ],
  [
    "a rail taken away whose sensor stays",
    {
      rails: [{ name: "3V3_AUX", fitted: false }],
      signals: { EN_3V3_AUX: null, PG_3V3_AUX: null },
    },
    /^bad\.json:8:7: rails\[0\]\.fitted: is false, but the sensor V3V3 of the rail 3V3_AUX is still there; allowed: null for sensors\.V3V3 too; sensors\.V3V3 is at slot-hat\.json:\d+:5$/,
  ],
  [
    "fitted as a text",
    { rails: [{ name: "3V3_AUX", fitted: "no" }] },
    /^bad\.json:8:7: rails\[0\]\.fitted: is "no"; allowed: boolean$/,
  ],
];

const SENSOR_CASES: readonly BadBoard[] = [
  [
    "a rail's sensor that the rail no longer names",
    { rails: [{ name: "3V3_AUX", sensor: null }] },
    /^slot-hat\.json:\d+:15: sensors\.V3V3\.unit: is "mv", but no rail names V3V3, and the input voltage is VIN already; allowed: a rail with "sensor": "V3V3", another unit, or no such sensor$/,
  ],
  [
    "one sensor for two rails",
    { rails: [{ name: "3V3_AUX", sensor: "V5" }] },
    /^bad\.json:8:7: rails\[0\]\.sensor: is "V5", which measures 5V already; sensor of 5V is at slot-hat\.json:\d+:7$/,
  ],
  [
    "two sensors for the current",
    { sensors: { V3V3: { unit: "ma" } }, rails: [{ name: "3V3_AUX", sensor: null }] },
    /^bad\.json:7:7: sensors\.V3V3\.unit: is "ma", but I5 measures the current of the compute board already$/,
  ],
  [
    "a sensor with the name of the power",
    {
      sensors: { V3V3: null, P5: { unit: "mv", adc_channel: 3, numerator: 2, denominator: 1 } },
      rails: [{ name: "3V3_AUX", sensor: "P5" }],
      limits: { V3V3: null, P5: { high_warning: 4000, high_fault: 5000, maximum: 6000 } },
    },
    /^bad\.json:\d+:5: sensors\.P5: is what the power is called, because V5 is its voltage; allowed: another name$/,
  ],
  [
    "a misspelt sensor",
    { sensors: { V3V: { numerator: 3 } } },
    /^bad\.json:6:5: sensors\.V3V: "V3V" lacks unit, adc_channel and denominator; did you mean V3V3\?$/,
  ],
  [
    "a sensor that says little of itself",
    { sensors: { TACHOMETER: { unit: "mv" } } },
    /^bad\.json:6:5: sensors\.TACHOMETER\.adc_channel: is missing$/,
    /^bad\.json:6:5: sensors\.TACHOMETER\.numerator: is missing$/,
    /^bad\.json:6:5: sensors\.TACHOMETER\.denominator: is missing$/,
    /limits\.TACHOMETER: is missing; this board measures TACHOMETER, which must have limits$/,
  ],
  [
    "a low limit of the power",
    { limits: { P5: { low_warning: 1 } } },
    /^bad\.json:7:7: limits\.P5\.low_warning: is not a key here: a compute board that is off draws nothing; allowed: high limits alone$/,
  ],
  [
    "the current taken away, the power's limits left",
    { sensors: { I5: null }, signals: { I5_SENSE: null }, limits: { I5: null } },
    /^bad\.json:5:3: sensors: has none in ma, but there are limits for P5; allowed: null for limits\.P5 too; limits\.P5 is at slot-hat\.json:\d+:5$/,
  ],
  [
    "the compute rail's voltage taken away, the power's limits left",
    {
      sensors: { V5: null },
      signals: { V5_SENSE: null },
      limits: { V5: null },
      rails: [{ name: "5V", sensor: null }],
    },
    /^bad\.json:\d+:7: rails\[0\]\.sensor: is null, but there are limits for P5; allowed: null for limits\.P5 too; limits\.P5 is at slot-hat\.json:\d+:5$/,
  ],
];

for (const cases of [COUNT_CASES, NOMINAL_CASES, COMPUTE_CASES, NAME_CASES, FITTED_CASES, SENSOR_CASES])
  testBadBoards(cases);
