/** PSM and the chip-level resets: what a reset reaches, and what it leaves (datasheet 2.12, 2.13). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { machine, ms, result } from "../program.ts";
import { OUTPUT, watchdog } from "./watchdog-program.ts";

test("PSM.WDSEL = PROC0 and PROC1 keeps SIO, IO_BANK0, PADS and clocks (datasheet 2.13.4)", () => {
  const slot = machine(watchdog(20_000, 0x18000, 0, OUTPUT));
  const falls: boolean[] = [];
  slot.pins[22]?.pull("down");
  slot.runUntil(() => slot.pins[22]?.level === true, ms(20));
  slot.pins[22]?.onChange((level) => falls.push(level));
  slot.runUntil(() => slot.resets.length === 2, ms(100));
  slot.runUntilNanos(slot.nanos + ms(20));
  assert.equal(result(slot), 2);
  assert.equal(slot.pins[22]?.level, true);
  assert.deepEqual(falls, [], "not even a glitch");
  assert.equal(slot.clkSysHz, 12_000_000, "CLOCKS is an earlier stage and was not reset");
});

test("PSM.WDSEL with an earlier stage resets everything behind it (datasheet 2.13.4)", () => {
  // SIO only: the cores come after it, IO_BANK0 belongs to RESETS and stays.
  const sio = machine(watchdog(20_000, 1 << 14, 0, OUTPUT));
  sio.pins[22]?.pull("down");
  sio.runUntil(() => sio.resets.length === 2, ms(100));
  assert.equal(sio.pins[22]?.level, false);
  sio.runUntilNanos(sio.nanos + ms(20));
  assert.equal(result(sio), 2);
  assert.equal(sio.mcu.gpio[22]?.ctrl, 5);

  const clocks = machine(watchdog(20_000, 1 << 2, 0, OUTPUT));
  clocks.runUntil(() => clocks.resets.length === 2, ms(100));
  assert.equal(clocks.clkSysHz, 6_500_000);
  assert.equal(clocks.mcu.readUint32(0x4000c000), 0x01ffffff, "RESETS comes after CLOCKS: all in reset");
  assert.equal(clocks.mcu.gpio[22]?.ctrl, 0x1f);
});

test("power-on fills SRAM with garbage, RUN keeps it, both clear the scratch registers (datasheet 2.12)", () => {
  const program = `
main:
  ldr r0, =0x40064008
  ldr r1, [r0]
  ldr r2, =results
  str r1, [r2]
  ldr r4, =WATCHDOG
  ldr r1, [r4, #0x0c]
  str r1, [r2, #4]
  ldr r1, =0x77
  str r1, [r4, #0x0c]
  b .
`;
  const slot = machine(program);
  slot.runUntilNanos(ms(20));
  assert.deepEqual([result(slot, 0), result(slot, 1)], [1 << 8, 0], "HAD_POR");
  const garbage = slot.mcu.readUint32(0x20010000);
  slot.pressRun();
  slot.runUntilNanos(slot.nanos + ms(20));
  assert.deepEqual([result(slot, 0), result(slot, 1)], [1 << 16, 0], "HAD_RUN");
  assert.equal(slot.mcu.readUint32(0x20010000), garbage);
  slot.powerOn();
  assert.notEqual(slot.mcu.readUint32(0x20010000), garbage);
  assert.deepEqual(
    slot.resets.map((reset) => reset.kind),
    ["power-on", "run-pin", "power-on"],
  );

  const other = machine(program, { seed: 2 });
  assert.notEqual(other.mcu.readUint32(0x20010000), garbage, "another seed, other garbage");
});
