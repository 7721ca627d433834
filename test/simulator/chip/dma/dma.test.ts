/** DMA: channels, triggers, chains, requests, interrupts and errors (datasheet 2.5). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLOCKS } from "../../../../simulator/chip/clocks/clocks.ts";
import { RESETS } from "../../../../simulator/chip/clocks/resets.ts";
import { PPB } from "../../../../simulator/chip/core/ppb.ts";
import { CHANNEL_BYTES, DMA } from "../../../../simulator/chip/dma/dma.ts";
import { Ctrl, TREQ_PERMANENT } from "../../../../simulator/chip/dma/dma-channel.ts";
import { SIO } from "../../../../simulator/chip/io/sio-registers.ts";
import {
  ALIAS_CLR,
  ALIAS_SET,
  PERIPHERALS,
  PPB_BASE,
  resetMask,
  SIO_BASE,
  SRAM_BASE,
} from "../../../../simulator/chip/peripherals.ts";
import type { Rp2040 } from "../../../../simulator/chip/rp2040.ts";
import { CLOCKS_AT_125_MHZ, startChip, us } from "../program.ts";

const { base } = PERIPHERALS.DMA;
const INTR = base + DMA.INTR;
const INTE0 = base + DMA.INTE0;
const INTF0 = base + DMA.INTF0;
const INTS0 = base + DMA.INTS0;
const INTE1 = base + DMA.INTE1;
const INTS1 = base + DMA.INTS1;
const TIMER0 = base + DMA.TIMER0;
const MULTI_CHAN_TRIGGER = base + DMA.MULTI_CHAN_TRIGGER;
const CHAN_ABORT = base + DMA.CHAN_ABORT;
const { EN, HIGH_PRIORITY, INCR_READ, INCR_WRITE, RING_SEL, IRQ_QUIET, BSWAP, BUSY } = Ctrl;
const HALFWORDS = 1 << Ctrl.DATA_SIZE_SHIFT;
const WORDS = 2 << Ctrl.DATA_SIZE_SHIFT;
const ring = (bits: number) => bits << Ctrl.RING_SIZE_SHIFT;
const chainTo = (channel: number) => channel << Ctrl.CHAIN_TO_SHIFT;
const treq = (request: number) => request << Ctrl.TREQ_SEL_SHIFT;
const PERMANENT = treq(TREQ_PERMANENT);
const CYCLE = 8;
const [IRQ_0, IRQ_1] = PERIPHERALS.DMA.interrupts.map((irq) => 1 << irq) as [number, number];
const RESET = PERIPHERALS.RESETS.base + RESETS.RESET;
/** SPI0 is rp2040js' (datasheet 4.4.4). */
const SSPCR0 = PERIPHERALS.SPI0.base;
const SSPCR1 = PERIPHERALS.SPI0.base + 0x4;
const SSPDR = PERIPHERALS.SPI0.base + 0x8;
const FROM = SRAM_BASE + 0x3000;
const TO = SRAM_BASE + 0x3800;

/** A core that sleeps, or one that runs all the time, and a test that does the rest from outside. */
class Bench {
  readonly chip: Rp2040;

  constructor(idle = "1: wfi\n b 1b") {
    this.chip = startChip(
      `main:\n ${CLOCKS_AT_125_MHZ}\n unreset RESET.DMA | RESET.SPI0\n cpsid i\n ${idle}`,
    );
    this.chip.runUntilNanos(20e6);
  }

  poke(address: number, ...words: number[]): void {
    for (const [index, word] of words.entries()) this.chip.bus.writeUint32(address + 4 * index, word);
  }

  peek(address: number): number {
    return this.chip.bus.readUint32(address);
  }

  words(address: number, count: number): number[] {
    return Array.from({ length: count }, (_, index) => this.peek(address + 4 * index));
  }

  bytes(address: number, count: number): number[] {
    return Array.from({ length: count }, (_, index) => this.chip.bus.readUint8(address + index));
  }

  run(nanos: number): void {
    this.chip.runUntilNanos(this.chip.nanos + nanos);
  }

  /** Writes a channel's four registers by alias 0, the last of which starts it. */
  start(channel: number, read: number, write: number, count: number, ctrl: number): void {
    this.poke(at(channel), read, write, count, ctrl);
  }

