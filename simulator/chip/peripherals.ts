/**
 * The RP2040's peripherals, one row each: its base address (datasheet 2.2), the bit of RESETS that holds it
 * (2.14.3), the clock besides clk_sys that has to run before RESET_DONE shows it out of reset, and its
 * interrupts (2.3.2). The bus map, the resets and the interrupts of the emulator follow from this table.
 *
 * SIO and the private peripherals are not on the bus; their addresses stand above the table.
 */
export const XIP_BASE = 0x1000_0000;
/** The alias of flash that neither fills the cache nor looks into it (datasheet 2.6.3.1). */
export const XIP_NOCACHE_NOALLOC_BASE = 0x1300_0000;
export const SRAM_BASE = 0x2000_0000;
export const USBCTRL_DPRAM_BASE = 0x5010_0000;
export const SIO_BASE = 0xd000_0000;
export const PPB_BASE = 0xe000_e000;

/** Aliases of a peripheral's registers: a write there flips, sets or clears the bits it carries (2.1.2). */
export const ALIAS_SET = 0x2000;
export const ALIAS_CLR = 0x3000;

/** Clocks that a peripheral runs from besides clk_sys. */
export type PeripheralClock = "peri" | "usb" | "adc" | "rtc";

export interface PeripheralRow {
  readonly base: number;
  readonly resetBit?: number;
  readonly clock?: PeripheralClock;
  readonly interrupts?: readonly number[];
}

export const PERIPHERALS = {
  XIP_CTRL: { base: 0x1400_0000, interrupts: [6] },
  SSI: { base: 0x1800_0000 },
  SYSINFO: { base: 0x4000_0000, resetBit: 19 },
  SYSCFG: { base: 0x4000_4000, resetBit: 18 },
  CLOCKS: { base: 0x4000_8000, interrupts: [17] },
  RESETS: { base: 0x4000_c000 },
  PSM: { base: 0x4001_0000 },
  IO_BANK0: { base: 0x4001_4000, resetBit: 5, interrupts: [13] },
  IO_QSPI: { base: 0x4001_8000, resetBit: 6, interrupts: [14] },
  PADS_BANK0: { base: 0x4001_c000, resetBit: 8 },
  PADS_QSPI: { base: 0x4002_0000, resetBit: 9 },
  XOSC: { base: 0x4002_4000 },
  PLL_SYS: { base: 0x4002_8000, resetBit: 12 },
  PLL_USB: { base: 0x4002_c000, resetBit: 13 },
  BUSCTRL: { base: 0x4003_0000, resetBit: 1 },
  UART0: { base: 0x4003_4000, resetBit: 22, clock: "peri", interrupts: [20] },
  UART1: { base: 0x4003_8000, resetBit: 23, clock: "peri", interrupts: [21] },
  SPI0: { base: 0x4003_c000, resetBit: 16, clock: "peri", interrupts: [18] },
  SPI1: { base: 0x4004_0000, resetBit: 17, clock: "peri", interrupts: [19] },
  I2C0: { base: 0x4004_4000, resetBit: 3, interrupts: [23] },
  I2C1: { base: 0x4004_8000, resetBit: 4, interrupts: [24] },
  ADC: { base: 0x4004_c000, resetBit: 0, clock: "adc", interrupts: [22] },
  PWM: { base: 0x4005_0000, resetBit: 14, interrupts: [4] },
  TIMER: { base: 0x4005_4000, resetBit: 21, interrupts: [0, 1, 2, 3] },
  WATCHDOG: { base: 0x4005_8000 },
  RTC: { base: 0x4005_c000, resetBit: 15, clock: "rtc", interrupts: [25] },
  ROSC: { base: 0x4006_0000 },
  VREG_AND_CHIP_RESET: { base: 0x4006_4000 },
  TBMAN: { base: 0x4006_c000, resetBit: 20 },
  DMA: { base: 0x5000_0000, resetBit: 2, interrupts: [11, 12] },
  USBCTRL: { base: 0x5011_0000, resetBit: 24, clock: "usb", interrupts: [5] },
  PIO0: { base: 0x5020_0000, resetBit: 10, interrupts: [7, 8] },
  PIO1: { base: 0x5030_0000, resetBit: 11, interrupts: [9, 10] },
  XIP_AUX: { base: 0x5040_0000 },
} as const satisfies Readonly<Record<string, PeripheralRow>>;

export type PeripheralName = keyof typeof PERIPHERALS;
/** Peripherals that RESETS can hold. */
export type ResetName = {
  [Name in PeripheralName]: (typeof PERIPHERALS)[Name] extends { readonly resetBit: number } ? Name : never;
}[PeripheralName];

/** The table's rows, with the columns that each may have. */
export const ROWS = Object.entries(PERIPHERALS) as readonly (readonly [PeripheralName, PeripheralRow])[];

/** These peripherals' bits in RESET, WDSEL and RESET_DONE. */
export function resetMask(...names: readonly ResetName[]): number {
  return names.reduce((mask, name) => mask | (1 << PERIPHERALS[name].resetBit), 0);
}
