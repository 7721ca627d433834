/** What is measured, by name and unit, and which of it this board has. */
import {
  SENSOR_I5_CHANNEL,
  SENSOR_TEMPERATURE_CHANNEL,
  SENSOR_V3V3_CHANNEL,
  SENSOR_V5_CHANNEL,
  SENSOR_VIN_CHANNEL,
} from "../generated/board";

/** In thousandths of volt, ampere, watt and degree Celsius. P5 is V5 times I5. */
export enum Quantity {
  Vin,
  V5,
  V3v3,
  I5,
  P5,
  Temperature,
}

export const QUANTITIES = 6;

const NAMES: StaticArray<string> = ["VIN", "V5", "V3V3", "I5", "P5", "TEMPERATURE"];

export function nameOf(quantity: i32): string {
  return unchecked(NAMES[quantity]);
}

export function unitOf(quantity: i32): string {
  switch (quantity) {
    case Quantity.I5:
      return "mA";
    case Quantity.P5:
      return "mW";
    case Quantity.Temperature:
      return "mdeg";
    default:
      return "mV";
  }
}

/** The converter's channel for it, or -1: this board does not measure it, or it is P5, which has none. */
export function channelOf(quantity: i32): i32 {
  switch (quantity) {
    case Quantity.Vin:
      return SENSOR_VIN_CHANNEL;
    case Quantity.V5:
      return SENSOR_V5_CHANNEL;
    case Quantity.V3v3:
      return SENSOR_V3V3_CHANNEL;
    case Quantity.I5:
      return SENSOR_I5_CHANNEL;
    case Quantity.Temperature:
      return SENSOR_TEMPERATURE_CHANNEL;
    default:
      return -1;
  }
}

export function isMeasured(quantity: i32): bool {
  if (quantity == Quantity.P5) return SENSOR_V5_CHANNEL >= 0 && SENSOR_I5_CHANNEL >= 0;
  return channelOf(quantity) >= 0;
}