  get warnings(): string[] {
    return this.chip.log.warnings.map(({ message }) => message);
  }
}

/** A register of a channel, named as that of channel 0. */
const at = (channel: number, offset = DMA.CH0_READ_ADDR) => base + CHANNEL_BYTES * channel + offset;
const busy = (bench: Bench, channel: number) => (bench.peek(at(channel, DMA.CH0_CTRL_TRIG)) & BUSY) !== 0;
const COPY = EN | WORDS | INCR_READ | INCR_WRITE | PERMANENT;

describe("DMA transfers", () => {
  it("copies words, and both addresses and the count move on", () => {
    const bench = new Bench();
    bench.poke(FROM, 0x11111111, 0x22222222, 0x33333333);
    bench.start(3, FROM, TO, 2, COPY | chainTo(3));
    assert.ok(busy(bench, 3));
    assert.equal(bench.peek(at(3, DMA.CH0_TRANS_COUNT)), 2, "transfers left");
    bench.run(us(1));
    assert.deepEqual(bench.words(TO, 3), [0x11111111, 0x22222222, bench.peek(TO + 8)]);
    assert.deepEqual(bench.words(at(3), 3), [FROM + 8, TO + 8, 0]);
    assert.ok(!busy(bench, 3));
    assert.equal(bench.peek(INTR), 1 << 3);
    assert.deepEqual(bench.warnings, []);
  });

  it("byte transfers advance by one, an address without INCR stays", () => {
    const bench = new Bench();
    bench.poke(FROM, 0x44332211);
    bench.poke(TO, 0, 0);
    bench.start(0, FROM, TO, 3, EN | INCR_READ | INCR_WRITE | PERMANENT);
    bench.run(us(1));
    assert.deepEqual(bench.bytes(TO, 4), [0x11, 0x22, 0x33, 0]);
    bench.start(0, FROM + 2, TO + 4, 2, EN | HALFWORDS | INCR_WRITE | PERMANENT);
    bench.run(us(1));
    assert.equal(bench.peek(TO + 4), 0x44334433);
    assert.equal(bench.peek(at(0)), FROM + 2);
  });

  it("BSWAP reverses the bytes of each transfer", () => {
    const bench = new Bench();
    bench.poke(FROM, 0x44332211);
    bench.start(0, FROM, TO, 1, COPY | BSWAP);
    bench.run(us(1));
    assert.equal(bench.peek(TO), 0x11223344);
    const halfwords = EN | HALFWORDS | INCR_READ | INCR_WRITE | PERMANENT | BSWAP;
    bench.start(0, FROM, TO, 2, halfwords);
    bench.run(us(1));
    assert.equal(bench.peek(TO), 0x33441122);
  });

  it("a ring wraps the read address or the write address, as RING_SEL says", () => {
    const bench = new Bench();
    bench.poke(FROM, 1, 2, 3, 4);
    bench.start(0, FROM + 4, TO, 5, COPY | ring(3));
    bench.run(us(1));
    assert.deepEqual(bench.words(TO, 5), [2, 1, 2, 1, 2]);
    assert.equal(bench.peek(at(0)), FROM);
    bench.poke(TO, 9, 9, 9);
    bench.start(0, FROM, TO, 4, COPY | ring(3) | RING_SEL);
    bench.run(us(1));
    assert.deepEqual(bench.words(TO, 3), [3, 4, 9]);
  });

  it("memory to memory is one transfer a cycle, a peripheral behind the APB bridge is slower", () => {
    const bench = new Bench();
    const nanosOf = (read: number, ctrl: number) => {
      const began = bench.chip.nanos;
      bench.start(0, read, TO, 100, ctrl);
      while (busy(bench, 0)) bench.run(CYCLE);
      return bench.chip.nanos - began;
    };
    const memory = nanosOf(FROM, COPY);
    assert.ok(memory >= 100 * CYCLE && memory <= 110 * CYCLE, `${memory} ns`);
    const peripheral = nanosOf(
      PERIPHERALS.CLOCKS.base + CLOCKS.CLK_SYS_DIV,
      EN | WORDS | INCR_WRITE | PERMANENT,
    );
    assert.ok(peripheral >= 300 * CYCLE && peripheral <= 310 * CYCLE, `${peripheral} ns`);
  });

  it("does the same whether the core sleeps or works", () => {
    const results = ["1: wfi\n b 1b", "1: b 1b"].map((idle) => {
      const bench = new Bench(idle);
      bench.poke(FROM, 1, 2, 3, 4, 5, 6, 7, 8);
      bench.start(0, FROM, TO, 8, COPY | ring(3));
      bench.run(us(3));
      return bench.words(TO, 8);
    });
    assert.deepEqual(results[0], results[1]);
  });
});

