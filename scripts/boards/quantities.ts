/**
 * What the SMBus target reports and watches: the quantities, their units and their limits, once for the
 * checks, the generated constants and the tables.
 */
import type { BoardLimits, QuantityName, SensorName } from "../../boards/board.ts";

interface Quantity {
  readonly name: QuantityName;
  /** As people write it; board files have the number alone. */
  readonly unit: "mV" | "mA" | "mW" | "millidegrees";
  /** The sensors that must be there for it to be measured. */
  readonly sensors: readonly SensorName[];
}

export const QUANTITIES: readonly Quantity[] = [
  { name: "VIN", unit: "mV", sensors: ["VIN"] },
  { name: "V5", unit: "mV", sensors: ["V5"] },
  { name: "I5", unit: "mA", sensors: ["I5"] },
  { name: "P5", unit: "mW", sensors: ["V5", "I5"] },
  { name: "V3V3", unit: "mV", sensors: ["V3V3"] },
  { name: "TEMPERATURE", unit: "millidegrees", sensors: ["TEMPERATURE"] },
];

/** In ascending order of their values. */
export const LIMITS: readonly { readonly key: keyof BoardLimits; readonly meaning: string }[] = [
  { key: "minimum", meaning: "lowest limit that may be set" },
  { key: "low_fault", meaning: "fault below" },
  { key: "low_warning", meaning: "warning below" },
  { key: "high_warning", meaning: "warning above" },
  { key: "high_fault", meaning: "fault above" },
  { key: "maximum", meaning: "highest limit that may be set" },
];
