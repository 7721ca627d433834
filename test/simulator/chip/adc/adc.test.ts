/** ADC: conversions, FIFO, interrupts and pacing (datasheet 4.9), and erratum RP2040-E11. */
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { ADC, type AdcOptions } from "../../../../simulator/chip/adc/adc.ts";
import { E11_DNL_LSB, TransferFunction } from "../../../../simulator/chip/adc/adc-transfer.ts";
import { CLOCKS } from "../../../../simulator/chip/clocks/clocks.ts";
import { psmMask } from "../../../../simulator/chip/clocks/power-on.ts";
import { RESETS } from "../../../../simulator/chip/clocks/resets.ts";
import { DMA } from "../../../../simulator/chip/dma/dma.ts";
import { ALIAS_CLR, ALIAS_SET, PERIPHERALS, resetMask } from "../../../../simulator/chip/peripherals.ts";
import type { Rp2040 } from "../../../../simulator/chip/rp2040.ts";
import { CLOCKS_AT_125_MHZ, CRYSTAL_TICK, ms, result, startChip, us } from "../program.ts";
import { BUFFER_STRIDE, BUFFERS, BUFFERS_AT, SAMPLES_PER_BUFFER, sampling } from "./sampling.ts";

const { base } = PERIPHERALS.ADC;
const CS = base + ADC.CS;
const RESULT = base + ADC.RESULT;
const FCS = base + ADC.FCS;
const FIFO = base + ADC.FIFO;
const DIV = base + ADC.DIV;
const INTR = base + ADC.INTR;
const INTE = base + ADC.INTE;
const INTS = base + ADC.INTS;
const [EN, TS_EN, START_ONCE, START_MANY, READY, ERR, ERR_STICKY] = [1, 2, 4, 8, 1 << 8, 1 << 9, 1 << 10];
const ainsel = (channel: number) => channel << 12;
const rrobin = (channels: number) => channels << 16;
const [FIFO_EN, SHIFT, ERR_IN_FIFO, EMPTY, FULL, UNDER, OVER] = [1, 2, 4, 1 << 8, 1 << 9, 1 << 10, 1 << 11];
const threshold = (level: number) => level << 24;
const level = (fcs: number) => (fcs >> 16) & 15;
const CONVERSION = us(2);
/** Where channel 0 of the DMA writes next, and how many transfers it has left. */
const WRITTEN = PERIPHERALS.DMA.base + DMA.CH0_WRITE_ADDR;
const LEFT = PERIPHERALS.DMA.base + DMA.CH0_TRANS_COUNT;
/** Codes without noise and without the erratum. */
const IDEAL = { dnlLsb: 0, noiseLsb: 0 };
/** The middle of a code of the ideal converter, in mV. */
const middle = (code: number) => ((code + 0.5) * 3300) / 4096;

/** A sleeping core, the converter powered and ready, each input at a voltage of its own. */
class Bench {
  readonly chip: Rp2040;
  readonly samples: { channel: number; nanos: number }[] = [];

  constructor(adc: AdcOptions = IDEAL, ready = true) {
    const idle = `main:\n ${CLOCKS_AT_125_MHZ}\n unreset RESET.ADC\n cpsid i\n 1: wfi\n b 1b`;
    this.chip = startChip(idle, { adc });
    for (let channel = 0; channel < 5; channel++) {
      this.chip.adcSource(channel, (nanos) => {
        this.samples.push({ channel, nanos });
        return middle(100 * (channel + 1));
      });
    }
    this.chip.runUntilNanos(ms(20));
    if (!ready) return;
    this.poke(CS, EN | TS_EN);
    this.run(us(1));
    assert.ok(this.peek(CS) & READY);
  }

  poke(address: number, value: number): void {
    this.chip.bus.writeUint32(address, value);
  }

  /** Through the alias that sets these bits, or the one that clears them. */
  set(address: number, bits: number): void {
    this.poke(address + ALIAS_SET, bits);
  }

  clear(address: number, bits: number): void {
    this.poke(address + ALIAS_CLR, bits);
  }

  peek(address: number): number {
    return this.chip.bus.readUint32(address);
  }

  run(nanos: number): void {
    this.chip.runUntilNanos(this.chip.nanos + nanos);
  }