describe("DMA triggers", () => {
  it("each register is at the end of one alias, and a write of it there starts the channel (2.5.2.1)", () => {
    const orders = [
      ["read", "write", "count", "ctrl"],
      ["ctrl", "read", "write", "count"],
      ["ctrl", "count", "read", "write"],
      ["ctrl", "write", "count", "read"],
    ] as const;
    const bench = new Bench();
    bench.poke(FROM, 0xabcd);
    const values = { read: FROM, write: TO, count: 1, ctrl: COPY | chainTo(2) };
    for (const [alias, order] of orders.entries()) {
      bench.poke(at(2, DMA.CH0_AL1_CTRL), 0);
      bench.poke(TO, 0);
      for (const [index, name] of order.entries()) {
        assert.ok(!busy(bench, 2), `alias ${alias} before ${name}`);
        bench.poke(at(2, DMA.CH0_AL1_CTRL * alias + 4 * index), values[name]);
      }
      bench.run(us(1));
      assert.equal(bench.peek(TO), 0xabcd, `alias ${alias}`);
    }
  });

  it("TRANS_COUNT is a reload value: every trigger takes it anew, DBG_TCR shows it", () => {
    const bench = new Bench();
    bench.start(1, FROM, TO, 3, COPY | chainTo(1));
    bench.run(us(1));
    assert.equal(bench.peek(at(1, DMA.CH0_TRANS_COUNT)), 0);
    assert.equal(bench.peek(at(1, DMA.CH0_DBG_TCR)), 3);
    bench.poke(MULTI_CHAN_TRIGGER, 1 << 1);
    assert.equal(bench.peek(at(1, DMA.CH0_TRANS_COUNT)), 3);
    bench.run(us(1));
    assert.equal(bench.peek(at(1)), FROM + 24);
  });

  it("a running channel ignores triggers, a disabled one too", () => {
    const bench = new Bench();
    bench.start(0, FROM, TO, 2, EN | WORDS | INCR_READ | treq(21));
    bench.poke(at(0, DMA.CH0_AL1_TRANS_COUNT_TRIG), 50);
    assert.equal(bench.peek(at(0, DMA.CH0_TRANS_COUNT)), 2, "the length of the sequence under way stays");
    assert.equal(bench.peek(at(0, DMA.CH0_DBG_TCR)), 50);
    bench.start(5, FROM, TO, 2, (COPY & ~EN) | chainTo(5));
    bench.poke(MULTI_CHAN_TRIGGER, 1 << 5);
    bench.run(us(1));
    assert.ok(!busy(bench, 5));
    assert.equal(bench.peek(at(5)), FROM);
  });

  it("clearing EN pauses a channel, BUSY stays; setting it goes on", () => {
    const bench = new Bench();
    bench.poke(TIMER0, (1 << 16) | 125);
    const paced = EN | WORDS | INCR_WRITE | treq(0x3b);
    bench.start(0, FROM, TO, 10, paced);
    bench.run(us(3.5));
    const left = bench.peek(at(0, DMA.CH0_TRANS_COUNT));
    assert.ok(left === 7 || left === 6, `${left} left`);
    bench.poke(at(0, DMA.CH0_AL1_CTRL), paced & ~EN);
    bench.run(us(20));
    assert.equal(bench.peek(at(0, DMA.CH0_TRANS_COUNT)), left);
    assert.ok(busy(bench, 0));
    bench.poke(at(0, DMA.CH0_AL1_CTRL), paced);
    bench.run(us(20));
    assert.equal(bench.peek(at(0, DMA.CH0_TRANS_COUNT)), 0);
    assert.ok(!busy(bench, 0));
  });

  it("chains; after a reset CHAIN_TO is channel 0 for all, and to itself is to nobody (2.5.2.2)", () => {
    const bench = new Bench();
    bench.poke(FROM, 0x1234);
    bench.poke(at(0), FROM, TO, 1, 0);
    bench.poke(at(0, DMA.CH0_AL1_CTRL), COPY);
    bench.start(7, FROM, TO + 4, 1, COPY);
    bench.run(us(1));
    assert.equal(bench.peek(TO), 0x1234, "channel 7 started channel 0");
    assert.equal(bench.peek(INTR), (1 << 0) | (1 << 7));
    bench.poke(TO, 0);
    bench.start(7, FROM, TO + 4, 1, COPY | chainTo(7));
    bench.run(us(1));
    assert.equal(bench.peek(TO), 0);
  });

  it("a list of control blocks ends with a null trigger, which interrupts a quiet channel (2.5.2.1)", () => {
    const bench = new Bench();
    bench.poke(FROM, 0xaa, 0xbb, 0xcc);
    bench.poke(TO, 0, 0, 0, 0);
    // Channel 1 writes TRANS_COUNT and READ_ADDR_TRIG of channel 0, round a ring of two words.
    const list = FROM + 0x100;
    bench.poke(list, 1, FROM + 8, 2, FROM, 1, FROM + 4, 0, 0);
    bench.poke(at(0, DMA.CH0_WRITE_ADDR), TO);
    bench.poke(at(0, DMA.CH0_AL1_CTRL), COPY | IRQ_QUIET | chainTo(1));
    bench.start(
      1,
      list,
      at(0, DMA.CH0_AL3_TRANS_COUNT),
      2,
      COPY | ring(3) | RING_SEL | IRQ_QUIET | chainTo(1),
    );
    bench.run(30 * CYCLE);
    assert.equal(bench.peek(INTR), 0, "no interrupt between the control blocks");
    bench.run(us(2));
    assert.deepEqual(bench.words(TO, 5), [0xcc, 0xaa, 0xbb, 0xbb, bench.peek(TO + 16)]);
    assert.equal(bench.peek(INTR), 1 << 0);
    assert.ok(!busy(bench, 0) && !busy(bench, 1));
    assert.deepEqual(bench.warnings, []);
  });
});

