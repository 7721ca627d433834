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

type LimitKey = "minimum" | "low_fault" | "low_warning" | "high_warning" | "high_fault" | "maximum";

/** In ascending order of their values. */
export const LIMITS: readonly { readonly key: LimitKey; readonly meaning: string }[] = [
  { key: "minimum", meaning: "lowest limit that may be set" },
  { key: "low_fault", meaning: "fault below" },
  { key: "low_warning", meaning: "warning below" },
  { key: "high_warning", meaning: "warning above" },
  { key: "high_fault", meaning: "fault above" },
  { key: "maximum", meaning: "highest limit that may be set" },
];

/** When a limit counts as exceeded, and when no longer. */
export const WATCHING: readonly { readonly key: keyof BoardLimits; readonly meaning: string }[] = [
  { key: "hysteresis", meaning: "how far back within a limit it must come to count as good" },
  { key: "warning_filter_ms", meaning: "beyond a warning limit for so long it counts, in ms" },
  { key: "fault_filter_ms", meaning: "beyond a fault limit for so long it counts, in ms" },
];
