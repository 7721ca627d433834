/** Streaming from flash: its timing, its priority, and its registers (datasheet 2.6.3.4, 2.6.3.6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { XipCache } from "../../../../simulator/chip/memory/xip-cache.ts";
import {
  STAT_FIFO_EMPTY,
  STAT_FIFO_FULL,
  STAT_FLUSH_READY,
  XIP_CTRL,
} from "../../../../simulator/chip/memory/xip-control.ts";
import { COOLDOWN_CYCLES, XipStream } from "../../../../simulator/chip/memory/xip-stream.ts";
import { ALIAS_SET, PERIPHERALS, XIP_BASE } from "../../../../simulator/chip/peripherals.ts";
import type { Rp2040 } from "../../../../simulator/chip/rp2040.ts";
import { ms, startChip } from "../program.ts";

const FLASH = XIP_BASE;
const WORD = 50;

/** A stream of words that are their own addresses, and a clock to set. */
function streamAt(now = 1000) {
  const cache = new XipCache(WORD);
  const stream = new XipStream(cache, (address) => address);
  const at = { cycles: now };
  cache.now = () => at.cycles;
  const start = (address: number, words: number) => {
    stream.address = address;
    stream.counter = words;
  };
  return { cache, stream, at, start };
}

const level = (stream: XipStream) => (stream.isFull ? 2 : stream.isEmpty ? 0 : 1);

test("a word takes what a miss takes, and two are read ahead", () => {
  const { stream, at, start } = streamAt();
  start(FLASH, 4);
  const levels = [0, 49, 50, 99, 100, 500].map((cycles) => {
    at.cycles = 1000 + cycles;
    return [level(stream), stream.counter, stream.address - FLASH];
  });
  assert.deepEqual(levels, [
    [0, 4, 0],
    [0, 4, 0],
    [1, 3, 4],
    [1, 3, 4],
    [2, 2, 8],
    [2, 2, 8],
  ]);
});

test("a full FIFO goes on when a word is taken; at the end it is empty and stays so", () => {
  const { stream, at, start } = streamAt();
  start(FLASH, 3);
  at.cycles += 500;
  assert.equal(stream.take(), FLASH);
  at.cycles += WORD - 1;
  assert.equal(level(stream), 1);
  at.cycles += 1;
  assert.deepEqual([level(stream), stream.counter], [2, 0]);
  assert.deepEqual([stream.take(), stream.take()], [FLASH + 4, FLASH + 8]);
  at.cycles += 500;
  assert.deepEqual([stream.take(), stream.address], [undefined, FLASH + 12]);
});

test("work of 30 cycles on a word of 50 waits for flash alone", () => {
  const { stream, at, start } = streamAt();
  start(FLASH, 100);
  for (let words = 0; words < 100; words++) {
    while (stream.isEmpty) at.cycles++;
    stream.take();
    at.cycles += 30;
  }
  assert.equal(at.cycles, 1000 + 100 * WORD + 30);
});

test("a miss waits for the word under way, then goes first; seven cycles after it the stream goes on", () => {
  const { cache, stream, at, start } = streamAt();
  start(FLASH, 10);
  at.cycles += 20;
  assert.equal(cache.load(FLASH + 0x1000), WORD - 20 + WORD);
  assert.equal(cache.streamWaitCycles, WORD - 20);
  at.cycles += WORD - 20 + WORD;
  assert.equal(level(stream), 1);
  at.cycles += COOLDOWN_CYCLES + WORD - 1;
  assert.equal(level(stream), 1);
  at.cycles += 1;
  assert.equal(level(stream), 2);
});

test("a hit does not delay the stream, and a resting stream delays no miss", () => {
  const { cache, stream, at, start } = streamAt();
  assert.equal(cache.load(FLASH), WORD);
  at.cycles += WORD + COOLDOWN_CYCLES;
  start(FLASH, 2);
  at.cycles += 10;
  assert.equal(cache.load(FLASH), 0);
  at.cycles += 90;
  assert.equal(level(stream), 2);
  assert.equal(cache.load(FLASH + 4), WORD);
});

test("streamed words pass the cache by", () => {
  const { cache, stream, at, start } = streamAt();
  start(FLASH, 1);
  at.cycles += WORD;
  assert.equal(stream.take(), FLASH);
  assert.deepEqual([cache.hits, cache.misses, cache.load(FLASH)], [0, 0, WORD]);
});

test("0 in STREAM_CTR stops: the FIFO keeps what it has, the word under way is dropped", () => {
  const { stream, at, start } = streamAt();
  start(FLASH, 10);
  at.cycles += WORD + 10;
  stream.counter = 0;
  at.cycles += 500;
  assert.deepEqual([stream.counter, stream.take(), stream.take()], [0, FLASH, undefined]);
});