describe("DMA requests", () => {
  it("a pacing timer gives X requests every Y cycles of clk_sys (2.5.5.1)", () => {
    for (const [x, y] of [
      [1, 125],
      [3, 250],
      [7, 1000],
      [1, 2],
      [0, 100],
    ] as const) {
      const bench = new Bench();
      bench.poke(TIMER0 + 8, (x << 16) | y);
      bench.start(0, FROM, TO, 10_000, EN | WORDS | INCR_READ | ring(8) | treq(0x3d));
      bench.run(us(40));
      const made = 10_000 - bench.peek(at(0, DMA.CH0_TRANS_COUNT));
      const expected = ((us(40) / CYCLE) * x) / y;
      assert.ok(Math.abs(made - expected) <= 2, `${x}/${y}: ${made} transfers, not ${expected}`);
    }
  });

  it("a peripheral's request is a level: while it stays there is a transfer after the other", () => {
    const bench = new Bench();
    bench.start(4, FROM, TO, 5, EN | WORDS | INCR_READ | treq(20) | chainTo(4));
    bench.run(us(1));
    assert.equal(bench.peek(at(4, DMA.CH0_TRANS_COUNT)), 5);
    const { dma } = bench.chip.bus;
    dma.setDREQ(20);
    bench.run(5 * CYCLE);
    dma.clearDREQ(20);
    bench.run(us(1));
    const left = bench.peek(at(4, DMA.CH0_TRANS_COUNT));
    assert.ok(left < 5 && left > 2, `${left} left`);
    dma.setDREQ(20);
    bench.run(us(1));
    assert.equal(bench.peek(at(4, DMA.CH0_TRANS_COUNT)), 0);
  });

  it("feeds rp2040js' SPI through its data request", () => {
    const bench = new Bench();
    bench.poke(SSPCR0, 7);
    bench.poke(SSPCR1, 2);
    bench.poke(FROM, 0x44332211);
    const sent: number[] = [];
    const [spi] = bench.chip.bus.spi;
    assert.ok(spi);
    spi.onTransmit = (value) => {
      sent.push(value);
      bench.chip.schedule(us(1), () => spi.completeTransmit(0));
    };
    bench.start(0, FROM, SSPDR, 4, EN | INCR_READ | treq(16));
    bench.run(us(20));
    assert.deepEqual(sent, [0x11, 0x22, 0x33, 0x44]);
  });

  it("two channels at one DREQ, a DREQ that does not exist, and wrong alignment are warned of", () => {
    const bench = new Bench();
    bench.start(1, FROM, TO, 2, EN | WORDS | treq(20) | chainTo(1));
    bench.start(2, FROM, TO, 2, EN | WORDS | treq(20) | chainTo(2));
    bench.chip.bus.dma.setDREQ(20);
    assert.match(bench.warnings.at(-1) ?? "", /more than one channel waits for DREQ 20/);
    bench.start(3, FROM, TO, 2, EN | WORDS | treq(45));
    assert.match(bench.warnings.at(-1) ?? "", /DREQ 45/);
    bench.start(4, FROM + 2, TO, 1, COPY | chainTo(4));
    bench.run(us(1));
    assert.match(bench.warnings.at(-1) ?? "", /not aligned/);
    bench.poke(base + DMA.SNIFF_CTRL, 1);
    assert.match(bench.warnings.at(-1) ?? "", /sniffer/);
    bench.start(5, FROM, TO, 0, COPY | chainTo(5));
    assert.match(bench.warnings.at(-1) ?? "", /TRANS_COUNT of 0/);
  });

  it("channels take turns, those of high priority before the others", () => {
    const bench = new Bench();
    for (const channel of [1, 2, 3]) {
      const ctrl = (COPY & ~INCR_READ) | chainTo(channel) | (channel === 3 ? HIGH_PRIORITY : 0);
      bench.poke(at(channel), FROM, TO + 0x100 * channel, 30);
      bench.poke(at(channel, DMA.CH0_AL1_CTRL), ctrl);
    }
    bench.poke(MULTI_CHAN_TRIGGER, 0b1110);
    bench.run(28 * CYCLE);
    const made = [1, 2, 3].map((channel) => 30 - bench.peek(at(channel, DMA.CH0_TRANS_COUNT))) as [
      number,
      number,
      number,
    ];
    assert.ok(Math.abs(made[0] - made[1]) <= 1, `${made}`);
    assert.ok(made[2] >= 2 * made[0] - 2 && made[2] <= 2 * made[0] + 4, `${made}`);
    assert.equal(bench.peek(base + DMA.N_CHANNELS), 12);
  });
});

