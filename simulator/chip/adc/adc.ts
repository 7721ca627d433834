/**
 * ADC and temperature sensor (datasheet 4.9). rp2040js' model loses its channel in round robin mode and
 * ignores clk_adc, so the emulator has a model of its own.
 *
 * A conversion samples its input as it starts, and holds input and voltage. Time is counted in cycles of
 * clk_adc from the first conversion of a run.
 */

import type { SystemBus } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";
import type { Dma } from "../dma/dma.ts";
import { Peripheral } from "../peripheral.ts";
import { PERIPHERALS } from "../peripherals.ts";
import { Random } from "../random.ts";
import { ADC_REFERENCE_MV, E11_DNL_LSB, TransferFunction } from "./adc-transfer.ts";

export { ADC_REFERENCE_MV } from "./adc-transfer.ts";

/** Offsets (datasheet 4.9.6). */
export enum ADC {
  CS = 0x00,
  RESULT = 0x04,
  FCS = 0x08,
  FIFO = 0x0c,
  DIV = 0x10,
  INTR = 0x14,
  INTE = 0x18,
  INTF = 0x1c,
  INTS = 0x20,
}

const CS_EN = 1 << 0;
const CS_TS_EN = 1 << 1;
const CS_START_ONCE = 1 << 2;
const CS_START_MANY = 1 << 3;
const CS_READY = 1 << 8;
const CS_ERR = 1 << 9;
const CS_ERR_STICKY = 1 << 10;
const CS_AINSEL_SHIFT = 12;
const CS_AINSEL = 7 << CS_AINSEL_SHIFT;
const CS_RROBIN_SHIFT = 16;
const CS_RROBIN = 0x1f << CS_RROBIN_SHIFT;
const CS_WRITABLE = CS_RROBIN | CS_AINSEL | CS_START_MANY | CS_TS_EN | CS_EN;
const FCS_EN = 1 << 0;
const FCS_SHIFT = 1 << 1;
const FCS_ERR_IN_FIFO = 1 << 2;
const FCS_DREQ_EN = 1 << 3;
const FCS_EMPTY = 1 << 8;
const FCS_FULL = 1 << 9;
const FCS_UNDER = 1 << 10;
const FCS_OVER = 1 << 11;
const FCS_LEVEL_SHIFT = 16;
const FCS_THRESH_SHIFT = 24;
const FCS_THRESH = 0xf << FCS_THRESH_SHIFT;
const FCS_WRITABLE = FCS_THRESH | FCS_DREQ_EN | FCS_ERR_IN_FIFO | FCS_SHIFT | FCS_EN;
const FIFO_ERR = 1 << 15;

const ADC_CHANNELS = 5;
const TEMPERATURE_CHANNEL = 4;
/** One conversion takes 96 cycles of clk_adc: 2 us at 48 MHz (datasheet 4.9.2). */
const CONVERSION_CYCLES = 96;
/**
 * From CS.EN to CS.READY. The datasheet gives no figure. Our choice: long enough that a driver that does not
 * wait for READY is noticed.
 */
const POWER_UP_CYCLES = 8;
const FIFO_DEPTH = 4;
const [INTERRUPT] = PERIPHERALS.ADC.interrupts;
const DREQ = 36;
const FIFO_ADDRESS = PERIPHERALS.ADC.base + ADC.FIFO;

/** The ways in which a converter differs from the ideal one. */
export interface AdcOptions {
  /** Erratum RP2040-E11: by how many LSB codes 512, 1536, 2560 and 3584 are wider than 1; 0 for none. */
  readonly dnlLsb?: number;
  /** Noise at the input, even within plus and minus this many LSB. */
  readonly noiseLsb?: number;
  /** Conversions that fail to converge (CS.ERR), in a million. */
  readonly errorsPerMillion?: number;
}

/** 1.15 LSB RMS, which is between the two figures measured on a Pico (see adc-transfer.ts). */
const NOISE_LSB = 2;
/** No report of such an error is known; the option lets tests provoke one. */
const ERRORS_PER_MILLION = 0;

export class Adc extends Peripheral {
  readonly sources: ((nanos: number) => number)[] = Array.from({ length: ADC_CHANNELS }, () => () => 0);
  /** By input: a code that replaces the result of every conversion; null while the input works. */
  readonly stuck: (number | null)[] = Array.from({ length: ADC_CHANNELS }, () => null);
  private readonly dma: Dma;
  private readonly clockHz: () => number;
  private readonly random: Random;
  private readonly transfer: TransferFunction;
  private readonly noiseLsb: number;
  private readonly errorsPerMillion: number;
  /** The end of the conversion under way, or else the start of the next. */
  private readonly event: Alarm;
  private readonly fifo = new Uint16Array(FIFO_DEPTH);
  private fifoHead = 0;
  private fifoLevel = 0;
  private cs = 0;
  private fcs = 0;
  private divider = 0;
  private result = 0;
  private busy = false;
  /** The result of the conversion in progress. */
  private held = 0;
  private heldError = false;
  private enable = 0;
  private force = 0;
  private readyNanos = 0;
  private sensorWarned = false;
  private requesting = false;
  private interrupting = false;

