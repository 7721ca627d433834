/** Checks of a board's sensors: their channels, and that no two of them measure the same quantity. */
import type { BoardSensor } from "../../boards/board.ts";
import { powerName } from "../../boards/quantities.ts";
import type { BoardParts } from "./parts.ts";
import type { Problem } from "./problem.ts";

/** The RP2040's own temperature sensor (datasheet 4.9.5); the channels below it are pins. */
const TEMPERATURE_CHANNEL = 4;

export function sensorProblems(parts: BoardParts): Problem[] {
  const problems: Problem[] = [];
  const channels = new Map<number, string>();
  const measured = new Map<string, string>();
  for (const [name, sensor] of parts.sensors) {
    const report = (key: keyof BoardSensor, message: string) =>
      problems.push({ path: ["sensors", name, key], message });
    const other = channels.get(sensor.adc_channel);
    if (other !== undefined) report("adc_channel", `channel ${sensor.adc_channel} is already ${other}`);
    else channels.set(sensor.adc_channel, name);
    checkChannel(sensor, parts, report);
    if (sensor.unit === "mv") continue;
    const twin = measured.get(sensor.unit);
    const what = sensor.unit === "ma" ? "current of the compute board" : "temperature of the die";
    if (twin !== undefined) report("unit", `is "${sensor.unit}", but ${twin} measures the ${what} already`);
    else measured.set(sensor.unit, name);
  }
  return [
    ...countProblems(parts),
    ...problems,
    ...sharedSensorProblems(parts),
    ...powerNameProblems(parts),
    ...unfittedProblems(parts),
    ...strayVoltages(parts).map(strayProblem),
  ];
}

function countProblems({ sensorNames }: BoardParts): Problem[] {
  if (sensorNames === undefined || sensorNames.length > 0) return [];
  const message = "leaves no sensor; a slot needs at least one, and the RP2040 has one for its temperature";
  return [{ path: ["sensors"], message }];
}

/**
 * The voltages that no rail names, but for the first, which is the input. A voltage is no stray where a rail
 * with a slip may have meant it.
 */
export function strayVoltages(parts: BoardParts): { readonly name: string; readonly input: string }[] {
  const { rails, railNames, sensors } = parts;
  const named = rails.map(([, rail]) => rail.sensor ?? null);
  const isVoltageOfOneRail = (name: string, index: number) =>
    sensors.get(name)?.unit === "mv" && named.indexOf(name) === index;
  const areRailsWhole =
    railNames !== undefined &&
    rails.length === railNames.length &&
    feedCompute(parts) &&
    named.every((name, index) => name === null || isVoltageOfOneRail(name, index));
  if (!areRailsWhole) return [];
  const unfitted = parts.unfittedRails.map(([, { sensor }]) => sensor);
  const [input, ...strays] = [...sensors]
    .filter(([name, { unit }]) => unit === "mv" && !named.includes(name) && !unfitted.includes(name))
    .map(([name]) => name);
  return input === undefined ? [] : strays.map((name) => ({ name, input }));
}

function strayProblem({ name, input }: { readonly name: string; readonly input: string }): Problem {
  const message =
    `is "mv", but no rail names ${name}, and the input voltage is ${input} already; ` +
    `allowed: a rail with "sensor": "${name}", another unit, or no such sensor`;
  return { path: ["sensors", name, "unit"], message };
}

/** The computed power has a name of its own, and limits by that name. */
function powerNameProblems({ rails, sensors }: BoardParts): Problem[] {
  return rails.flatMap(([, { feeds_compute, sensor }]) => {
    const power = feeds_compute === true && typeof sensor === "string" ? powerName(sensor) : undefined;
    if (power === undefined || !sensors.has(power)) return [];
    const message = `is what the power is called, because ${sensor} is its voltage; allowed: another name`;
    return [{ path: ["sensors", power], message }];
  });
}

/** The sensor of a rail that a derived board took away would be taken for another's. */
function unfittedProblems(parts: BoardParts): Problem[] {
  const { sensors, rails, unfittedRails } = parts;
  if (!feedCompute(parts)) return [];
  return unfittedRails.flatMap(([index, { name: rail, sensor }]) => {
    if (typeof sensor !== "string" || !sensors.has(sensor)) return [];
    if (rails.some(([, other]) => other.sensor === sensor)) return [];
    return [
      {
        path: ["sensors", sensor],
        message: `measures the rail ${rail}, which this board does not have; allowed: null`,
        name: `sensors.${sensor}`,
        rival: {
          path: ["rails", index, "fitted"],
          name: `fitted of ${rail}`,
          message:
            `is false, but the sensor ${sensor} of the rail ${rail} is still there; ` +
            `allowed: null for sensors.${sensor} too`,
        },
      },
    ];
  });
}

function feedCompute({ rails }: BoardParts): boolean {
  return rails.some(([, rail]) => rail.feeds_compute === true);
}

/** One voltage is that of one rail. */
function sharedSensorProblems({ rails }: BoardParts): Problem[] {
  return rails.flatMap(([index, { name, sensor }]) => {
    const [first, other] = rails.find(([, one]) => one.sensor === sensor) ?? [];
    if (typeof sensor !== "string" || first === undefined || other === undefined || first === index)
      return [];
    const already = (rail: string) => `is "${sensor}", which measures ${rail} already`;
    return [
      {
        path: ["rails", index, "sensor"],
        message: already(other.name),
        name: `sensor of ${name}`,
        rival: {
          path: ["rails", first, "sensor"],
          name: `sensor of ${other.name}`,
          message: already(name),
        },
      },
    ];
  });
}

function checkChannel(
  sensor: BoardSensor,
  parts: BoardParts,
  report: (key: keyof BoardSensor, message: string) => void,
): void {
  const channel = sensor.adc_channel;
  if (sensor.unit === "mdeg") {
    if (channel !== TEMPERATURE_CHANNEL) {
      report("adc_channel", `is ${channel}; allowed: ${TEMPERATURE_CHANNEL}, the sensor in the RP2040`);
    }
    if (sensor.numerator !== sensor.denominator) {
      report("numerator", "scales the temperature, which has a formula of its own; allowed: 1 and 1");
    }
    return;
  }
  const wired = [...parts.signals.values()]
    .filter((signal) => signal.function.startsWith("adc"))
    .map((signal) => Number(signal.function.slice("adc".length)));
  if (!wired.includes(channel)) {
    const allowed = wired.length === 0 ? "none, no ADC signal is wired" : wired.sort().join(", ");
    report("adc_channel", `is ${channel}, to which no signal is wired; allowed: ${allowed}`);
  }
}
