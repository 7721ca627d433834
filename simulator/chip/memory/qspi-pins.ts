/**
 * IO_QSPI and PADS_QSPI (datasheet 2.19): the pins between SSI and flash. The model has the function select,
 * which must be the SSI's, and the override of chip select that flash drivers use.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";

/** Offsets (datasheet 2.19.6.2). */
export enum IO_QSPI {
  GPIO_QSPI_SCLK_STATUS = 0x00,
  GPIO_QSPI_SCLK_CTRL = 0x04,
  GPIO_QSPI_SS_STATUS = 0x08,
  GPIO_QSPI_SS_CTRL = 0x0c,
  GPIO_QSPI_SD0_STATUS = 0x10,
  GPIO_QSPI_SD0_CTRL = 0x14,
  GPIO_QSPI_SD1_STATUS = 0x18,
  GPIO_QSPI_SD1_CTRL = 0x1c,
  GPIO_QSPI_SD2_STATUS = 0x20,
  GPIO_QSPI_SD2_CTRL = 0x24,
  GPIO_QSPI_SD3_STATUS = 0x28,
  GPIO_QSPI_SD3_CTRL = 0x2c,
  INTR = 0x30,
  PROC0_INTE = 0x34,
  PROC0_INTF = 0x38,
  PROC0_INTS = 0x3c,
  PROC1_INTE = 0x40,
  PROC1_INTF = 0x44,
  PROC1_INTS = 0x48,
  DORMANT_WAKE_INTE = 0x4c,
  DORMANT_WAKE_INTF = 0x50,
  DORMANT_WAKE_INTS = 0x54,
}

/** Offsets (datasheet 2.19.6.4). */
export enum PADS_QSPI {
  VOLTAGE_SELECT = 0x00,
  GPIO_QSPI_SCLK = 0x04,
  GPIO_QSPI_SD0 = 0x08,
  GPIO_QSPI_SD1 = 0x0c,
  GPIO_QSPI_SD2 = 0x10,
  GPIO_QSPI_SD3 = 0x14,
  GPIO_QSPI_SS = 0x18,
}

const PINS = 6;
/** STATUS and CTRL of one pin. */
const PIN_BYTES = 8;
const SELECT_PIN = Math.floor(IO_QSPI.GPIO_QSPI_SS_CTRL / PIN_BYTES);
const CTRL_FUNCSEL = 0x1f;
/** FUNCSEL 31, no function. */
const CTRL_RESET = CTRL_FUNCSEL;
/** INOVER, OEOVER and OUTOVER of a pin's CTRL (datasheet 2.19.6.2). */
const CTRL_OVERRIDES = (3 << 16) | (3 << 12) | (3 << 8);
export const CTRL_OUTOVER_SHIFT = 8;
const CTRL_OUTOVER = 3 << CTRL_OUTOVER_SHIFT;
const OUTOVER_INVERT = 1;
export const OUTOVER_LOW = 2;
export const OUTOVER_HIGH = 3;

const pinOf = (offset: number) => Math.floor(offset / PIN_BYTES);
const isControl = (offset: number) => offset % PIN_BYTES === IO_QSPI.GPIO_QSPI_SCLK_CTRL;

export class IoQspi extends Peripheral {
  /** Chip select forced to a level, or null when the SSI has it. */
  onSelect: (level: boolean | null) => void = () => {};
  private readonly control = new Uint32Array(PINS).fill(CTRL_RESET);
  private readonly interrupts = new Map<number, number>();

  reset(): void {
    this.control.fill(CTRL_RESET);
    this.interrupts.clear();
    this.onSelect(null);
  }

  /** Function 0 is the SSI ("xip" in table 2.19.2). */
  get routed(): boolean {
    return (
      this.control.every((control) => (control & CTRL_FUNCSEL) === 0) &&
      ((this.control[SELECT_PIN] as number) & CTRL_OUTOVER) === 0
    );
  }

  routeToSsi(): void {
    this.control.fill(0);
    this.onSelect(null);
  }