// pico-sdk issue 122.
test("the word dropped moves the address on: a new stream at once begins a word late", () => {
  const second = (pause: number) => {
    const { stream, at, start } = streamAt();
    start(FLASH, 10);
    at.cycles += 10;
    stream.counter = 0;
    at.cycles += pause;
    start(FLASH + 0x100, 1);
    at.cycles += 2 * WORD;
    return stream.take();
  };
  assert.equal(second(0), FLASH + 0x104);
  assert.equal(second(WORD - 10), FLASH + 0x100);
});

test("without the cache the FIFO is as full as the count lets it be", () => {
  const stream = new XipStream(null, (address) => address);
  stream.address = FLASH;
  stream.counter = 3;
  assert.deepEqual([level(stream), stream.counter], [2, 1]);
  assert.deepEqual([stream.take(), level(stream), stream.counter], [FLASH, 2, 0]);
  assert.deepEqual([stream.take(), level(stream)], [FLASH + 4, 1]);
});

// ------------------------------------------------------------------- in a chip

const { base } = PERIPHERALS.XIP_CTRL;
const STAT = base + XIP_CTRL.STAT;
const STREAM_ADDR = base + XIP_CTRL.STREAM_ADDR;
const STREAM_CTR = base + XIP_CTRL.STREAM_CTR;
const STREAM_FIFO = base + XIP_CTRL.STREAM_FIFO;
const XIP_AUX = PERIPHERALS.XIP_AUX.base;
const READY = STAT_FLUSH_READY;
const EMPTY = STAT_FIFO_EMPTY;
const FULL = STAT_FIFO_FULL;

function idle(options = {}): Rp2040 {
  const chip = startChip("main: b .\n .org 0x1000\n .word 1, 2, 3, 4, 5", options);
  chip.runUntilNanos(ms(50));
  return chip;
}

/** Where the words of `idle` are. */
const HERE = FLASH + 0x100 + 0x1000;

test("registers: widths, flags, and the FIFO by both of its doors", () => {
  const { bus, log } = idle();
  const words = (...addresses: number[]) => addresses.map((address) => bus.readUint32(address));
  assert.deepEqual(words(STAT, STREAM_ADDR, STREAM_CTR), [EMPTY | READY, 0, 0]);
  bus.writeUint32(STREAM_ADDR, HERE | 3);
  bus.writeUint32(STREAM_CTR, 0xffc0_0003);
  assert.deepEqual(words(STAT, STREAM_ADDR, STREAM_CTR), [FULL | READY, HERE + 8, 1]);
  assert.deepEqual(words(STREAM_FIFO, XIP_AUX, STAT, XIP_AUX, STAT), [1, 2, READY, 3, EMPTY | READY]);
  assert.deepEqual(log.warnings, []);
});

test("an empty FIFO gives 0 and a warning, by either door", () => {
  for (const door of [STREAM_FIFO, XIP_AUX]) {
    const { bus, log } = idle({ xipCache: true });
    bus.writeUint32(STREAM_ADDR, HERE);
    bus.writeUint32(STREAM_CTR, 1);
    assert.equal(bus.readUint32(door), 0);
    assert.deepEqual(
      log.warnings.map(({ source, message }) => [source, message]),
      [["XIP_CTRL", "read of the streaming FIFO while it is empty"]],
    );
  }
});

test("an alias of the registers takes nothing out of the FIFO", () => {
  const { bus } = idle();
  bus.writeUint32(STREAM_ADDR, HERE);
  bus.writeUint32(STREAM_CTR, 1);
  bus.writeUint32(STREAM_FIFO + ALIAS_SET, 1);
  bus.writeUint32(XIP_AUX + ALIAS_SET, 1);
  assert.equal(bus.readUint32(XIP_AUX), 1);
});

test("in the chip a word comes 266 cycles after its start: 03h on one line at clk_sys / 4", () => {
  const chip = idle({ xipCache: true });
  chip.bus.writeUint32(STREAM_ADDR, HERE);
  chip.bus.writeUint32(STREAM_CTR, 1);
  const begun = chip.cycles;
  const came = chip.runUntil(() => !(chip.bus.readUint32(STAT) & EMPTY), ms(51));
  assert.ok(came && chip.cycles - begun >= (8 + 24 + 32) * 4 + 10);
  assert.equal(chip.bus.readUint32(XIP_AUX), 1);
});

test("pressing RUN ends a stream and empties the FIFO", () => {
  const chip = idle();
  chip.bus.writeUint32(STREAM_ADDR, HERE);
  chip.bus.writeUint32(STREAM_CTR, 5);
  chip.pressRun();
  const words = [STAT, STREAM_ADDR, STREAM_CTR].map((address) => chip.bus.readUint32(address) & ~READY);
  assert.deepEqual(words, [EMPTY, 0, 0]);
});
