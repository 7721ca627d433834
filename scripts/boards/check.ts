/**
 * Checks whether a board is usable: first its shape by boards/schema.json, then the rules that a schema
 * cannot express, such as which function a pin can have, which signals the contract needs, and which lines
 * need a resistor.
 *
 * A part with a wrong shape is reported once and left out of the later checks, so that one mistake does not
 * hide the others.
 */
import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject } from "ajv";
import type {
  BoardLimits,
  BoardPowerMonitor,
  BoardRail,
  BoardSensor,
  BoardSignal,
} from "../../boards/board.ts";
import { didYouMean } from "../../cli/nearest.ts";
import { flashProblems } from "./check-flash.ts";
import { limitProblems } from "./check-limits.ts";
import { monitorProblems } from "./check-monitor.ts";
import { railProblems } from "./check-rails.ts";
import { sensorProblems } from "./check-sensors.ts";
import { signalProblems, type UnknownSignal, unknownSignals } from "./check-signals.ts";
import { identityProblems, smbusProblems } from "./check-smbus.ts";
import { type JsonValue, pathText } from "./json.ts";
import { isConsequence, misspeltNames } from "./misspelt.ts";
import type { BoardParts } from "./parts.ts";
import type { Path, Problem } from "./problem.ts";

const schema = JSON.parse(readFileSync(new URL("../../boards/schema.json", import.meta.url), "utf8"));
const validate = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(schema);

/**
 * Returns every problem of a merged board file, in the order of the file's keys as far as possible. The
 * name is not checked here: it belongs to the file, not to the merged content.
 */
export function checkBoard(content: { [key: string]: JsonValue }): Problem[] {
  validate(content);
  const errors = (validate.errors ?? []).filter((error) => error.propertyName === undefined);
  // A value of the wrong type violates two rules: that of its key, and that of the definition the key
  // refers to.
  const all = [
    ...new Map(errors.map(shapeProblem).map((one) => [pathText(one.path) + one.message, one])).values(),
  ].filter(({ path }) => pathText(path) !== "name");
  const unknown = unknownSignals(content.signals, content.rails, (name) =>
    all.some(({ path }) => path[0] === "signals" && path[1] === name),
  );
  const names = new Map(unknown.map((signal) => [signal.name, signal]));
  // Problems that an unknown signal has only because its name is wrong are not reported.
  const consequences = new Set(
    errors
      .filter(({ keyword }) => ["required", "propertyNames"].includes(keyword))
      .map((error) => pathText(shapeProblem(error).path)),
  );
  const missing = errors.filter(({ keyword }) => keyword === "required").map(shapeProblem);
  const misspelt = misspeltNames(
    content,
    missing.map(({ path }) => path),
  );
  const isMissing = (path: Path) => missing.some((one) => pathText(one.path) === pathText(path));
  const shape = all.filter(({ path }) => {
    if (path[0] === "signals" && names.has(String(path[1]))) return !consequences.has(pathText(path));
    return !(isMissing(path) && (isConsequence(path, misspelt) || isOfUnfittedRail(path, content)));
  });
  const bad = [...all.map(({ path }) => path), ...unknown.map(({ name }) => ["signals", name])];
  const parts = wellShaped(content, bad, unknown, misspelt);
  return [
    ...shape,
    ...misspelt,
    ...unknown.map(({ name, message, rival }) => ({
      path: ["signals", name],
      message,
      name: `signals.${name}`,
      ...(rival === undefined ? {} : { rival }),
    })),
    ...flashProblems(parts),
    ...signalProblems(parts),
    ...railProblems(parts),
    ...sensorProblems(parts),
    ...smbusProblems(parts),
    ...monitorProblems(parts),
    ...identityProblems(parts),
    ...limitProblems(parts),
  ];
}

