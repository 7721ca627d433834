/**
 * An RP2040 that starts from a UF2 file: all blocks wired together, the three kinds of reset,
 * and the run loop that keeps core and devices at the same time.
 *
 * Deterministic: same image, same seed, same calls from outside at the same emulated times give
 * the same run to the cycle, however it is cut into slices.
 */
import type { RP2040 } from "rp2040js";
import { Adc, type AdcOptions } from "./adc/adc.ts";
import { SystemBus } from "./bus.ts";
import { Clock } from "./clocks/clock.ts";
import { Clocks } from "./clocks/clocks.ts";
import { CrystalOscillator, RingOscillator } from "./clocks/oscillators.ts";
import { PhaseLockedLoop } from "./clocks/pll.ts";
import { ChipReset, PowerOnStateMachine } from "./clocks/power-on.ts";
import { RESET_BITS, type ResetName, Resets } from "./clocks/resets.ts";
import { Timer } from "./clocks/timer.ts";
import { Watchdog } from "./clocks/watchdog.ts";
import type { FaultRecord } from "./core/core-state.ts";
import { serveDebugger } from "./core/gdb.ts";
import { PrivatePeripherals } from "./core/ppb.ts";
import { Dma } from "./dma/dma.ts";
import { resetForeignBlock, resetSio } from "./foreign-blocks.ts";
import { I2c } from "./i2c/i2c.ts";
import { Gpio } from "./io/gpio.ts";
import { Pin } from "./io/pin.ts";
import { Uart } from "./io/uart.ts";
import { BootRom } from "./memory/boot-rom.ts";
import { Flash } from "./memory/flash.ts";
import { IoQspi, PadsQspi } from "./memory/qspi-pins.ts";
import { Ssi } from "./memory/ssi.ts";
import { flashFromUf2 } from "./memory/uf2.ts";
import { XipCache, type XipCacheOption } from "./memory/xip-cache.ts";
import { XipControl } from "./memory/xip-control.ts";
import { Random } from "./random.ts";
import type { StrictLog } from "./strict-log.ts";

export type ResetKind = "power-on" | "run-pin" | "watchdog";
/**
 * boot-rom: no valid second stage, waiting in USB boot. locked-up: the core stopped, the watchdog may
 * rescue it.
 */
export type MachineState = "running" | "boot-rom" | "locked-up";

export interface MachineOptions {
  /** A UF2 file. */
  readonly image: Uint8Array;
  /** Size of the flash chip; a power of two. */
  readonly flashBytes: number;
  readonly crystalHz: number;
  readonly seed: number;
  /**
   * Charge what the flash's cache does not have. Off unless asked for: then flash costs no more than a
   * hit, and the emulator runs faster. A miss costs what the SSI's registers say, or `missCycles`.
   */
  readonly xipCache?: XipCacheOption;
  /** How imperfect the converter is; as silicon is, unless said otherwise. */
  readonly adc?: AdcOptions;
}

export interface ResetRecord {
  readonly kind: ResetKind;
  readonly atNanos: number;
  /** A watchdog reset by CTRL.TRIGGER. */
  readonly forced: boolean;
}

/** Longest slice without a look at anything else; also keeps cycle counts within small integers. */
const SLICE_CYCLES = 1 << 24;
/** How often `runUntil` looks at its condition while no device event comes. */
const CONDITION_CYCLES = 1024;

const FUNCTION_UART = 2;

export class Machine {
  readonly mcu: RP2040;
  readonly pins: readonly Pin[];
  readonly uarts: readonly [Uart, Uart];
  readonly log: StrictLog;
  readonly resets: ResetRecord[] = [];
  readonly flash: Flash;
  /** The cache before the flash with its counts; null where it is not modelled. */
  readonly cache: XipCache | null;
  /** Called before each instruction with its address. Set, it selects a loop several times slower. */
  trace?: (pc: number) => void;
  /** A debugger has halted the core: time stands still until it lets go. */
  debuggerHalted = false;