  get order(): number[] {
    return this.samples.map(({ channel }) => channel);
  }

  get intervals(): number[] {
    return this.samples.slice(1).map(({ nanos }, index) => nanos - (this.samples[index]?.nanos ?? 0));
  }

  get warnings(): string[] {
    return this.chip.log.warnings.map(({ message }) => message);
  }
}

describe("single conversions", () => {
  it("START_ONCE takes 96 cycles of clk_adc, READY is low meanwhile and the bit clears itself", () => {
    const bench = new Bench();
    bench.set(CS, START_ONCE | ainsel(3));
    assert.equal(bench.peek(CS) & (READY | START_ONCE), 0);
    bench.run(CONVERSION - 20);
    assert.equal(bench.peek(CS) & READY, 0);
    assert.equal(bench.peek(RESULT), 0);
    bench.run(40);
    assert.equal(bench.peek(CS), EN | TS_EN | READY | ainsel(3));
    assert.equal(bench.peek(RESULT), 400);
    bench.run(ms(1));
    assert.deepEqual(bench.order, [3]);
    assert.deepEqual(bench.warnings, []);
  });

  it("takes its sample as it starts: what is written to CS meanwhile concerns the next", () => {
    const bench = new Bench();
    bench.poke(CS, EN | TS_EN | START_ONCE | ainsel(1));
    bench.run(us(1));
    bench.poke(CS, EN | TS_EN | ainsel(2));
    bench.run(us(2));
    assert.equal(bench.peek(RESULT), 200);
    bench.set(CS, START_ONCE);
    bench.run(us(3));
    assert.equal(bench.peek(RESULT), 300);
    assert.deepEqual(bench.warnings, []);
  });

  it("needs its time after power-up, and complains of a start before READY", () => {
    const bench = new Bench(IDEAL, false);
    bench.poke(CS, EN);
    assert.equal(bench.peek(CS) & READY, 0);
    bench.set(CS, START_ONCE);
    bench.run(us(3));
    assert.equal(bench.peek(RESULT), 100, "it comes all the same, later");
    assert.match(bench.warnings[0] ?? "", /before CS.READY/);
  });

  it("complains of an input that is none, of a sensor without power, of power cut off", () => {
    const bench = new Bench(IDEAL, false);
    const last = () => bench.warnings.at(-1) ?? "";
    bench.poke(CS, EN | ainsel(6));
    assert.match(last(), /AINSEL is 6/);
    bench.run(us(1));
    bench.poke(CS, EN | START_ONCE | ainsel(4));
    assert.match(last(), /TS_EN is clear/);
    bench.set(CS, START_ONCE);
    assert.match(last(), /while a conversion is in progress/);
    bench.poke(CS, 0);
    assert.match(last(), /CS.EN cleared/);
    bench.poke(CS, START_ONCE);
    assert.match(last(), /CS.EN is clear/);
    bench.run(us(5));
    assert.equal(bench.peek(RESULT), 0);
    assert.equal(bench.samples.length, 1);
  });

  it("a conversion in error says so, in CS and beside its result; the sticky flag clears by a one", () => {
    const bench = new Bench({ ...IDEAL, errorsPerMillion: 1_000_000 });
    bench.poke(FCS, FIFO_EN | ERR_IN_FIFO);
    bench.set(CS, START_ONCE);
    bench.run(us(3));
    assert.equal(bench.peek(CS) & (ERR | ERR_STICKY), ERR | ERR_STICKY);
    assert.equal(bench.peek(FIFO) & 0x8000, 0x8000);
    bench.set(CS, ERR_STICKY);
    assert.equal(bench.peek(CS) & (ERR | ERR_STICKY), ERR);
    bench.poke(FCS, FIFO_EN);
    bench.set(CS, START_ONCE);
    bench.run(us(3));
    assert.equal(bench.peek(FIFO) & 0x8000, 0, "only with FCS.ERR");
    const fine = new Bench();
    fine.set(CS, START_ONCE);
    fine.run(us(3));
    assert.equal(fine.peek(CS) & (ERR | ERR_STICKY), 0);
  });
});

