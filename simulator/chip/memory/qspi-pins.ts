/**
 * IO_QSPI and PADS_QSPI (datasheet 2.19): the pins between SSI and flash. Of interest are the
 * function select, which must be the SSI's, and the override of chip select that flash drivers use.
 */
import { Block } from "../block.ts";
import type { EmulatedChip } from "../bus.ts";

const PINS = 6;
const SELECT_PIN = 1;
const CTRL_RESET = 0x1f;
/** INOVER, OEOVER and OUTOVER of a pin's CTRL (datasheet 2.19.6.2). */
const CTRL_OVERRIDES = (3 << 16) | (3 << 12) | (3 << 8);
const CTRL_OUTOVER = 3 << 8;

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
        if (override === 1) this.warn("inverted chip select is not modelled");
        const modelled = offset >> 3 === SELECT_PIN ? CTRL_OUTOVER : 0;
        if (value & CTRL_OVERRIDES & ~modelled)
          this.warn("overrides but chip select's output are not modelled");
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
const PAD_SCLK = 1;
const PAD_SD0 = 2;
const PAD_SD1 = 3;
const PAD_SD3 = 5;
const PAD_SS = 6;
const PULL_DOWN = 1 << 2;
const PULL_UP = 1 << 3;
const INPUT_ENABLE = 1 << 6;
const OUTPUT_DISABLE = 1 << 7;

export class PadsQspi extends Block {
  onChange: () => void = () => {};
  private readonly pads = Uint32Array.from(PADS_RESET);

  constructor(chip: EmulatedChip) {
    super(chip, "PADS_QSPI");
  }

  reset(): void {
    this.pads.set(PADS_RESET);
    this.onChange();
  }

  /** Why quad reads cannot pass the pads, empty when they can. */
  get problem(): string {
    const all = (from: number, to: number, bit: number) =>
      this.pads.slice(from, to + 1).every((pad) => pad & bit);
    const none = (from: number, to: number, bit: number) =>
      !this.pads.slice(from, to + 1).some((pad) => pad & bit);
    if (!none(PAD_SCLK, PAD_SS, OUTPUT_DISABLE)) return "outputs of the QSPI pads are disabled";
    return all(PAD_SD0, PAD_SD3, INPUT_ENABLE) ? "" : "inputs of the QSPI pads are disabled";
  }

  /** What the flash sees on its input for a byte sent; with the output disabled, the pull's level. */
  dataOut(byte: number): number {
    const pad = this.pads[PAD_SD0] as number;
    if (!(pad & OUTPUT_DISABLE)) return byte;
    if (!(pad & (PULL_UP | PULL_DOWN))) this.warn("SD0 floats");
    return pad & PULL_UP ? 0xff : 0;
  }

  /** Whether what the flash says on SD1 comes in. */
  get hearsFlash(): boolean {
    return ((this.pads[PAD_SD1] as number) & INPUT_ENABLE) !== 0;
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