  private readonly bus: SystemBus;
  private readonly clock = new Clock();
  private readonly clocks: Clocks;
  private readonly rosc: RingOscillator;
  private readonly xosc: CrystalOscillator;
  private readonly psm: PowerOnStateMachine;
  private readonly chipReset: ChipReset;
  private readonly resetController: Resets;
  private readonly watchdog: Watchdog;
  private readonly timer: Timer;
  private readonly ppb: PrivatePeripherals;
  private readonly ssi: Ssi;
  private readonly ioQspi: IoQspi;
  private readonly padsQspi: PadsQspi;
  private readonly xipControl: XipControl;
  private readonly adc: Adc;
  private readonly dma: Dma;
  private readonly bootRom: BootRom;
  private readonly gpios: Gpio[];
  private readonly i2cs: readonly [I2c, I2c];
  private readonly random: Random;

  private powered = false;
  /** Cycles of clk_sys before the slice under way, asleep or not, and those spent executing. */
  private ticks = 0;
  private executedCycles = 0;
  private inSlice = false;
  /** A single step executes the instruction under a breakpoint too. */
  private stepping = false;
  /**
   * Time is `epochNanos` + (ticks - `epochTicks`) / `hz`: whole cycles since the last change of
   * frequency.
   */
  private epochNanos = 0;
  private epochTicks = 0;
  private hz = 0;
  private pendingWatchdog: { forced: boolean } | null = null;

  constructor(options: MachineOptions) {
    const { image, flashBytes, crystalHz, seed } = options;
    if (flashBytes < 256 || flashBytes & (flashBytes - 1) || flashBytes > 16 << 20) {
      throw new Error(`flash of ${flashBytes} bytes: a power of two up to 16 MiB is wanted`);
    }
    this.cache = XipCache.from(options.xipCache);
    const bus = new SystemBus(this.clock, flashFromUf2(image, flashBytes), this.cache);
    if (this.cache) this.cache.now = () => this.ticks + (this.inSlice ? bus.cpu.executed : 0);
    this.bus = bus;
    this.mcu = bus;
    this.log = bus.log;
    this.random = new Random(seed, "SRAM");
    this.clock.now = () => this.nanosAt(this.ticks + (this.inSlice ? bus.cpu.executed : 0));
    this.clock.onEarlier = (nanos) => this.shortenSlice(nanos);

    this.rosc = new RingOscillator(bus, seed);
    this.xosc = new CrystalOscillator(bus, crystalHz);
    const pllSys = new PhaseLockedLoop(bus, "PLL_SYS", () => this.xosc.hz);
    const pllUsb = new PhaseLockedLoop(bus, "PLL_USB", () => this.xosc.hz);
    this.clocks = new Clocks(bus, {
      rosc: () => this.rosc.hz,
      xosc: () => this.xosc.hz,
      pllSys: () => pllSys.hz,
      pllUsb: () => pllUsb.hz,
    });
    this.watchdog = new Watchdog(bus, () => this.clocks.refHz);
    this.timer = new Timer(bus, () => this.watchdog.tickPeriodNanos);
    this.ppb = new PrivatePeripherals(bus, () => this.watchdog.tickPeriodNanos);
    this.resetController = new Resets(bus);
    this.psm = new PowerOnStateMachine(bus);
    this.chipReset = new ChipReset(bus);
    this.flash = new Flash(bus.flash8, this.clock, bus.log, (stream) => new Random(seed, stream));
    this.ssi = new Ssi(bus, this.flash);
    this.ioQspi = new IoQspi(bus, "IO_QSPI");
    this.padsQspi = new PadsQspi(bus);
    this.xipControl = new XipControl(bus);
    this.dma = new Dma(bus);
    // rp2040js' peripherals look for it there, and have said by now which of them requests.
    for (const [request, level] of bus.dma.dreq.entries()) if (level) this.dma.setDREQ(request);
    Object.defineProperty(bus, "dma", { value: this.dma });
    this.adc = new Adc(bus, this.dma, seed, () => this.clocks.adcHz, options.adc);
    this.uarts = [new Uart(bus, 0), new Uart(bus, 1)];
    this.i2cs = [new I2c(bus, 0), new I2c(bus, 1)];
    this.gpios = Array.from({ length: 30 }, (_, index) => new Gpio(bus, index));
    for (const [index, gpio] of this.gpios.entries()) bus.gpio[index] = gpio;
    this.pins = this.gpios.map((gpio) => new Pin(gpio, bus.log));
    const { flash, ssi, ioQspi, watchdog } = this;
    this.bootRom = new BootRom({ bus, flash, ssi, ioQspi, resets: this.resetController, watchdog });
    this.attachBlocks(pllSys, pllUsb);
    this.connectResets(pllSys, pllUsb);
    this.connectEvents();
    this.hz = bus.clkSys = this.rosc.hz;
  }

