/** The keys of a quantity's limits, once for the checks, the generated constants and the tables. */
import type { BoardLimits } from "../../boards/board.ts";

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
  { key: "hysteresis", meaning: "how far back within a limit a reading must come to count as good" },
  { key: "warning_filter_ms", meaning: "how long a reading must be beyond a warning limit to count, in ms" },
  { key: "fault_filter_ms", meaning: "how long a reading must be beyond a fault limit to count, in ms" },
];