describe("free running", () => {
  it("DIV 0 is back to back, and one conversion follows the end of START_MANY", () => {
    const bench = new Bench();
    bench.set(CS, START_MANY);
    bench.run(us(9));
    assert.equal(bench.peek(CS) & READY, 0);
    bench.clear(CS, START_MANY);
    assert.equal(bench.peek(CS) & READY, 0, "the one under way");
    bench.run(us(1.1));
    assert.ok(bench.peek(CS) & READY);
    bench.run(us(20));
    assert.deepEqual(bench.intervals, [2000, 2000, 2000, 2000]);
    assert.deepEqual(bench.warnings, []);
  });

  it("DIV is 1 + INT + FRAC / 256 cycles, by intervals of one length and the next (4.9.2.4)", () => {
    const bench = new Bench();
    bench.poke(DIV, (119 << 8) | 64);
    bench.set(CS, START_MANY);
    bench.run(ms(1));
    const cycles = bench.intervals.map((nanos) => Math.round((nanos * 48) / 1000));
    assert.deepEqual(cycles.slice(0, 8), [120, 120, 120, 121, 120, 120, 120, 121]);
    assert.equal(bench.samples.length, Math.floor(48_000 / 120.25) + 1);
    assert.deepEqual(bench.warnings, []);
  });

  it("1000 conversions a second are a DIV of 47999; a new DIV restarts the timer", () => {
    const bench = new Bench();
    bench.poke(DIV, 47_999 << 8);
    bench.set(CS, START_MANY);
    bench.run(ms(3.5));
    assert.deepEqual(bench.intervals, [1e6, 1e6, 1e6]);
    bench.poke(DIV, 23_999 << 8);
    bench.run(ms(1.2));
    assert.deepEqual(bench.intervals.slice(3).map(Math.round), [1e6, 0.5e6]);
    bench.poke(DIV, 0);
    bench.run(us(5));
    assert.deepEqual(bench.intervals.slice(-2).map(Math.round), [2000, 2000]);
  });

  it("triggers during a conversion are lost: a DIV below 96 cycles is slower than none", () => {
    const bench = new Bench();
    bench.poke(DIV, 59 << 8);
    bench.set(CS, START_MANY);
    bench.run(us(20));
    assert.ok(bench.intervals.every((nanos) => Math.abs(nanos - 2500) < 1));
    assert.match(bench.warnings[0] ?? "", /less than a conversion takes/);
  });

  it("goes round the inputs of RROBIN, from the one in AINSEL on, which may not be one of them", () => {
    const bench = new Bench();
    bench.poke(CS, EN | TS_EN | START_MANY | rrobin(0b00110) | ainsel(0));
    bench.run(us(9));
    assert.deepEqual(bench.order, [0, 1, 2, 1, 2]);
    assert.equal(bench.peek(CS) & ainsel(7), ainsel(2), "AINSEL shows what is being converted");
    bench.poke(CS, EN | TS_EN);
    bench.run(us(5));
    const all = new Bench();
    all.poke(CS, EN | TS_EN | START_MANY | rrobin(0b11111) | ainsel(3));
    all.run(us(13));
    assert.deepEqual(all.order, [3, 4, 0, 1, 2, 3, 4]);
    all.poke(CS, EN | TS_EN | START_MANY | rrobin(0b11111) | ainsel(1));
    assert.match(all.warnings[0] ?? "", /AINSEL changed while conversions run/);
    assert.deepEqual(bench.warnings, []);
  });
});

