/** WATCHDOG: its count, and a reset that selects nothing (datasheet 4.7). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { psmMask } from "../../../../simulator/chip/clocks/power-on.ts";
import { CTRL_ENABLE, CTRL_TIME, WATCHDOG } from "../../../../simulator/chip/clocks/watchdog.ts";
import { PERIPHERALS } from "../../../../simulator/chip/peripherals.ts";
import { ms, result, startChip, us } from "../program.ts";
import { KEPT, watchdog } from "./watchdog-program.ts";

const CTRL = PERIPHERALS.WATCHDOG.base + WATCHDOG.CTRL;

test("the watchdog counts two per tick (erratum RP2040-E1), then resets and says so (datasheet 4.7)", () => {
  const chip = startChip(watchdog(100_000, psmMask("proc0", "proc1"), 0));
  chip.runUntil(() => (chip.bus.readUint32(CTRL) & CTRL_ENABLE) !== 0, ms(30));
  const started = chip.nanos;
  chip.runUntilNanos(started + ms(25));
  const halfway = chip.bus.readUint32(CTRL) & CTRL_TIME;
  assert.ok(chip.runUntil(() => chip.resets.length === 2, ms(200)));
  const took = (chip.resets[1]?.atNanos ?? 0) - started;
  assert.ok(Math.abs(took - ms(50)) < us(200), `100000 counts took ${took} ns`);
  assert.ok(Math.abs(halfway - 50_000) < 500, `CTRL.TIME was ${halfway} at half time`);
  chip.runUntilNanos(chip.nanos + ms(20));
  assert.deepEqual([result(chip, 0), result(chip, 1)], [2, 1], "second start, REASON.TIMER, scratch kept");
  assert.equal(chip.bus.readUint32(KEPT), 0xcafe, "SRAM kept");
  chip.runUntilNanos(chip.nanos + ms(500));
  assert.equal(chip.resets.length, 2, "it does not fire again by itself");
});

test("a watchdog that selects nothing resets nothing, which is a strict warning (datasheet 2.13.4)", () => {
  const chip = startChip(watchdog(20_000, 0, 0));
  chip.runUntil(() => chip.resets.length === 2, ms(100));
  chip.runUntilNanos(chip.nanos + ms(20));
  assert.equal(result(chip), 1);
  assert.match(chip.log.warnings.at(-1)?.message ?? "", /select nothing/);
});
