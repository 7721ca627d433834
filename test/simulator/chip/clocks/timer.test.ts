/** TIMER: its count, its latch and its alarms (datasheet 4.6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TICK_ENABLE } from "../../../../simulator/chip/clocks/watchdog.ts";
import { CRYSTAL_TICK, ms, result, startChip } from "../program.ts";
import { alarm } from "./alarm-program.ts";

/** 6.5 MHz / 13: a tick of exactly 2 us from the ring oscillator, half the speed that is meant. */
const HALF_SPEED_TICK = `put WATCHDOG + WATCHDOG.TICK, ${TICK_ENABLE | 13}`;

test("the timer counts watchdog ticks: a wrong TICK.CYCLES shows in its time (datasheet 4.6.1, 4.7.2)", () => {
  const chip = startChip(`
main:
  unreset RESET.TIMER
  ${HALF_SPEED_TICK}
  ldr r0, =TIMER + TIMER.TIMERAWL
  ldr r2, =results
1: ldr r1, [r0]
  str r1, [r2]
  b 1b
`);
  chip.runUntilNanos(ms(20));
  const before = result(chip);
  chip.runUntilNanos(ms(120));
  assert.ok(Math.abs(result(chip) - before - 50_000) <= 3, `${result(chip) - before} counts in 100 ms`);
});

test("without a tick time stands still and using the timer is a strict warning", () => {
  const chip = startChip(`
main:
  unreset RESET.TIMER
  ldr r0, =TIMER + TIMER.TIMERAWL
  ldr r2, =results
1: ldr r1, [r0]
  str r1, [r2]
  b 1b
`);
  chip.runUntilNanos(ms(20));
  assert.equal(result(chip), 0);
  assert.match(chip.log.warnings[0]?.message ?? "", /without a tick/);
});

test("TIMEHR is latched by the read of TIMELR (datasheet 4.6.2)", () => {
  const chip = startChip(`
main:
  unreset RESET.TIMER
  ${CRYSTAL_TICK}
  put TIMER + TIMER.TIMELW, 0xffffff00
  put TIMER + TIMER.TIMEHW, 5
  ldr r4, =results
  ldr r0, =TIMER
  ldr r1, [r0, #TIMER.TIMELR]
  str r1, [r4]
  ldr r2, =4000
2: subs r2, #1
  bne 2b
  ldr r1, [r0, #TIMER.TIMEHR]
  str r1, [r4, #4]
  ldr r1, [r0, #TIMER.TIMERAWH]
  str r1, [r4, #8]
  b .
`);
  chip.runUntilNanos(ms(30));
  assert.ok(result(chip, 0) >= 0xffffff00);
  assert.deepEqual([result(chip, 1), result(chip, 2)], [5, 6]);
});

test("an alarm interrupts when the lower 32 bits match (datasheet 4.6.3)", () => {
  const chip = startChip(alarm(10_000));
  chip.runUntilNanos(ms(40));
  // Interrupt latency and the read itself at 12 MHz take a few microseconds.
  const late = result(chip, 0) - result(chip, 1);
  assert.ok(late >= 0 && late <= 6, `late by ${late} us`);
});

test("an alarm set in the past waits for the next wrap, 71 minutes later (datasheet 4.6.3)", () => {
  const chip = startChip(alarm(-100));
  chip.runUntilNanos(ms(71 * 60 * 1000));
  assert.equal(result(chip), 0);
  chip.runUntilNanos(ms(72 * 60 * 1000));
  assert.ok(result(chip) > 0, "2^32 us are 71.6 minutes");
});