  // ------------------------------------------------------------------- public state

  get state(): MachineState {
    if (this.bus.cpu.lockedUp) return "locked-up";
    return this.bootRom.waitingForUsb ? "boot-rom" : "running";
  }

  get nanos(): number {
    return this.clock.nanos;
  }

  get cycles(): number {
    return this.executedCycles + (this.inSlice ? this.bus.cpu.executed : 0);
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
    if (!(channel in this.adc.sources)) throw new Error(`ADC channel ${channel}: 0 to 4 exist`);
    this.adc.sources[channel] = millivolts;
  }

  /** Whatever the voltage, conversions of this input bring `code`; with null they work again. */
  adcStuck(channel: number, code: number | null): void {
    if (!(channel in this.adc.stuck)) throw new Error(`ADC channel ${channel}: 0 to 4 exist`);
    if (code !== null && !(code >= 0 && code <= 4095)) throw new Error(`ADC code ${code}: 0 to 4095 exist`);
    this.adc.stuck[channel] = code;
  }

  schedule(delayNanos: number, action: () => void): { cancel(): void } {
    const alarm = this.clock.createAlarm(action);
    alarm.schedule(delayNanos);
    return alarm;
  }

  /** Serves GDB on 127.0.0.1:`port`; the core halts when one connects. Returns what ends it. */
  attachDebugger(port: number): () => void {
    return serveDebugger(this, this.bus, port);
  }

  // ------------------------------------------------------------------- wiring

  private attachBlocks(pllSys: PhaseLockedLoop, pllUsb: PhaseLockedLoop): void {
    const { bus } = this;
    const bits = RESET_BITS;
    const ours: [number, string, Parameters<SystemBus["attach"]>[2], number?][] = [
      [0x1800_0000, "SSI", this.ssi],
      [0x4000_8000, "CLOCKS", this.clocks],
      [0x4000_c000, "RESETS", this.resetController],
      [0x4001_0000, "PSM", this.psm],
      [0x4001_8000, "IO_QSPI", this.ioQspi, bits.IO_QSPI],
      [0x4002_0000, "PADS_QSPI", this.padsQspi, bits.PADS_QSPI],
      [0x4002_4000, "XOSC", this.xosc],
      [0x4002_8000, "PLL_SYS", pllSys, bits.PLL_SYS],
      [0x4002_c000, "PLL_USB", pllUsb, bits.PLL_USB],
      [0x4003_4000, "UART0", this.uarts[0], bits.UART0],
      [0x4003_8000, "UART1", this.uarts[1], bits.UART1],
      [0x4004_4000, "I2C0", this.i2cs[0], bits.I2C0],
      [0x4004_8000, "I2C1", this.i2cs[1], bits.I2C1],
      [0x4004_c000, "ADC", this.adc, bits.ADC],
      [0x4005_4000, "TIMER", this.timer, bits.TIMER],
      [0x4005_8000, "WATCHDOG", this.watchdog],
      [0x4006_0000, "ROSC", this.rosc],
      [0x4006_4000, "VREG_AND_CHIP_RESET", this.chipReset],
      [0x5000_0000, "DMA", this.dma, bits.DMA],
    ];
    const theirs: [number, string, number][] = [
      [0x4000_0000, "SYSINFO", bits.SYSINFO],
      [0x4000_4000, "SYSCFG", bits.SYSCFG],
      [0x4001_4000, "IO_BANK0", bits.IO_BANK0],
      [0x4001_c000, "PADS_BANK0", bits.PADS_BANK0],
      [0x4003_0000, "BUSCTRL", bits.BUSCTRL],
      [0x4003_c000, "SPI0", bits.SPI0],
      [0x4004_0000, "SPI1", bits.SPI1],
      [0x4005_0000, "PWM", bits.PWM],
      [0x4005_c000, "RTC", bits.RTC],
      [0x4006_c000, "TBMAN", bits.TBMAN],
      [0x5011_0000, "USBCTRL", bits.USBCTRL],
      [0x5020_0000, "PIO0", bits.PIO0],
      [0x5030_0000, "PIO1", bits.PIO1],
    ];
    this.xipControl.attach();
    for (const [base, name, block, bit] of ours) bus.attach(base, name, block, bit);
    for (const [base, name, bit] of theirs) {
      const block = bus.peripherals[(base >>> 14) << 2];
      if (block) bus.attach(base, name, block, bit);
    }
    Object.defineProperty(bus, "ppb", { value: this.ppb });
  }

