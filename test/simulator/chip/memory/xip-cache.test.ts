/** The flash's cache: the reads that miss, counted by hand, and the cost of a miss (datasheet 2.6.3). */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FLUSH_CYCLES,
  SECOND_STAGE_MISS_CYCLES,
  XipCache,
} from "../../../../simulator/chip/memory/xip-cache.ts";
import { XIP_CTRL } from "../../../../simulator/chip/memory/xip-control.ts";
import { PERIPHERALS, XIP_BASE } from "../../../../simulator/chip/peripherals.ts";
import type { Rp2040 } from "../../../../simulator/chip/rp2040.ts";
import { assertNoWarnings, startedSlot } from "../../../support/simulated-slot.ts";
import { ms, result, startChip } from "../program.ts";

const FLASH = XIP_BASE;
/** Lines this far apart share a set: 1024 sets of 8 bytes. */
const SAME_SET = 8 * 1024;
const MISS = 40;

/** Cycles of waiting for each of the reads. */
function reads(cache: XipCache, ...addresses: number[]): number[] {
  return addresses.map((address) => cache.load(address));
}

function turn(cache: XipCache, bytes: number): number {
  const before = cache.misses;
  for (let offset = 0; offset < bytes; offset += 4) cache.fetch(FLASH + offset);
  return cache.misses - before;
}

test("a miss brings one word: its neighbour in the line misses too, then both hit", () => {
  const cache = new XipCache(MISS);
  assert.deepEqual(reads(cache, FLASH, FLASH + 4, FLASH, FLASH + 4), [MISS, MISS, 0, 0]);
  assert.deepEqual([cache.hits, cache.misses, cache.dataStallCycles], [2, 2, 2 * MISS]);
});

test("two lines of a set stay, the third takes the place of one of them", () => {
  const cache = new XipCache(MISS);
  const [one, two, three] = [FLASH + 0x20, FLASH + 0x20 + SAME_SET, FLASH + 0x20 + 2 * SAME_SET];
  assert.deepEqual(reads(cache, one, two, one, two), [MISS, MISS, 0, 0]);
  assert.deepEqual(reads(cache, three, three), [MISS, 0]);
  // A non-allocating read looks without touching.
  const left = [one, two, three].map((address) => cache.load(address | 0x0100_0000));
  assert.deepEqual([left[2], left.filter((stall) => stall === 0).length], [0, 2]);
});

test("three lines in turn miss two times in three each, as random eviction makes them", () => {
  // Let q be the chance that of the two lines there, the one not just read is the one read next. It
  // hits with q, and then the other is not the next but one. Else it evicts: with one half the line
  // just read, and then the one left is next. So q = (1 - q) / 2, and a third of the reads hit.
  const cache = new XipCache(MISS);
  const misses = [0, 0, 0];
  for (let read = 0; read < 30_000; read++) {
    const line = read % 3;
    if (cache.load(FLASH + line * SAME_SET) > 0) (misses[line] as number)++;
  }
  for (const count of misses) assert.ok(Math.abs(count - 6667) < 200, `${misses} misses`);
});

test("a loop of 16 kB stays in the cache", () => {
  const cache = new XipCache(MISS);
  assert.deepEqual([turn(cache, 16_384), turn(cache, 16_384), turn(cache, 16_384)], [4096, 0, 0]);
});

test("a loop 8 bytes longer loses in the one set that has three lines, two words a line", () => {
  const cache = new XipCache(MISS);
  assert.equal(turn(cache, 16_392), 4098);
  const turns = Array.from({ length: 1000 }, () => turn(cache, 16_392));
  assert.ok(turns.every((misses) => [2, 4, 6].includes(misses)));
  // Two thirds of three lines of two words.
  const sum = turns.reduce((total, misses) => total + misses, 0);
  assert.ok(Math.abs(sum - 4000) < 200, `${sum} misses in 1000 turns`);
});