  /** Cycle 0 of the present run, at `hz`, and the cycle of the event under way. */
  private epochNanos = 0;
  private hz = 0;
  /** Frequency of clk_adc now. */
  private clkAdc = 0;
  private cycle = 0;
  /** The pacing timer: the cycle of its next trigger, and the sum of its fractions in 256ths of a cycle. */
  private trigger = 0;
  private fraction = 0;

  constructor(bus: SystemBus, dma: Dma, seed: number, clockHz: () => number, options: AdcOptions = {}) {
    super(bus, "ADC");
    this.dma = dma;
    this.clockHz = clockHz;
    this.random = new Random(seed, "ADC");
    this.transfer = new TransferFunction(options.dnlLsb ?? E11_DNL_LSB);
    this.noiseLsb = options.noiseLsb ?? NOISE_LSB;
    this.errorsPerMillion = options.errorsPerMillion ?? ERRORS_PER_MILLION;
    this.event = bus.alarms.createFrequentAlarm(() => (this.busy ? this.complete() : this.start()));
  }

  reset(): void {
    this.cs = this.fcs = this.divider = this.result = this.enable = this.force = 0;
    this.busy = this.sensorWarned = false;
    this.fifoLevel = this.fifoHead = 0;
    this.event.cancel();
    this.update();
  }

  /** clk_adc may have changed: a conversion under way still ends as it would have. */
  clockChanged(): void {
    this.clkAdc = this.clockHz();
  }

  // ------------------------------------------------------------------- conversions

  private get channel(): number {
    return (this.cs >> CS_AINSEL_SHIFT) & 7;
  }

  /** A run of conversions begins, now: clk_adc and the registers' clock are taken to be in step. */
  private begin(): void {
    this.epochNanos = this.bus.alarms.nanos;
    this.hz = this.clkAdc;
    this.cycle = this.trigger = this.fraction = 0;
    this.start();
  }

  private scheduleAt(cycle: number): void {
    this.event.scheduleAt(this.proceedTo(cycle));
  }

  /** The time of the next event's cycle. */
  private proceedTo(cycle: number): number {
    const { hz } = this;
    this.cycle = cycle;
    // Whole seconds move into the epoch, so that the count of cycles stays small enough to be exact.
    if (cycle >= hz && Number.isInteger(hz)) {
      this.epochNanos += 1e9;
      this.trigger -= hz;
      this.cycle -= hz;
    }
    return this.epochNanos + (this.cycle * 1e9) / hz;
  }

  private start(): void {
    const hz = this.clkAdc;
    this.busy = true;
    if (hz === 0) {
      this.warn("conversion started without clk_adc, it never completes");
      return;
    }
    if (hz !== this.hz) {
      this.epochNanos = this.bus.alarms.nanos;
      this.trigger -= this.cycle;
      this.cycle = 0;
      this.hz = hz;
    }
    this.sample(this.bus.alarms.nanos);
    this.scheduleAt(this.cycle + CONVERSION_CYCLES);
  }

  /** Holds the voltage of the selected input at this time (datasheet 4.9.2.2). */
  private sample(nanos: number): void {
    const { channel } = this;
    if (channel === TEMPERATURE_CHANNEL && !(this.cs & CS_TS_EN) && !this.sensorWarned) {
      this.sensorWarned = true;
      this.warn("temperature sensor converted while CS.TS_EN is clear");
    }
    const source = this.sources[channel];
    const millivolts = source ? source(nanos) : 0;
    const noise = (this.random.word() / 0x8000_0000 - 1) * this.noiseLsb;
    this.held = this.transfer.code((millivolts * 4096) / ADC_REFERENCE_MV + noise);
    this.held = this.stuck[channel] ?? this.held;
    this.heldError = this.errorsPerMillion > 0 && this.random.below(1_000_000) < this.errorsPerMillion;
    // "Undefined or noisy" (CS.ERR).
    if (this.heldError) this.held = this.random.below(4096);
  }

  private complete(): void {
    if (this.stream()) return;
    this.busy = false;
    this.finish();
    if (this.fcs & FCS_EN) this.push();
    if (this.cs & CS_START_MANY) this.pace();
  }

