/**
 * DMA (datasheet 2.5): twelve channels that move data between bus addresses, paced by peripherals,
 * by timers or by nothing, and chained to one another. This file models the registers and the two interrupt
 * lines, dma-engine.ts the transfers. The sniffer is not modelled.
 *
 * rp2040js' model has no errors, no timing, and channels that chain to themselves after a reset, which
 * silicon's do not.
 */

import { PERIPHERALS } from "../peripherals.ts";
import { type Channel, Ctrl, TREQ_TIMER0 } from "./dma-channel.ts";
import { DMA_CHANNELS, DmaEngine, DREQ_COUNT } from "./dma-engine.ts";
import type { PacingTimer } from "./dma-timer.ts";

/** Offsets (datasheet 2.5.7). Each channel has the registers of channel 0, CHANNEL_BYTES further on. */
export enum DMA {
  CH0_READ_ADDR = 0x000,
  CH0_WRITE_ADDR = 0x004,
  CH0_TRANS_COUNT = 0x008,
  CH0_CTRL_TRIG = 0x00c,
  CH0_AL1_CTRL = 0x010,
  CH0_AL1_READ_ADDR = 0x014,
  CH0_AL1_WRITE_ADDR = 0x018,
  CH0_AL1_TRANS_COUNT_TRIG = 0x01c,
  CH0_AL2_CTRL = 0x020,
  CH0_AL2_TRANS_COUNT = 0x024,
  CH0_AL2_READ_ADDR = 0x028,
  CH0_AL2_WRITE_ADDR_TRIG = 0x02c,
  CH0_AL3_CTRL = 0x030,
  CH0_AL3_WRITE_ADDR = 0x034,
  CH0_AL3_TRANS_COUNT = 0x038,
  CH0_AL3_READ_ADDR_TRIG = 0x03c,
  INTR = 0x400,
  INTE0 = 0x404,
  INTF0 = 0x408,
  INTS0 = 0x40c,
  INTE1 = 0x414,
  INTF1 = 0x418,
  INTS1 = 0x41c,
  TIMER0 = 0x420,
  TIMER1 = 0x424,
  TIMER2 = 0x428,
  TIMER3 = 0x42c,
  MULTI_CHAN_TRIGGER = 0x430,
  SNIFF_CTRL = 0x434,
  SNIFF_DATA = 0x438,
  FIFO_LEVELS = 0x440,
  CHAN_ABORT = 0x444,
  N_CHANNELS = 0x448,
  CH0_DBG_CTDREQ = 0x800,
  CH0_DBG_TCR = 0x804,
}

const INTERRUPTS = PERIPHERALS.DMA.interrupts;
const ALL = (1 << DMA_CHANNELS) - 1;

/** From the registers of one channel to those of the next. */
export const CHANNEL_BYTES = 0x40;
/** In each alias of a channel's registers, the last one is the trigger (datasheet 2.5.2.1). */
const TRIGGER = DMA.CH0_CTRL_TRIG;

/** The register at each offset of a channel, alias by alias (datasheet 2.5.2.1). */
const ALIASES = [
  "read",
  "write",
  "count",
  "ctrl",
  "ctrl",
  "read",
  "write",
  "count",
  "ctrl",
  "count",
  "read",
  "write",
  "ctrl",
  "write",
  "count",
  "read",
] as const;

const SNIFF_CTRL_EN = 1 << 0;
/** True for CHn_DBG_TCR, which holds the count that the next trigger takes; CHn_DBG_CTDREQ is before it. */
const isReload = (offset: number) => offset % CHANNEL_BYTES === DMA.CH0_DBG_TCR % CHANNEL_BYTES;

export class Dma extends DmaEngine {
  private raw = 0;
  private readonly enable = [0, 0];
  private readonly force = [0, 0];
  private sniffControl = 0;
  private sniffData = 0;

  override reset(): void {
    super.reset();
    this.raw = this.sniffControl = this.sniffData = 0;
    this.enable.fill(0);
    this.force.fill(0);
    this.updateInterrupts();
  }

  // ------------------------------------------------------------------- interrupts

  protected raise(channel: Channel): void {
    this.raw |= 1 << channel.index;
    this.updateInterrupts();
  }

  private status(line: 0 | 1): number {
    return (this.raw & (this.enable[line] as number)) | (this.force[line] as number);
  }

  private updateInterrupts(): void {
    this.bus.setInterrupt(INTERRUPTS[0], this.status(0) !== 0);
    this.bus.setInterrupt(INTERRUPTS[1], this.status(1) !== 0);
  }

  // ------------------------------------------------------------------- registers

  protected read(offset: number): number | undefined {
    const channel = this.channelAt(offset);
    if (channel) {
      if (offset >= DMA.CH0_DBG_CTDREQ) return isReload(offset) ? channel.reload : this.credit(channel);
      switch (ALIASES[(offset >> 2) & 15]) {
        case "read":
          return channel.readAddress;
        case "write":
          return channel.writeAddress;
        case "count":
          return channel.count;
        default:
          return channel.status;
      }
    }
    return this.readCommon(offset);
  }

