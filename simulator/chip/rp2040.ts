/**
 * An RP2040 that starts from a UF2 file: the emulated chip as slots, tools and tests use it, and its three
 * kinds of reset. Its parts are in parts.ts, their wiring in wiring.ts, emulated time in run-loop.ts.
 */
import type { AdcOptions } from "./adc/adc.ts";
import { SystemBus } from "./bus.ts";
import { Clock } from "./clocks/clock.ts";
import type { FaultRecord } from "./core/core-state.ts";
import { serveDebugger } from "./core/gdb.ts";
import { resetSio } from "./foreign-peripherals.ts";
import { Pin } from "./io/pin.ts";
import type { Uart } from "./io/uart.ts";
import type { BootRom } from "./memory/boot-rom.ts";
import type { Flash } from "./memory/flash.ts";
import { flashFromUf2 } from "./memory/uf2.ts";
import { XipCache, type XipCacheOption } from "./memory/xip-cache.ts";
import { Parts } from "./parts.ts";
import { Random } from "./random.ts";
import { RunLoop } from "./run-loop.ts";
import type { StrictLog } from "./strict-log.ts";
import { wire } from "./wiring.ts";

export type ResetKind = "power-on" | "run-pin" | "watchdog";
/**
 * boot-rom: no valid second stage, waiting in USB boot. locked-up: the core stopped, the watchdog may
 * rescue it.
 */
export type Rp2040State = "running" | "boot-rom" | "locked-up";

export interface Rp2040Options {
  /** A UF2 file. */
  readonly image: Uint8Array;
  /** Size of the flash chip; a power of two. */
  readonly flashBytes: number;
  readonly crystalHz: number;
  readonly seed: number;
  /**
   * Models the cache before the flash. A miss costs the cycles that follow from the SSI's registers, or
   * `missCycles`. Without it every read of flash costs as much as a hit, and the emulator runs faster.
   */
  readonly xipCache?: XipCacheOption;
  /** How imperfect the converter is; by default as imperfect as measured silicon. */
  readonly adc?: AdcOptions;
}

export interface ResetRecord {
  readonly kind: ResetKind;
  readonly atNanos: number;
  /** A watchdog reset by CTRL.TRIGGER. */
  readonly forced: boolean;
}

export class Rp2040 extends RunLoop {
  readonly pins: readonly Pin[];
  readonly uarts: readonly [Uart, Uart];
  readonly log: StrictLog;
  readonly resets: ResetRecord[] = [];
  readonly flash: Flash;
  /** The cache before the flash with its counts; null where it is not modelled. */
  readonly cache: XipCache | null;

  protected readonly bootRom: BootRom;
  private readonly parts: Parts;
  private readonly random: Random;

  constructor(options: Rp2040Options) {
    const { image, flashBytes, seed } = options;
    if (flashBytes < 256 || flashBytes & (flashBytes - 1) || flashBytes > 16 << 20) {
      throw new Error(`flash of ${flashBytes} bytes: a power of two up to 16 MiB is wanted`);
    }
    const clock = new Clock();
    const cache = XipCache.from(options.xipCache);
    const bus = new SystemBus(clock, flashFromUf2(image, flashBytes), cache);
    super(bus, clock);
    this.cache = cache;
    this.log = bus.log;
    this.random = new Random(seed, "SRAM");
    const parts = new Parts(bus, options);
    this.parts = parts;
    this.uarts = parts.uarts;
    this.flash = parts.flash;
    this.bootRom = parts.bootRom;
    this.pins = parts.gpios.map((gpio) => new Pin(gpio, bus.log));
    wire(bus, parts, this.random, () => this.clockChanged());
    parts.watchdog.onFire = (forced) => {
      this.pendingWatchdog = { forced };
      bus.cpu.requestStop();
    };
    bus.clkSys = parts.rosc.hz;
    this.startAt(bus.clkSys);
  }

  get state(): Rp2040State {
    if (this.bus.cpu.lockedUp) return "locked-up";
    return this.bootRom.waitingForUsb ? "boot-rom" : "running";
  }

  /** The last fault of the core, for messages; null when there was none since its reset. */
  get lastFault(): FaultRecord | null {
    return this.bus.cpu.lastFault;
  }

