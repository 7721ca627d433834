/** Checks of a board's sensors: their channels, and that no two of them measure the same quantity. */
import type { BoardSensor } from "../../boards/board.ts";
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
    const what = measuredBy(name, sensor, parts);
    const twin = measured.get(what);
    if (twin !== undefined) {
      const hint = sensor.unit === "mv" ? "; a rail names its sensor" : "";
      report("unit", `is "${sensor.unit}": ${twin} measures ${what} already${hint}`);
    } else measured.set(what, name);
  }
  return [...problems, ...sharedSensorProblems(parts)];
}

/** See boards/quantities.ts for the rule. */
function measuredBy(name: string, { unit }: BoardSensor, { rails }: BoardParts): string {
  if (unit === "mdeg") return "the temperature of the die";
  if (unit === "ma") return "the current of the compute board's rail";
  const rail = rails.find(([, one]) => one.sensor === name)?.[1];
  return rail ? `the rail ${rail.name}` : "the input voltage";
}

/** One voltage is that of one rail. */
function sharedSensorProblems({ rails }: BoardParts): Problem[] {
  return rails.flatMap(([index, { sensor }], at) => {
    const first = rails.findIndex(([, other]) => other.sensor === sensor);
    if (typeof sensor !== "string" || first === at) return [];
    const message = `is "${sensor}", which measures ${rails[first]?.[1].name} already`;
    return [{ path: ["rails", index, "sensor"], message }];
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
