/**
 * Readings of the board's five converter channels, in mV, mA and millidegrees Celsius, through
 * the dividers and the shunt of the board file. Each reading averages a few conversions.
 */
import { ADC_TEMPERATURE, adc_read } from "./generated/abi";
import {
  SENSOR_I5_CHANNEL,
  SENSOR_I5_DENOMINATOR,
  SENSOR_I5_NUMERATOR,
  SENSOR_TEMPERATURE_CHANNEL,
  SENSOR_V3V3_CHANNEL,
  SENSOR_V3V3_DENOMINATOR,
  SENSOR_V3V3_NUMERATOR,
  SENSOR_V5_CHANNEL,
  SENSOR_V5_DENOMINATOR,
  SENSOR_V5_NUMERATOR,
  SENSOR_VIN_CHANNEL,
  SENSOR_VIN_DENOMINATOR,
  SENSOR_VIN_NUMERATOR,
} from "./generated/board";

const CHANNELS = 5;
/** Conversions averaged per reading: halves the converter's noise, costs about 40 us. Chosen. */
const CONVERSIONS: u32 = 4;
/** The RP2040's ADC_AVDD is the 3.3 V supply, and a code is 1/4096 of it (datasheet 4.9). */
const REFERENCE_MV: u32 = 3300;
const CODES: u32 = 4096;

const codes: usize = memory.data(10, 2);
const sums: usize = memory.data(20, 4);

/** Converts every channel; the functions below tell what was found. */
export function sample(): void {
  for (let channel = 0; channel < CHANNELS; channel++) store<u32>(sums + (channel << 2), 0);
  for (let i: u32 = 0; i < CONVERSIONS; i++) {
    adc_read(codes);
    for (let channel = 0; channel < CHANNELS; channel++) {
      const at = sums + (channel << 2);
      store<u32>(at, load<u32>(at) + load<u16>(codes + (channel << 1)));
    }
  }
}

/** True where the board wires the sensor. A channel of -1 means it does not. */
export function isFitted(channel: i32): bool {
  return channel >= 0;
}

export function vin_mv(): u32 {
  return scaled(SENSOR_VIN_CHANNEL, SENSOR_VIN_NUMERATOR, SENSOR_VIN_DENOMINATOR);
}

export function v5_mv(): u32 {
  return scaled(SENSOR_V5_CHANNEL, SENSOR_V5_NUMERATOR, SENSOR_V5_DENOMINATOR);
}

export function i5_ma(): u32 {
  return scaled(SENSOR_I5_CHANNEL, SENSOR_I5_NUMERATOR, SENSOR_I5_DENOMINATOR);
}

export function v3v3_mv(): u32 {
  return scaled(SENSOR_V3V3_CHANNEL, SENSOR_V3V3_NUMERATOR, SENSOR_V3V3_DENOMINATOR);
}

/** Power at the 5 V rail. */
export function p5_mw(): u32 {
  return <u32>((<u64>v5_mv() * i5_ma()) / 1000);
}

/** Of the RP2040's die: T = 27 C - (V - 706 mV) / 1.721 mV per degree (datasheet 4.9.5). */
export function temperature_mdeg(): i32 {
  if (!isFitted(SENSOR_TEMPERATURE_CHANNEL)) return 0;
  const sum = load<u32>(sums + (ADC_TEMPERATURE << 2));
  const microvolts = <i32>((<u64>sum * REFERENCE_MV * 1000) / (CODES * CONVERSIONS));
  return 27000 - <i32>((<i64>(microvolts - 706000) * 1000) / 1721);
}

/** The sum of a channel's codes as the board's unit, rounded to nearest. */
function scaled(channel: i32, numerator: u32, denominator: u32): u32 {
  if (!isFitted(channel)) return 0;
  return convert(load<u32>(sums + ((<usize>channel) << 2)), CONVERSIONS, numerator, denominator);
}

/** `sum` of `conversions` codes, times the board's factor. Exact in 64 bits for every code. */
export function convert(sum: u32, conversions: u32, numerator: u32, denominator: u32): u32 {
  const divisor = <u64>CODES * conversions * denominator;
  return <u32>((<u64>sum * REFERENCE_MV * numerator + divisor / 2) / divisor);
}
