/** PSM and the chip-level resets: the parts that each of them resets (datasheet 2.12, 2.13). */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CHIP_RESET_HAD_POR,
  CHIP_RESET_HAD_RUN,
  psmMask,
} from "../../../../simulator/chip/clocks/power-on.ts";
import { RESETS } from "../../../../simulator/chip/clocks/resets.ts";
import { FUNCTION_SIO } from "../../../../simulator/chip/io/gpio.ts";
import { PERIPHERALS, SRAM_BASE } from "../../../../simulator/chip/peripherals.ts";
import { ms, result, startChip } from "../program.ts";
import { OUTPUT, OUTPUT_GPIO, watchdog } from "./watchdog-program.ts";

/** A word of SRAM that no program uses. */
const SOMEWHERE = SRAM_BASE + 0x1_0000;

test("PSM.WDSEL = PROC0 and PROC1 keeps SIO, IO_BANK0, PADS and clocks (datasheet 2.13.4)", () => {
  const chip = startChip(watchdog(20_000, psmMask("proc0", "proc1"), 0, OUTPUT));
  const falls: boolean[] = [];
  chip.pins[OUTPUT_GPIO]?.pull("down");
  chip.runUntil(() => chip.pins[OUTPUT_GPIO]?.level === true, ms(20));
  chip.pins[OUTPUT_GPIO]?.onChange((level) => falls.push(level));
  chip.runUntil(() => chip.resets.length === 2, ms(100));
  chip.runUntilNanos(chip.nanos + ms(20));
  assert.equal(result(chip), 2);
  assert.equal(chip.pins[OUTPUT_GPIO]?.level, true);
  assert.deepEqual(falls, [], "not even a glitch");
  assert.equal(chip.clkSysHz, 12_000_000, "CLOCKS is an earlier stage and was not reset");
});

test("PSM.WDSEL with an earlier stage resets everything behind it (datasheet 2.13.4)", () => {
  // SIO only: the cores come after it, IO_BANK0 belongs to RESETS and stays.
  const sio = startChip(watchdog(20_000, psmMask("sio"), 0, OUTPUT));
  sio.pins[OUTPUT_GPIO]?.pull("down");
  sio.runUntil(() => sio.resets.length === 2, ms(100));
  assert.equal(sio.pins[OUTPUT_GPIO]?.level, false);
  sio.runUntilNanos(sio.nanos + ms(20));
  assert.equal(result(sio), 2);
  assert.equal(sio.bus.gpio[OUTPUT_GPIO]?.ctrl, FUNCTION_SIO);

  const clocks = startChip(watchdog(20_000, psmMask("clocks"), 0, OUTPUT));
  clocks.runUntil(() => clocks.resets.length === 2, ms(100));
  assert.equal(clocks.clkSysHz, 6_500_000);
  assert.equal(
    clocks.bus.readUint32(PERIPHERALS.RESETS.base + RESETS.RESET),
    0x01ffffff,
    "RESETS comes after CLOCKS: all in reset",
  );
  assert.equal(clocks.bus.gpio[OUTPUT_GPIO]?.ctrl, 0x1f);
});

test("power-on fills SRAM with garbage, RUN keeps it, both clear the scratch registers (datasheet 2.12)", () => {
  const program = `
main:
  ldr r0, =VREG_AND_CHIP_RESET + VREG_AND_CHIP_RESET.CHIP_RESET
  ldr r1, [r0]
  ldr r2, =results
  str r1, [r2]
  ldr r4, =WATCHDOG
  ldr r1, [r4, #WATCHDOG.SCRATCH0]
  str r1, [r2, #4]
  ldr r1, =0x77
  str r1, [r4, #WATCHDOG.SCRATCH0]
  b .
`;
  const chip = startChip(program);
  chip.runUntilNanos(ms(20));
  assert.deepEqual([result(chip, 0), result(chip, 1)], [CHIP_RESET_HAD_POR, 0]);
  const garbage = chip.bus.readUint32(SOMEWHERE);
  chip.pressRun();
  chip.runUntilNanos(chip.nanos + ms(20));
  assert.deepEqual([result(chip, 0), result(chip, 1)], [CHIP_RESET_HAD_RUN, 0]);
  assert.equal(chip.bus.readUint32(SOMEWHERE), garbage);
  chip.powerOn();
  assert.notEqual(chip.bus.readUint32(SOMEWHERE), garbage);
  assert.deepEqual(
    chip.resets.map((reset) => reset.kind),
    ["power-on", "run-pin", "power-on"],
  );

  const other = startChip(program, { seed: 2 });
  assert.notEqual(other.bus.readUint32(SOMEWHERE), garbage, "another seed, other garbage");
});
