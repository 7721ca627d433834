/** Timer, watchdog, resets, clocks, pins, converter: one block of the datasheet after the other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { machine, ms, result, us } from "./program.ts";

/** 1 us tick from the ring oscillator: 6.5 MHz / 6 is a little fast, 6.5 MHz / 13 exactly half speed. */
const HALF_SPEED_TICK = "put WATCHDOG + 0x2c, 0x20d";
/** Crystal for clk_ref, tick of 12 cycles: exactly 1 us (datasheet 2.16, 4.7.2). */
const CRYSTAL_TICK = `
  put 0x4002400c, 47
  put 0x40024000, 0xfabaa0
1: ldr r0, =0x40024004
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 1b
  put 0x40008030, 2
  put WATCHDOG + 0x2c, 0x20c
`;

test("the timer counts watchdog ticks: a wrong TICK.CYCLES shows in its time (datasheet 4.6.1, 4.7.2)", () => {
  const slot = machine(`
main:
  unreset 1 << 21
  ${HALF_SPEED_TICK}
  ldr r0, =TIMER + 0x28
  ldr r2, =results
1: ldr r1, [r0]
  str r1, [r2]
  b 1b
`);
  slot.runUntilNanos(ms(20));
  const before = result(slot);
  slot.runUntilNanos(ms(120));
  assert.ok(Math.abs(result(slot) - before - 50_000) <= 3, `${result(slot) - before} counts in 100 ms`);
});

test("without a tick time stands still and using the timer is a strict warning", () => {
  const slot = machine(`
main:
  unreset 1 << 21
  ldr r0, =TIMER + 0x28
  ldr r2, =results
1: ldr r1, [r0]
  str r1, [r2]
  b 1b
`);
  slot.runUntilNanos(ms(20));
  assert.equal(result(slot), 0);
  assert.match(slot.log.warnings[0]?.message ?? "", /without a tick/);
});

test("TIMEHR is latched by the read of TIMELR (datasheet 4.6.2)", () => {
  const slot = machine(`
main:
  unreset 1 << 21
  ${CRYSTAL_TICK}
  put TIMER + 4, 0xffffff00
  put TIMER + 0, 5
  ldr r4, =results
  ldr r0, =TIMER
  ldr r1, [r0, #0x0c]
  str r1, [r4]
  ldr r2, =4000
2: subs r2, #1
  bne 2b
  ldr r1, [r0, #0x08]
  str r1, [r4, #4]
  ldr r1, [r0, #0x24]
  str r1, [r4, #8]
  b .
`);
  slot.runUntilNanos(ms(30));
  assert.ok(result(slot, 0) >= 0xffffff00);
  assert.deepEqual([result(slot, 1), result(slot, 2)], [5, 6]);
});

/** Sets ALARM0 `delta` us from now, notes the time of the interrupt. */
const alarm = (delta: number) => `
main:
  unreset 1 << 21
  ${CRYSTAL_TICK}
  put TIMER + 0x38, 1
  put NVIC_ISER, 1
  put results, 0
  put TIMER + 4, 1000000
  put TIMER + 0, 0
  ldr r0, =TIMER
  ldr r1, [r0, #0x28]
  ldr r2, =${delta}
  adds r1, r2
  str r1, [r0, #0x10]
  ldr r2, =results
  str r1, [r2, #4]
2: wfi
  b 2b
  .thumb_func
irq:
  ldr r0, =TIMER
  movs r1, #1
  str r1, [r0, #0x34]
  ldr r2, =results
  ldr r1, [r0, #0x28]
  str r1, [r2]
  bx lr
`;

test("an alarm interrupts when the lower 32 bits match (datasheet 4.6.3)", () => {
  const slot = machine(alarm(10_000));
  slot.runUntilNanos(ms(40));
  // Interrupt latency and the read itself at 12 MHz take a few microseconds.
  const late = result(slot, 0) - result(slot, 1);
  assert.ok(late >= 0 && late <= 6, `late by ${late} us`);
});

