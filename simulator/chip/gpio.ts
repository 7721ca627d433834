/**
 * One GPIO of the chip: rp2040js' pin with what it lacks. UART outputs, the pad's output
 * disable, reset values of the datasheet, and input edges that are edges.
 */
import { GPIOPin, type RP2040 } from "rp2040js";

const FUNCTION_UART = 2;
const IRQ_LEVEL_LOW = 1;
const IRQ_LEVEL_HIGH = 2;
const IRQ_EDGE_LOW = 4;
const IRQ_EDGE_HIGH = 8;

/** PADS_BANK0 reset value: input enabled, 4 mA, pull-down, Schmitt trigger (datasheet 2.19.6.3). */
const PAD_RESET = 0x56;
/** IO_BANK0 reset value: FUNCSEL 31, no function (datasheet 2.19.6.1). */
const CTRL_RESET = 0x1f;

export class Gpio extends GPIOPin {
  /** The pad changed what it does to the net. */
  onPad: () => void = () => {};
  private padLevel = false;
  private inputLevel = false;
  /** Level a UART puts on its transmit pin: high when idle, low during a break. */
  uartLevel = true;

  constructor(mcu: RP2040, index: number) {
    super(mcu, index);
    this.padValue = PAD_RESET;
    this.ctrl = CTRL_RESET;
    this.irqStatus = IRQ_LEVEL_LOW;
  }

  /** Transmit and RTS pins of the UART function (datasheet 2.19.2). */
  private get isUartOutput(): boolean {
    return this.functionSelect === FUNCTION_UART && (this.index & 1) === (this.index & 2) >> 1;
  }

  override get rawOutputEnable(): boolean {
    return this.isUartOutput || super.rawOutputEnable;
  }

  override get rawOutputValue(): boolean {
    if (!this.isUartOutput) return super.rawOutputValue;
    return this.index & 3 ? true : this.uartLevel;
  }

  /** What the pad drives; null when it lets go. */
  get drives(): boolean | null {
    return this.outputEnable && !this.outputDisable ? this.outputValue : null;
  }

  override checkForUpdates(): void {
    super.checkForUpdates();
    this.onPad?.();
  }

  override setInputValue(level: boolean): void {
    this.padLevel = level;
    this.refreshInput();
  }

  override refreshInput(): void {
    // Private in rp2040js' typing, and its own setter makes an edge of every call.
    Reflect.set(this, "rawInputValue", this.padLevel);
    const level = this.padLevel && this.inputEnable;
    if (level === this.inputLevel) return;
    this.inputLevel = level;
    this.irqStatus &= ~(IRQ_LEVEL_HIGH | IRQ_LEVEL_LOW);
    this.irqStatus |= level ? IRQ_EDGE_HIGH | IRQ_LEVEL_HIGH : IRQ_EDGE_LOW | IRQ_LEVEL_LOW;
    this.rp2040.updateIOInterrupt();
  }

  /** IO_BANK0 into reset. */
  resetControl(): void {
    this.ctrl = CTRL_RESET;
    this.irqEnableMask = this.irqForceMask = 0;
    this.irqStatus = this.inputLevel ? IRQ_LEVEL_HIGH : IRQ_LEVEL_LOW;
    this.checkForUpdates();
  }

  /** PADS_BANK0 into reset. */
  resetPad(): void {
    this.padValue = PAD_RESET;
    this.checkForUpdates();
    this.refreshInput();
  }
}