describe("FIFO", () => {
  it("keeps four results in order and counts them; a fifth is lost and flagged until a one clears it", () => {
    const bench = new Bench();
    bench.poke(FCS, FIFO_EN | threshold(3));
    assert.equal(bench.peek(FCS) & EMPTY, EMPTY);
    bench.poke(CS, EN | TS_EN | START_MANY | rrobin(0b11111));
    bench.run(us(5));
    assert.deepEqual([level(bench.peek(FCS)), bench.peek(INTR)], [2, 0]);
    bench.run(us(2));
    assert.deepEqual([level(bench.peek(FCS)), bench.peek(INTR)], [3, 1], "the threshold is reached");
    bench.run(us(2));
    assert.equal(bench.peek(FCS) & (FULL | OVER), FULL);
    bench.run(us(2));
    bench.poke(CS, EN | TS_EN);
    bench.run(us(2));
    assert.equal(bench.peek(FCS) & (FULL | OVER), FULL | OVER);
    const read = [0, 1, 2, 3].map(() => bench.peek(FIFO));
    assert.deepEqual(read, [100, 200, 300, 400]);
    assert.equal(bench.peek(FCS) & (EMPTY | UNDER), EMPTY);
    bench.peek(FIFO);
    assert.equal(bench.peek(FCS) & (UNDER | OVER), UNDER | OVER);
    bench.poke(FCS, FIFO_EN | UNDER);
    assert.equal(bench.peek(FCS) & (UNDER | OVER), OVER);
    bench.poke(FCS, FIFO_EN | OVER);
    assert.equal(bench.peek(FCS) & (UNDER | OVER), 0);
  });

  it("the interrupt follows the level: reading below THRESH ends it", () => {
    const bench = new Bench();
    const line = () => ((bench.chip.bus.core as unknown as { lines: number }).lines >> 22) & 1;
    bench.poke(FCS, FIFO_EN | threshold(2));
    bench.poke(INTE, 1);
    for (let count = 0; count < 2; count++) {
      assert.deepEqual([bench.peek(INTS), line()], [0, 0]);
      bench.set(CS, START_ONCE);
      bench.run(us(3));
    }
    assert.deepEqual([bench.peek(INTS), line()], [1, 1]);
    bench.peek(FIFO);
    assert.deepEqual([bench.peek(INTS), line()], [0, 0]);
  });

  it("SHIFT makes a result a byte", () => {
    const bench = new Bench();
    bench.poke(FCS, FIFO_EN | SHIFT);
    bench.poke(CS, EN | TS_EN | START_ONCE | ainsel(4));
    bench.run(us(3));
    assert.deepEqual([bench.peek(FIFO), bench.peek(RESULT)], [500 >> 4, 500]);
  });

  it("only a converter with FCS.EN fills it", () => {
    const bench = new Bench();
    bench.set(CS, START_ONCE);
    bench.run(us(3));
    assert.equal(level(bench.peek(FCS)), 0);
    bench.poke(FCS, 8);
    assert.match(bench.warnings[0] ?? "", /THRESH of 0/);
  });
});

describe("erratum RP2040-E11", () => {
  const LSB = 3300 / 4096;
  /** Width in LSB of each code, by a slow ramp of 64 steps a code. */
  const widths = (dnlLsb: number) => {
    const transfer = new TransferFunction(dnlLsb);
    const counts = new Float64Array(4096);
    for (let step = 0; step < 4096 * 64; step++) {
      const code = transfer.code((step + 0.5) / 64);
      counts[code] = (counts[code] as number) + 1 / 64;
    }
    return counts;
  };

  it("four codes are wide, all others a little narrower, and the full scale stays", () => {
    const counts = widths(E11_DNL_LSB);
    const wide = [512, 1536, 2560, 3584];
    for (const [code, width] of counts.entries()) {
      const expected = wide.includes(code) ? 1 + E11_DNL_LSB : (4096 - 4 * 9.9) / 4092;
      assert.ok(Math.abs(width - expected) <= 2 / 64, `code ${code} is ${width} LSB wide`);
    }
    const transfer = new TransferFunction(E11_DNL_LSB);
    assert.deepEqual(
      [-3, 0, 4095.9, 5000].map((lsb) => transfer.code(lsb)),
      [0, 0, 4095, 4095],
    );
  });

  it("a DNL of 0 is an ideal converter, of -1 one in which the codes are missing", () => {
    assert.ok(widths(0).every((width) => width === 1));
    const missing = widths(-1);
    assert.deepEqual([missing[512], missing[1536], missing[2560], missing[3584]], [0, 0, 0, 0]);
    assert.throws(() => new TransferFunction(Number.NaN), /DNL/);
  });

  it("a chip has it by default; an option takes it away", () => {
    const codeAt = (lsb: number, adc?: AdcOptions) => {
      const chip = startChip("main: b .", adc ? { adc } : {});
      chip.adcSource(0, () => lsb * LSB);
      chip.runUntilNanos(ms(5));
      const write = (address: number, value: number) => chip.bus.writeUint32(address, value);
      write(PERIPHERALS.CLOCKS.base + CLOCKS.CLK_ADC_CTRL, 0x840); // clk_adc from the ring oscillator
      write(PERIPHERALS.RESETS.base + RESETS.RESET + ALIAS_CLR, resetMask("ADC"));
      write(CS, EN);
      chip.runUntilNanos(ms(6));
      write(CS, EN | START_ONCE);
      chip.runUntilNanos(ms(7));
      return chip.bus.readUint32(RESULT);
    };
    assert.equal(codeAt(516.5, { noiseLsb: 0 }), 512);
    assert.equal(codeAt(516.5, IDEAL), 516);
    assert.ok(Math.abs(codeAt(516.5) - 512) <= 2);
  });
});