  private connectResets(pllSys: PhaseLockedLoop, pllUsb: PhaseLockedLoop): void {
    const { resetController: controller, clocks, bus } = this;
    const peri = () => clocks.periHz;
    controller.connect(
      "ADC",
      () => this.adc.reset(),
      () => clocks.adcHz,
    );
    controller.connect("DMA", () => this.dma.reset());
    controller.connect("I2C0", () => this.i2cs[0].reset());
    controller.connect("I2C1", () => this.i2cs[1].reset());
    controller.connect("IO_BANK0", () => this.eachGpio((gpio) => gpio.resetControl()));
    controller.connect("PADS_BANK0", () => this.eachGpio((gpio) => gpio.resetPad()));
    controller.connect("IO_QSPI", () => this.ioQspi.reset());
    controller.connect("PADS_QSPI", () => this.padsQspi.reset());
    controller.connect("PLL_SYS", () => pllSys.reset());
    controller.connect("PLL_USB", () => pllUsb.reset());
    controller.connect("TIMER", () => this.timer.reset());
    controller.connect("UART0", () => this.uarts[0].reset(), peri);
    controller.connect("UART1", () => this.uarts[1].reset(), peri);
    const foreign: [ResetName, number, (() => number)?][] = [
      ["PIO0", 0x5020_0000],
      ["PIO1", 0x5030_0000],
      ["PWM", 0x4005_0000],
      ["RTC", 0x4005_c000, () => clocks.rtcHz],
      ["SPI0", 0x4003_c000, peri],
      ["SPI1", 0x4004_0000, peri],
      ["SYSCFG", 0x4000_4000],
      ["USBCTRL", 0x5011_0000, () => clocks.usbHz],
    ];
    for (const [name, base, hz] of foreign)
      controller.connect(name, () => resetForeignBlock(bus, name, base), hz);
  }

  private eachGpio(action: (gpio: Gpio) => void): void {
    for (const gpio of this.gpios) action(gpio);
  }

