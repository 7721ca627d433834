/**
 * XIP_CTRL (datasheet 2.6.3.6) and XIP_AUX, the second address of its streaming FIFO (2.6.3.4). Without a
 * model of the cache, cycle counts are those of hits and the counters stay at zero.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";
import { XipStream } from "./xip-stream.ts";

/** Offsets (datasheet 2.6.3.6). */
export enum XIP_CTRL {
  CTRL = 0x00,
  FLUSH = 0x04,
  STAT = 0x08,
  CTR_HIT = 0x0c,
  CTR_ACC = 0x10,
  STREAM_ADDR = 0x14,
  STREAM_CTR = 0x18,
  STREAM_FIFO = 0x1c,
}

const CTRL_EN = 1 << 0;
const CTRL_ERR_BADWRITE = 1 << 1;
const CTRL_POWER_DOWN = 1 << 3;
export const STAT_FLUSH_READY = 1 << 0;
export const STAT_FIFO_EMPTY = 1 << 1;
export const STAT_FIFO_FULL = 1 << 2;
/** The one offset of XIP_AUX that answers: the streaming FIFO again. */
const XIP_AUX_STREAM = 0x0;

export class XipControl extends Peripheral {
  private readonly stream: XipStream;
  private control = CTRL_EN | CTRL_ERR_BADWRITE;
  /** Counts of the cache at which the registers were cleared. */
  private hitsCleared = 0;
  private accessesCleared = 0;

  constructor(bus: SystemBus) {
    super(bus, "XIP_CTRL");
    this.stream = new XipStream(bus.xipCache, (address) => bus.streamedWord(address));
  }

  reset(): void {
    this.writeControl(CTRL_EN | CTRL_ERR_BADWRITE);
    this.hitsCleared = this.hits;
    this.accessesCleared = this.accesses;
    this.stream.reset();
    // 2.6.3.2: the cache flushes itself when its controller comes out of reset.
    this.bus.xipCache?.startFlush();
  }

  private get hits(): number {
    return this.bus.xipCache?.hits ?? 0;
  }

  private get accesses(): number {
    return this.hits + (this.bus.xipCache?.misses ?? 0);
  }

  private writeControl(value: number): void {
    this.control = value;
    this.bus.xipBadWriteFaults = (value & CTRL_ERR_BADWRITE) !== 0;
    // POWER_DOWN forces EN to 0.
    if (this.bus.xipCache) {
      this.bus.xipCache.enabled = (value & (CTRL_EN | CTRL_POWER_DOWN)) === CTRL_EN;
    }
  }

  protected read(offset: number): number | undefined {
    const { xipCache, cpu } = this.bus;
    switch (offset) {
      case XIP_CTRL.CTRL:
        return this.control;
      case XIP_CTRL.FLUSH:
        // A read holds the bus until the flush is through.
        if (xipCache) cpu.executed += xipCache.flushCyclesLeft;
        return 0;
      case XIP_CTRL.STAT:
        return (
          (this.stream.isFull ? STAT_FIFO_FULL : 0) |
          (this.stream.isEmpty ? STAT_FIFO_EMPTY : 0) |
          (xipCache && xipCache.flushCyclesLeft > 0 ? 0 : STAT_FLUSH_READY)
        );
      case XIP_CTRL.CTR_HIT:
        return saturated(this.hits - this.hitsCleared);
      case XIP_CTRL.CTR_ACC:
        return saturated(this.accesses - this.accessesCleared);
      case XIP_CTRL.STREAM_ADDR:
        return this.stream.address;
      case XIP_CTRL.STREAM_CTR:
        return this.stream.counter;
      case XIP_CTRL.STREAM_FIFO:
        return this.takeStreamed();
    }
    return undefined;
  }

  /**
   * Never waits, by either address. According to 2.6.3.4 a read of the empty FIFO does not wait: the DMA
   * follows DREQ, and XIP_AUX is on FASTPERI, among peripherals that do not stall. No source gives the value
   * of such a read. Our choice: 0, and a warning.
   */
  takeStreamed(): number {
    const word = this.stream.take();
    if (word === undefined) this.warn("read of the streaming FIFO while it is empty");
    return word ?? 0;
  }

  protected override peek(offset: number): number | undefined {
    return offset === XIP_CTRL.FLUSH || offset === XIP_CTRL.STREAM_FIFO ? 0 : this.read(offset);
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case XIP_CTRL.CTRL:
        this.writeControl(value & (CTRL_EN | CTRL_ERR_BADWRITE | CTRL_POWER_DOWN));
        if (value & CTRL_POWER_DOWN) this.warn("powering the cache down is not modelled");
        return true;
      case XIP_CTRL.FLUSH:
        if (value & 1) this.bus.xipCache?.startFlush();
        return true;
      case XIP_CTRL.CTR_HIT:
        this.hitsCleared = this.hits;
        return true;
      case XIP_CTRL.CTR_ACC:
        this.accessesCleared = this.accesses;
        return true;
      case XIP_CTRL.STREAM_ADDR:
        this.stream.address = value;
        return true;
      case XIP_CTRL.STREAM_CTR:
        this.stream.counter = value;
        return true;
    }
    return false;
  }
}

/** XIP_AUX: nothing but the FIFO. */
export class XipAuxiliary extends Peripheral {
  private readonly control: XipControl;

  constructor(bus: SystemBus, control: XipControl) {
    super(bus, "XIP_AUX");
    this.control = control;
  }

  reset(): void {}

  protected read(offset: number): number | undefined {
    return offset === XIP_AUX_STREAM ? this.control.takeStreamed() : undefined;
  }

  protected override peek(): number {
    return 0;
  }

  protected write(): boolean {
    return false;
  }
}

/** The counters are 32 bits wide and stay at their end. */
function saturated(count: number): number {
  return Math.min(count, 0xffff_ffff);
}