describe("sampling into memory by DMA", () => {
  const sources = (chip: Rp2040) => {
    for (let channel = 0; channel < 5; channel++) {
      chip.adcSource(channel, (nanos) => 300 * (channel + 1) + ((nanos / 1000) % 100));
    }
  };
  const started = (program: string) => {
    const chip = startChip(program);
    sources(chip);
    return chip;
  };
  const state = (chip: Rp2040) => ({
    cycles: chip.cycles,
    nanos: chip.nanos,
    buffers: result(chip),
    sram: Buffer.from(chip.bus.sram),
    // The looks from outside are of a chip that is still held in reset at first.
    warnings: chip.log.warnings.filter(({ message }) => !/held in reset/.test(message)),
  });

  it("makes 25000 blocks a second, each in the order of the inputs", () => {
    const chip = started(sampling());
    chip.runUntilNanos(ms(20));
    const before = result(chip);
    chip.runUntilNanos(ms(120));
    assert.equal(result(chip) - before, 2500);
    for (let buffer = 0; buffer < BUFFERS; buffer++) {
      for (let index = 0; index < SAMPLES_PER_BUFFER; index++) {
        const code = chip.bus.readUint16(BUFFERS_AT + buffer * BUFFER_STRIDE + 2 * index);
        const millivolts = (code * 3300) / 4096 - 300 * ((index % 5) + 1);
        assert.ok(millivolts > -6 && millivolts < 106, `buffer ${buffer}, ${index}: ${code}`);
      }
    }
    assert.deepEqual(chip.log.warnings, []);
  });

  for (const [name, divider, busy] of [
    ["back to back, asleep in between", 0, false],
    ["paced, asleep in between", 130 << 8, false],
    ["back to back, awake", 0, true],
  ] as const) {
    /** An INTE that reaches no enabled interrupt changes nothing, but has each conversion made by itself. */
    const program = (inte: number) =>
      sampling(divider, `put ${INTE}, ${inte}`).replace("1: wfi", busy ? "1: nop" : "1: wfi");
    const END = ms(24);
    /** Everything that can be seen of the sampling while it runs. */
    const look = (chip: Rp2040) => [WRITTEN, LEFT, CS, RESULT].map((address) => chip.bus.readUint32(address));

    it(`is the same to the cycle however the run is cut into slices: ${name}`, () => {
      const whole = started(program(0));
      whole.runUntilNanos(END);
      const cut = started(program(0));
      const plain = started(program(1));
      for (let step = 0, at = 0; at < END; step++, at += 200 + ((step * 7919) % 5003)) {
        for (const chip of [cut, plain]) chip.runUntilNanos(at);
        assert.deepEqual(look(cut), look(plain), `at ${at} ns`);
      }
      for (const chip of [cut, plain]) chip.runUntilNanos(END);
      assert.deepEqual(state(cut), state(whole));
      assert.deepEqual(state(plain), state(whole));
    });

    it(`is the same however often its registers are read in between: ${name}`, () => {
      const looked = [0, 1].map((inte) => {
        const chip = started(program(inte));
        const looks: number[][] = [];
        const again = () => {
          looks.push(look(chip));
          chip.schedule(100 + ((looks.length * 7919) % 6007), again);
        };
        again();
        chip.runUntilNanos(END);
        return { looks, state: state(chip) };
      });
      assert.ok((looked[0]?.looks.length ?? 0) > 5000);
      assert.deepEqual(looked[0], looked[1]);
    });
  }

  /** Samples, lets the watchdog fire with these WDSEL registers, and returns true if buffers still change. */
  const restarted = (psm: number, resets: number) => {
    const restart = `
  ldr r0, =WATCHDOG + WATCHDOG.SCRATCH0
  ldr r1, [r0]
  adds r1, #1
  str r1, [r0]
  cmp r1, #1
  beq 8f
  b asleep
8:
  put PSM + PSM.WDSEL, ${psm}
  put RESETS + RESETS.WDSEL, ${resets}`;
    const wait =
      "ldr r2, =60000\n 9: subs r2, #1\n bne 9b\n put WATCHDOG + WATCHDOG.CTRL, 1 << 31\n asleep: cpsid i\n 1: wfi";
    const program = sampling().replace("main:", `main:\n ${restart}`).replace("1: wfi", wait);
    const chip = started(program);
    chip.runUntilNanos(ms(40));
    const seen = new Set<string>();
    for (let look = 0; look < 20; look++) {
      chip.runUntilNanos(chip.nanos + us(333));
      seen.add(Buffer.from(chip.bus.sram.subarray(0x2100, 0x2300)).toString("hex"));
    }
    return { resets: chip.resets.map(({ kind }) => kind), moves: seen.size > 1 };
  };

  it("a watchdog that selects the core alone leaves converter and DMA at work, whatever the core does", () => {
    const { resets, moves } = restarted(psmMask("proc0"), 0);
    assert.deepEqual([resets, moves], [["power-on", "watchdog"], true]);
  });

  for (const name of ["DMA", "ADC"] as const) {
    it(`a watchdog that selects ${name} in RESETS.WDSEL stops the sampling`, () => {
      const { resets, moves } = restarted(psmMask("proc0"), resetMask(name));
      assert.deepEqual([resets, moves], [["power-on", "watchdog"], false]);
    });
  }

  it("a watchdog that selects RESETS in PSM.WDSEL stops it too: every peripheral goes into reset", () => {
    const { resets, moves } = restarted(psmMask("resets"), 0);
    assert.deepEqual([resets, moves], [["power-on", "watchdog"], false]);
  });

  it("a conversion sees its input at its own time, however many are made at once", () => {
    const chip = startChip(sampling());
    const times: number[] = [];
    for (let channel = 0; channel < 5; channel++) {
      chip.adcSource(channel, (nanos) => {
        assert.equal(chip.nanos, nanos);
        times.push(nanos);
        return 1000;
      });
    }
    chip.runUntilNanos(ms(30));
    const gaps = times.slice(1).map((nanos, index) => nanos - (times[index] as number));
    assert.ok(gaps.length > 4000 && gaps.every((gap) => Math.abs(gap - 2000) < 1e-6));
  });
});

