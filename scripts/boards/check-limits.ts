/**
 * Checks of a board's limits: that there are some for what it measures, that they are in order, and that
 * what went beyond one can come back.
 */
import type { BoardLimits } from "../../boards/board.ts";
import type { BoardParts, Problem } from "./check.ts";
import { LIMITS, QUANTITIES } from "./quantities.ts";

export function limitProblems(parts: BoardParts): Problem[] {
  return [
    ...presenceProblems(parts),
    ...[...parts.limits].flatMap(([name, limits]) => orderProblems(name, limits)),
    ...[...parts.limits].flatMap(([name, limits]) => hysteresisProblems(name, limits)),
    ...overcurrentProblems(parts),
    ...converterProblems(parts),
  ];
}

const FULL_SCALE_MV = 3300;

/** Below what limits may be set to it would be no last resort; above full scale it would never come. */
function overcurrentProblems({ overcurrent, limits, sensors }: BoardParts): Problem[] {
  const least = limits.get("I5")?.maximum;
  const sensor = sensors.get("I5");
  if (overcurrent === undefined || typeof least !== "number" || sensor === undefined) return [];
  const most = Math.floor((FULL_SCALE_MV * sensor.numerator) / sensor.denominator) - 1;
  if (overcurrent >= least && overcurrent < most) return [];
  return [
    {
      path: ["protection", "overcurrent_ma"],
      message: `is ${overcurrent}; allowed: ${least} (limits.I5.maximum) to ${most - 1} (what the converter can tell)`,
    },
  ];
}

/** A limit beyond what the converter can tell is never exceeded. */
function converterProblems({ limits, sensors }: BoardParts): Problem[] {
  return [...limits].flatMap(([quantity, { maximum }]) => {
    const sensor = [...sensors].find(([name]) => name === quantity)?.[1];
    if (typeof maximum !== "number" || sensor === undefined || quantity === "TEMPERATURE") return [];
    const most = Math.floor((FULL_SCALE_MV * sensor.numerator) / sensor.denominator) - 1;
    if (maximum < most) return [];
    const path = ["limits", quantity, "maximum"];
    return [{ path, message: `is ${maximum}; allowed: at most ${most - 1} (what the converter can tell)` }];
  });
}

/** A limit nobody compares with anything is as much a mistake as a quantity nobody watches. */
function presenceProblems({ sensorNames, limitNames }: BoardParts): Problem[] {
  if (sensorNames === undefined || limitNames === undefined) return [];
  const problems: Problem[] = [];
  for (const { name, sensors } of QUANTITIES) {
    const path = ["limits", name];
    const lacking = sensors.find((sensor) => !sensorNames.includes(sensor));
    if (lacking === undefined) {
      if (limitNames.includes(name)) continue;
      problems.push({ path, message: `is missing; this board measures ${name}, which must have limits` });
    } else if (limitNames.includes(name)) {
      problems.push({
        path,
        message: `needs the sensor ${lacking}, which this board does not have; allowed: null`,
        name: `limits.${name}`,
        rival: {
          path: ["sensors", lacking],
          name: `sensors.${lacking}`,
          message:
            `is not on this board, but there are limits for ${name}; ` +
            `allowed: null for limits.${name} too`,
        },
      });
    }
  }
  return problems;
}

/** The keys of neighbours that may be equal: the range that may be set includes its ends. */
const ENDS: readonly (keyof BoardLimits)[] = ["minimum", "maximum"];

function orderProblems(quantity: string, limits: Partial<BoardLimits>): Problem[] {
  const given = LIMITS.flatMap(({ key }) => {
    const value = limits[key] ?? null;
    return value === null ? [] : [{ key, value }];
  });
  return given.slice(1).flatMap((upper, index) => {
    const lower = given[index] as (typeof given)[number];
    const mayBeEqual = ENDS.includes(lower.key) || ENDS.includes(upper.key);
    if (lower.value < upper.value || (mayBeEqual && lower.value === upper.value)) return [];
    const [above, below] = mayBeEqual ? ["at least", "at most"] : ["more than", "less than"];
    return [
      {
        path: ["limits", quantity, upper.key],
        message: `is ${upper.value}; allowed: ${above} ${lower.key}, ${lower.value}`,
        name: upper.key,
        rival: {
          path: ["limits", quantity, lower.key],
          name: lower.key,
          message: `is ${lower.value}; allowed: ${below} ${upper.key}, ${upper.value}`,
        },
      },
    ];
  });
}

/** Quantities that come down to 0 when nothing is drawn; they have high limits alone. */
const DRAWN: readonly string[] = ["I5", "P5"];

/** Where no value is good for the limits on both sides, what went beyond one never counts as good again. */
function hysteresisProblems(quantity: string, limits: Partial<BoardLimits>): Problem[] {
  const { hysteresis, low_fault, low_warning, high_warning, high_fault } = limits;
  const high = high_warning ?? high_fault;
  const low = low_warning ?? low_fault;
  if (typeof hysteresis !== "number" || typeof high !== "number") return [];
  if (typeof low !== "number" && !DRAWN.includes(quantity)) return [];
  // Limits out of order are reported as such.
  if (typeof low === "number" && low >= high) return [];
  const most = typeof low === "number" ? Math.floor((high - low) / 2) : high;
  if (hysteresis <= most) return [];
  const room =
    typeof low === "number" ? `half of what lies between ${low} and ${high}` : `from ${high} down to 0`;
  return [
    {
      path: ["limits", quantity, "hysteresis"],
      message: `is ${hysteresis}; allowed: at most ${most}, ${room}, or it would never count as good again`,
    },
  ];
}
