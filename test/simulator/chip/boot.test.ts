/** Boot ROM, UF2 files and execute-in-place: images that start, and images that must not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RESETS } from "../../../simulator/chip/clocks/resets.ts";
import { FlashCommand } from "../../../simulator/chip/memory/flash-commands.ts";
import { PERIPHERALS } from "../../../simulator/chip/peripherals.ts";
import { assemble, ms, result, startChip, uf2 } from "./program.ts";

const STORE = `
main:
  put results, 0x1234
  b .
`;

test("a valid second stage is copied to SRAM and runs, then code runs from flash (datasheet 2.8.1)", () => {
  const chip = startChip(STORE);
  chip.runUntilNanos(ms(20));
  assert.equal(chip.state, "running");
  assert.equal(result(chip), 0x1234);
  assert.deepEqual(chip.bus.sram.subarray(0x41f00, 0x42000), chip.flash.bytes.subarray(0, 256));
  assert.deepEqual(chip.log.warnings, []);
});

test("one changed byte of the second stage keeps the chip in the boot ROM (datasheet 2.8.1.3.1)", () => {
  for (const byte of [0, 100, 251, 252, 255]) {
    const image = assemble(STORE);
    image[byte] = (image[byte] as number) ^ 1;
    const chip = startChip("", { image: uf2(image) });
    chip.runUntilNanos(ms(1000));
    assert.equal(chip.state, "boot-rom", `byte ${byte}`);
    assert.equal(chip.cycles, 0);
  }
});

test("a UF2 file for another chip, damaged or outside flash is refused with the reason", () => {
  const image = assemble(STORE);
  const refuses = (file: Uint8Array, reason: RegExp) =>
    assert.throws(() => startChip("", { image: file }), reason);
  refuses(uf2(image, 0xe48bff59), /another chip/);
  refuses(uf2(image, undefined, 0x1020_0000), /outside/);
  refuses(uf2(image, undefined, 0x2000_0000), /outside/);
  refuses(uf2(image).subarray(0, 700), /not a UF2/);
  refuses(new Uint8Array(0), /not a UF2/);
  refuses(new TextEncoder().encode("x".repeat(512)), /magic/);
  const truncated = uf2(image);
  refuses(truncated.subarray(0, truncated.length - 512), /damaged/);
});

test("the core starts on the ring oscillator: 6.5 MHz before any clock is set up (datasheet 2.15.2)", () => {
  const chip = startChip("main:\n1: b 1b");
  chip.runUntilNanos(ms(20));
  const cycles = chip.cycles;
  chip.runUntilNanos(ms(30));
  assert.equal(chip.clkSysHz, 6_500_000);
  assert.ok(Math.abs(chip.cycles - cycles - 65_000) <= 2, `${chip.cycles - cycles} cycles in 10 ms`);
});

test("reads through a disabled SSI are garbage and a strict warning, fetches a bus fault (datasheet 2.6.3)", () => {
  const chip = startChip(`
main:
  ldr r0, =0x20002000
  adr r1, in_sram
  movs r2, #12
1: ldmia r1!, {r3}
  stmia r0!, {r3}
  subs r2, #1
  bne 1b
  ldr r0, =0x20002001
  ldr r4, =SSI + SSI.SSIENR
  ldr r5, =0x10000000
  ldr r6, =results
  movs r1, #0
  bx r0
  .balign 4
in_sram:
  str r1, [r4]
  ldr r7, [r5]
  movs r2, #1
  str r2, [r6]
  bx lr
  .rept 24
  nop
  .endr
  .thumb_func
hard_fault: b .
`);
  chip.runUntilNanos(ms(20));
  assert.equal(result(chip), 1, "the read itself does not fault");
  assert.match(chip.log.warnings[0]?.message ?? "", /read at 0x10000000: SSI is disabled/);
  assert.equal(chip.state, "locked-up", "neither the program nor its fault handler can be fetched");
});

test("quad reads need QE set in the flash, and a status write takes its time (W25Q16JV 8.2.5, 9.6)", () => {
  const program = (setQe: boolean) => `
main:
  ldr r0, =0x20002000
  adr r1, in_sram
  movs r2, #60
1: ldmia r1!, {r3}
  stmia r0!, {r3}
  subs r2, #1
  bne 1b
  ldr r0, =0x20002001
  bx r0
  .balign 4
in_sram:
  ldr r3, =SSI
  movs r1, #0
  str r1, [r3, #SSI.SSIENR]
  ldr r1, =0x00070000
  str r1, [r3]
  movs r1, #1
  str r1, [r3, #SSI.SSIENR]
  ldr r5, =results
  movs r6, #0
${
  setQe
    ? `  movs r1, #${FlashCommand.WRITE_ENABLE}
  str r1, [r3, #SSI.DR0]
  bl idle
  movs r1, #${FlashCommand.WRITE_STATUS_2}
  str r1, [r3, #SSI.DR0]
  movs r1, #2
  str r1, [r3, #SSI.DR0]
  bl idle`
    : ""
}
2: movs r1, #${FlashCommand.READ_STATUS_1}
  str r1, [r3, #SSI.DR0]
  str r1, [r3, #SSI.DR0]
  bl idle
  mov r1, r4
  adds r6, #1
  str r6, [r5, #4]
  lsrs r1, r1, #1
  bcs 2b
  movs r1, #0
  str r1, [r3, #SSI.SSIENR]
  ldr r1, =0x005f0300
  str r1, [r3]
  ldr r1, =0xeb003219
  ldr r0, =SSI + SSI.SPI_CTRLR0
  str r1, [r0]
  movs r1, #1
  str r1, [r3, #SSI.SSIENR]
  ldr r0, =0x10000000
  ldr r0, [r0]
  str r0, [r5]
  b .
idle:
  ldr r0, [r3, #SSI.SR]
  lsrs r0, r0, #1
  bcs idle
3: ldr r0, [r3, #SSI.RXFLR]
  cmp r0, #0
  beq 4f
  ldr r4, [r3, #SSI.DR0]
  b 3b
4: bx lr
  .ltorg
`;
  const good = startChip(program(true));
  good.runUntilNanos(ms(60));
  assert.deepEqual(good.log.warnings, []);
  const first = new DataView(good.flash.bytes.buffer).getUint32(0, true);
  assert.equal(result(good), first);
  const polls = result(good, 1);
  assert.ok(polls > 100, `busy for 10 ms, but only ${polls} polls`);

  const bad = startChip(program(false));
  bad.runUntilNanos(ms(60));
  assert.notEqual(result(bad), first);
  assert.match(bad.log.warnings[0]?.message ?? "", /QE is clear/);
});

test("watchdog boot: scratch registers divert the ROM once (datasheet 2.8.1.1)", () => {
  const chip = startChip(`
main:
  ldr r0, =results
  ldr r1, [r0]
  ldr r2, =0x600d
  cmp r1, r2
  beq again
  put WATCHDOG + WATCHDOG.SCRATCH4, 0xb007c0d3
  ldr r1, =diverted + 1
  put WATCHDOG + WATCHDOG.SCRATCH7, diverted + 1
  ldr r1, =diverted + 1
  ldr r2, =0x4ff83f2d
  eors r1, r2
  ldr r0, =WATCHDOG + WATCHDOG.SCRATCH5
  str r1, [r0]
  put WATCHDOG + WATCHDOG.SCRATCH6, 0x20003000
  put PSM + PSM.WDSEL, STAGE.PROC0 | STAGE.PROC1
  put WATCHDOG + WATCHDOG.CTRL, 0x80000000
  b .
again:
  movs r3, #7
  str r3, [r0, #4]
  b .
  .thumb_func
diverted:
  ldr r0, =results
  ldr r1, =0x600d
  str r1, [r0]
  mov r1, sp
  str r1, [r0, #8]
  ldr r2, =WATCHDOG + WATCHDOG.SCRATCH4
  ldr r2, [r2]
  str r2, [r0, #12]
  bx lr
`);
  chip.runUntilNanos(ms(40));
  assert.equal(result(chip, 0), 0x600d);
  assert.equal(result(chip, 2), 0x2000_3000, "stack pointer from scratch 6");
  assert.equal(result(chip, 3), 0, "the ROM clears scratch 4");
  assert.equal(result(chip, 1), 7, "returning from it goes on with the flash boot");
});

test("complaints rp2040js prints by itself land in the strict log, not on the terminal", () => {
  const printed: unknown[] = [];
  const { warn } = console;
  console.warn = (...parts: unknown[]) => printed.push(parts);
  try {
    const chip = startChip("main:\n put SIO + SIO.FIFO_ST, 1\n put SYSINFO + 0xff0, 1\n b .");
    chip.bus.writeUint32(PERIPHERALS.RESETS.base + RESETS.RESET, 0);
    chip.runUntilNanos(ms(10));
    assert.equal(chip.log.total, 2);
    assert.match(chip.log.warnings[0]?.message ?? "", /invalid SIO address/);
    assert.ok((chip.log.warnings[0]?.time ?? 0) > 0);
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(printed, []);
});