test("an alarm set in the past waits for the next wrap, 71 minutes later (datasheet 4.6.3)", () => {
  const slot = machine(alarm(-100));
  slot.runUntilNanos(ms(71 * 60 * 1000));
  assert.equal(result(slot), 0);
  slot.runUntilNanos(ms(72 * 60 * 1000));
  assert.ok(result(slot) > 0, "2^32 us are 71.6 minutes");
});

/** Watchdog of `load` counts; scratch 0 counts starts. Leaves the results in scratch 1 and 2. */
const watchdog = (load: number, psm: number, resets: number, more = "") => `
main:
  ldr r4, =WATCHDOG
  ldr r1, [r4, #0x0c]
  adds r1, #1
  str r1, [r4, #0x0c]
  ldr r2, =results
  str r1, [r2]
  ldr r3, [r4, #8]
  str r3, [r2, #4]
  cmp r1, #1
  bne done
  ldr r0, =0x20000100
  ldr r1, =0xcafe
  str r1, [r0]
  ${more}
  ${CRYSTAL_TICK}
  put PSM + 8, ${psm}
  put RESETS + 4, ${resets}
  put WATCHDOG + 4, ${load}
  put WATCHDOG, 0x40000000
done: b .
`;

test("the watchdog counts two per tick (erratum RP2040-E1), then resets and says so (datasheet 4.7)", () => {
  const slot = machine(watchdog(100_000, 0x18000, 0));
  slot.runUntil(() => (slot.mcu.readUint32(0x40058000) & 0x40000000) !== 0, ms(30));
  const started = slot.nanos;
  slot.runUntilNanos(started + ms(25));
  const halfway = slot.mcu.readUint32(0x40058000) & 0xffffff;
  assert.ok(slot.runUntil(() => slot.resets.length === 2, ms(200)));
  const took = (slot.resets[1]?.atNanos ?? 0) - started;
  assert.ok(Math.abs(took - ms(50)) < us(200), `100000 counts took ${took} ns`);
  assert.ok(Math.abs(halfway - 50_000) < 500, `CTRL.TIME was ${halfway} at half time`);
  slot.runUntilNanos(slot.nanos + ms(20));
  assert.deepEqual([result(slot, 0), result(slot, 1)], [2, 1], "second start, REASON.TIMER, scratch kept");
  assert.equal(slot.mcu.readUint32(0x20000100), 0xcafe, "SRAM kept");
  slot.runUntilNanos(slot.nanos + ms(500));
  assert.equal(slot.resets.length, 2, "it does not fire again by itself");
});

/** GPIO22 as an output, high. */
const OUTPUT = `
  unreset (1 << 5) | (1 << 8)
  put IO_BANK0 + 22 * 8 + 4, 5
  put SIO + 0x14, 1 << 22
  put SIO + 0x24, 1 << 22
`;

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

test("RESETS.WDSEL resets the selected peripherals only (datasheet 2.14.3)", () => {
  const slot = machine(watchdog(20_000, 0x18000, 1 << 5, OUTPUT));
  slot.pins[22]?.pull("down");
  slot.runUntil(() => slot.resets.length === 2, ms(100));
  assert.equal(slot.pins[22]?.level, false, "IO_BANK0 selected: the pin lets go");
  assert.equal(slot.mcu.gpio[22]?.ctrl, 0x1f);
  assert.ok(slot.mcu.sio.gpioValue & (1 << 22), "SIO was not selected");
});

