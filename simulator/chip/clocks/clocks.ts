/**
 * CLOCKS (datasheet 2.15): the generators for clk_ref, clk_sys, clk_peri, clk_usb, clk_adc and
 * clk_rtc, with their sources and dividers. The speed of everything follows from here.
 */
import { Block } from "../block.ts";
import type { EmulatedChip } from "../bus.ts";

export interface ClockSources {
  rosc(): number;
  xosc(): number;
  pllSys(): number;
  pllUsb(): number;
}

/** Generators in register order, 12 bytes each (datasheet 2.15.7). */
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

const ENABLE = 1 << 11;
const KILL = 1 << 10;

export class Clocks extends Block {
  /** Called after any frequency changed. */
  onChange: () => void = () => {};
  private readonly sources: ClockSources;
  private readonly control = new Uint32Array(GENERATORS.length);
  private readonly divider = new Uint32Array(GENERATORS.length).fill(0x100);
  /** FC0, WAKE_EN, SLEEP_EN and the like: kept, without effect. */
  private readonly others = new Map<number, number>();
  private lastSysHz: number;

  constructor(chip: EmulatedChip, sources: ClockSources) {
    super(chip, "CLOCKS");
    this.sources = sources;
    this.lastSysHz = sources.rosc();
  }

  reset(): void {
    this.control.fill(0);
    this.divider.fill(0x100);
    this.others.clear();
    this.update();
  }

  get refHz(): number {
    const { sources } = this;
    const control = this.control[4] as number;
    const auxiliary = [sources.pllUsb, () => 0, () => 0, () => 0][(control >> 5) & 3] as () => number;
    const source = [sources.rosc, auxiliary, sources.xosc, () => 0][control & 3] as () => number;
    return source() / (((this.divider[4] as number) >> 8) & 3 || 4);
  }

  private get sysSourceHz(): number {
    const { sources } = this;
    const control = this.control[5] as number;
    if (!(control & 1)) return this.refHz;
    const auxiliary = [sources.pllSys, sources.pllUsb, sources.rosc, sources.xosc][(control >> 5) & 7];
    return auxiliary?.() ?? 0;
  }

  get sysHz(): number {
    return this.sysSourceHz / this.divisor(5);
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
      this.auxiliary("usb", [sources.pllUsb, sources.pllSys, sources.rosc, sources.xosc]) / this.divisor(7)
    );
  }

  get adcHz(): number {
    const { sources } = this;
    return (
      this.auxiliary("adc", [sources.pllUsb, sources.pllSys, sources.rosc, sources.xosc]) / this.divisor(8)
    );
  }

  get rtcHz(): number {
    const { sources } = this;
    return (
      this.auxiliary("rtc", [sources.pllUsb, sources.pllSys, sources.rosc, sources.xosc]) / this.divisor(9)
    );
  }

  private auxiliary(name: Generator, sources: readonly (() => number)[]): number {
    const control = this.control[GENERATORS.indexOf(name)] as number;
    if (!(control & ENABLE) || control & KILL) return 0;
    return sources[(control >> 5) & 7]?.() ?? 0;
  }

  private divisor(index: number): number {
    const divider = this.divider[index] as number;
    return divider >>> 8 ? divider / 256 : 65536;
  }

  /** Recomputes clk_sys and clk_peri after a register or a source changed. */
  update(): void {
    const { sysHz } = this;
    if (sysHz > 0) {
      this.lastSysHz = sysHz;
    } else {
      this.warn("clk_sys has no running source: silicon stops here, the simulator goes on at the last speed");
    }
    this.chip.clkSys = this.lastSysHz;
    this.chip.clkPeri = this.periHz;
    this.onChange();
  }

  protected read(offset: number): number | undefined {
    if (offset < GENERATORS.length * 12) {
      const index = Math.floor(offset / 12);
      switch (offset % 12) {
        case 0:
          return this.control[index];
        case 4:
          return this.divider[index];
        default:
          // The glitchless multiplexers of clk_ref and clk_sys are one-hot, the others read 1.
          if (index === 4) return 1 << ((this.control[4] as number) & 3);
          return index === 5 ? 1 << ((this.control[5] as number) & 1) : 1;
      }
    }
    if (offset <= 0xc4) return this.others.get(offset) ?? (offset === 0x78 ? 0xff : 0);
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    if (offset < GENERATORS.length * 12) {
      const index = Math.floor(offset / 12);
      if (offset % 12 === 0) this.control[index] = value;
      else if (offset % 12 === 4) this.divider[index] = value;
      this.update();
      return true;
    }
    if (offset > 0xc4) return false;
    if (offset === 0x78 && value & 0x100) this.warn("clk_sys resuscitation is not modelled");
    if (offset === 0x94) this.warn("the frequency counter is not modelled");
    this.others.set(offset, value);
    return true;
  }
}
