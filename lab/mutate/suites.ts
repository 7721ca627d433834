/**
 * Which tests cover which folder. A mutant is tried with the tests of the first row whose path begins its
 * file's, so that longer paths come before shorter ones. The tests of the logic run in Node alone, because a
 * fault of the logic is to be found there. The fuzzer of the sequencer takes minutes and is not among them.
 * A test of the firmware finds only `slot-hat` built, with the default engine, unless it builds more itself.
 */

const SPECS = "test/assembly";

const SUITES: readonly (readonly [path: string, tests: readonly string[]])[] = [
  [
    "assembly/power/",
    [
      "test/logic/power.test.ts",
      "test/logic/power-states.test.ts",
      "test/logic/supervision.test.ts",
      "test/logic/smbus-faults.test.ts",
      "test/logic/smbus-records.test.ts",
      "test/logic/console.test.ts",
      `${SPECS}/power/power.spec.ts`,
      `${SPECS}/power/faults.spec.ts`,
      `${SPECS}/power/presence.spec.ts`,
      `${SPECS}/power/adoption.spec.ts`,
      "test/logic/power-random.test.ts",
    ],
  ],
  [
    "assembly/protection/",
    [
      `${SPECS}/protection/protection.spec.ts`,
      "test/logic/smbus-faults.test.ts",
      "test/logic/supervision.test.ts",
      "test/logic/smbus.test.ts",
      "test/logic/smbus-records.test.ts",
      "test/logic/power.test.ts",
      "test/logic/console.test.ts",
      "test/logic/power-monitor.test.ts",
      "test/logic/power-random.test.ts",
    ],
  ],
  [
    "assembly/settings/",
    [
      `${SPECS}/settings/settings.spec.ts`,
      "test/logic/console.test.ts",
      "test/logic/smbus.test.ts",
      "test/logic/settings.test.ts",
      "test/logic/settings-cuts.test.ts",
    ],
  ],
  [
    "assembly/smbus/",
    [
      "test/logic/smbus.test.ts",
      "test/logic/smbus-faults.test.ts",
      "test/logic/smbus-records.test.ts",
      "test/lab/fuzz/smbus.test.ts",
    ],
  ],
  [
    "assembly/sensors/",
    [
      `${SPECS}/sensors/calibration.spec.ts`,
      `${SPECS}/sensors/converter.spec.ts`,
      `${SPECS}/sensors/energy.spec.ts`,
      `${SPECS}/sensors/health.spec.ts`,
      `${SPECS}/sensors/power-monitor.spec.ts`,
      "test/assembly/sensors/energy-kept.test.ts",
      "test/logic/power-monitor.test.ts",
      "test/logic/smbus.test.ts",
      "test/logic/smbus-faults.test.ts",
      "test/logic/console.test.ts",
      "test/logic/energy-wrap.test.ts",
    ],
  ],
  [
    "assembly/events/",
    [
      `${SPECS}/events/event-log.spec.ts`,
      "test/logic/smbus-records.test.ts",
      "test/logic/console.test.ts",
      "test/logic/power.test.ts",
    ],
  ],
  ["assembly/boot/", ["test/logic/boot-log.test.ts", "test/logic/smbus.test.ts"]],
  [
    "assembly/console/",
    [
      "test/logic/console.test.ts",
      "test/logic/completion.test.ts",
      "test/logic/boot-log.test.ts",
      "test/logic/power.test.ts",
      `${SPECS}/console/choices.spec.ts`,
      `${SPECS}/console/tokens.spec.ts`,
    ],
  ],
  [
    "assembly/",
    [
      "test/logic/power.test.ts",
      "test/logic/console.test.ts",
      "test/logic/smbus.test.ts",
      "test/logic/smbus-records.test.ts",
      "test/logic/boot-log.test.ts",
      `${SPECS}/codec/smbus-formats.spec.ts`,
    ],
  ],
  [
    "host/smbus/",
    [
      "test/firmware/smbus/smbus-requests.test.ts",
      "test/firmware/smbus/smbus-handover.test.ts",
      "test/firmware/smbus/smbus.test.ts",
      "test/firmware/smbus/smbus-attacks.test.ts",
      "test/firmware/smbus/smbus-timeout.test.ts",
      "test/firmware/smbus/smbus-alert.test.ts",
      "test/firmware/smbus/smbus-flash-busy.test.ts",
    ],
  ],
  [
    "host/sampling/",
    ["test/firmware/power/power-hostile.test.ts", "test/firmware/power/power-protection.test.ts"],
  ],
  ["host/i2c/", ["test/firmware/i2c-host.test.ts"]],
  ["host/flash/", ["test/firmware/settings/settings.test.ts"]],
  [
    "host/peripherals/",
    [
      "test/firmware/host-promises.test.ts",
      "test/firmware/serial.test.ts",
      "test/firmware/boot.test.ts",
      "test/firmware/power/power-protection.test.ts",
      "test/firmware/failures.test.ts",
    ],
  ],
  [
    "host/",
    [
      "test/firmware/host-promises.test.ts",
      "test/firmware/serial.test.ts",
      "test/firmware/boot.test.ts",
      "test/firmware/failures.test.ts",
    ],
  ],
];

/** What `npm run mutate` takes without files: the parts whose mistakes cost a board or its power. */
export const USUAL_FILES = [
  "assembly/power",
  "assembly/protection",
  "assembly/settings",
  "assembly/smbus/target.ts",
  "host/smbus",
];

/** Generated text has no mutants of its own, and no test in the table covers the two engines. */
export function isMutable(file: string): boolean {
  if (/\/generated\/|^host\/engine\//.test(file)) return false;
  return /^assembly\/.*\.ts$|^host\/.*\.c$/.test(file);
}

/** The tests that cover a file, in the order in which they are tried first. */
export function testsOf(file: string): readonly string[] {
  return SUITES.find(([path]) => file.startsWith(path))?.[1] ?? [];
}
