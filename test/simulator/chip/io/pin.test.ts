/** A pin of the chip and the net on the board that it is on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ms, RESULTS, result, startChip, us } from "../program.ts";

test("pins: drivers, pulls of board and chip, the level seen by the chip, contention", () => {
  const chip = startChip(`
main:
  unreset RESET.IO_BANK0 | RESET.PADS_BANK0
  put IO_BANK0 + IO_BANK0.GPIO13_CTRL, FUNCTION_SIO
  put PADS_BANK0 + PADS_BANK0.GPIO13, 0x4a
  ldr r4, =results
1: ldr r0, =SIO + SIO.GPIO_IN
  ldr r1, [r0]
  lsrs r1, r1, #13
  str r1, [r4]
  ldr r1, [r4, #4]
  lsls r1, r1, #13
  ldr r0, =SIO + SIO.GPIO_OE
  str r1, [r0]
  b 1b
`);
  const pin = chip.pins[13];
  assert.ok(pin);
  chip.runUntilNanos(ms(20));
  chip.bus.writeUint32(RESULTS + 4, 0);
  const settle = () => chip.runUntilNanos(chip.nanos + us(100));
  settle();
  assert.equal(pin.level, true, "the chip's own pull-up");
  assert.equal(result(chip) & 1, 1);
  pin.pull("down");
  assert.equal(pin.level, false, "the board's resistor wins over the chip's");
  settle();
  assert.equal(result(chip) & 1, 0);
  pin.drive("device", true);
  settle();
  assert.equal(result(chip) & 1, 1);
  assert.equal(pin.chipDrives, null);
  assert.equal(chip.log.total, 0);
  chip.bus.writeUint32(RESULTS + 4, 1);
  settle();
  assert.equal(pin.chipDrives, false, "open drain: output enabled, value 0");
  assert.match(chip.log.warnings[0]?.message ?? "", /at odds: chip low, device high/);
  pin.drive("device", null);
  settle();
  assert.equal(pin.level, false);
  assert.equal(result(chip) & 1, 0, "an output reads back its net");
});
