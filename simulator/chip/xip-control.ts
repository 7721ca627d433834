/**
 * XIP_CTRL (datasheet 2.6.3.6). The cache itself is not modelled: cycle counts are those of hits.
 */
import { Block } from "./block.ts";
import type { EmulatedChip } from "./bus.ts";

const CTRL_EN = 1 << 0;
const CTRL_ERR_BADWRITE = 1 << 1;

export class XipControl extends Block {
  private control = CTRL_EN | CTRL_ERR_BADWRITE;
  private hits = 0;
  private accesses = 0;

  constructor(chip: EmulatedChip) {
    super(chip, "XIP_CTRL");
  }

  reset(): void {
    this.control = CTRL_EN | CTRL_ERR_BADWRITE;
    this.hits = this.accesses = 0;
    this.chip.xipBadWriteFaults = true;
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case 0x00:
        return this.control;
      case 0x04:
        return 0;
      case 0x08:
        return 3; // flush complete, stream FIFO empty
      case 0x0c:
        return this.hits;
      case 0x10:
        return this.accesses;
      case 0x14:
      case 0x18:
      case 0x1c:
        return 0;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x00:
        this.control = value & 0xb;
        this.chip.xipBadWriteFaults = (value & CTRL_ERR_BADWRITE) !== 0;
        if (value & 8) this.warn("powering the cache down is not modelled");
        return true;
      case 0x04:
        return true;
      case 0x0c:
        this.hits = 0;
        return true;
      case 0x10:
        this.accesses = 0;
        return true;
      case 0x14:
      case 0x18:
        if (value) this.warn("flash streaming is not modelled");
        return true;
    }
    return false;
  }
}
