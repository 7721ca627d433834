/**
 * ADC and temperature sensor (datasheet 4.9). rp2040js' model loses its channel in round robin
 * mode and ignores clk_adc, so the block is modelled here.
 *
 * Codes are 12 bits of a 3300 mV reference, plus seeded noise of up to two counts: the datasheet
 * promises about 9 effective bits, less noise than that only helps a test to name its tolerance.
 */
import { Block } from "./block.ts";
import type { EmulatedChip } from "./bus.ts";
import type { Alarm } from "./clock.ts";
import { Random } from "./random.ts";

const CS_EN = 1 << 0;
const CS_TS_EN = 1 << 1;
const CS_START_ONE = 1 << 2;
const CS_START_MANY = 1 << 3;
const CS_READY = 1 << 8;
const CS_WRITABLE = 0x001f_700f & ~CS_START_ONE;
const FCS_EN = 1 << 0;
const FCS_SHIFT = 1 << 1;
const FCS_ERR_IN_FIFO = 1 << 2;
const FCS_DREQ_EN = 1 << 3;
const FCS_UNDER = 1 << 10;
const FCS_OVER = 1 << 11;

export const ADC_REFERENCE_MV = 3300;
export const ADC_CHANNELS = 5;
const TEMPERATURE_CHANNEL = 4;
/** One conversion takes 96 cycles of clk_adc: 2 us at 48 MHz (datasheet 4.9.2). */
const CONVERSION_CYCLES = 96;
const FIFO_DEPTH = 4;
const NOISE_COUNTS = 2;
const INTERRUPT = 22;

export class Adc extends Block {
  readonly sources: (() => number)[] = Array.from({ length: ADC_CHANNELS }, () => () => 0);
  private readonly clockHz: () => number;
  private readonly random: Random;
  private readonly conversion: Alarm;
  private readonly pacing: Alarm;
  private readonly fifo: number[] = [];
  private cs = 0;
  private fcs = 0;
  private divider = 0;
  private result = 0;
  private busy = false;
  private enable = 0;
  private force = 0;
  private startedNanos = 0;

  constructor(chip: EmulatedChip, seed: number, clockHz: () => number) {
    super(chip, "ADC");
    this.clockHz = clockHz;
    this.random = new Random(seed, "ADC");
    this.conversion = chip.alarms.createAlarm(() => this.complete());
    this.pacing = chip.alarms.createAlarm(() => this.start());
  }

  reset(): void {
    this.cs = this.fcs = this.divider = this.result = this.enable = this.force = 0;
    this.busy = false;
    this.fifo.length = 0;
    this.conversion.cancel();
    this.pacing.cancel();
    this.updateInterrupt();
  }

  private get channel(): number {
    return (this.cs >> 12) & 7;
  }

  private start(): void {
    const hz = this.clockHz();
    if (hz === 0) {
      this.warn("conversion started without clk_adc, it never completes");
      this.busy = true;
      return;
    }
    if (this.channel === TEMPERATURE_CHANNEL && !(this.cs & CS_TS_EN)) {
      this.warn("temperature sensor converted while CS.TS_EN is clear");
    }
    this.busy = true;
    this.startedNanos = this.chip.alarms.nanos;
    this.conversion.schedule((CONVERSION_CYCLES * 1e9) / hz);
  }

  private sample(): number {
    const millivolts = this.sources[this.channel]?.() ?? 0;
    const noise = this.random.below(2 * NOISE_COUNTS + 1) - NOISE_COUNTS;
    const code = Math.floor((millivolts * 4096) / ADC_REFERENCE_MV) + noise;
    return Math.min(4095, Math.max(0, code));
  }

  private complete(): void {
    this.busy = false;
    this.result = this.sample();
    if (this.fcs & FCS_EN) {
      if (this.fifo.length === FIFO_DEPTH) this.fcs |= FCS_OVER;
      else this.fifo.push(this.fcs & FCS_SHIFT ? this.result >> 4 : this.result);
    }
    const roundRobin = (this.cs >> 16) & 0x1f;
    if (roundRobin) {
      let next = this.channel;
      do next = (next + 1) % ADC_CHANNELS;
      while (!(roundRobin & (1 << next)));
      this.cs = (this.cs & ~0x7000) | (next << 12);
    }
    this.updateInterrupt();
    if (this.cs & CS_START_MANY && this.cs & CS_EN) {
      // DIV is 16.8 fixed point: a conversion every 1 + INT + FRAC/256 cycles, back to back at least.
      const period = ((1 + this.divider / 256) * 1e9) / this.clockHz();
      const due = this.startedNanos + period - this.chip.alarms.nanos;
      if (due > 0) this.pacing.schedule(due);
      else this.start();
    }
  }

  private updateInterrupt(): void {
    const status = (this.raw & this.enable) | this.force;
    this.chip.setInterrupt(INTERRUPT, status !== 0);
    const threshold = Math.max(1, (this.fcs >> 24) & 15);
    const { dma } = this.chip;
    if (this.fcs & FCS_DREQ_EN && this.fifo.length >= threshold) dma.setDREQ(36);
    else dma.clearDREQ(36);
  }

  private get raw(): number {
    return this.fcs & FCS_EN && this.fifo.length > 0 && this.fifo.length >= ((this.fcs >> 24) & 15) ? 1 : 0;
  }

  protected override peek(offset: number): number | undefined {
    return offset === 0x0c ? 0 : this.read(offset);
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case 0x00:
        return this.cs | (this.cs & CS_EN && !this.busy ? CS_READY : 0);
      case 0x04:
        return this.result;
      case 0x08: {
        const { length } = this.fifo;
        return this.fcs | (length << 16) | (length === FIFO_DEPTH ? 1 << 9 : 0) | (length === 0 ? 1 << 8 : 0);
      }
      case 0x0c: {
        const value = this.fifo.shift();
        if (value === undefined) this.fcs |= FCS_UNDER;
        this.updateInterrupt();
        return value ?? 0;
      }
      case 0x10:
        return this.divider;
      case 0x14:
        return this.raw;
      case 0x18:
        return this.enable;
      case 0x1c:
        return this.force;
      case 0x20:
        return (this.raw & this.enable) | this.force;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x00: {
        this.cs = value & CS_WRITABLE;
        const wanted = (value & (CS_START_ONE | CS_START_MANY)) !== 0;
        if (value & CS_EN && wanted && !this.busy && !this.pacing.scheduled) this.start();
        return true;
      }
      case 0x08:
        this.fcs =
          (value & (0x0f00_0000 | FCS_DREQ_EN | FCS_ERR_IN_FIFO | FCS_SHIFT | FCS_EN)) |
          (this.fcs & (FCS_UNDER | FCS_OVER) & ~this.written);
        break;
      case 0x10:
        this.divider = value & 0xff_ffff;
        return true;
      case 0x18:
        this.enable = value & 1;
        break;
      case 0x1c:
        this.force = value & 1;
        break;
      default:
        return offset === 0x04 || offset === 0x14 || offset === 0x20;
    }
    this.updateInterrupt();
    return true;
  }
}