  /** Frequency of clk_sys in hertz. */
  get clkSysHz(): number {
    return this.bus.clkSys;
  }

  /**
   * Voltage at the pin (channel 4: at the sensor diode) in mV. Asked once for each conversion, with the
   * moment it takes its sample, in order of time.
   */
  adcSource(channel: number, millivolts: (nanos: number) => number): void {
    const { sources } = this.parts.adc;
    if (!(channel in sources)) throw new Error(`ADC channel ${channel}: 0 to 4 exist`);
    sources[channel] = millivolts;
  }

  /** Whatever the voltage, conversions of this input bring `code`; with null they work again. */
  adcStuck(channel: number, code: number | null): void {
    const { stuck } = this.parts.adc;
    if (!(channel in stuck)) throw new Error(`ADC channel ${channel}: 0 to 4 exist`);
    if (code !== null && !(code >= 0 && code <= 4095)) throw new Error(`ADC code ${code}: 0 to 4095 exist`);
    stuck[channel] = code;
  }

  /** Serves GDB on 127.0.0.1:`port`; the core halts when one connects. Returns a function that ends it. */
  attachDebugger(port: number): () => void {
    return serveDebugger(this, this.bus, port);
  }

  // ------------------------------------------------------------------- resets

  /** The supply comes up: flash alone keeps its contents. */
  powerOn(): void {
    const { sram32 } = this.bus;
    for (let index = 0; index < sram32.length; index++) sram32[index] = this.random.word();
    this.flash.powerCycle();
    this.chipLevelReset("power-on");
  }

  /** The RUN pin goes low and high again: SRAM keeps its contents, the watchdog's registers are lost. */
  pressRun(): void {
    if (!this.powered) throw new Error("RUN pressed before power-on");
    this.chipLevelReset("run-pin");
  }

  /** Chip-level reset (datasheet 2.12): the whole power-on sequence, and the watchdog with it (4.7.1). */
  private chipLevelReset(kind: "power-on" | "run-pin"): void {
    const { psm, watchdog, chipReset, rosc, clocks, xosc, resets } = this.parts;
    this.powered = true;
    this.pendingWatchdog = null;
    psm.reset();
    watchdog.reset();
    chipReset.chipReset(kind);
    rosc.reset();
    clocks.reset(); // before the oscillators they run from now
    xosc.reset();
    resets.reset();
    this.resetXip();
    resetSio(this.bus);
    this.record(kind, false);
    this.resetCore();
  }

  private resetXip(): void {
    this.parts.ssi.reset();
    this.parts.xipControl.reset();
  }

  /**
   * The watchdog fired (datasheet 4.7.1, 2.13.4, 2.14.3): resets what the two WDSEL registers select and
   * nothing else.
   */
  protected watchdogReset(forced: boolean): void {
    const { psm, chipReset, rosc, clocks, xosc, resets } = this.parts;
    const stages = new Set(psm.stagesReset());
    const selected = resets.wdsel;
    this.record("watchdog", forced);
    if (stages.size === 0 && selected === 0) {
      this.log.warn("WATCHDOG", "fired, but PSM.WDSEL and RESETS.WDSEL select nothing");
    }
    // A peripheral selected in RESETS.WDSEL goes into reset and stays until released, as its RESET bit says.
    resets.hold(selected);
    if (stages.has("rosc")) rosc.reset();
    if (stages.has("clocks")) clocks.reset(); // before the oscillators they run from now
    if (stages.has("xosc")) xosc.reset();
    if (stages.has("resets")) resets.reset();
    if (stages.has("xip")) this.resetXip();
    if (stages.has("vreg_and_chip_reset")) chipReset.reset();
    if (stages.has("sio")) resetSio(this.bus);
    if (stages.has("proc0")) this.resetCore();
  }

  private resetCore(): void {
    this.bootRom.stop();
    this.parts.ppb.reset();
    this.bus.cpu.reset();
    this.bootRom.start();
  }

  private record(kind: ResetKind, forced: boolean): void {
    this.resets.push({ kind, atNanos: this.nanos, forced });
  }
}
