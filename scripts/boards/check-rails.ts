/**
 * Checks of a board's rails: their names, the signals that switch and report them, the one that feeds
 * compute.
 */
import { MOST_PAGES } from "../../abi/quantities.ts";
import type { BoardSignal } from "../../boards/board.ts";
import { computeRail } from "../../boards/quantities.ts";
import { didYouMean } from "../../cli/nearest.ts";
import { contractName } from "./check-signals.ts";
import type { BoardParts } from "./parts.ts";
import type { Problem } from "./problem.ts";

export function railProblems(parts: BoardParts): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const [index, rail] of parts.rails) {
    const report = (key: string, message: string) => problems.push({ path: ["rails", index, key], message });
    for (const key of ["name", "enable", "power_good"] as const) {
      const first = seen.get(`${key} ${rail[key]}`);
      if (first !== undefined)
        report(key, `"${rail[key]}" is already that of ${first === rail.name ? "another rail" : first}`);
      else seen.set(`${key} ${rail[key]}`, rail.name);
    }
    checkSignal("enable", "out", rail.enable, parts, report);
    checkSignal("power_good", "in", rail.power_good, parts, report);
    checkRailSensor(rail.sensor ?? null, parts, report);
  }
  return [...problems, ...countProblems(parts), ...computeProblems(parts)];
}

type Report = (key: string, message: string) => void;

/** A rail's signals may have any name, and the program must drive or read them itself. */
function checkSignal(
  key: "enable" | "power_good",
  direction: "in" | "out",
  name: string,
  { signals, signalNames }: BoardParts,
  report: Report,
): void {
  const wired = contractName(name);
  const [, signal] = [...signals].find(([one]) => contractName(one) === wired) ?? [];
  if (signal === undefined) {
    // There, but misshapen: reported already.
    if (signalNames.some((one) => contractName(one) === wired)) return;
    const allowed = [...signals].filter(([, one]) => isRailSignal(one, direction)).map(([one]) => one);
    report(key, `is "${name}", which is missing among the signals of this board${didYouMean(name, allowed)}`);
  } else if (!isRailSignal(signal, direction)) {
    report(key, `is "${name}"; allowed: a signal with function "sio" and direction "${direction}"`);
  }
}

function isRailSignal(signal: BoardSignal, direction: "in" | "out"): boolean {
  return signal.function === "sio" && (signal.direction ?? direction) === direction;
}

function checkRailSensor(sensor: string | null, parts: BoardParts, report: Report): void {
  if (sensor === null) return;
  // There, but misshapen, which has been reported already.
  if (parts.sensorNames?.includes(sensor) !== false && !parts.sensors.has(sensor)) return;
  const allowed = [...parts.sensors].filter(([, { unit }]) => unit === "mv").map(([name]) => name);
  if (allowed.includes(sensor)) return;
  const why = parts.sensors.has(sensor) ? "which measures no voltage" : "which this board does not have";
  report("sensor", `is "${sensor}", ${why}; allowed: ${[...allowed, "null"].join(", ")}`);
}

function countProblems({ railNames }: BoardParts): Problem[] {
  if (railNames === undefined || railNames.length <= MOST_PAGES) return [];
  const message = `has ${railNames.length} rails; allowed: ${MOST_PAGES}, one to a PMBus page`;
  return [{ path: ["rails"], message }];
}

/** Exactly one rail feeds the compute board: protection and the power readings are about that one. */
function computeProblems({ rails, railNames }: BoardParts): Problem[] {
  // With a misshapen rail left out, the one that feeds may be among those not seen.
  if (railNames === undefined || railNames.length === 0 || rails.length < railNames.length) return [];
  const all = rails.map(([, rail]) => rail);
  const first = computeRail(all);
  if (first < 0) {
    const names = railNames.join(", ");
    const message = `none of ${names} feeds the compute board; one must have "feeds_compute": true`;
    return [{ path: ["rails"], message }];
  }
  return rails.slice(first + 1).flatMap(([index, rail]) => {
    if (rail.feeds_compute !== true) return [];
    const message = `is true, but ${all[first]?.name} feeds the compute board already; allowed: one rail`;
    return [{ path: ["rails", index, "feeds_compute"], message }];
  });
}
