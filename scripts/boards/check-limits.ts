/**
 * Checks a board's limits: every measured quantity has some, they are in order, and a quantity that has
 * exceeded one can become good again.
 */
import type { BoardLimits, BoardRail } from "../../boards/board.ts";
import { powerName, quantitiesOf } from "../../boards/quantities.ts";
import { nearestName } from "../../cli/nearest.ts";
import { strayVoltages } from "./check-sensors.ts";
import { pathText } from "./json.ts";
import { LIMITS } from "./limits.ts";
import type { BoardParts } from "./parts.ts";
import type { Path, Problem } from "./problem.ts";

export function limitProblems(parts: BoardParts): Problem[] {
  const beyondConverter = converterProblems(parts);
  const isBeyondConverter = ({ path }: Problem) =>
    beyondConverter.some((other) => pathText(other.path) === pathText(path));
  return [
    ...presenceProblems(parts),
    // Of two ends of a range the converter's is the nearer one.
    ...kindProblems(parts).filter((problem) => !isBeyondConverter(problem)),
    ...[...parts.limits].flatMap(([name, limits]) => orderProblems(name, limits)),
    ...[...parts.limits].flatMap(([name, limits]) => hysteresisProblems(name, limits, parts)),
    ...overcurrentProblems(parts),
    ...nominalProblems(parts),
    ...beyondConverter,
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
      message: `is ${overcurrent}; allowed: ${least} (limits.${name}.maximum) to ${most - 1} (the converter's range)`,
    },
  ];
}

/** A rail at its nominal voltage must exceed no limit of its sensor. */
function nominalProblems({ rails, limits, sensors }: BoardParts): Problem[] {
  const isShared = (name: unknown) => rails.filter(([, { sensor }]) => sensor === name).length > 1;
  return rails.flatMap(([index, { nominal_mv, sensor }]) => {
    // These mistakes are reported by themselves.
    if (sensors.get(sensor ?? "")?.unit !== "mv" || isShared(sensor)) return [];
    const { low_warning, high_warning } = limits.get(sensor ?? "") ?? {};
    const isLow = typeof low_warning === "number" && nominal_mv < low_warning;
    const isHigh = typeof high_warning === "number" && nominal_mv > high_warning;
    if (!isLow && !isHigh) return [];
    const least = typeof low_warning === "number" ? `${low_warning} (limits.${sensor}.low_warning)` : "any";
    const most = typeof high_warning === "number" ? `${high_warning} (limits.${sensor}.high_warning)` : "any";
    const message = `is ${nominal_mv}; allowed: ${least} to ${most}`;
    return [{ path: ["rails", index, "nominal_mv"], message }];
  });
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
  const missing = measured.filter((name) => !limitNames.includes(name));
  const unmeasured = limitNames
    .filter((name) => !measured.includes(name))
    .map((name) => ({ name, meant: nearestName(name, missing) }));
  return [
    ...missing
      .filter((name) => !unmeasured.some(({ meant }) => meant === name))
      .map((name) => ({
        path: ["limits", name],
        message: `is missing; this board measures ${name}, which must have limits`,
      })),
    ...unmeasured.flatMap(({ name, meant }) => {
      if (meant === undefined) return unmeasuredProblems(name, parts);
      const message = `is not a key here; allowed: note, ${measured.join(", ")}; did you mean ${meant}?`;
      return [{ path: ["limits", name], message }];
    }),
  ];
}

/** The rail that feeds the compute board, where there can be no doubt which rail and which sensor that is. */
function computeRailOf({ rails, railNames, sensors }: BoardParts): BoardRail | undefined {
  const [first, ...others] = rails.map(([, rail]) => rail).filter((rail) => rail.feeds_compute === true);
  if (first === undefined || others.length > 0 || rails.length !== railNames?.length) return undefined;
  if (typeof first.sensor !== "string") return first;
  const shared = rails.filter(([, { sensor }]) => sensor === first.sensor).length > 1;
  return shared || sensors.get(first.sensor)?.unit !== "mv" ? undefined : first;
}

/** The power's name, where the compute rail has both sensors. */
function measuredPower(parts: BoardParts): string[] {
  const voltage = computeRailOf(parts)?.sensor;
  const hasCurrent = [...parts.sensors.values()].some(({ unit }) => unit === "ma");
  return typeof voltage === "string" && hasCurrent ? [powerName(voltage)] : [];
}

/** Limits for what this board does not measure: it lacks the sensor, or one of those that make the power. */
function unmeasuredProblems(name: string, parts: BoardParts): Problem[] {
  const { rails, sensors, sensorNames = [] } = parts;
  const rail = computeRailOf(parts);
  // A slip in the rails or in a sensor, which is reported, hides what makes the power.
  const isHidden =
    rail === undefined || strayVoltages(parts).length > 0 || sensorNames.some((one) => !sensors.has(one));
  if (isHidden && name.startsWith("P")) return [];
  const given = `but there are limits for ${name}; allowed: null for limits.${name} too`;
  const lacking = (message: string, path: Path, pathName: string, rivalMessage: string): Problem[] => [
    {
      path: ["limits", name],
      message: `${message}; allowed: null`,
      name: `limits.${name}`,
      rival: { path, name: pathName, message: `${rivalMessage}, ${given}` },
    },
  ];
  if (rail && typeof rail.sensor === "string" && powerName(rail.sensor) === name) {
    const message = "needs a sensor in ma, which this board does not have";
    return lacking(message, ["sensors"], "sensors", "has none in ma");
  }
  if (rail && typeof rail.sensor !== "string" && name.startsWith("P")) {
    const index = rails.find(([, one]) => one === rail)?.[0] ?? 0;
    const message = `needs a sensor for the voltage of ${rail.name}, which this board does not have`;
    return lacking(message, ["rails", index, "sensor"], `sensor of ${rail.name}`, "is null");
  }
  const message = `needs the sensor ${name}, which this board does not have`;
  return lacking(message, ["sensors", name], `sensors.${name}`, "is not on this board");
}

/** LINEAR16 with VOUT_MODE's exponent of -12 is unsigned and ends below 16 V. */
const OUTPUT_MOST_MV = 15_900;

/**
 * What PMBus can say of a quantity: a current and a power have no low limits, an output voltage has a range.
 */
function kindProblems({ rails, sensors, limits }: BoardParts): Problem[] {
  const board = { rails: rails.map(([, rail]) => rail), sensors: Object.fromEntries(sensors) };
  const all = quantitiesOf(board);
  return all.flatMap(({ quantity, name }, index) => {
    // Two sensors that claim the same are reported as such.
    if (all.findIndex((one) => one.quantity === quantity) !== index) return [];
    const entries = Object.entries(limits.get(name) ?? {});
    if (quantity === "IOUT" || quantity === "POUT") {
      return entries
        .filter(([key, value]) => key.startsWith("low_") && value !== null)
        .map(([key]) => ({
          path: ["limits", name, key],
          message: "is not a key here: a compute board that is off draws nothing; allowed: high limits alone",
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
