/**
 * XIP_CTRL (datasheet 2.6.3.6). Where the cache is not modelled, cycle counts are those of hits and
 * the counters stay at zero.
 */
import { Block } from "./block.ts";
import type { EmulatedChip } from "./bus.ts";

const CTRL_EN = 1 << 0;
const CTRL_ERR_BADWRITE = 1 << 1;
const CTRL_POWER_DOWN = 1 << 3;
const STAT_FLUSH_READY = 1 << 0;
const STAT_FIFO_EMPTY = 1 << 1;
const FLUSH = 0x04;

export class XipControl extends Block {
  private control = CTRL_EN | CTRL_ERR_BADWRITE;
  /** Counts of the cache at which the registers were cleared. */
  private hitsCleared = 0;
  private accessesCleared = 0;

  constructor(chip: EmulatedChip) {
    super(chip, "XIP_CTRL");
  }

  reset(): void {
    this.writeControl(CTRL_EN | CTRL_ERR_BADWRITE);
    this.hitsCleared = this.hits;
    this.accessesCleared = this.accesses;
    // 2.6.3.2: flushed by itself when the block comes out of reset.
    this.chip.xipCache?.startFlush();
  }

  private get hits(): number {
    return this.chip.xipCache?.hits ?? 0;
  }

  private get accesses(): number {
    return this.hits + (this.chip.xipCache?.misses ?? 0);
  }

  private writeControl(value: number): void {
    this.control = value;
    this.chip.xipBadWriteFaults = (value & CTRL_ERR_BADWRITE) !== 0;
    // POWER_DOWN forces EN to 0.
    if (this.chip.xipCache) {
      this.chip.xipCache.enabled = (value & (CTRL_EN | CTRL_POWER_DOWN)) === CTRL_EN;
    }
  }

  protected read(offset: number): number | undefined {
    const { xipCache, cpu } = this.chip;
    switch (offset) {
      case 0x00:
        return this.control;
      case FLUSH:
        // A read holds the bus until the flush is through.
        if (xipCache) cpu.executed += xipCache.flushCyclesLeft;
        return 0;
      case 0x08:
        return STAT_FIFO_EMPTY | (xipCache && xipCache.flushCyclesLeft > 0 ? 0 : STAT_FLUSH_READY);
      case 0x0c:
        return saturated(this.hits - this.hitsCleared);
      case 0x10:
        return saturated(this.accesses - this.accessesCleared);
      case 0x14:
      case 0x18:
      case 0x1c:
        return 0;
    }
    return undefined;
  }

  protected override peek(offset: number): number | undefined {
    return offset === FLUSH ? 0 : this.read(offset);
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x00:
        this.writeControl(value & 0xb);
        if (value & CTRL_POWER_DOWN) this.warn("powering the cache down is not modelled");
        return true;
      case FLUSH:
        if (value & 1) this.chip.xipCache?.startFlush();
        return true;
      case 0x0c:
        this.hitsCleared = this.hits;
        return true;
      case 0x10:
        this.accessesCleared = this.accesses;
        return true;
      case 0x14:
      case 0x18:
        if (value) this.warn("flash streaming is not modelled");
        return true;
    }
    return false;
  }
}

/** The counters are 32 bits wide and stay at their end. */
function saturated(count: number): number {
  return Math.min(count, 0xffff_ffff);
}
