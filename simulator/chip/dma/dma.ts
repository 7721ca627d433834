/**
 * DMA (datasheet 2.5): twelve channels that move data between bus addresses, paced by peripherals,
 * by timers or by nothing, chained to one another. This file is the registers and the two interrupt lines,
 * dma-engine.ts what moves the data. The sniffer is not modelled.
 *
 * rp2040js' model has no errors, no timing, and channels that chain to themselves after a reset, which
 * silicon's do not.
 */
import { type Channel, Ctrl, TREQ_TIMER0 } from "./dma-channel.ts";
import { DMA_CHANNELS, DmaEngine, DREQ_COUNT } from "./dma-engine.ts";
import type { PacingTimer } from "./dma-timer.ts";

const INTERRUPTS = [11, 12] as const;
const ALL = (1 << DMA_CHANNELS) - 1;

/** Which of the four registers is at each offset of a channel, alias by alias (datasheet 2.5.2.1). */
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

const SNIFF_EN = 1;

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
    this.chip.setInterrupt(INTERRUPTS[0], this.status(0) !== 0);
    this.chip.setInterrupt(INTERRUPTS[1], this.status(1) !== 0);
  }

  // ------------------------------------------------------------------- registers

  protected read(offset: number): number | undefined {
    const channel = this.channelAt(offset);
    if (channel) {
      if (offset >= 0x800) return offset & 4 ? channel.reload : this.credit(channel);
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
    if ((offset & 0x7ff) >= DMA_CHANNELS * 0x40) return null;
    if (offset >= 0x800 && (offset & 0x3f) > 4) return null;
    return this.channels[(offset & 0x7ff) >> 6] ?? null;
  }

  private readCommon(offset: number): number | undefined {
    switch (offset) {
      case 0x400:
        return this.raw;
      case 0x404:
      case 0x414:
        return this.enable[(offset >> 4) & 1];
      case 0x408:
      case 0x418:
        return this.force[(offset >> 4) & 1];
      case 0x40c:
      case 0x41c:
        return this.status(offset & 0x10 ? 1 : 0);
      case 0x420:
      case 0x424:
      case 0x428:
      case 0x42c:
        return this.timers[(offset >> 2) & 3]?.value;
      case 0x434:
        return this.sniffControl;
      case 0x438:
        return this.sniffData;
      case 0x430: // self-clearing
      case 0x440: // nothing waits in the FIFOs between two transfers
      case 0x444: // erratum RP2040-E13: reads zero before what is in flight has retired
        return 0;
      case 0x448:
        return DMA_CHANNELS;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    const channel = this.channelAt(offset);
    if (!channel) return this.writeCommon(offset, value);
    if (offset >= 0x800) {
      // Clearing the counter of requests makes the channel ask the peripheral again.
      if (!(offset & 4)) this.follow(channel);
      return !(offset & 4);
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
    if ((offset & 0xc) !== 0xc) return true;
    // A null trigger starts nothing and tells of the end of a list of control blocks (2.5.2.1).
    if (value !== 0) this.trigger(channel);
    else if (channel.ctrl & Ctrl.IRQ_QUIET) this.raise(channel);
    return true;
  }

  private writeCommon(offset: number, value: number): boolean {
    switch (offset) {
      case 0x400:
      case 0x40c:
      case 0x41c:
        this.raw &= ~this.written;
        break;
      case 0x404:
      case 0x414:
        this.enable[(offset >> 4) & 1] = value & 0xffff;
        break;
      case 0x408:
      case 0x418:
        this.force[(offset >> 4) & 1] = value & 0xffff;
        break;
      case 0x420:
      case 0x424:
      case 0x428:
      case 0x42c:
        this.setTimer((offset >> 2) & 3, value);
        break;
      case 0x430:
        for (const channel of this.channels) if (value & ALL & (1 << channel.index)) this.trigger(channel);
        break;
      case 0x434:
        this.sniffControl = value & 0xfff;
        if (value & SNIFF_EN) this.warn("the sniffer is not modelled");
        break;
      case 0x438:
        this.sniffData = value;
        break;
      case 0x444:
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
