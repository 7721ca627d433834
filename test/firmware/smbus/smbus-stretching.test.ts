/**
 * How long a controller waits, with misses of the flash's cache counted and the compute board printing. It
 * checks the bounds that `npm run bench:smbus` measures at length, on a smaller run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOLD_CLOCKS, measureHolds } from "../../../lab/bench/smbus-holds.ts";
import { broken, tooShort } from "../../../lab/bench/smbus-report.ts";
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

/** Every tenth part of a clock between a write and the read behind it, once. */
const MESSAGES_OF_A_GROUP = 400;

for (const clock of HOLD_CLOCKS.filter(({ isGoal }) => isGoal)) {
  test(`SCL is held for at least half a clock, or not at all: ${clock.name}`, () => {
    const holds = measureHolds(buildDirectory(), clock, MESSAGES_OF_A_GROUP);
    assert.deepEqual(tooShort(new Map([[clock.name, holds]])), []);
    assert.ok(holds.some(({ shortest_us }) => shortest_us !== null));
  });
}
