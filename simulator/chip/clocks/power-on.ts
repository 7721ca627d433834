/**
 * PSM, the power-on state machine (datasheet 2.13), and VREG_AND_CHIP_RESET (2.10.6), which
 * remembers why the chip itself was last reset.
 */
import { Block } from "../block.ts";
import type { EmulatedChip } from "../bus.ts";

/** Stages in the order they leave reset, which is the order of the bits (datasheet 2.13.2, 2.13.5). */
export const PSM_STAGES = [
  "rosc",
  "xosc",
  "clocks",
  "resets",
  "busfabric",
  "rom",
  "sram0",
  "sram1",
  "sram2",
  "sram3",
  "sram4",
  "sram5",
  "xip",
  "vreg_and_chip_reset",
  "sio",
  "proc0",
  "proc1",
] as const;
export type PsmStage = (typeof PSM_STAGES)[number];

const ALL = (1 << PSM_STAGES.length) - 1;

export class PowerOnStateMachine extends Block {
  wdsel = 0;
  private forceOn = 0;
  private forceOff = 0;

  constructor(chip: EmulatedChip) {
    super(chip, "PSM");
  }

  reset(): void {
    this.wdsel = this.forceOn = this.forceOff = 0;
  }

  /**
   * What a watchdog resets (datasheet 2.13.4): a stage with its WDSEL bit set, and every stage after
   * it, because each waits for the one before. Nothing at all when no bit is set. So PROC0 alone
   * keeps SIO, RESETS and CLOCKS as they are; selecting RESETS puts every peripheral into reset.
   */
  stagesReset(): PsmStage[] {
    if (this.wdsel === 0) return [];
    return PSM_STAGES.slice(31 - Math.clz32(this.wdsel & -this.wdsel));
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case 0x0:
        return this.forceOn;
      case 0x4:
        return this.forceOff;
      case 0x8:
        return this.wdsel;
      case 0xc:
        return ALL;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x0:
        this.forceOn = value & ALL;
        return true;
      case 0x4:
        this.forceOff = value & ALL;
        // Holding core 1 is the one use that makes sense here: there is none.
        if (this.forceOff & ~0x1_0000) this.warn("FRCE_OFF is not modelled");
        return true;
      case 0x8:
        this.wdsel = value & ALL;
        return true;
    }
    return false;
  }
}

const HAD_POR = 1 << 8;
const HAD_RUN = 1 << 16;

export class ChipReset extends Block {
  private vreg = 0xb1;
  private bod = 0x91;
  private reasons = 0;

  constructor(chip: EmulatedChip) {
    super(chip, "VREG_AND_CHIP_RESET");
  }

  /** Chip-level reset; the flags stay until the next one, whatever the watchdog does (datasheet 2.12.7). */
  chipReset(kind: "power-on" | "run-pin"): void {
    this.reasons = kind === "power-on" ? HAD_POR : HAD_RUN;
    this.reset();
  }

  reset(): void {
    this.vreg = 0xb1;
    this.bod = 0x91;
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case 0x0:
        return this.vreg | (1 << 12); // ROK: in regulation
      case 0x4:
        return this.bod;
      case 0x8:
        return this.reasons;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case 0x0:
        this.vreg = value & 0xf3;
        return true;
      case 0x4:
        this.bod = value & 0xf1;
        return true;
      case 0x8:
        return true; // only PSM_RESTART_FLAG can be cleared, and only a debugger sets it
    }
    return false;
  }
}
