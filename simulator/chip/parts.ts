/**
 * The parts of the chip: builds each of them, puts the peripherals on the bus where the table in
 * peripherals.ts says, and lets RESETS reset them. wiring.ts makes the connections that carry signals.
 */
import { Adc, type AdcOptions } from "./adc/adc.ts";
import type { SystemBus } from "./bus.ts";
import { Clocks } from "./clocks/clocks.ts";
import { CrystalOscillator, RingOscillator } from "./clocks/oscillators.ts";
import { PhaseLockedLoop } from "./clocks/pll.ts";
import { ChipReset, PowerOnStateMachine } from "./clocks/power-on.ts";
import { Resets } from "./clocks/resets.ts";
import { Timer } from "./clocks/timer.ts";
import { Watchdog } from "./clocks/watchdog.ts";
import { PrivatePeripherals } from "./core/ppb.ts";
import { Dma } from "./dma/dma.ts";
import { resetForeignPeripheral } from "./foreign-peripherals.ts";
import { I2c } from "./i2c/i2c.ts";
import { Gpio } from "./io/gpio.ts";
import { Uart } from "./io/uart.ts";
import { BootRom } from "./memory/boot-rom.ts";
import { Flash } from "./memory/flash.ts";
import { IoQspi, PadsQspi } from "./memory/qspi-pins.ts";
import { Ssi } from "./memory/ssi.ts";
import { XipAuxiliary, XipControl } from "./memory/xip-control.ts";
import type { Peripheral } from "./peripheral.ts";
import { type PeripheralName, ROWS } from "./peripherals.ts";
import { Random } from "./random.ts";

const GPIOS = 30;

export interface PartsOptions {
  readonly crystalHz: number;
  readonly seed: number;
  /** How imperfect the converter is; by default as imperfect as measured silicon. */
  readonly adc?: AdcOptions;
}

export class Parts {
  readonly rosc: RingOscillator;
  readonly xosc: CrystalOscillator;
  readonly pllSys: PhaseLockedLoop;
  readonly pllUsb: PhaseLockedLoop;
  readonly clocks: Clocks;
  readonly watchdog: Watchdog;
  readonly timer: Timer;
  readonly ppb: PrivatePeripherals;
  readonly resets: Resets;
  readonly psm: PowerOnStateMachine;
  readonly chipReset: ChipReset;
  readonly flash: Flash;
  readonly ssi: Ssi;
  readonly ioQspi: IoQspi;
  readonly padsQspi: PadsQspi;
  readonly xipControl: XipControl;
  readonly dma: Dma;
  readonly adc: Adc;
  readonly uarts: readonly [Uart, Uart];
  readonly i2cs: readonly [I2c, I2c];
  readonly gpios: readonly Gpio[];
  readonly bootRom: BootRom;

  constructor(bus: SystemBus, { crystalHz, seed, adc }: PartsOptions) {
    this.rosc = new RingOscillator(bus, seed);
    this.xosc = new CrystalOscillator(bus, crystalHz);
    this.pllSys = new PhaseLockedLoop(bus, "PLL_SYS", () => this.xosc.hz);
    this.pllUsb = new PhaseLockedLoop(bus, "PLL_USB", () => this.xosc.hz);
    this.clocks = new Clocks(bus, {
      rosc: () => this.rosc.hz,
      xosc: () => this.xosc.hz,
      pllSys: () => this.pllSys.hz,
      pllUsb: () => this.pllUsb.hz,
    });
    this.watchdog = new Watchdog(bus, () => this.clocks.refHz);
    this.timer = new Timer(bus, () => this.watchdog.tickPeriodNanos);
    this.ppb = new PrivatePeripherals(bus, () => this.watchdog.tickPeriodNanos);
    this.resets = new Resets(bus);
    this.psm = new PowerOnStateMachine(bus);
    this.chipReset = new ChipReset(bus);
    this.flash = new Flash(bus.flash8, bus.alarms, bus.log, (stream) => new Random(seed, stream));
    this.ssi = new Ssi(bus, this.flash);
    this.ioQspi = new IoQspi(bus, "IO_QSPI");
    this.padsQspi = new PadsQspi(bus);
    this.xipControl = new XipControl(bus);
    this.dma = replaceDma(bus);
    this.adc = new Adc(bus, this.dma, seed, () => this.clocks.adcHz, adc);
    this.uarts = [new Uart(bus, "UART0"), new Uart(bus, "UART1")];
    this.i2cs = [new I2c(bus, "I2C0"), new I2c(bus, "I2C1")];
    this.gpios = Array.from({ length: GPIOS }, (_, index) => new Gpio(bus, index));
    for (const [index, gpio] of this.gpios.entries()) bus.gpio[index] = gpio;
    const { flash, ssi, ioQspi, resets, watchdog } = this;
    this.bootRom = new BootRom({ bus, flash, ssi, ioQspi, resets, watchdog });
    this.attach(bus);
  }

  /** Every row of the table goes on the bus, and its bit of RESETS, if it has one, resets it. */
  private attach(bus: SystemBus): void {
    const own = this.ownPeripherals(bus);
    for (const [name, { resetBit, clock }] of ROWS) {
      const registers = own[name] ?? bus.attached(name);
      if (registers) bus.attach(name, registers);
      if (resetBit === undefined) continue;
      const clockHz = clock && (() => this.clocks.frequency(clock));
      this.resets.connect(resetBit, this.resetOf(bus, name, own[name]), clockHz);
    }
    Object.defineProperty(bus, "ppb", { value: this.ppb });
  }

  /** The peripherals on the bus that are ours; rp2040js models the others. */
  private ownPeripherals(bus: SystemBus): Partial<Record<PeripheralName, Peripheral>> {
    return {
      XIP_CTRL: this.xipControl,
      SSI: this.ssi,
      CLOCKS: this.clocks,
      RESETS: this.resets,
      PSM: this.psm,
      IO_QSPI: this.ioQspi,
      PADS_QSPI: this.padsQspi,
      XOSC: this.xosc,
      PLL_SYS: this.pllSys,
      PLL_USB: this.pllUsb,
      UART0: this.uarts[0],
      UART1: this.uarts[1],
      I2C0: this.i2cs[0],
      I2C1: this.i2cs[1],
      ADC: this.adc,
      TIMER: this.timer,
      WATCHDOG: this.watchdog,
      ROSC: this.rosc,
      VREG_AND_CHIP_RESET: this.chipReset,
      DMA: this.dma,
      XIP_AUX: new XipAuxiliary(bus, this.xipControl),
    };
  }

  private resetOf(bus: SystemBus, name: PeripheralName, own: Peripheral | undefined): () => void {
    if (own) return () => own.reset();
    // The registers of these two are kept in the pins.
    if (name === "IO_BANK0") return () => this.eachGpio((gpio) => gpio.resetControl());
    if (name === "PADS_BANK0") return () => this.eachGpio((gpio) => gpio.resetPad());
    return () => resetForeignPeripheral(bus, name);
  }

  private eachGpio(action: (gpio: Gpio) => void): void {
    for (const gpio of this.gpios) action(gpio);
  }
}

/** rp2040js' peripherals use the DMA under this name. Those that have data have raised their DREQ by now. */
function replaceDma(bus: SystemBus): Dma {
  const dma = new Dma(bus);
  for (const [request, level] of bus.dma.dreq.entries()) if (level) dma.setDREQ(request);
  Object.defineProperty(bus, "dma", { value: dma });
  return dma;
}