test("aliases: 0x11 looks and does not fill, 0x12 fills and does not look, 0x13 neither (2.6.3.1)", () => {
  const cache = new XipCache(MISS);
  const alias = (number: number, offset = 0) => (FLASH | (number << 24)) + offset;
  assert.deepEqual(reads(cache, alias(1), alias(1), alias(0), alias(1)), [MISS, MISS, MISS, 0]);
  assert.deepEqual(reads(cache, alias(2, 64), alias(2, 64), alias(0, 64)), [MISS, MISS, 0]);
  assert.deepEqual(reads(cache, alias(3, 128), alias(0, 128), alias(3, 128)), [MISS, MISS, MISS]);
  assert.deepEqual([cache.hits, cache.misses], [2, 8]);
});

test("a write takes out its word and leaves the other half of the line (pico-sdk, xip_cache.c)", () => {
  const cache = new XipCache(MISS);
  reads(cache, FLASH, FLASH + 4, FLASH + SAME_SET);
  cache.invalidate(FLASH + 2 * SAME_SET);
  cache.invalidate(FLASH + 4);
  assert.deepEqual(reads(cache, FLASH, FLASH + SAME_SET, FLASH + 4), [0, 0, MISS]);
});

test("a cache switched off is passed by and keeps what it has", () => {
  const cache = new XipCache(MISS);
  cache.load(FLASH);
  cache.enabled = false;
  assert.deepEqual(reads(cache, FLASH, FLASH + 8), [MISS, MISS]);
  cache.enabled = true;
  assert.deepEqual(reads(cache, FLASH, FLASH + 8), [0, MISS]);
});

test("a read during a flush waits for its end, an uncached one too (2.6.3.2)", () => {
  const cache = new XipCache(MISS);
  let now = 1000;
  cache.now = () => now;
  cache.load(FLASH);
  cache.startFlush();
  now += 400;
  assert.equal(cache.flushCyclesLeft, FLUSH_CYCLES - 400);
  assert.equal(cache.load(FLASH | 0x0300_0000), FLUSH_CYCLES - 400 + MISS);
  now += FLUSH_CYCLES - 400;
  assert.deepEqual(reads(cache, FLASH, FLASH), [MISS, 0]);
  cache.startFlush();
  now += FLUSH_CYCLES;
  assert.equal(cache.load(FLASH), MISS);
});

// ------------------------------------------------------------------- in a chip

/** Where the programs have the code or data under test: in other sets than vectors and start. */
const HERE = FLASH + 0x4000;
const CTR_HIT = PERIPHERALS.XIP_CTRL.base + XIP_CTRL.CTR_HIT;
const CTR_ACC = PERIPHERALS.XIP_CTRL.base + XIP_CTRL.CTR_ACC;

/**
 * Runs `body` from SRAM, so that only its own reads go through the cache. r4 is XIP_CTRL, r5
 * the results, r6 HERE; `clear` zeroes the counters, `counts` appends them to the results.
 */
function fromSram(body: string, options = {}): Rp2040 {
  const chip = startChip(
    `
  .macro clear
    str r4, [r4, #XIP_CTRL.CTR_ACC]
    str r4, [r4, #XIP_CTRL.CTR_HIT]
  .endm
  .macro counts
    ldr r0, [r4, #XIP_CTRL.CTR_HIT]
    str r0, [r5]
    ldr r0, [r4, #XIP_CTRL.CTR_ACC]
    str r0, [r5, #4]
    adds r5, #8
  .endm
main:
  ldr r0, =inner
  ldr r1, =0x20002000
  ldr r2, =inner_end
1: ldmia r0!, {r3}
  stmia r1!, {r3}
  cmp r0, r2
  blo 1b
  ldr r0, =0x20002001
  bx r0
  .ltorg
  .thumb_func
svcall: bx lr
  .balign 4
inner:
  ldr r4, =XIP_CTRL
  ldr r5, =results
  ldr r6, =${HERE}
  ${body}
  b .
  .balign 4
  .ltorg
  .balign 4
inner_end:
  .org ${HERE - FLASH - 0x100}
  .rept 64
  .word 0x12345678
  .endr
`,
    { xipCache: { missCycles: MISS }, ...options },
  );
  chip.runUntilNanos(ms(50));
  assert.deepEqual(chip.log.warnings, []);
  return chip;
}

const results = (from: Rp2040, count: number) =>
  Array.from({ length: count }, (_, index) => result(from, index));