  private connectEvents(): void {
    const { bus, clocks, watchdog } = this;
    // A PLL follows its reference: when the crystal stops, so does everything behind it.
    const sourceChanged = () => clocks.update();
    this.rosc.onChange = this.xosc.onChange = sourceChanged;
    for (const base of [0x4002_8000, 0x4002_c000]) {
      const pll = bus.peripherals[(base >>> 14) << 2] as unknown as PhaseLockedLoop;
      pll.onChange = sourceChanged;
    }
    clocks.onChange = () => {
      if (bus.clkSys !== this.hz && this.inSlice) bus.cpu.requestStop();
      watchdog.clockChanged();
      this.ppb.clockChanged();
      this.adc.clockChanged();
      this.ssi.validate();
    };
    watchdog.onTick = () => {
      this.timer.rateChanged();
      this.ppb.clockChanged();
    };
    watchdog.onFire = (forced) => {
      this.pendingWatchdog = { forced };
      bus.cpu.requestStop();
    };
    this.ssi.routed = () => this.ioQspi.routed;
    this.ssi.pads = this.padsQspi;
    this.padsQspi.onChange = () => this.ssi.validate();
    this.ioQspi.onSelect = (level) => this.ssi.forceSelect(level);
    this.flash.array.onChange = (from, before) =>
      this.cache?.flashChanged(from, before, this.flash.bytes.length);
    bus.xipGarbage = (address, fetch) => {
      const what = fetch ? "fetch" : "read";
      this.log.warn("XIP", `${what} at 0x${address.toString(16)}: ${this.ssi.xipProblem}`);
      return this.random.word();
    };
    bus.romFetched = (address) => {
      if (this.bootRom.fetched(address)) bus.cpu.requestStop();
    };
    bus.stepOnce = () => this.stepInstruction();
    for (const [index, uart] of this.uarts.entries()) this.connectUart(uart, index);
    for (const [index, i2c] of this.i2cs.entries()) this.connectI2c(i2c, index);
  }

  /** Which pins a UART reaches: datasheet table 2.19.2, TX on every fourth pin, RX on the next. */
  private connectUart(uart: Uart, index: number): void {
    const of = (gpio: number) => ((gpio + 4) >> 3) & 1;
    const mine = this.gpios.filter((gpio) => of(gpio.index) === index);
    const transmit = mine.filter((gpio) => (gpio.index & 3) === 0);
    const receive = mine.filter((gpio) => (gpio.index & 3) === 1);
    uart.transmitRouted = () =>
      transmit.some((gpio) => gpio.functionSelect === FUNCTION_UART && gpio.drives !== null);
    uart.receiveRouted = () =>
      receive.some((gpio) => gpio.functionSelect === FUNCTION_UART && gpio.inputEnable);
    uart.onLine = (level) => {
      for (const gpio of transmit) {
        gpio.uartLevel = level;
        gpio.checkForUpdates();
      }
    };
  }

  /** Which pins an I2C block reaches: datasheet table 2.19.2, pairs of SDA and SCL in turn. */
  private connectI2c(i2c: I2c, index: number): void {
    const mine = this.gpios.filter((gpio) => ((gpio.index >> 1) & 1) === index);
    const data = mine.filter((gpio) => (gpio.index & 1) === 0);
    const clock = mine.filter((gpio) => (gpio.index & 1) === 1);
    this.connectI2cInput(`${i2c.name} SDA`, data, (level) => i2c.dataInput(level));
    this.connectI2cInput(`${i2c.name} SCL`, clock, (level) => i2c.clockInput(level));
    const pull = (gpios: Gpio[], low: boolean) => {
      for (const gpio of gpios) {
        if (gpio.i2cLow === low) continue;
        gpio.i2cLow = low;
        if (gpio.i2cLevel !== null) gpio.checkForUpdates();
      }
    };
    i2c.onOutput = (dataLow, clockLow) => {
      pull(data, dataLow);
      pull(clock, clockLow);
    };
  }

  /** A line that no pin is switched to rests high; from several pins low wins, as it would on one net. */
  private connectI2cInput(line: string, gpios: Gpio[], input: (level: boolean) => void): void {
    const changed = (routing: boolean) => {
      // An input belongs on one GPIO at a time (datasheet 2.19.2).
      if (routing && gpios.filter((gpio) => gpio.i2cLevel !== null).length > 1)
        this.log.warn("IO_BANK0", `${line} is selected on more than one GPIO`);
      input(gpios.every((gpio) => gpio.i2cLevel !== false));
    };
    for (const gpio of gpios) gpio.onI2cInput = changed;
  }

  // ------------------------------------------------------------------- resets

