/**
 * Resets of the peripherals that rp2040js models and cannot reset: a new instance replaces the old one. The
 * firmware of today uses none of them; the bus needs them in a known state.
 */
import type { SystemBus } from "./bus.ts";
import type { Registers } from "./bus-interfaces.ts";
import { PERIPHERALS, type PeripheralName } from "./peripherals.ts";
import { isUsed } from "./used-peripherals.ts";

type Constructor = new (...parameters: unknown[]) => unknown;

/** Constructor arguments after the chip, as rp2040js' RP2040 passes them. */
const ARGUMENTS: Partial<Record<PeripheralName, unknown[]>> = {
  PIO0: ["PIO0", PERIPHERALS.PIO0.interrupts[0], 0],
  PIO1: ["PIO1", PERIPHERALS.PIO1.interrupts[0], 1],
  PWM: ["PWM_BASE"],
  RTC: ["RTC_BASE"],
  SPI0: ["SPI0", PERIPHERALS.SPI0.interrupts[0], { rx: 17, tx: 16 }],
  SPI1: ["SPI1", PERIPHERALS.SPI1.interrupts[0], { rx: 19, tx: 18 }],
  SYSCFG: ["SYSCFG"],
  USBCTRL: ["USB"],
};

/** The property of rp2040js' RP2040, or the element of one, that holds the peripheral as well. */
const PROPERTIES: Partial<Record<PeripheralName, [string, number?]>> = {
  PIO0: ["pio", 0],
  PIO1: ["pio", 1],
  PWM: ["pwm"],
  SPI0: ["spi", 0],
  SPI1: ["spi", 1],
  USBCTRL: ["usbCtrl"],
};

export function resetForeignPeripheral(bus: SystemBus, name: PeripheralName): void {
  const old = bus.attached(name);
  const parameters = ARGUMENTS[name];
  if (!old || !parameters || !isUsed(old)) return;
  const fresh = new (old.constructor as Constructor)(bus, ...parameters);
  if (name === "PWM") (fresh as { reset(): void }).reset();
  bus.attach(name, fresh as Registers);
  const found = PROPERTIES[name];
  if (!found) return;
  const [property, index] = found;
  if (index === undefined) Object.defineProperty(bus, property, { value: fresh });
  else (Reflect.get(bus, property) as unknown[])[index] = fresh;
}

/** SIO through PSM (datasheet 2.13): outputs off, divider and interpolators cleared. */
export function resetSio(bus: SystemBus): void {
  const old = bus.sio;
  const fresh = new (old.constructor as Constructor)(bus);
  Object.defineProperty(bus, "sio", { value: fresh });
  for (const gpio of bus.gpio) gpio.checkForUpdates();
}