test("pico-examples' flash_cache_perfctr.c finds what it checks for", () => {
  const chip = fromSram(`
  movs r0, #1
  str r0, [r4, #XIP_CTRL.FLUSH]
1: ldr r0, [r4, #XIP_CTRL.STAT]
  lsrs r0, r0, #1
  bcc 1b
  clear
  ldr r0, [r6]
  counts
  ldr r0, [r6]
  counts
  movs r0, #0
  str r0, [r6]
  ldr r0, [r6]
  counts
  ldr r0, [r6]
  counts
`);
  // Hits, accesses: a miss, a hit, a write that is not counted and a miss, a hit.
  assert.deepEqual(results(chip, 8), [0, 1, 1, 2, 1, 3, 2, 4]);
});

test("data: LDM reads a word a register, four bytes of a word miss once", () => {
  const chip = fromSram(`
  clear
  mov r7, r6
  ldmia r7!, {r0, r1, r2, r3}
  counts
  clear
  ldrb r0, [r6, #16]
  ldrb r0, [r6, #17]
  ldrh r0, [r6, #18]
  ldrb r0, [r6, #19]
  counts
`);
  assert.deepEqual(results(chip, 4), [0, 4, 3, 4]);
});

test("an exception reads its vector and the first word of its handler", () => {
  const chip = fromSram(`
  clear
  svc 0
  counts
`);
  assert.deepEqual(results(chip, 2), [0, 2]);
});

test("STAT says when a flush is through, a read of FLUSH waits for it (2.6.3.6)", () => {
  const chip = fromSram(`
  movs r0, #1
  str r0, [r4, #XIP_CTRL.FLUSH]
  ldr r1, [r4, #XIP_CTRL.STAT]
  ldr r2, [r4, #XIP_CTRL.FLUSH]
  ldr r3, [r4, #XIP_CTRL.STAT]
  stmia r5!, {r1, r2, r3}
`);
  assert.deepEqual(results(chip, 3), [2, 0, 3]);
});

test("the counters are cleared by any write, one by one, and stay at their end", () => {
  const chip = fromSram("ldr r0, [r6]\n ldr r0, [r6]");
  const { bus, cache } = chip;
  bus.writeUint32(CTR_HIT, 7);
  assert.equal(bus.readUint32(CTR_HIT), 0);
  assert.ok(bus.readUint32(CTR_ACC) > 2);
  assert.ok(cache);
  cache.hits += 0xffff_fffe;
  assert.equal(bus.readUint32(CTR_HIT), 0xffff_fffe);
  cache.hits += 5;
  assert.equal(bus.readUint32(CTR_HIT), 0xffff_ffff);
  assert.equal(bus.readUint32(CTR_ACC), 0xffff_ffff);
});

test("a debugger's or a DMA channel's reads are not counted and cost the core no cycles", () => {
  const chip = fromSram("clear");
  const cycles = chip.cycles;
  chip.bus.readUint32(HERE);
  chip.bus.readUint8(HERE + 4);
  assert.equal(chip.bus.readUint32(CTR_ACC), 0);
  assert.equal(chip.cycles, cycles);
});

test("without the cache counters stay at zero, and a flush is through at once", () => {
  const chip = fromSram(
    `
  movs r0, #1
  str r0, [r4, #XIP_CTRL.FLUSH]
  ldr r1, [r4, #XIP_CTRL.STAT]
  ldr r2, [r6]
  ldr r2, [r4, #XIP_CTRL.CTR_ACC]
  stmia r5!, {r1, r2}
`,
    { xipCache: false },
  );
  assert.equal(chip.cache, null);
  assert.deepEqual(results(chip, 2), [3, 0]);
});

interface Passage {
  readonly cycles: number;
  readonly hits: number;
  readonly misses: number;
}

/** Code at HERE, entered by a branch to HERE + `entry`: cycles and misses until each of the addresses. */
function passages(code: string, entry: number, ends: readonly number[]): Passage[] {
  const source = `
main:
  ldr r0, =${HERE + entry + 1}
  bx r0
  .ltorg
  .org ${HERE - FLASH - 0x100}
  ${code}
`;
  const chip = startChip(source, { xipCache: { missCycles: MISS } });
  const { cache } = chip;
  assert.ok(cache);
  const seen: Passage[] = [];
  let [cycles, hits, misses] = [0, 0, 0];
  const wanted = [HERE + entry, ...ends.map((offset) => HERE + offset)];
  chip.trace = (pc) => {
    if (pc !== wanted[0]) return;
    wanted.shift();
    seen.push({ cycles: chip.cycles - cycles, hits: cache.hits - hits, misses: cache.misses - misses });
    cycles = chip.cycles;
    hits = cache.hits;
    misses = cache.misses;
  };
  chip.runUntil(() => wanted.length === 0, ms(50));
  return seen.slice(1);
}

