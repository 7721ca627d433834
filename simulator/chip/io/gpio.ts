/**
 * One GPIO of the chip: rp2040js' pin, to which this class adds UART outputs, open-drain I2C lines, the pad's
 * output disable and the datasheet's reset values, and an edge interrupt only for a change of the level.
 */
import { GPIOPin, type RP2040 } from "rp2040js";

/** FUNCSEL of IO_BANK0's CTRL (datasheet 2.19.2). */
export const FUNCTION_UART = 2;
export const FUNCTION_I2C = 3;
export const FUNCTION_SIO = 5;
const IRQ_LEVEL_LOW = 1;
const IRQ_LEVEL_HIGH = 2;
const IRQ_EDGE_LOW = 4;
const IRQ_EDGE_HIGH = 8;

/** Offsets in IO_BANK0 (datasheet 2.19.6.1): STATUS and CTRL of each pin, then the interrupts. */
export enum IO_BANK0 {
  GPIO0_STATUS = 0x00,
  GPIO0_CTRL = 0x04,
  INTR0 = 0xf0,
  PROC0_INTE0 = 0x100,
}
/** Offset of a pin's CTRL in IO_BANK0, which has STATUS and CTRL of each pin in turn. */
export const gpioCtrl = (gpio: number) => IO_BANK0.GPIO0_CTRL + 8 * gpio;

/** Offsets in PADS_BANK0 (datasheet 2.19.6.3). */
export enum PADS_BANK0 {
  VOLTAGE_SELECT = 0x00,
  GPIO0 = 0x04,
}
/** Offset of a pin's pad in PADS_BANK0. */
export const padControl = (gpio: number) => PADS_BANK0.GPIO0 + 4 * gpio;
export const PAD_IE = 1 << 6;

/** PADS_BANK0 reset value: input enabled, 4 mA, pull-down, Schmitt trigger (datasheet 2.19.6.3). */
const PAD_RESET = 0x56;
/** IO_BANK0 reset value: FUNCSEL 31, no function (datasheet 2.19.6.1). */
const CTRL_RESET = 0x1f;

export class Gpio extends GPIOPin {
  /** Called when the pad's effect on the net may have changed. */
  onPad: () => void = () => {};
  private padLevel = false;
  private inputLevel = false;
  /** Level a UART puts on its transmit pin: high when idle, low during a break. */
  uartLevel = true;
  /** True while an I2C peripheral pulls the line of this pin low; it never drives one high. */
  i2cLow = false;
  /** Called when the I2C peripheral's input changes: its level or, with `routing`, its pin. */
  onI2cInput: (routing: boolean) => void = () => {};
  private i2cInput: boolean | null = null;

  constructor(bus: RP2040, index: number) {
    super(bus, index);
    this.padValue = PAD_RESET;
    this.ctrl = CTRL_RESET;
    this.irqStatus = IRQ_LEVEL_LOW;
  }

  /** Transmit and RTS pins of the UART function (datasheet 2.19.2). */
  private get isUartOutput(): boolean {
    return this.functionSelect === FUNCTION_UART && (this.index & 1) === (this.index & 2) >> 1;
  }

  override get rawOutputEnable(): boolean {
    if (this.functionSelect === FUNCTION_I2C) return this.i2cLow;
    return this.isUartOutput || super.rawOutputEnable;
  }

  override get rawOutputValue(): boolean {
    if (!this.isUartOutput) return super.rawOutputValue;
    return this.index & 3 ? true : this.uartLevel;
  }

  /** Level that the pad drives; null while it drives none. */
  get drives(): boolean | null {
    return this.outputEnable && !this.outputDisable ? this.outputValue : null;
  }

  /** Level at the input of the I2C peripheral, INOVER included; null while the pin is not switched to it. */
  get i2cLevel(): boolean | null {
    return this.functionSelect === FUNCTION_I2C ? this.inputValue : null;
  }

  override checkForUpdates(): void {
    super.checkForUpdates();
    this.onPad?.();
    this.refreshI2c();
  }

  private refreshI2c(): void {
    const level = this.i2cLevel;
    if (level === this.i2cInput) return;
    const routing = level === null || this.i2cInput === null;
    this.i2cInput = level;
    this.onI2cInput(routing);
  }

  override setInputValue(level: boolean): void {
    this.padLevel = level;
    this.refreshInput();
  }

  override refreshInput(): void {
    // Private in rp2040js' types; its own setter reports an edge at every call.
    Reflect.set(this, "rawInputValue", this.padLevel);
    this.refreshI2c();
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