test("the converter takes 96 cycles of clk_adc, samples then, and goes round (datasheet 4.9)", () => {
  const chip = startChip(`
main:
  ${CRYSTAL_TICK}
  put CLOCKS + CLOCKS.CLK_ADC_CTRL, 0x860
  unreset RESET.ADC
  put ADC + ADC.FCS, 1
  put ADC + ADC.CS, 3
  put ADC + ADC.CS, 0x001f0003
  ldr r5, =results
  movs r6, #5
2: ldr r0, =ADC + ADC.CS
  ldr r1, =0x001f0007
  ldr r2, [r0]
  ldr r3, =0x7000
  ands r2, r3
  orrs r1, r2
  str r1, [r0]
3: ldr r1, [r0]
  lsrs r1, r1, #9
  bcc 3b
  ldr r1, [r0, #ADC.FIFO]
  stmia r5!, {r1}
  subs r6, #1
  bne 2b
  b .
`);
  const millivolts = [0, 825, 1650, 2475, 706];
  const sampledAt: number[] = [];
  for (const [channel, value] of millivolts.entries()) {
    chip.adcSource(channel, () => {
      sampledAt.push(chip.nanos);
      return value;
    });
  }
  chip.runUntilNanos(ms(30));
  assert.deepEqual(chip.log.warnings, []);
  for (const [channel, value] of millivolts.entries()) {
    const expected = (value * 4096) / 3300;
    assert.ok(
      Math.abs(result(chip, channel) - expected) <= 3,
      `channel ${channel}: ${result(chip, channel)}`,
    );
  }
  assert.equal(sampledAt.length, 5);
  const gap = (sampledAt[1] as number) - (sampledAt[0] as number);
  assert.ok(gap >= us(8), `96 cycles at 12 MHz are 8 us, samples are ${gap} ns apart`);
});