test("straight code costs a miss for each word, that is for two instructions", () => {
  // 64 instructions of one cycle in 32 words.
  const [straight] = passages(".rept 64\n nop\n .endr\n b .", 0, [128]);
  assert.deepEqual(straight, { cycles: 64 + 32 * MISS, hits: 0, misses: 32 });
});

test("a branch to the second half of a word fetches that word, and it alone", () => {
  const [fromOdd] = passages(".rept 8\n nop\n .endr\n b .", 2, [4]);
  assert.deepEqual(fromOdd, { cycles: 1 + MISS, hits: 0, misses: 1 });
});

test("a loop costs nothing from its second turn on; a 32-bit instruction across words needs both", () => {
  // nop, bl at 2 to 6, nop, b at 8: 1 + 3 + 1 + 2 cycles in three words.
  const [first, second] = passages("2: nop\n bl 1f\n 1: nop\n b 2b", 0, [0, 0]);
  assert.deepEqual(first, { cycles: 7 + 3 * MISS, hits: 0, misses: 3 });
  assert.deepEqual(second, { cycles: 7, hits: 3, misses: 0 });
});

test("literals share the cache with the code before them", () => {
  // ldr (2 cycles), nop; the literal is a word of its own.
  const [load] = passages("ldr r0, 1f\n nop\n b .\n nop\n 1: .word 5", 0, [4]);
  assert.deepEqual(load, { cycles: 3 + 2 * MISS, hits: 0, misses: 2 });
});

// ------------------------------------------------------------------- the cost of a miss

test("the second stage's set-up: 50 cycles a word, as a core without a boot assumes", () => {
  const slot = startedSlot({ xipCache: true });
  // EBh in continuous mode, no command (W25Q16JV 8.2.14): 6 nibbles of address and 2 of mode bits, 4
  // dummy clocks, 8 nibbles of data are 20 SCK; at clk_sys / 2 40 cycles, and 10 on top.
  assert.equal(slot.chip.cache?.missCycles, (6 + 2 + 4 + 8) * 2 + 10);
  assert.equal(slot.chip.cache?.missCycles, SECOND_STAGE_MISS_CYCLES);
  const { cache } = slot.chip;
  // All waiting is misses and the streamed words before them, but none in a flush: the boot ROM takes
  // longer than that.
  const waited = cache.fetchStallCycles + cache.dataStallCycles - cache.streamWaitCycles;
  assert.equal(waited, cache.misses * SECOND_STAGE_MISS_CYCLES);
  assertNoWarnings(slot);
});

test("03h on one line at clk_sys / 4: 8 bits of command, 24 of address, 32 of data", () => {
  const chip = startChip("main: b .", { xipCache: true });
  chip.runUntilNanos(ms(50));
  assert.equal(chip.cache?.missCycles, (8 + 24 + 32) * 4 + 10);
});

test("a cost that was given holds whatever the SSI does", () => {
  const chip = startChip("main: b .", { xipCache: { missCycles: 7 } });
  chip.runUntilNanos(ms(50));
  assert.equal(chip.cache?.missCycles, 7);
});

test("the same run twice takes the same cycles, however it is cut into slices", () => {
  const source = `
main:
  ldr r0, =${HERE + 1}
  bx r0
  .ltorg
  .org ${HERE - FLASH - 0x100}
  .rept 900
  nop
  .endr
  bl 1f
1: b 1b
`;
  const whole = startChip(source, { xipCache: true });
  whole.runUntilNanos(ms(60));
  const sliced = startChip(source, { xipCache: true });
  for (let step = 1; step <= 600; step++) sliced.runUntilNanos(ms(step / 10));
  const state = (chip: Rp2040) => [chip.cycles, chip.nanos, chip.cache?.hits, chip.cache?.misses];
  assert.deepEqual(state(sliced), state(whole));
});