  /** The result is there, and round robin has selected the next input (datasheet 4.9.2.4). */
  private finish(): void {
    this.result = this.held;
    this.cs = this.heldError ? this.cs | CS_ERR | CS_ERR_STICKY : this.cs & ~CS_ERR;
    const roundRobin = (this.cs & CS_RROBIN) >> CS_RROBIN_SHIFT;
    if (!roundRobin) return;
    let next = this.channel;
    do next = (next + 1) % ADC_CHANNELS;
    while (!(roundRobin & (1 << next)));
    this.cs = (this.cs & ~CS_AINSEL) | (next << CS_AINSEL_SHIFT);
  }

  /**
   * Does the work of `complete` for several conversions at once, while no other part of the chip can see
   * the difference: they run back to back, through an empty FIFO into memory, and the core sleeps. Half a
   * million conversions a second are affordable only like this. Returns false when the present conversion
   * must go the usual way.
   */
  private stream(): boolean {
    const { dma } = this;
    const { alarms } = this.bus;
    const { quietUntil } = alarms;
    if (quietUntil === 0 || !this.streams || this.hz !== this.clkAdc) return false;
    const channel = dma.receiver(DREQ, FIFO_ADDRESS);
    if (!channel) return false;
    const { delay, rest } = dma.handOverNanos(channel);
    if (delay + rest >= ((CONVERSION_CYCLES - 1) * 1e9) / this.hz) return false;
    let { nanos } = alarms;
    let count = 0;
    // A conversion that ends after the quiet time is left to its own alarm.
    for (let more = true; more && nanos + delay < quietUntil; count++) {
      this.finish();
      more = dma.handOver(channel, this.fifoValue, nanos + delay);
      this.sample(nanos);
      nanos = this.proceedTo(this.cycle + CONVERSION_CYCLES);
      if (nanos < quietUntil) alarms.moveTo(nanos);
    }
    if (count === 0) return false;
    this.event.scheduleAt(nanos);
    return true;
  }

  /** Back to back, and only the DMA is asked to fetch: if it has nothing issued, the FIFO is empty. */
  private get streams(): boolean {
    const mode = this.fcs & (FCS_EN | FCS_DREQ_EN);
    return (
      this.divider === 0 &&
      (this.cs & CS_START_MANY) !== 0 &&
      mode === (FCS_EN | FCS_DREQ_EN) &&
      (this.fcs & FCS_THRESH) >> FCS_THRESH_SHIFT <= 1 &&
      (this.enable | this.force) === 0
    );
  }

  /** The present result as it goes into the FIFO. */
  private get fifoValue(): number {
    const value = this.fcs & FCS_SHIFT ? this.result >> 4 : this.result;
    return this.heldError && this.fcs & FCS_ERR_IN_FIFO ? value | FIFO_ERR : value;
  }

  /**
   * Free running: at once while DIV is 0, or at the pacing timer's next trigger; those that come while a
   * conversion is in progress are lost (datasheet 4.9.2.4).
   */
  private pace(): void {
    if (this.divider === 0) {
      this.start();
      return;
    }
    do this.trigger += this.interval();
    while (this.trigger < this.cycle);
    if (this.trigger === this.cycle) this.start();
    else this.scheduleAt(this.trigger);
  }

  /** Cycles to the next trigger: 1 + INT + FRAC / 256 on average, first-order delta-sigma. */
  private interval(): number {
    this.fraction += this.divider & 0xff;
    const carry = this.fraction >> 8;
    this.fraction &= 0xff;
    return 1 + (this.divider >> 8) + carry;
  }

  private push(): void {
    if (this.fifoLevel === FIFO_DEPTH) {
      this.fcs |= FCS_OVER;
      return;
    }
    this.fifo[(this.fifoHead + this.fifoLevel) % FIFO_DEPTH] = this.fifoValue;
    this.fifoLevel++;
    this.update();
  }

  private pull(): number {
    if (this.fifoLevel === 0) {
      this.fcs |= FCS_UNDER;
      return 0;
    }
    const value = this.fifo[this.fifoHead] as number;
    this.fifoHead = (this.fifoHead + 1) % FIFO_DEPTH;
    this.fifoLevel--;
    this.update();
    return value;
  }

  // ------------------------------------------------------------------- outputs

  /** Interrupt and data request follow the level of the FIFO. */
  private update(): void {
    const interrupting = this.status !== 0;
    if (interrupting !== this.interrupting) {
      this.interrupting = interrupting;
      this.bus.setInterrupt(INTERRUPT, interrupting);
    }
    const requesting = (this.fcs & FCS_DREQ_EN) !== 0 && this.thresholdReached;
    if (requesting === this.requesting) return;
    this.requesting = requesting;
    if (requesting) this.dma.setDREQ(DREQ);
    else this.dma.clearDREQ(DREQ);
  }

  private get thresholdReached(): boolean {
    return this.fifoLevel > 0 && this.fifoLevel >= (this.fcs & FCS_THRESH) >> FCS_THRESH_SHIFT;
  }

  private get raw(): number {
    return this.thresholdReached ? 1 : 0;
  }

