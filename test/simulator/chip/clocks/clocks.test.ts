/** CLOCKS, XOSC and PLL: how clk_sys gets from the ring oscillator to 125 MHz (datasheet 2.15 to 2.18). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CRYSTAL_TICK, machine, ms, result, us } from "../program.ts";

test("crystal and PLL take their time, clk_sys follows (datasheet 2.16, 2.18)", () => {
  const slot = machine(`
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
  const found = slot.runUntil(() => slot.clkSysHz === 125_000_000, ms(20));
  assert.ok(found, `clk_sys is ${slot.clkSysHz}`);
  // 6 ms of boot ROM, 1 ms of crystal start-up, 42 us of PLL.
  assert.ok(slot.nanos > ms(7), `${slot.nanos} ns`);
  slot.runUntilNanos(slot.nanos + us(100));
  const [cycles, nanos, count] = [slot.cycles, slot.nanos, result(slot)];
  slot.runUntilNanos(nanos + ms(10));
  assert.ok(Math.abs(slot.cycles - cycles - 1_250_000) < 10);
  assert.ok(Math.abs(result(slot) - count - 10_000) <= 1, "clk_ref and its tick did not change");
  assert.deepEqual(slot.log.warnings, []);
});
