/**
 * Checks a board's limits: every measured quantity has some, they are in order, and a quantity that has
 * exceeded one can become good again.
 */
import type { BoardLimits } from "../../boards/board.ts";
import { powerName, quantitiesOf } from "../../boards/quantities.ts";
import { LIMITS } from "./limits.ts";
import type { BoardParts } from "./parts.ts";
import type { Problem } from "./problem.ts";

export function limitProblems(parts: BoardParts): Problem[] {
  return [
    ...presenceProblems(parts),
    ...kindProblems(parts),
    ...[...parts.limits].flatMap(([name, limits]) => orderProblems(name, limits)),
    ...[...parts.limits].flatMap(([name, limits]) => hysteresisProblems(name, limits, parts)),
    ...overcurrentProblems(parts),
    ...converterProblems(parts),
  ];
}

const FULL_SCALE_MV = 3300;

/**
 * An over-current limit must lie above all limits that can be set, and below what the converter can
 * measure.
 */
function overcurrentProblems({ overcurrent, limits, sensors }: BoardParts): Problem[] {
  const [name, sensor] = [...sensors].find(([, { unit }]) => unit === "ma") ?? [];
  const least = name === undefined ? undefined : limits.get(name)?.maximum;
  if (overcurrent === undefined || typeof least !== "number" || sensor === undefined) return [];
  const most = Math.floor((FULL_SCALE_MV * sensor.numerator) / sensor.denominator) - 1;
  if (overcurrent >= least && overcurrent < most) return [];
  return [
    {
      path: ["protection", "overcurrent_ma"],
      message: `is ${overcurrent}; allowed: ${least} (limits.${name}.maximum) to ${most - 1} (what the converter can tell)`,
    },
  ];
}

/** A limit above what the converter can measure would never be exceeded. */
function converterProblems({ limits, sensors }: BoardParts): Problem[] {
  return [...limits].flatMap(([quantity, { maximum }]) => {
    const sensor = sensors.get(quantity);
    if (typeof maximum !== "number" || sensor === undefined || sensor.unit === "mdeg") return [];
    const most = Math.floor((FULL_SCALE_MV * sensor.numerator) / sensor.denominator) - 1;
    if (maximum < most) return [];
    const path = ["limits", quantity, "maximum"];
    return [{ path, message: `is ${maximum}; allowed: at most ${most - 1} (the converter's range)` }];
  });
}

/** A limit without a reading is as much a mistake as a reading without limits. */
function presenceProblems(parts: BoardParts): Problem[] {
  const { sensorNames, limitNames } = parts;
  if (sensorNames === undefined || limitNames === undefined) return [];
  const measured = [...sensorNames, ...measuredPower(parts)];
  const missing = measured
    .filter((name) => !limitNames.includes(name))
    .map((name) => ({
      path: ["limits", name],
      message: `is missing; this board measures ${name}, which must have limits`,
    }));
  return [
    ...missing,
    ...limitNames.filter((name) => !measured.includes(name)).map((name) => unmeasured(name, parts)),
  ];
}

/** The power's name, where the compute rail has both sensors, well-shaped or not. */
function measuredPower({ rails, sensors, sensorNames = [] }: BoardParts): string[] {
  const voltage = rails.find(([, rail]) => rail.feeds_compute === true)?.[1].sensor;
  const hasCurrent = [...sensors.values()].some(({ unit }) => unit === "ma");
  return typeof voltage === "string" && sensorNames.includes(voltage) && hasCurrent
    ? [powerName(voltage)]
    : [];
}

/**
 * Limits for what this board does not measure: its sensor is lacking, or one of those that make the power.
 */
function unmeasured(name: string, { rails, sensors }: BoardParts): Problem {
  const voltage = rails.find(([, rail]) => rail.feeds_compute === true)?.[1].sensor;
  const isPower = typeof voltage === "string" && name === powerName(voltage);
  const lacking = !isPower ? name : sensors.has(voltage) ? "in ma" : voltage;
  return {
    path: ["limits", name],
    message: `needs the sensor ${lacking}, which this board does not have; allowed: null`,
    name: `limits.${name}`,
    rival: {
      path: ["sensors", lacking],
      name: `sensors.${lacking}`,
      message:
        `is not on this board, but there are limits for ${name}; ` + `allowed: null for limits.${name} too`,
    },
  };
}

/** LINEAR16 with VOUT_MODE's exponent of -12 is unsigned and ends below 16 V. */
const OUTPUT_MOST_MV = 15_900;

/**
 * What PMBus can say of a quantity: a current and a power have no low limits, an output voltage has a range.
 */
function kindProblems({ rails, sensors, limits }: BoardParts): Problem[] {
  const board = { rails: rails.map(([, rail]) => rail), sensors: Object.fromEntries(sensors) };
  return quantitiesOf(board).flatMap(({ quantity, name }) => {
    const entries = Object.entries(limits.get(name) ?? {});
    if (quantity === "IOUT" || quantity === "POUT") {
      return entries
        .filter(([key, value]) => key.startsWith("low_") && value !== null)
        .map(([key]) => ({
          path: ["limits", name, key],
          message: "is no key here: a compute board that is off draws nothing; allowed: high limits alone",
        }));
    }
    if (!quantity.startsWith("VOUT")) return [];
    return entries
      .filter(([key, value]) => LIMITS.some((limit) => limit.key === key) && typeof value === "number")
      .filter(([, value]) => Number(value) < 0 || Number(value) > OUTPUT_MOST_MV)
      .map(([key, value]) => ({
        path: ["limits", name, key],
        message: `is ${value}; allowed: 0 to ${OUTPUT_MOST_MV}`,
      }));
  });
}

/** A limit may equal the neighbouring end of the range, because the range includes its ends. */
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

/** Where no value is good for the limits on both sides, what went beyond one never counts as good again. */
function hysteresisProblems(
  quantity: string,
  limits: Partial<BoardLimits>,
  { sensors }: BoardParts,
): Problem[] {
  const { hysteresis, low_fault, low_warning, high_warning, high_fault } = limits;
  const high = high_warning ?? high_fault;
  const low = low_warning ?? low_fault;
  if (typeof hysteresis !== "number" || typeof high !== "number") return [];
  // A current and the computed power come down to 0 when nothing is drawn.
  const isDrawn = (sensors.get(quantity)?.unit ?? "ma") === "ma";
  if (typeof low !== "number" && !isDrawn) return [];
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
