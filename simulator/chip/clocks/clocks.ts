/**
 * CLOCKS (datasheet 2.15): the generators for clk_ref, clk_sys, clk_peri, clk_usb, clk_adc and
 * clk_rtc, with their sources and dividers. Every other frequency of the chip follows from these.
 */

import type { SystemBus } from "../bus.ts";
import { Peripheral } from "../peripheral.ts";
import type { PeripheralClock } from "../peripherals.ts";

/** Offsets (datasheet 2.15.7). */
export enum CLOCKS {
  CLK_GPOUT0_CTRL = 0x00,
  CLK_GPOUT0_DIV = 0x04,
  CLK_GPOUT0_SELECTED = 0x08,
  CLK_GPOUT1_CTRL = 0x0c,
  CLK_GPOUT1_DIV = 0x10,
  CLK_GPOUT1_SELECTED = 0x14,
  CLK_GPOUT2_CTRL = 0x18,
  CLK_GPOUT2_DIV = 0x1c,
  CLK_GPOUT2_SELECTED = 0x20,
  CLK_GPOUT3_CTRL = 0x24,
  CLK_GPOUT3_DIV = 0x28,
  CLK_GPOUT3_SELECTED = 0x2c,
  CLK_REF_CTRL = 0x30,
  CLK_REF_DIV = 0x34,
  CLK_REF_SELECTED = 0x38,
  CLK_SYS_CTRL = 0x3c,
  CLK_SYS_DIV = 0x40,
  CLK_SYS_SELECTED = 0x44,
  CLK_PERI_CTRL = 0x48,
  CLK_PERI_SELECTED = 0x50,
  CLK_USB_CTRL = 0x54,
  CLK_USB_DIV = 0x58,
  CLK_USB_SELECTED = 0x5c,
  CLK_ADC_CTRL = 0x60,
  CLK_ADC_DIV = 0x64,
  CLK_ADC_SELECTED = 0x68,
  CLK_RTC_CTRL = 0x6c,
  CLK_RTC_DIV = 0x70,
  CLK_RTC_SELECTED = 0x74,
  CLK_SYS_RESUS_CTRL = 0x78,
  CLK_SYS_RESUS_STATUS = 0x7c,
  FC0_REF_KHZ = 0x80,
  FC0_MIN_KHZ = 0x84,
  FC0_MAX_KHZ = 0x88,
  FC0_DELAY = 0x8c,
  FC0_INTERVAL = 0x90,
  FC0_SRC = 0x94,
  FC0_STATUS = 0x98,
  FC0_RESULT = 0x9c,
  WAKE_EN0 = 0xa0,
  WAKE_EN1 = 0xa4,
  SLEEP_EN0 = 0xa8,
  SLEEP_EN1 = 0xac,
  ENABLED0 = 0xb0,
  ENABLED1 = 0xb4,
  INTR = 0xb8,
  INTE = 0xbc,
  INTF = 0xc0,
  INTS = 0xc4,
}

export interface ClockSources {
  rosc(): number;
  xosc(): number;
  pllSys(): number;
  pllUsb(): number;
}

const CTRL_SRC = 3;
const CTRL_AUXSRC_SHIFT = 5;
const CTRL_AUXSRC = 7;
const CTRL_KILL = 1 << 10;
export const CTRL_ENABLE = 1 << 11;
/** DIV is a whole number of clocks in its upper 24 bits and 256ths in the lower 8. */
const DIV_INT_SHIFT = 8;
const DIV_RESET = 1 << DIV_INT_SHIFT;
const CLK_SYS_RESUS_CTRL_ENABLE = 1 << 8;
const CLK_SYS_RESUS_CTRL_RESET = 0xff;

/** Generators in register order, 12 bytes each: CTRL, DIV and SELECTED (datasheet 2.15.7). */
const GENERATORS = [
  "gpout0",
  "gpout1",
  "gpout2",
  "gpout3",
  "ref",
  "sys",
  "peri",
  "usb",
  "adc",
  "rtc",
] as const;
type Generator = (typeof GENERATORS)[number];
const GENERATOR_BYTES = CLOCKS.CLK_GPOUT1_CTRL - CLOCKS.CLK_GPOUT0_CTRL;
const REF = 4;
const SYS = 5;
const USB = 7;
const ADC = 8;
const RTC = 9;

export class Clocks extends Peripheral {
  /** Called after any frequency changed. */
  onChange: () => void = () => {};
  private readonly sources: ClockSources;
  private readonly control = new Uint32Array(GENERATORS.length);
  private readonly divider = new Uint32Array(GENERATORS.length).fill(DIV_RESET);
  /** FC0, WAKE_EN, SLEEP_EN and the like: kept, without effect. */
  private readonly others = new Map<number, number>();
  private lastSysHz: number;

  constructor(bus: SystemBus, sources: ClockSources) {
    super(bus, "CLOCKS");
    this.sources = sources;
    this.lastSysHz = sources.rosc();
  }