function wellShaped(
  content: { [key: string]: JsonValue },
  bad: readonly Path[],
  unknown: readonly UnknownSignal[],
  misspelt: readonly Problem[],
): BoardParts {
  const spoiled = (...path: Path) =>
    bad.some((other) => path.every((step, depth) => other[depth] === step || other.length <= depth));
  const isGroup = (value: JsonValue | undefined): value is { [key: string]: JsonValue } =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = (key: string) => {
    const group = content[key];
    return isGroup(group) ? Object.entries(group).filter(([name]) => name !== "note") : [];
  };
  const isMisspelt = (path: Path) => misspelt.some((other) => pathText(other.path) === pathText(path));
  const names = (key: string) =>
    isGroup(content[key])
      ? entries(key)
          .map(([name]) => name)
          .filter((name) => !isMisspelt([key, name]))
      : undefined;
  const value = (group: string, key: string) =>
    spoiled(group, key) ? undefined : entries(group).find(([name]) => name === key)?.[1];
  const rails = (Array.isArray(content.rails) ? content.rails : []).map(
    (rail, index) => [index, rail] as const,
  );
  const isFitted = (rail: JsonValue) => !isGroup(rail) || rail.fitted !== false;
  const fitted = rails.filter(([index, rail]) => isFitted(rail) && !isMisspelt(["rails", index]));
  return {
    signals: new Map(
      entries("signals").filter(([name]) => !spoiled("signals", name)) as unknown as [string, BoardSignal][],
    ),
    signalNames: entries("signals").map(
      ([name]) => unknown.find((signal) => signal.name === name)?.meant ?? name,
    ),
    wiredGpios: new Map(entries("wired_gpios").map(([gpio, what]) => [Number(gpio), String(what)] as const)),
    rails: fitted.filter(([index]) => !spoiled("rails", index)) as unknown as [number, BoardRail][],
    railNames: bad.some((path) => pathText(path) === "rails")
      ? undefined
      : fitted.map(([, rail]) => String((rail as { name?: unknown } | null)?.name)),
    unfittedRails: rails.filter(([, rail]) => !isFitted(rail)) as unknown as [number, Partial<BoardRail>][],
    sensors: new Map(
      entries("sensors").filter(([name]) => !spoiled("sensors", name)) as unknown as [string, BoardSensor][],
    ),
    sensorNames: names("sensors"),
    limits: new Map(
      entries("limits").filter(([name]) => !spoiled("limits", name)) as unknown as [
        string,
        Partial<BoardLimits>,
      ][],
    ),
    limitNames: names("limits"),
    flash:
      isGroup(content.flash) && !spoiled("flash")
        ? (content.flash as unknown as { chip: string; bytes: number })
        : undefined,
    overcurrent: value("protection", "overcurrent_ma") as number | undefined,
    smbusAddress: value("smbus", "address") as number | undefined,
    powerMonitor:
      isGroup(content.power_monitor) && !spoiled("power_monitor")
        ? (content.power_monitor as unknown as BoardPowerMonitor)
        : undefined,
    date: value("identity", "date") as string | undefined,
  };
}

/** A board without a rail of its base gives no more than the name. */
function isOfUnfittedRail([group, index]: Path, { rails }: { [key: string]: JsonValue }): boolean {
  const rail = group === "rails" && Array.isArray(rails) ? rails[Number(index)] : undefined;
  return typeof rail === "object" && rail !== null && !Array.isArray(rail) && rail.fitted === false;
}

/** Names the values of a list, and the one that was probably meant by a misspelt text. */
function enumMessage(given: unknown, allowed: unknown[]): string {
  const texts = allowed.filter((one) => typeof one === "string");
  const hint = typeof given === "string" ? didYouMean(given, texts) : "";
  return `is ${JSON.stringify(given)}; allowed: ${allowed.map(quoted).join(", ")}${hint}`;
}

/** One error of the validator in the words of this project: the key, what is wrong, what is allowed. */
function shapeProblem(error: ErrorObject): Problem {
  const path = pointerSteps(error.instancePath);
  const rule = error.parentSchema as Record<string, unknown>;
  const given = JSON.stringify(error.data);
  switch (error.keyword) {
    case "required":
      return { path: [...path, error.params.missingProperty], message: "is missing" };
    case "additionalProperties": {
      const key = String(error.params.additionalProperty);
      const allowed = Object.keys(rule.properties as object).filter((other) => other !== "$schema");
      return {
        path: [...path, key],
        message: `is not a key here; allowed: ${allowed.join(", ")}${didYouMean(key, allowed)}`,
      };
    }
    case "propertyNames": {
      const key = String(error.params.propertyName);
      const { description } = rule.propertyNames as { description: string };
      return { path: [...path, key], message: `is no name for this; allowed: ${description}` };
    }
    case "enum":
      return { path, message: enumMessage(error.data, rule.enum as unknown[]) };
    case "const":
      return { path, message: `is ${given}; allowed: ${quoted(rule.const)}` };
    case "minimum":
    case "maximum":
      return { path, message: `is ${given}; allowed: ${rule.minimum} to ${rule.maximum}` };
    case "pattern":
      return { path, message: `is ${given}; allowed: ${rule.description}` };
    case "minItems":
    case "maxItems": {
      const { minItems, maxItems } = rule;
      if (maxItems !== undefined) return { path, message: `is ${given}; allowed: a list of ${maxItems}` };
      const message =
        minItems === 1 ? "is empty; a slot needs its rails: leave the key out, or list those to change" : "";
      return { path, message };
    }
    case "minLength":
      return { path, message: "is empty; allowed: at least one character" };
    case "maxLength":
      return { path, message: `is ${given}; allowed: ${rule.maxLength} characters at most` };
    case "type":
      return { path, message: `is ${given}; allowed: ${[error.params.type].flat().join(" or ")}` };
    default:
      return { path, message: `is ${given}, which ${error.message}` };
  }
}

function quoted(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : JSON.stringify(value);
}

/** Keys whose values are lists. */
const LISTS: readonly (string | undefined)[] = ["rails", "retry_pauses_ms"];

/** A JSON pointer (RFC 6901) as steps; array indices, which are all digits, as numbers. */
function pointerSteps(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step, depth, steps) => (LISTS.includes(steps[depth - 1]) ? Number(step) : step));
}
