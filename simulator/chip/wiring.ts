/**
 * The wiring between the parts of the chip: clocks that follow their sources, the pins between SSI and flash,
 * and the pins that UARTs and I2C controllers are switched to.
 */
import type { SystemBus } from "./bus.ts";
import type { I2c } from "./i2c/i2c.ts";
import { FUNCTION_UART, type Gpio } from "./io/gpio.ts";
import type { Uart } from "./io/uart.ts";
import type { Parts } from "./parts.ts";
import type { Random } from "./random.ts";

/** `clockChanged` is called after any frequency changed, before the peripherals follow. */
export function wire(bus: SystemBus, parts: Parts, random: Random, clockChanged: () => void): void {
  connectClocks(parts, clockChanged);
  connectFlash(bus, parts, random);
  bus.romFetched = (address) => {
    if (parts.bootRom.fetched(address)) bus.cpu.requestStop();
  };
  for (const [index, uart] of parts.uarts.entries()) connectUart(parts.gpios, uart, index);
  for (const [index, i2c] of parts.i2cs.entries()) connectI2c(bus, parts.gpios, i2c, index);
}

function connectClocks(parts: Parts, clockChanged: () => void): void {
  const { clocks, watchdog, timer, ppb, adc, ssi } = parts;
  // A PLL follows its reference: when the crystal stops, so does everything behind it.
  const sourceChanged = () => clocks.update();
  for (const source of [parts.rosc, parts.xosc, parts.pllSys, parts.pllUsb]) source.onChange = sourceChanged;
  clocks.onChange = () => {
    clockChanged();
    watchdog.clockChanged();
    ppb.clockChanged();
    adc.clockChanged();
    ssi.validate();
  };
  watchdog.onTick = () => {
    timer.rateChanged();
    ppb.clockChanged();
  };
}

function connectFlash(bus: SystemBus, { ssi, ioQspi, padsQspi, flash }: Parts, random: Random): void {
  ssi.routed = () => ioQspi.routed;
  ssi.pads = padsQspi;
  padsQspi.onChange = () => ssi.validate();
  ioQspi.onSelect = (level) => ssi.forceSelect(level);
  flash.array.onChange = (from, before) => bus.xipCache?.flashChanged(from, before, flash.bytes.length);
  bus.xipGarbage = (address, fetch) => {
    const what = fetch ? "fetch" : "read";
    bus.log.warn("XIP", `${what} at 0x${address.toString(16)}: ${ssi.xipProblem}`);
    return random.word();
  };
}

/** The pins of a UART by datasheet table 2.19.2: TX on every fourth pin, RX on the next. */
function connectUart(gpios: readonly Gpio[], uart: Uart, index: number): void {
  const of = (gpio: number) => ((gpio + 4) >> 3) & 1;
  const mine = gpios.filter((gpio) => of(gpio.index) === index);
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

/** The pins of an I2C peripheral by datasheet table 2.19.2: pairs of SDA and SCL in turn. */
function connectI2c(bus: SystemBus, gpios: readonly Gpio[], i2c: I2c, index: number): void {
  const mine = gpios.filter((gpio) => ((gpio.index >> 1) & 1) === index);
  const data = mine.filter((gpio) => (gpio.index & 1) === 0);
  const clock = mine.filter((gpio) => (gpio.index & 1) === 1);
  connectI2cInput(bus, `${i2c.name} SDA`, data, (level) => i2c.dataInput(level));
  connectI2cInput(bus, `${i2c.name} SCL`, clock, (level) => i2c.clockInput(level));
  const pull = (line: readonly Gpio[], low: boolean) => {
    for (const gpio of line) {
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

/** A line without a pin is high. With several pins it is low if one of them is, as on one net. */
function connectI2cInput(
  bus: SystemBus,
  line: string,
  gpios: readonly Gpio[],
  input: (level: boolean) => void,
): void {
  const changed = (routing: boolean) => {
    // An input belongs on one GPIO at a time (datasheet 2.19.2).
    if (routing && gpios.filter((gpio) => gpio.i2cLevel !== null).length > 1)
      bus.log.warn("IO_BANK0", `${line} is selected on more than one GPIO`);
    input(gpios.every((gpio) => gpio.i2cLevel !== false));
  };
  for (const gpio of gpios) gpio.onI2cInput = changed;
}
