/**
 * Checks of a board's rails: their names, the signals that switch and report them, the one that feeds
 * compute.
 */
import { MOST_PAGES } from "../../abi/quantities.ts";
import type { BoardRail, BoardSignal } from "../../boards/board.ts";
import { didYouMean } from "../../cli/nearest.ts";
import { contractName, isCommonSignal } from "./check-signals.ts";
import type { BoardParts } from "./parts.ts";
import type { Problem } from "./problem.ts";

export function railProblems(parts: BoardParts): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const [index, rail] of parts.rails) {
    const report: Report = (key, message, rival) =>
      problems.push({
        path: ["rails", index, key],
        message,
        name: `${key} of ${rail.name}`,
        ...(rival === undefined ? {} : { rival }),
      });
    for (const key of ["name", "enable", "power_good"] as const) {
      const what = `${key} ${key === "name" ? rail.name : contractName(rail[key])}`;
      const first = seen.get(what);
      if (first !== undefined)
        report(key, `"${rail[key]}" is already that of ${first === rail.name ? "another rail" : first}`);
      else seen.set(what, rail.name);
    }
    checkSignal("enable", rail, parts, report);
    checkSignal("power_good", rail, parts, report);
    checkRailSensor(rail.sensor ?? null, parts, report);
  }
  return [...problems, ...countProblems(parts), ...computeProblems(parts)];
}

type Report = (key: string, message: string, rival?: Problem["rival"]) => void;

const DIRECTIONS = { enable: "out", power_good: "in" } as const;

/** A rail's signals may have any name, and the program must drive or read them itself. */
function checkSignal(
  key: "enable" | "power_good",
  rail: BoardRail,
  { signals, signalNames, rails }: BoardParts,
  report: Report,
): void {
  const name = rail[key];
  const direction = DIRECTIONS[key];
  const wired = contractName(name);
  const [written = "", signal] = [...signals].find(([one]) => contractName(one) === wired) ?? [];
  const taken = rails.flatMap(([, rail]) => [rail.enable, rail.power_good]).map(contractName);
  const free = [...signals]
    .filter(([one, other]) => isRailSignal(one, other, direction) && !taken.includes(contractName(one)))
    .map(([one]) => one);
  const allowed = free.length === 0 ? "" : `; allowed: ${free.join(", ")}`;
  if (signal === undefined) {
    // There, but misshapen: reported already.
    if (signalNames.some((one) => contractName(one) === wired)) return;
    const hint = didYouMean(name, free);
    report(key, `is "${name}", which is missing among the signals of this board${allowed}${hint}`);
  } else if (isCommonSignal(name)) {
    report(
      key,
      `is "${name}", which has a meaning of its own${allowed || "; allowed: a signal of the rail"}`,
    );
  } else if (!isRailSignal(name, signal, direction)) {
    const wrong = signal.function === "sio" ? "direction" : "function";
    const wanted = wrong === "direction" ? direction : "sio";
    report(key, `is "${name}"; allowed: a signal with function "sio" and direction "${direction}"`, {
      path: ["signals", written, wrong],
      name: `signals.${written}.${wrong}`,
      message: `is "${signal[wrong]}"; allowed: "${wanted}", as ${key} of ${rail.name}`,
    });
  }
}

function isRailSignal(name: string, signal: BoardSignal, direction: "in" | "out"): boolean {
  return !isCommonSignal(name) && signal.function === "sio" && (signal.direction ?? direction) === direction;
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
  if (railNames === undefined) return [];
  if (railNames.length === 0) {
    const message = "leaves no rail; a slot needs one that feeds the compute board";
    return [{ path: ["rails"], message }];
  }
  if (railNames.length <= MOST_PAGES) return [];
  const message = `has ${railNames.length} rails; allowed: at most ${MOST_PAGES}, one to a PMBus page`;
  return [{ path: ["rails"], message }];
}

/** Exactly one rail feeds the compute board: protection and the power readings are about that one. */
function computeProblems({ rails, railNames }: BoardParts): Problem[] {
  // With a misshapen rail left out, the one that feeds may be among those not seen.
  if (railNames === undefined || railNames.length === 0 || rails.length < railNames.length) return [];
  const feeding = rails.filter(([, rail]) => rail.feeds_compute === true);
  const [first, ...others] = feeding;
  if (first === undefined) {
    const names = railNames.join(", ");
    const message = `none of ${names} feeds the compute board; one must have "feeds_compute": true`;
    return [{ path: ["rails"], message }];
  }
  const already = (name: string) => `is true, but ${name} feeds the compute board already; allowed: one rail`;
  return others.map(([index, rail]) => ({
    path: ["rails", index, "feeds_compute"],
    message: already(first[1].name),
    name: `feeds_compute of ${rail.name}`,
    rival: {
      path: ["rails", first[0], "feeds_compute"],
      name: `feeds_compute of ${first[1].name}`,
      message: already(rail.name),
    },
  }));
}