test("a watchdog that selects nothing resets nothing, which is a strict warning (datasheet 2.13.4)", () => {
  const slot = machine(watchdog(20_000, 0, 0));
  slot.runUntil(() => slot.resets.length === 2, ms(100));
  slot.runUntilNanos(slot.nanos + ms(20));
  assert.equal(result(slot), 1);
  assert.match(slot.log.warnings.at(-1)?.message ?? "", /select nothing/);
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

test("a peripheral in reset answers nothing and forgets its registers (datasheet 2.14)", () => {
  const slot = machine(`
main:
  ldr r4, =results
  put UART0 + 0x24, 77
  ldr r0, =UART0 + 0x24
  ldr r1, [r0]
  str r1, [r4]
  unreset 1 << 22
  put UART0 + 0x24, 77
  ldr r0, =UART0 + 0x24
  ldr r1, [r0]
  str r1, [r4, #4]
  put RESETS + SET, 1 << 22
  unreset 1 << 22
  ldr r0, =UART0 + 0x24
  ldr r1, [r0]
  str r1, [r4, #8]
  ldr r0, =RESETS + 8
  ldr r1, [r0]
  lsrs r1, r1, #22
  str r1, [r4, #12]
  put 0x40008048, 0x800
  ldr r0, =RESETS + 8
  ldr r1, [r0]
  lsrs r1, r1, #22
  str r1, [r4, #16]
  b .
`);
  slot.runUntilNanos(ms(20));
  assert.deepEqual(
    [0, 1, 2].map((index) => result(slot, index)),
    [0, 77, 0],
  );
  assert.deepEqual([result(slot, 3) & 1, result(slot, 4) & 1], [0, 1], "RESET_DONE waits for clk_peri");
  const messages = slot.log.warnings.map((warning) => `${warning.source} ${warning.message}`);
  assert.match(messages[0] ?? "", /UART0 write at 0x40034024 while held in reset/);
  assert.match(messages[1] ?? "", /UART0 read at 0x40034024 while held in reset/);
  assert.equal(messages.length, 2);
});

test("crystal and PLL take their time, clk_sys follows (datasheet 2.16, 2.18)", () => {
  const slot = machine(`
main:
  ${CRYSTAL_TICK}
  unreset (1 << 12) | (1 << 21)
  put 0x40028008, 125
  put 0x40028004, 0x08
2: ldr r0, =0x40028000
  ldr r1, [r0]
  lsrs r1, r1, #31
  beq 2b
  put 0x4002800c, 0x62000
  put 0x40028004, 0x00
  put 0x4000803c, 1
  ldr r0, =TIMER + 0x28
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

test("pins: drivers, pulls of board and chip, the level seen by the chip, contention", () => {
  const slot = machine(`
main:
  unreset (1 << 5) | (1 << 8)
  put IO_BANK0 + 13 * 8 + 4, 5
  put PADS_BANK0 + 4 + 13 * 4, 0x4a
  ldr r4, =results
1: ldr r0, =SIO + 4
  ldr r1, [r0]
  lsrs r1, r1, #13
  str r1, [r4]
  ldr r1, [r4, #4]
  lsls r1, r1, #13
  ldr r0, =SIO + 0x20
  str r1, [r0]
  b 1b
`);
  const pin = slot.pins[13];
  assert.ok(pin);
  slot.runUntilNanos(ms(20));
  slot.mcu.writeUint32(0x20001004, 0);
  const settle = () => slot.runUntilNanos(slot.nanos + us(100));
  settle();
  assert.equal(pin.level, true, "the chip's own pull-up");
  assert.equal(result(slot) & 1, 1);
  pin.pull("down");
  assert.equal(pin.level, false, "the board's resistor wins over the chip's");
  settle();
  assert.equal(result(slot) & 1, 0);
  pin.drive("device", true);
  settle();
  assert.equal(result(slot) & 1, 1);
  assert.equal(pin.chipDrives, null);
  assert.equal(slot.log.total, 0);
  slot.mcu.writeUint32(0x20001004, 1);
  settle();
  assert.equal(pin.chipDrives, false, "open drain: output enabled, value 0");
  assert.match(slot.log.warnings[0]?.message ?? "", /at odds: chip low, device high/);
  pin.drive("device", null);
  settle();
  assert.equal(pin.level, false);
  assert.equal(result(slot) & 1, 0, "an output reads back its net");
});

test("GPIO interrupts: an edge is an edge, levels follow the net (datasheet 2.19.3)", () => {
  const slot = machine(`
main:
  unreset (1 << 5) | (1 << 8)
  put IO_BANK0 + 24 * 8 + 4, 5
  put results, 0
  put IO_BANK0 + 0xf0 + 12, 0xf
  put IO_BANK0 + 0x100 + 12, 0xc
  put NVIC_ISER, 1 << 13
1: wfi
  b 1b
  .thumb_func
irq:
  ldr r0, =IO_BANK0 + 0xfc
  ldr r1, [r0]
  str r1, [r0]
  ldr r2, =results
  str r1, [r2, #4]
  ldr r1, [r2]
  adds r1, #1
  str r1, [r2]
  bx lr
`);
  const pin = slot.pins[24];
  assert.ok(pin);
  slot.runUntilNanos(ms(20));
  assert.equal(result(slot), 0, "no edge so far");
  pin.drive("device", true);
  pin.drive("device", true);
  slot.runUntilNanos(slot.nanos + us(100));
  assert.deepEqual([result(slot, 0), result(slot, 1) & 0xf], [1, 0b1010], "edge high, level high");
  pin.drive("device", false);
  slot.runUntilNanos(slot.nanos + us(100));
  assert.deepEqual([result(slot, 0), result(slot, 1) & 0xf], [2, 0b0101]);
  const pad = 0x4001c004 + 24 * 4;
  const value = slot.mcu.readUint32(pad);
  slot.mcu.writeUint32(pad, value & ~0x40);
  slot.mcu.writeUint32(pad, value);
  slot.runUntilNanos(slot.nanos + us(100));
  assert.equal(result(slot), 2, "switching the input of a low pin off and on is no edge");
});

test("the converter takes 96 cycles of clk_adc, samples then, and goes round (datasheet 4.9)", () => {
  const slot = machine(`
main:
  ${CRYSTAL_TICK}
  put 0x40008060, 0x860
  unreset 1 << 0
  put 0x4004c008, 1
  put 0x4004c000, 3
  put 0x4004c000, 0x001f0003
  ldr r5, =results
  movs r6, #5
2: ldr r0, =0x4004c000
  ldr r1, =0x001f0007
  ldr r2, [r0]
  ldr r3, =0x7000
  ands r2, r3
  orrs r1, r2
  str r1, [r0]
3: ldr r1, [r0]
  lsrs r1, r1, #9
  bcc 3b
  ldr r1, [r0, #0x0c]
  stmia r5!, {r1}
  subs r6, #1
  bne 2b
  b .
`);
  const millivolts = [0, 825, 1650, 2475, 706];
  const sampledAt: number[] = [];
  for (const [channel, value] of millivolts.entries()) {
    slot.adcSource(channel, () => {
      sampledAt.push(slot.nanos);
      return value;
    });
  }
  slot.runUntilNanos(ms(30));
  assert.deepEqual(slot.log.warnings, []);
  for (const [channel, value] of millivolts.entries()) {
    const expected = (value * 4096) / 3300;
    assert.ok(
      Math.abs(result(slot, channel) - expected) <= 3,
      `channel ${channel}: ${result(slot, channel)}`,
    );
  }
  assert.equal(sampledAt.length, 5);
  const gap = (sampledAt[1] as number) - (sampledAt[0] as number);
  assert.ok(gap >= us(8), `96 cycles at 12 MHz are 8 us, samples are ${gap} ns apart`);
});

test("the same seed gives the same run to the cycle, however it is cut into slices", () => {
  const program = alarm(3000);
  const whole = machine(program);
  whole.runUntilNanos(ms(37));
  const cut = machine(program);
  for (let at = 0; at < 3700; at++) cut.runUntilNanos(us(10 * at + (at % 7)));
  cut.runUntilNanos(ms(37));
  assert.deepEqual([cut.cycles, result(cut), cut.nanos], [whole.cycles, result(whole), whole.nanos]);
  assert.deepEqual(cut.mcu.sram, whole.mcu.sram);
});
