/** IO_BANK0 and PADS_BANK0: the interrupts of a GPIO's input (datasheet 2.19). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PAD_IE, padControl } from "../../../../simulator/chip/io/gpio.ts";
import { PERIPHERALS } from "../../../../simulator/chip/peripherals.ts";
import { ms, result, startChip, us } from "../program.ts";

test("GPIO interrupts: an edge is an edge, levels follow the net (datasheet 2.19.3)", () => {
  const chip = startChip(`
main:
  unreset RESET.IO_BANK0 | RESET.PADS_BANK0
  put IO_BANK0 + IO_BANK0.GPIO24_CTRL, FUNCTION_SIO
  put results, 0
  put IO_BANK0 + IO_BANK0.INTR0 + 12, 0xf
  put IO_BANK0 + IO_BANK0.PROC0_INTE0 + 12, 0xc
  put PPB + PPB.NVIC_ISER, 1 << IRQ.IO_BANK0
1: wfi
  b 1b
  .thumb_func
irq:
  ldr r0, =IO_BANK0 + IO_BANK0.INTR0 + 12
  ldr r1, [r0]
  str r1, [r0]
  ldr r2, =results
  str r1, [r2, #4]
  ldr r1, [r2]
  adds r1, #1
  str r1, [r2]
  bx lr
`);
  const pin = chip.pins[24];
  assert.ok(pin);
  chip.runUntilNanos(ms(20));
  assert.equal(result(chip), 0, "no edge so far");
  pin.drive("device", true);
  pin.drive("device", true);
  chip.runUntilNanos(chip.nanos + us(100));
  assert.deepEqual([result(chip, 0), result(chip, 1) & 0xf], [1, 0b1010], "edge high, level high");
  pin.drive("device", false);
  chip.runUntilNanos(chip.nanos + us(100));
  assert.deepEqual([result(chip, 0), result(chip, 1) & 0xf], [2, 0b0101]);
  const pad = PERIPHERALS.PADS_BANK0.base + padControl(24);
  const value = chip.bus.readUint32(pad);
  chip.bus.writeUint32(pad, value & ~PAD_IE);
  chip.bus.writeUint32(pad, value);
  chip.runUntilNanos(chip.nanos + us(100));
  assert.equal(result(chip), 2, "switching the input of a low pin off and on is no edge");
});
