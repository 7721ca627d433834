/** RESETS: peripherals held in reset, by a program and by the watchdog (datasheet 2.14). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CTRL_ENABLE } from "../../../../simulator/chip/clocks/clocks.ts";
import { psmMask } from "../../../../simulator/chip/clocks/power-on.ts";
import { resetMask } from "../../../../simulator/chip/peripherals.ts";
import { ms, result, startChip } from "../program.ts";
import { OUTPUT, OUTPUT_GPIO, watchdog } from "./watchdog-program.ts";

test("a peripheral in reset answers nothing and forgets its registers (datasheet 2.14)", () => {
  const chip = startChip(`
main:
  ldr r4, =results
  put UART0 + UART.UARTIBRD, 77
  ldr r0, =UART0 + UART.UARTIBRD
  ldr r1, [r0]
  str r1, [r4]
  unreset RESET.UART0
  put UART0 + UART.UARTIBRD, 77
  ldr r0, =UART0 + UART.UARTIBRD
  ldr r1, [r0]
  str r1, [r4, #4]
  put RESETS + RESETS.RESET + ALIAS_SET, RESET.UART0
  unreset RESET.UART0
  ldr r0, =UART0 + UART.UARTIBRD
  ldr r1, [r0]
  str r1, [r4, #8]
  ldr r0, =RESETS + RESETS.RESET_DONE
  ldr r1, [r0]
  lsrs r1, r1, #22
  str r1, [r4, #12]
  put CLOCKS + CLOCKS.CLK_PERI_CTRL, ${CTRL_ENABLE}
  ldr r0, =RESETS + RESETS.RESET_DONE
  ldr r1, [r0]
  lsrs r1, r1, #22
  str r1, [r4, #16]
  b .
`);
  chip.runUntilNanos(ms(20));
  assert.deepEqual(
    [0, 1, 2].map((index) => result(chip, index)),
    [0, 77, 0],
  );
  assert.deepEqual([result(chip, 3) & 1, result(chip, 4) & 1], [0, 1], "RESET_DONE waits for clk_peri");
  const messages = chip.log.warnings.map((warning) => `${warning.source} ${warning.message}`);
  assert.match(messages[0] ?? "", /UART0 write at 0x40034024 while held in reset/);
  assert.match(messages[1] ?? "", /UART0 read at 0x40034024 while held in reset/);
  assert.equal(messages.length, 2);
});

test("RESETS.WDSEL resets the selected peripherals only (datasheet 2.14.3)", () => {
  const chip = startChip(watchdog(20_000, psmMask("proc0", "proc1"), resetMask("IO_BANK0"), OUTPUT));
  chip.pins[OUTPUT_GPIO]?.pull("down");
  chip.runUntil(() => chip.resets.length === 2, ms(100));
  assert.equal(chip.pins[OUTPUT_GPIO]?.level, false, "IO_BANK0 selected: the pin lets go");
  assert.equal(chip.bus.gpio[OUTPUT_GPIO]?.ctrl, 0x1f);
  assert.ok(chip.bus.sio.gpioValue & (1 << OUTPUT_GPIO), "SIO was not selected");
});