  /** CHn_DBG_CTDREQ: how many transfers the channel believes the peripheral to be ready for. */
  private credit({ treq, busy }: Channel): number {
    return busy && treq < DREQ_COUNT && this.dreq[treq] ? 1 : 0;
  }

  private channelAt(offset: number): Channel | null {
    const debug = offset >= DMA.CH0_DBG_CTDREQ;
    const from = debug ? offset - DMA.CH0_DBG_CTDREQ : offset;
    if (debug && from % CHANNEL_BYTES > DMA.CH0_DBG_TCR - DMA.CH0_DBG_CTDREQ) return null;
    return this.channels[Math.floor(from / CHANNEL_BYTES)] ?? null;
  }

  private readCommon(offset: number): number | undefined {
    switch (offset) {
      case DMA.INTR:
        return this.raw;
      case DMA.INTE0:
      case DMA.INTE1:
        return this.enable[offset === DMA.INTE0 ? 0 : 1];
      case DMA.INTF0:
      case DMA.INTF1:
        return this.force[offset === DMA.INTF0 ? 0 : 1];
      case DMA.INTS0:
      case DMA.INTS1:
        return this.status(offset === DMA.INTS0 ? 0 : 1);
      case DMA.TIMER0:
      case DMA.TIMER1:
      case DMA.TIMER2:
      case DMA.TIMER3:
        return this.timers[(offset - DMA.TIMER0) >> 2]?.value;
      case DMA.SNIFF_CTRL:
        return this.sniffControl;
      case DMA.SNIFF_DATA:
        return this.sniffData;
      case DMA.MULTI_CHAN_TRIGGER: // self-clearing
      case DMA.FIFO_LEVELS: // nothing waits in the FIFOs between two transfers
      case DMA.CHAN_ABORT: // erratum RP2040-E13: reads zero before the transfers in flight have retired
        return 0;
      case DMA.N_CHANNELS:
        return DMA_CHANNELS;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    const channel = this.channelAt(offset);
    if (!channel) return this.writeCommon(offset, value);
    if (offset >= DMA.CH0_DBG_CTDREQ) {
      // Clearing the counter of requests makes the channel ask the peripheral again.
      if (!isReload(offset)) this.follow(channel);
      return !isReload(offset);
    }
    switch (ALIASES[(offset >> 2) & 15]) {
      case "read":
        channel.readAddress = value;
        break;
      case "write":
        channel.writeAddress = value;
        break;
      case "count":
        channel.reload = value;
        break;
      default:
        channel.control(value, this.written);
        if (channel.busy) this.follow(channel);
    }
    if ((offset & TRIGGER) !== TRIGGER) return true;
    // A null trigger starts nothing; it marks the end of a list of control blocks (2.5.2.1).
    if (value !== 0) this.trigger(channel);
    else if (channel.ctrl & Ctrl.IRQ_QUIET) this.raise(channel);
    return true;
  }

  private writeCommon(offset: number, value: number): boolean {
    switch (offset) {
      case DMA.INTR:
      case DMA.INTS0:
      case DMA.INTS1:
        this.raw &= ~this.written;
        break;
      case DMA.INTE0:
      case DMA.INTE1:
        this.enable[offset === DMA.INTE0 ? 0 : 1] = value & 0xffff;
        break;
      case DMA.INTF0:
      case DMA.INTF1:
        this.force[offset === DMA.INTF0 ? 0 : 1] = value & 0xffff;
        break;
      case DMA.TIMER0:
      case DMA.TIMER1:
      case DMA.TIMER2:
      case DMA.TIMER3:
        this.setTimer((offset - DMA.TIMER0) >> 2, value);
        break;
      case DMA.MULTI_CHAN_TRIGGER:
        for (const channel of this.channels) if (value & ALL & (1 << channel.index)) this.trigger(channel);
        break;
      case DMA.SNIFF_CTRL:
        this.sniffControl = value & 0xfff;
        if (value & SNIFF_CTRL_EN) this.warn("the sniffer is not modelled");
        break;
      case DMA.SNIFF_DATA:
        this.sniffData = value;
        break;
      case DMA.CHAN_ABORT:
        for (const channel of this.channels) if (value & ALL & (1 << channel.index)) this.abort(channel);
        break;
      default:
        return false;
    }
    this.updateInterrupts();
    return true;
  }

  private setTimer(index: number, value: number): void {
    const timer = this.timers[index] as PacingTimer;
    timer.set(value, this.now);
    if (value >>> 16 > (value & 0xffff)) this.warn(`TIMER${index}: X/Y is more than one request a cycle`);
    for (const channel of this.channels) {
      if (channel.busy && channel.treq === TREQ_TIMER0 + index) this.follow(channel);
    }
  }
}