describe("DMA interrupts and errors", () => {
  it("one raw flag, two lines with masks of their own; a one clears through any of three registers", () => {
    const bench = new Bench();
    const lines = () => (bench.chip.bus.core as unknown as { lines: number }).lines & (IRQ_0 | IRQ_1);
    for (const clear of [INTR, INTS0, INTS1]) {
      bench.poke(INTE0, 1 << 2);
      bench.poke(INTE1, 1 << 4);
      bench.start(2, FROM, TO, 1, COPY | chainTo(2));
      bench.run(us(1));
      assert.deepEqual([bench.peek(INTS0), bench.peek(INTS1), lines()], [1 << 2, 0, IRQ_0]);
      bench.start(4, FROM, TO, 1, COPY | chainTo(4));
      bench.run(us(1));
      assert.deepEqual([bench.peek(INTS0), bench.peek(INTS1), lines()], [1 << 2, 1 << 4, IRQ_0 | IRQ_1]);
      bench.poke(clear, 1 << 2);
      assert.deepEqual([bench.peek(INTR), lines()], [1 << 4, IRQ_1]);
      bench.poke(clear, 1 << 4);
      assert.deepEqual([bench.peek(INTR), lines()], [0, 0]);
    }
    bench.poke(INTF0, 1 << 9);
    assert.deepEqual([bench.peek(INTS0), bench.peek(INTR), lines()], [1 << 9, 0, IRQ_0]);
    bench.poke(INTF0, 0);
    assert.equal(lines(), 0);
  });

  it("a bus error halts the channel, is flagged, and interrupts even a quiet one", () => {
    const bench = new Bench();
    const { AHB_ERROR, READ_ERROR, WRITE_ERROR } = Ctrl;
    // The last two: SIO and the private peripherals are the cores' own.
    for (const [read, write, error] of [
      [0x3000_0000, TO, READ_ERROR],
      [FROM, 0x6000_0000, WRITE_ERROR],
      [SIO_BASE + SIO.GPIO_IN, TO, READ_ERROR],
      [FROM, PPB_BASE + PPB.NVIC_ISER, WRITE_ERROR],
    ] as const) {
      bench.start(6, read, write, 3, COPY | IRQ_QUIET | chainTo(6));
      bench.run(us(1));
      const ctrl = bench.peek(at(6, DMA.CH0_CTRL_TRIG));
      assert.equal(ctrl & (AHB_ERROR | READ_ERROR | WRITE_ERROR | BUSY), AHB_ERROR | error);
      assert.equal(bench.peek(INTR), 1 << 6);
      assert.equal(bench.peek(at(6, DMA.CH0_TRANS_COUNT)), 3, "the transfer in error does not count");
      bench.poke(INTR, 1 << 6);
      bench.poke(at(6, DMA.CH0_AL1_CTRL), (error >>> 0) | chainTo(6));
      assert.equal(bench.peek(at(6, DMA.CH0_CTRL_TRIG)) & (AHB_ERROR | error), 0, "a one clears");
    }
    assert.equal(bench.warnings.length, 4);
  });

  it("CHAN_ABORT ends a channel without interrupt or chain (2.5.5.3)", () => {
    const bench = new Bench();
    bench.poke(at(0, DMA.CH0_AL1_CTRL), COPY);
    bench.start(1, FROM, TO, 5, EN | WORDS | treq(20) | chainTo(0));
    bench.poke(CHAN_ABORT, 1 << 1);
    assert.deepEqual(
      [busy(bench, 1), bench.peek(at(1, DMA.CH0_TRANS_COUNT)), bench.peek(CHAN_ABORT)],
      [false, 0, 0],
    );
    bench.chip.bus.dma.setDREQ(20);
    bench.run(us(1));
    assert.deepEqual([bench.peek(INTR), busy(bench, 0)], [0, false]);
  });

  it("what was in flight when a channel was aborted ends with an interrupt (erratum RP2040-E13)", () => {
    const bench = new Bench();
    bench.poke(FROM, 0x77);
    bench.poke(TO, 0, 0);
    bench.start(1, FROM, TO, 5, EN | WORDS | INCR_WRITE | treq(20) | chainTo(0));
    bench.chip.bus.dma.setDREQ(20);
    bench.run(2.5 * CYCLE);
    bench.poke(CHAN_ABORT, 1 << 1);
    assert.equal(bench.peek(CHAN_ABORT), 0, "clears prematurely");
    bench.run(us(1));
    assert.deepEqual(bench.words(TO, 2), [0x77, 0]);
    assert.deepEqual(
      [bench.peek(INTR), busy(bench, 1), bench.peek(at(1, DMA.CH0_TRANS_COUNT))],
      [1 << 1, false, 0],
    );
  });

  it("RESETS.DMA stops everything and forgets it; the peripherals' requests stay theirs", () => {
    const bench = new Bench();
    bench.poke(INTE0, 0xfff);
    bench.chip.bus.dma.setDREQ(20);
    bench.start(1, FROM, TO, 100, EN | WORDS | INCR_READ | treq(20) | chainTo(1));
    bench.run(5 * CYCLE);
    bench.poke(RESET + ALIAS_SET, resetMask("DMA"));
    bench.poke(TO, 0);
    bench.run(us(5));
    assert.equal(bench.peek(TO), 0, "nothing is transferred while held");
    bench.poke(RESET + ALIAS_CLR, resetMask("DMA"));
    assert.deepEqual(bench.words(at(1), 4), [0, 0, 0, 0]);
    assert.deepEqual([bench.peek(INTE0), bench.peek(INTR)], [0, 0]);
    bench.start(1, FROM, TO, 1, EN | WORDS | treq(20) | chainTo(1));
    bench.run(us(1));
    assert.equal(bench.peek(INTR), 1 << 1);
    assert.deepEqual(bench.warnings, []);
  });
});