  /** The supply comes up: nothing is left of before but what flash holds. */
  powerOn(): void {
    const { sram32 } = this.bus;
    for (let index = 0; index < sram32.length; index++) sram32[index] = this.random.word();
    this.flash.powerCycle();
    this.chipLevelReset("power-on");
  }

  /** The RUN pin goes low and high again: SRAM keeps its contents, the watchdog block does not. */
  pressRun(): void {
    if (!this.powered) throw new Error("RUN pressed before power-on");
    this.chipLevelReset("run-pin");
  }

  /** Chip-level reset (datasheet 2.12): the whole power-on sequence, and the watchdog with it (4.7.1). */
  private chipLevelReset(kind: "power-on" | "run-pin"): void {
    this.powered = true;
    this.pendingWatchdog = null;
    this.psm.reset();
    this.watchdog.reset();
    this.chipReset.chipReset(kind);
    this.rosc.reset();
    this.clocks.reset(); // before what they run from now goes
    this.xosc.reset();
    this.resetController.reset();
    this.resetXip();
    resetSio(this.bus);
    this.record(kind, false);
    this.resetCore();
  }

  private resetXip(): void {
    this.ssi.reset();
    this.xipControl.reset();
  }

  /**
   * The watchdog fired (datasheet 4.7.1, 2.13.4, 2.14.3): what the two WDSEL registers select, nothing
   * else.
   */
  private watchdogReset(forced: boolean): void {
    const stages = new Set(this.psm.stagesReset());
    const selected = this.resetController.wdsel;
    this.record("watchdog", forced);
    if (stages.size === 0 && selected === 0) {
      this.log.warn("WATCHDOG", "fired, but PSM.WDSEL and RESETS.WDSEL select nothing");
    }
    // A block selected in RESETS.WDSEL goes into reset and stays until released, as its RESET bit says.
    this.resetController.hold(selected);
    if (stages.has("rosc")) this.rosc.reset();
    if (stages.has("clocks")) this.clocks.reset(); // before what they run from now goes
    if (stages.has("xosc")) this.xosc.reset();
    if (stages.has("resets")) this.resetController.reset();
    if (stages.has("xip")) this.resetXip();
    if (stages.has("vreg_and_chip_reset")) this.chipReset.reset();
    if (stages.has("sio")) resetSio(this.bus);
    if (stages.has("proc0")) this.resetCore();
  }

  private resetCore(): void {
    this.bootRom.stop();
    this.ppb.reset();
    this.bus.cpu.reset();
    this.bootRom.start();
  }

  private record(kind: ResetKind, forced: boolean): void {
    this.resets.push({ kind, atNanos: this.nanos, forced });
  }

  // ------------------------------------------------------------------- time

  private nanosAt(ticks: number): number {
    return this.epochNanos + ((ticks - this.epochTicks) * 1e9) / this.hz;
  }

  /** Cycles after which time has reached `nanos`, counted from the start of the slice; 0 at least. */
  private cyclesUntil(nanos: number): number {
    const cycles =
      Math.ceil(((nanos - this.epochNanos) * this.hz) / 1e9 - 1e-6) - (this.ticks - this.epochTicks);
    // Infinity when there is no alarm at all.
    return Math.max(0, cycles);
  }

  private shortenSlice(nanos: number): void {
    if (this.inSlice) this.bus.cpu.shorten(this.cyclesUntil(nanos));
  }

  private followClock(): void {
    if (this.bus.clkSys === this.hz) return;
    this.epochNanos = this.nanosAt(this.ticks);
    this.epochTicks = this.ticks;
    this.hz = this.bus.clkSys;
  }

  /** Advances emulated time to `nanos` at least: to the end of the instruction that gets there. */
  runUntilNanos(nanos: number): void {
    this.settle();
    while (this.cyclesUntil(nanos) > 0 && !this.debuggerHalted) this.advance(nanos, SLICE_CYCLES);
  }

  /**
   * Runs until `condition` holds, or `limitNanos` of emulated time (absolute) has come. True when it
   * holds.
   */
  runUntil(condition: () => boolean, limitNanos: number): boolean {
    while (!condition()) {
      if (this.cyclesUntil(limitNanos) === 0 || this.debuggerHalted) return false;
      this.advance(limitNanos, CONDITION_CYCLES);
    }
    return true;
  }

