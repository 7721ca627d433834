/**
 * How long a controller waits, with misses of the flash's cache counted and the compute board printing. It
 * checks the bounds that `npm run bench:smbus` measures at length, on a smaller run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { broken } from "../../../lab/bench/smbus-report.ts";
import { measureSpeed, SCENARIOS, type ScenarioName, SPEEDS_HZ } from "../../../lab/bench/smbus-runs.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const MESSAGES = 60;

for (const scenario of Object.keys(SCENARIOS) as ScenarioName[]) {
  test(`prepared reads within one bit time, everything within 25 ms: ${scenario}`, () => {
    const speeds = SPEEDS_HZ.map((hz) => {
      const figures = measureSpeed(buildDirectory(), scenario, hz, MESSAGES, () => {});
      assert.ok(figures.kinds.every(({ messages }) => messages === MESSAGES));
      assert.ok(figures.other_p50_us <= figures.other_p99_us && figures.other_p99_us <= figures.other_max_us);
      return [hz, figures];
    });
    const one = { [scenario]: Object.fromEntries(speeds) } as Parameters<typeof broken>[0];
    assert.deepEqual(broken(one), []);
  });
}
