/** The run loop: a run is the same to the cycle, however often it is interrupted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { alarm } from "./clocks/alarm-program.ts";
import { ms, result, startChip, us } from "./program.ts";

test("the same seed gives the same run to the cycle, however it is cut into slices", () => {
  const program = alarm(3000);
  const whole = startChip(program);
  whole.runUntilNanos(ms(37));
  const cut = startChip(program);
  for (let at = 0; at < 3700; at++) cut.runUntilNanos(us(10 * at + (at % 7)));
  cut.runUntilNanos(ms(37));
  assert.deepEqual([cut.cycles, result(cut), cut.nanos], [whole.cycles, result(whole), whole.nanos]);
  assert.deepEqual(cut.bus.sram, whole.bus.sram);
});
