/**
 * PSM, the power-on state machine (datasheet 2.13), and VREG_AND_CHIP_RESET (2.10.6), which
 * remembers why the chip itself was last reset.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";

/** Offsets (datasheet 2.13.5). */
export enum PSM {
  FRCE_ON = 0x0,
  FRCE_OFF = 0x4,
  WDSEL = 0x8,
  DONE = 0xc,
}

/** Offsets (datasheet 2.10.6). */
export enum VREG_AND_CHIP_RESET {
  VREG = 0x0,
  BOD = 0x4,
  CHIP_RESET = 0x8,
}

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

/** These stages' bits in FRCE_ON, FRCE_OFF, WDSEL and DONE. */
export function psmMask(...stages: readonly PsmStage[]): number {
  return stages.reduce((mask, stage) => mask | (1 << PSM_STAGES.indexOf(stage)), 0);
}

export class PowerOnStateMachine extends Peripheral {
  wdsel = 0;
  private forceOn = 0;
  private forceOff = 0;

  constructor(bus: SystemBus) {
    super(bus, "PSM");
  }

  reset(): void {
    this.wdsel = this.forceOn = this.forceOff = 0;
  }

  /**
   * The stages that a watchdog resets (datasheet 2.13.4): the first with its WDSEL bit set, and every
   * stage after it, because each waits for the one before; none when no bit is set. So PROC0 alone keeps
   * SIO, RESETS and CLOCKS as they are, and RESETS puts every peripheral into reset.
   */
  stagesReset(): PsmStage[] {
    if (this.wdsel === 0) return [];
    return PSM_STAGES.slice(31 - Math.clz32(this.wdsel & -this.wdsel));
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case PSM.FRCE_ON:
        return this.forceOn;
      case PSM.FRCE_OFF:
        return this.forceOff;
      case PSM.WDSEL:
        return this.wdsel;
      case PSM.DONE:
        return ALL;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case PSM.FRCE_ON:
        this.forceOn = value & ALL;
        return true;
      case PSM.FRCE_OFF:
        this.forceOff = value & ALL;
        // Only core 1 may be held: the emulator has none.
        if (this.forceOff & ~psmMask("proc1")) this.warn("FRCE_OFF is not modelled");
        return true;
      case PSM.WDSEL:
        this.wdsel = value & ALL;
        return true;
    }
    return false;
  }
}

const VREG_RESET = 0xb1;
const VREG_WRITABLE = 0xf3;
/** In regulation. */
const VREG_ROK = 1 << 12;
const BOD_RESET = 0x91;
const BOD_WRITABLE = 0xf1;
export const CHIP_RESET_HAD_POR = 1 << 8;
export const CHIP_RESET_HAD_RUN = 1 << 16;

export class ChipReset extends Peripheral {
  private vreg = VREG_RESET;
  private bod = BOD_RESET;
  private reasons = 0;

  constructor(bus: SystemBus) {
    super(bus, "VREG_AND_CHIP_RESET");
  }

  /** Chip-level reset; the flags stay until the next one, also through watchdog resets (datasheet 2.12.7). */
  chipReset(kind: "power-on" | "run-pin"): void {
    this.reasons = kind === "power-on" ? CHIP_RESET_HAD_POR : CHIP_RESET_HAD_RUN;
    this.reset();
  }

  reset(): void {
    this.vreg = VREG_RESET;
    this.bod = BOD_RESET;
  }

  protected read(offset: number): number | undefined {
    switch (offset) {
      case VREG_AND_CHIP_RESET.VREG:
        return this.vreg | VREG_ROK;
      case VREG_AND_CHIP_RESET.BOD:
        return this.bod;
      case VREG_AND_CHIP_RESET.CHIP_RESET:
        return this.reasons;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    switch (offset) {
      case VREG_AND_CHIP_RESET.VREG:
        this.vreg = value & VREG_WRITABLE;
        return true;
      case VREG_AND_CHIP_RESET.BOD:
        this.bod = value & BOD_WRITABLE;
        return true;
      case VREG_AND_CHIP_RESET.CHIP_RESET:
        return true; // only PSM_RESTART_FLAG can be cleared, and only a debugger sets it
    }
    return false;
  }
}
