/**
 * The functions that each GPIO of the RP2040 can have: datasheet table 2 (section 1.4.3), as far as boards
 * use it. The table is regular, so this file has its rule; test/boards compares the rule with the table.
 */
import type { PinFunction } from "../../boards/board.ts";

/** GPIO0 to GPIO29 are bonded out; 26 to 29 are also ADC inputs 0 to 3. */
export const GPIO_COUNT = 30;
const FIRST_ADC_GPIO = 26;

/** Returns every function of the table that a board file may give this GPIO. */
export function pinFunctions(gpio: number): PinFunction[] {
  // UART pins come in fours (TX, RX, CTS, RTS); the instance changes at GPIO4, 12, 20 and 28.
  const uart = (Math.floor((gpio + 4) / 8) % 2) as 0 | 1;
  // I2C pins come in pairs (SDA, SCL) that alternate between the two instances.
  const i2c = (Math.floor(gpio / 2) % 2) as 0 | 1;
  const functions: PinFunction[] = ["sio", `i2c${i2c}_${gpio % 2 === 0 ? "sda" : "scl"}`];
  if (gpio % 4 === 0) functions.push(`uart${uart}_tx`);
  if (gpio % 4 === 1) functions.push(`uart${uart}_rx`);
  if (gpio >= FIRST_ADC_GPIO) functions.push(`adc${(gpio - FIRST_ADC_GPIO) as 0 | 1 | 2 | 3}`);
  return functions;
}

/** Returns the GPIOs that can have a function, in ascending order. */
export function gpiosFor(wanted: PinFunction): number[] {
  return Array.from({ length: GPIO_COUNT }, (_, gpio) => gpio).filter((gpio) =>
    pinFunctions(gpio).includes(wanted),
  );
}
