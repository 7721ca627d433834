/**
 * IO_QSPI and PADS_QSPI (datasheet 2.19): the pins between SSI and flash. Of interest are the
 * function select, which must be the SSI's, and the override of chip select that flash drivers use.
 */
import { Block } from "./block.ts";
import type { EmulatedChip } from "./bus.ts";

const PINS = 6;
const SELECT_PIN = 1;
const CTRL_RESET = 0x1f;

export class IoQspi extends Block {
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
      this.control.every((control) => (control & 0x1f) === 0) &&
      ((this.control[SELECT_PIN] as number) & 0x300) === 0
    );
  }

  routeToSsi(): void {
    this.control.fill(0);
    this.onSelect(null);
  }

  protected read(offset: number): number | undefined {
    if (offset < PINS * 8) return offset & 4 ? this.control[offset >> 3] : 0;
    return offset <= 0x54 ? (this.interrupts.get(offset) ?? 0) : undefined;
  }

  protected write(offset: number, value: number): boolean {
    if (offset < PINS * 8) {
      if (offset & 4) {
        this.control[offset >> 3] = value;
        const override = ((this.control[SELECT_PIN] as number) >> 8) & 3;
        if (override === 1) this.chip.log.warn(this.name, "inverted chip select is not modelled");
        this.onSelect(override === 2 ? false : override === 3 ? true : null);
      }
      return true;
    }
    if (offset > 0x54) return false;
    if (value) this.chip.log.warn(this.name, "interrupts of the QSPI pins are not modelled");
    this.interrupts.set(offset, value);
    return true;
  }
}

/** VOLTAGE_SELECT, SCLK, SD0 to SD3, SS (datasheet 2.19.6.4). */
const PADS_RESET = [0, 0x56, 0x52, 0x52, 0x52, 0x52, 0x5a];

export class PadsQspi extends Block {
  private readonly pads = Uint32Array.from(PADS_RESET);

  constructor(chip: EmulatedChip) {
    super(chip, "PADS_QSPI");
  }

  reset(): void {
    this.pads.set(PADS_RESET);
  }

  protected read(offset: number): number | undefined {
    return this.pads[offset >> 2];
  }

  protected write(offset: number, value: number): boolean {
    if (offset >> 2 >= PADS_RESET.length) return false;
    this.pads[offset >> 2] = value & 0xff;
    return true;
  }
}
