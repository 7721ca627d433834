/** Checks of a board's rails and sensors, and of what they say about its signals. */
import { contract, type Signal } from "../../abi/contract.ts";
import type { BoardSensor, SensorName } from "../../boards/board.ts";
import { didYouMean } from "../nearest.ts";
import type { BoardParts, Problem } from "./check.ts";
import { contractName } from "./check-signals.ts";

const contractSignals: readonly Signal[] = contract.signals;

/** A rail is what the contract has an enable and a power-good for, and every board has all of them. */
const RAIL_NAMES = contractSignals
  .filter(({ name }) => name.startsWith("EN_"))
  .map(({ name }) => name.slice("EN_".length));

const UNITS: Readonly<Record<SensorName, BoardSensor["unit"]>> = {
  VIN: "mv",
  V5: "mv",
  I5: "ma",
  V3V3: "mv",
  TEMPERATURE: "mdeg",
};

/** The RP2040's own temperature sensor (datasheet 4.9.5); the channels below it are pins. */
const TEMPERATURE_CHANNEL = 4;

export function railProblems(parts: BoardParts): Problem[] {
  const problems: Problem[] = [];
  const wired = parts.signalNames.map(contractName);
  const seen = new Map<string, string>();
  for (const [index, rail] of parts.rails) {
    const report = (key: string, message: string) => problems.push({ path: ["rails", index, key], message });
    if (!RAIL_NAMES.includes(rail.name)) {
      const guess = didYouMean(rail.name, RAIL_NAMES);
      report("name", `is "${rail.name}"; allowed: ${RAIL_NAMES.join(", ")}${guess}`);
    }
    for (const key of ["name", "enable", "power_good"] as const) {
      const first = seen.get(`${key} ${rail[key]}`);
      if (first !== undefined)
        report(key, `"${rail[key]}" is already that of ${first === rail.name ? "another rail" : first}`);
      else seen.set(`${key} ${rail[key]}`, rail.name);
    }
    for (const [key, prefix] of [
      ["enable", "EN_"],
      ["power_good", "PG_"],
    ] as const) {
      const allowed = contractSignals.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name);
      if (!allowed.includes(rail[key])) {
        const guess = didYouMean(rail[key], allowed);
        report(key, `is "${rail[key]}", an unknown signal; allowed: ${allowed.join(", ")}${guess}`);
      } else if (!wired.includes(rail[key])) {
        report(key, `is "${rail[key]}", which is missing among the signals of this board`);
      }
    }
    checkRailSensor(rail.sensor ?? null, parts, report);
  }
  const { railNames } = parts;
  for (const name of RAIL_NAMES.filter((rail) => railNames?.includes(rail) === false)) {
    problems.push({ path: ["rails"], message: `the rail ${name} is missing; every board must have it` });
  }
  return problems;
}

function checkRailSensor(
  sensor: SensorName | null,
  parts: BoardParts,
  report: (key: string, message: string) => void,
): void {
  if (sensor === null) return;
  // There, but misshapen, which has been told already.
  if (parts.sensorNames?.includes(sensor) !== false && !parts.sensors.has(sensor)) return;
  const allowed = [...parts.sensors].filter(([, { unit }]) => unit === "mv").map(([name]) => name);
  if (allowed.includes(sensor)) return;
  const why = parts.sensors.has(sensor) ? "which measures no voltage" : "which this board does not have";
  report("sensor", `is "${sensor}", ${why}; allowed: ${[...allowed, "null"].join(", ")}`);
}

export function sensorProblems(parts: BoardParts): Problem[] {
  const problems: Problem[] = [];
  const channels = new Map<number, SensorName>();
  for (const [name, sensor] of parts.sensors) {
    const report = (key: keyof BoardSensor, message: string) =>
      problems.push({ path: ["sensors", name, key], message });
    if (sensor.unit !== UNITS[name]) report("unit", `is "${sensor.unit}"; allowed: "${UNITS[name]}"`);
    const other = channels.get(sensor.adc_channel);
    if (other !== undefined) report("adc_channel", `channel ${sensor.adc_channel} is already ${other}`);
    else channels.set(sensor.adc_channel, name);
    checkChannel(name, sensor, parts, report);
  }
  return problems;
}

function checkChannel(
  name: SensorName,
  sensor: BoardSensor,
  parts: BoardParts,
  report: (key: keyof BoardSensor, message: string) => void,
): void {
  const channel = sensor.adc_channel;
  if (name === "TEMPERATURE") {
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