  /** One slice of instructions or of sleep, then the alarms that are due. */
  private advance(untilNanos: number, mostCycles: number): void {
    if (!this.powered) throw new Error("the machine runs before power-on");
    this.settle();
    const cycles = this.cyclesUntil(Math.min(untilNanos, this.clock.next));
    if (cycles > 0) {
      const executed = this.coreSleeps() ? 0 : this.runSlice(Math.min(cycles, mostCycles));
      if (executed === 0 && this.coreSleeps()) this.sleep(untilNanos);
    }
    this.settle();
  }

  /**
   * Asleep, in ROM or locked up: nothing happens before the next alarm. What the converter and the DMA
   * do every microsecond is dealt with right here, until something else is due or the core has to look.
   * Not even an alarm that is due at the same time is overtaken: the two fire in their order.
   */
  private sleep(untilNanos: number): void {
    const { clock, bus } = this;
    for (;;) {
      const { first } = clock;
      const next = first === null ? Number.POSITIVE_INFINITY : first.nanos;
      this.ticks += this.cyclesUntil(Math.min(untilNanos, next));
      if (first === null || !first.frequent || this.cyclesUntil(next) > 0) return;
      clock.quietUntil = Math.min(untilNanos, clock.nextOrdinary);
      clock.fire(first);
      clock.quietUntil = 0;
      if (bus.cpu.mayWake || bus.clkSys !== this.hz || this.pendingWatchdog) return;
    }
  }

  private coreSleeps(): boolean {
    const { cpu } = this.bus;
    return this.bootRom.running || cpu.lockedUp || cpu.waiting;
  }

  /** Brings everything to the present: frequency, alarms, a watchdog that fired, a core to be woken. */
  private settle(): void {
    const { cpu } = this.bus;
    this.followClock();
    // Due is what no further cycle is needed for: the same arithmetic that ends a slice, or rounding
    // could leave an alarm for ever one picosecond away.
    for (let { first } = this.clock; first && this.cyclesUntil(first.nanos) === 0; { first } = this.clock) {
      this.clock.fire(first);
      this.followClock();
    }
    if (this.pendingWatchdog) {
      const { forced } = this.pendingWatchdog;
      this.pendingWatchdog = null;
      this.watchdogReset(forced);
      this.followClock();
    }
    if (cpu.waiting && !this.bootRom.running) cpu.wake();
  }

  private runSlice(cycles: number): number {
    const { cpu } = this.bus;
    this.inSlice = true;
    let executed: number;
    try {
      const slow = this.trace || (this.bus.breakpoints.size > 0 && !this.stepping);
      executed = slow ? this.runTraced(cycles) : cpu.run(cycles);
    } finally {
      this.inSlice = false;
      this.ticks += cpu.executed;
      this.executedCycles += cpu.executed;
      cpu.executed = 0;
    }
    return executed;
  }

  private runTraced(cycles: number): number {
    const { bus, stepping } = this;
    return bus.cpu.runTraced(cycles, (pc) => {
      // The breakpoint asks for a stop: the instruction is not executed now, so it is not traced either.
      if (!stepping && bus.breakpoints.has(pc)) bus.onBreak(0);
      else this.trace?.(pc);
    });
  }

  /** For the debugger: one instruction, with the time it takes; a sleeping core is waited for. */
  stepInstruction(): void {
    const { cpu } = this.bus;
    const before = this.executedCycles;
    this.stepping = true;
    for (let events = 0; events < 10_000 && this.executedCycles === before; events++) {
      this.settle();
      if (!this.coreSleeps()) {
        this.runSlice(1);
      } else {
        if (cpu.lockedUp || this.clock.next === Number.POSITIVE_INFINITY) break;
        this.ticks += this.cyclesUntil(this.clock.next);
      }
    }
    this.stepping = false;
    this.settle();
  }
}
