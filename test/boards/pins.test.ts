/** Tests the rule for pin functions against RP2040 datasheet table 2, written out by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gpiosFor, pinFunctions } from "../../scripts/boards/pins.ts";

/** Columns F2 (UART, TX and RX only) and F3 (I2C) of the table, GPIO0 to GPIO29, and the ADC inputs. */
const TABLE = `
  uart0_tx i2c0_sda | uart0_rx i2c0_scl | - i2c1_sda | - i2c1_scl
  uart1_tx i2c0_sda | uart1_rx i2c0_scl | - i2c1_sda | - i2c1_scl
  uart1_tx i2c0_sda | uart1_rx i2c0_scl | - i2c1_sda | - i2c1_scl
  uart0_tx i2c0_sda | uart0_rx i2c0_scl | - i2c1_sda | - i2c1_scl
  uart0_tx i2c0_sda | uart0_rx i2c0_scl | - i2c1_sda | - i2c1_scl
  uart1_tx i2c0_sda | uart1_rx i2c0_scl | - i2c1_sda | - i2c1_scl
  uart1_tx i2c0_sda | uart1_rx i2c0_scl | - i2c1_sda adc0 | - i2c1_scl adc1
  uart0_tx i2c0_sda adc2 | uart0_rx i2c0_scl adc3`
  .trim()
  .split(/\n|\|/)
  .map((cell) => cell.split(/\s+/).filter((word) => word !== "" && word !== "-"));

test("every GPIO has exactly the functions of the datasheet's table", () => {
  assert.equal(TABLE.length, 30);
  TABLE.forEach((functions, gpio) => {
    assert.deepEqual(pinFunctions(gpio).sort(), ["sio", ...functions].sort(), `GPIO${gpio}`);
  });
});

test("a function is found on all its pins and no other", () => {
  assert.deepEqual(gpiosFor("uart0_tx"), [0, 12, 16, 28]);
  assert.deepEqual(gpiosFor("i2c1_scl"), [3, 7, 11, 15, 19, 23, 27]);
  assert.deepEqual(gpiosFor("adc3"), [29]);
  assert.equal(gpiosFor("sio").length, 30);
});