  protected read(offset: number): number | undefined {
    if (offset < PINS * PIN_BYTES) return isControl(offset) ? this.control[pinOf(offset)] : 0;
    return offset <= IO_QSPI.DORMANT_WAKE_INTS ? (this.interrupts.get(offset) ?? 0) : undefined;
  }

  protected write(offset: number, value: number): boolean {
    if (offset < PINS * PIN_BYTES) {
      if (isControl(offset)) {
        this.control[pinOf(offset)] = value;
        const override = ((this.control[SELECT_PIN] as number) >> CTRL_OUTOVER_SHIFT) & 3;
        if (override === OUTOVER_INVERT) this.warn("inverted chip select is not modelled");
        const modelled = pinOf(offset) === SELECT_PIN ? CTRL_OUTOVER : 0;
        if (value & CTRL_OVERRIDES & ~modelled)
          this.warn("overrides but chip select's output are not modelled");
        this.onSelect(override === OUTOVER_LOW ? false : override === OUTOVER_HIGH ? true : null);
      }
      return true;
    }
    if (offset > IO_QSPI.DORMANT_WAKE_INTS) return false;
    if (value) this.bus.log.warn(this.name, "interrupts of the QSPI pins are not modelled");
    this.interrupts.set(offset, value);
    return true;
  }
}

/** VOLTAGE_SELECT, SCLK, SD0 to SD3, SS (datasheet 2.19.6.4). */
const PADS_RESET = [0, 0x56, 0x52, 0x52, 0x52, 0x52, 0x5a];
const PAD_SCLK = PADS_QSPI.GPIO_QSPI_SCLK >> 2;
const PAD_SD0 = PADS_QSPI.GPIO_QSPI_SD0 >> 2;
const PAD_SD1 = PADS_QSPI.GPIO_QSPI_SD1 >> 2;
const PAD_SD3 = PADS_QSPI.GPIO_QSPI_SD3 >> 2;
const PAD_SS = PADS_QSPI.GPIO_QSPI_SS >> 2;
export const PAD_PDE = 1 << 2;
export const PAD_PUE = 1 << 3;
const PAD_IE = 1 << 6;
export const PAD_OD = 1 << 7;

export class PadsQspi extends Peripheral {
  onChange: () => void = () => {};
  private readonly pads = Uint32Array.from(PADS_RESET);

  constructor(bus: SystemBus) {
    super(bus, "PADS_QSPI");
  }

  reset(): void {
    this.pads.set(PADS_RESET);
    this.onChange();
  }

  /** The reason why quad reads cannot pass the pads; empty if they can. */
  get problem(): string {
    const all = (from: number, to: number, bit: number) =>
      this.pads.slice(from, to + 1).every((pad) => pad & bit);
    const none = (from: number, to: number, bit: number) =>
      !this.pads.slice(from, to + 1).some((pad) => pad & bit);
    if (!none(PAD_SCLK, PAD_SS, PAD_OD)) return "outputs of the QSPI pads are disabled";
    return all(PAD_SD0, PAD_SD3, PAD_IE) ? "" : "inputs of the QSPI pads are disabled";
  }

  /** The byte that reaches the flash's input; with the output disabled, the level of the pull. */
  dataOut(byte: number): number {
    const pad = this.pads[PAD_SD0] as number;
    if (!(pad & PAD_OD)) return byte;
    if (!(pad & (PAD_PUE | PAD_PDE))) this.warn("SD0 floats");
    return pad & PAD_PUE ? 0xff : 0;
  }

  /** True if the flash's output on SD1 reaches the SSI. */
  get hearsFlash(): boolean {
    return ((this.pads[PAD_SD1] as number) & PAD_IE) !== 0;
  }

  protected read(offset: number): number | undefined {
    return this.pads[offset >> 2];
  }

  protected write(offset: number, value: number): boolean {
    if (offset >> 2 >= PADS_RESET.length) return false;
    this.pads[offset >> 2] = value & 0xff;
    this.onChange();
    return true;
  }
}
