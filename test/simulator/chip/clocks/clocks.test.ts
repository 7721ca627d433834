/** CLOCKS, XOSC and PLL: how clk_sys gets from the ring oscillator to 125 MHz (datasheet 2.15 to 2.18). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CRYSTAL_TICK, ms, result, startChip, us } from "../program.ts";

test("crystal and PLL take their time, clk_sys follows (datasheet 2.16, 2.18)", () => {
  const chip = startChip(`
main:
  ${CRYSTAL_TICK}
  unreset RESET.PLL_SYS | RESET.TIMER
  put PLL_SYS + PLL.FBDIV_INT, 125
  put PLL_SYS + PLL.PWR, 0x08
2: ldr r0, =PLL_SYS + PLL.CS
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 2b
  put PLL_SYS + PLL.PRIM, 0x62000
  put PLL_SYS + PLL.PWR, 0x00
  put CLOCKS + CLOCKS.CLK_SYS_CTRL, 1
  ldr r0, =TIMER + TIMER.TIMERAWL
  ldr r2, =results
3: ldr r1, [r0]
  str r1, [r2]
  b 3b
`);
  const found = chip.runUntil(() => chip.clkSysHz === 125_000_000, ms(20));
  assert.ok(found, `clk_sys is ${chip.clkSysHz}`);
  // 6 ms of boot ROM, 1 ms of crystal start-up, 42 us of PLL.
  assert.ok(chip.nanos > ms(7), `${chip.nanos} ns`);
  chip.runUntilNanos(chip.nanos + us(100));
  const [cycles, nanos, count] = [chip.cycles, chip.nanos, result(chip)];
  chip.runUntilNanos(nanos + ms(10));
  assert.ok(Math.abs(chip.cycles - cycles - 1_250_000) < 10);
  assert.ok(Math.abs(result(chip) - count - 10_000) <= 1, "clk_ref and its tick did not change");
  assert.deepEqual(chip.log.warnings, []);
});