  reset(): void {
    this.control.fill(0);
    this.divider.fill(DIV_RESET);
    this.others.clear();
    this.update();
  }

  get refHz(): number {
    const { sources } = this;
    const control = this.control[REF] as number;
    const auxiliary = [sources.pllUsb, () => 0, () => 0, () => 0][
      (control >> CTRL_AUXSRC_SHIFT) & 3
    ] as () => number;
    const source = [sources.rosc, auxiliary, sources.xosc, () => 0][control & CTRL_SRC] as () => number;
    return source() / (((this.divider[REF] as number) >> DIV_INT_SHIFT) & 3 || 4);
  }

  private get sysSourceHz(): number {
    const { sources } = this;
    const control = this.control[SYS] as number;
    if (!(control & 1)) return this.refHz;
    const auxiliary = [sources.pllSys, sources.pllUsb, sources.rosc, sources.xosc][
      (control >> CTRL_AUXSRC_SHIFT) & CTRL_AUXSRC
    ];
    return auxiliary?.() ?? 0;
  }

  get sysHz(): number {
    return this.sysSourceHz / this.divisor(SYS);
  }

  /** clk_peri has no divider (datasheet 2.15.3.4). */
  get periHz(): number {
    const { sources } = this;
    const clkSys = () => this.sysHz;
    return this.auxiliary("peri", [clkSys, sources.pllSys, sources.pllUsb, sources.rosc, sources.xosc]);
  }

  get usbHz(): number {
    const { sources } = this;
    return (
      this.auxiliary("usb", [sources.pllUsb, sources.pllSys, sources.rosc, sources.xosc]) / this.divisor(USB)
    );
  }

  get adcHz(): number {
    const { sources } = this;
    return (
      this.auxiliary("adc", [sources.pllUsb, sources.pllSys, sources.rosc, sources.xosc]) / this.divisor(ADC)
    );
  }

  get rtcHz(): number {
    const { sources } = this;
    return (
      this.auxiliary("rtc", [sources.pllUsb, sources.pllSys, sources.rosc, sources.xosc]) / this.divisor(RTC)
    );
  }

  /** Frequency of a clock by its name, in hertz; 0 while it does not run. */
  frequency(clock: PeripheralClock): number {
    return this[`${clock}Hz`];
  }

  private auxiliary(name: Generator, sources: readonly (() => number)[]): number {
    const control = this.control[GENERATORS.indexOf(name)] as number;
    if (!(control & CTRL_ENABLE) || control & CTRL_KILL) return 0;
    return sources[(control >> CTRL_AUXSRC_SHIFT) & CTRL_AUXSRC]?.() ?? 0;
  }

  private divisor(index: number): number {
    const divider = this.divider[index] as number;
    return divider >>> DIV_INT_SHIFT ? divider / DIV_RESET : 65536;
  }

  /** Recomputes clk_sys and clk_peri after a register or a source changed. */
  update(): void {
    const { sysHz } = this;
    if (sysHz > 0) {
      this.lastSysHz = sysHz;
    } else {
      this.warn("clk_sys has no running source: silicon stops here, the simulator goes on at the last speed");
    }
    this.bus.clkSys = this.lastSysHz;
    this.bus.clkPeri = this.periHz;
    this.onChange();
  }

  protected read(offset: number): number | undefined {
    if (offset < CLOCKS.CLK_SYS_RESUS_CTRL) {
      const index = Math.floor(offset / GENERATOR_BYTES);
      switch (offset % GENERATOR_BYTES) {
        case CLOCKS.CLK_GPOUT0_CTRL:
          return this.control[index];
        case CLOCKS.CLK_GPOUT0_DIV:
          return this.divider[index];
        default:
          // The glitchless multiplexers of clk_ref and clk_sys are one-hot, the others read 1.
          if (index === REF) return 1 << ((this.control[REF] as number) & CTRL_SRC);
          return index === SYS ? 1 << ((this.control[SYS] as number) & 1) : 1;
      }
    }
    if (offset <= CLOCKS.INTS) {
      return this.others.get(offset) ?? (offset === CLOCKS.CLK_SYS_RESUS_CTRL ? CLK_SYS_RESUS_CTRL_RESET : 0);
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    if (offset < CLOCKS.CLK_SYS_RESUS_CTRL) {
      const index = Math.floor(offset / GENERATOR_BYTES);
      if (offset % GENERATOR_BYTES === CLOCKS.CLK_GPOUT0_CTRL) this.control[index] = value;
      else if (offset % GENERATOR_BYTES === CLOCKS.CLK_GPOUT0_DIV) this.divider[index] = value;
      this.update();
      return true;
    }
    if (offset > CLOCKS.INTS) return false;
    if (offset === CLOCKS.CLK_SYS_RESUS_CTRL && value & CLK_SYS_RESUS_CTRL_ENABLE)
      this.warn("clk_sys resuscitation is not modelled");
    if (offset === CLOCKS.FC0_SRC) this.warn("the frequency counter is not modelled");
    this.others.set(offset, value);
    return true;
  }
}