  private get status(): number {
    return (this.raw & this.enable) | this.force;
  }

  // ------------------------------------------------------------------- registers

  private get ready(): boolean {
    return (this.cs & CS_EN) !== 0 && !this.busy && this.bus.alarms.nanos >= this.readyNanos;
  }

  protected override peek(offset: number): number | undefined {
    return offset === ADC.FIFO ? 0 : this.read(offset);
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case ADC.CS:
        return this.cs | (this.ready ? CS_READY : 0);
      case ADC.RESULT:
        return this.result;
      case ADC.FCS: {
        const level = this.fifoLevel;
        const ends = (level === FIFO_DEPTH ? FCS_FULL : 0) | (level === 0 ? FCS_EMPTY : 0);
        return this.fcs | (level << FCS_LEVEL_SHIFT) | ends;
      }
      case ADC.FIFO:
        return this.pull();
      case ADC.DIV:
        return this.divider;
      case ADC.INTR:
        return this.raw;
      case ADC.INTE:
        return this.enable;
      case ADC.INTF:
        return this.force;
      case ADC.INTS:
        return this.status;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case ADC.CS:
        this.control(value);
        return true;
      case ADC.FCS:
        this.fcs = (value & FCS_WRITABLE) | (this.fcs & (FCS_UNDER | FCS_OVER) & ~this.written);
        if (value & FCS_DREQ_EN && !((value >> 24) & 15)) {
          this.warn("FCS.DREQ_EN with a THRESH of 0: the DMA needs 1 (datasheet 4.9.2.5)");
        }
        break;
      case ADC.DIV:
        this.divide(value & 0xff_ffff);
        return true;
      case ADC.INTE:
        this.enable = value & 1;
        break;
      case ADC.INTF:
        this.force = value & 1;
        break;
      default:
        return offset === ADC.RESULT || offset === ADC.INTR || offset === ADC.INTS;
    }
    this.update();
    return true;
  }

  /** CS (datasheet 4.9.6). A conversion under way keeps the input it has sampled. */
  private control(value: number): void {
    const before = this.cs;
    const sticky = before & CS_ERR_STICKY & ~this.written;
    this.cs = (value & CS_WRITABLE) | (before & CS_ERR) | sticky;
    if (this.cs & ~before & CS_TS_EN) this.sensorWarned = false;
    if (this.channel >= ADC_CHANNELS) this.warn(`CS.AINSEL is ${this.channel}, which is no input`);
    if (!(this.cs & CS_EN)) {
      this.powerDown(before, value);
      return;
    }
    const { nanos } = this.bus.alarms;
    if (!(before & CS_EN)) this.readyNanos = nanos + (POWER_UP_CYCLES * 1e9) / (this.clkAdc || 1e9);
    const many = (this.cs & CS_START_MANY) !== 0;
    const wasMany = (before & CS_START_MANY) !== 0;
    if (many && wasMany) {
      if (this.busy && (before ^ this.cs) & CS_AINSEL) {
        this.warn("CS.AINSEL changed while conversions run: which input comes next is a matter of luck");
      }
      return;
    }
    if (this.busy) {
      if (!many && value & CS_START_ONCE) this.warn("CS.START_ONCE while a conversion is in progress");
      return;
    }
    // Nothing in progress, but perhaps a conversion was waiting for the pacing timer.
    if (wasMany) this.event.cancel();
    if (many || value & CS_START_ONCE) this.beginWhenReady(nanos);
  }

  private beginWhenReady(nanos: number): void {
    if (nanos >= this.readyNanos) {
      this.begin();
      return;
    }
    this.warn("conversion started before CS.READY");
    this.hz = 0;
    this.cycle = this.trigger = this.fraction = 0;
    this.event.scheduleAt(this.readyNanos);
  }

  private powerDown(before: number, value: number): void {
    if (value & (CS_START_ONCE | CS_START_MANY)) this.warn("conversion started while CS.EN is clear");
    if (!(before & CS_EN)) return;
    if (this.busy) this.warn("CS.EN cleared in the middle of a conversion, which is lost");
    this.busy = false;
    this.event.cancel();
  }

  /** A write of either field restarts the pacing timer: its next trigger is a whole period away. */
  private divide(divider: number): void {
    this.divider = divider;
    if (divider !== 0 && divider < (CONVERSION_CYCLES - 1) << 8) {
      this.warn("DIV is less than a conversion takes, 96 cycles: triggers are lost (datasheet 4.9.2.4)");
    }
    if (!(this.cs & CS_START_MANY) || this.hz === 0) return;
    const cycles = ((this.bus.alarms.nanos - this.epochNanos) * this.hz) / 1e9;
    this.trigger = Math.ceil(cycles - 1e-6);
    this.fraction = 0;
    if (this.busy) return;
    this.cycle = this.trigger;
    this.pace();
  }
}
