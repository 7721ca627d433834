/**
 * Finds names that a derived board misspells. {"sensors": {"V3V": {"numerator": 3}}} is meant to change V3V3,
 * but it makes another sensor, one that lacks most of its keys. One problem with the name that was probably
 * meant says more than a list of what is missing.
 */
import { powerName } from "../../boards/quantities.ts";
import { didYouMean, nearestName } from "../../cli/nearest.ts";
import { type JsonValue, pathText } from "./json.ts";
import type { Path, Problem } from "./problem.ts";

/** A whole entry from which one key was taken has its own name. Our choice: two keys and more. */
const FEWEST_MISSING_KEYS = 2;

type Content = { readonly [key: string]: JsonValue };

/** The entries with such names; `missing` are the paths of all keys that the file lacks. */
export function misspeltNames(content: Content, missing: readonly Path[]): Problem[] {
  return [
    ...misspeltRails(content, missing),
    ...misspeltSensors(content, missing),
    ...misspeltLimits(content, missing),
  ];
}

function misspeltRails({ rails }: Content, missing: readonly Path[]): Problem[] {
  if (!Array.isArray(rails)) return [];
  const incomplete = incompleteEntries("rails", missing);
  const nameOf = (index: number) => asObject(rails[index]).name;
  const whole = rails.flatMap((_, index) => (incomplete.has(index) ? [] : [nameOf(index)]));
  return [...incomplete].flatMap(([index, keys]) =>
    // One that is taken away gives no more than its name.
    asObject(rails[Number(index)]).fitted === false
      ? []
      : misspelt(["rails", index], nameOf(Number(index)), keys, whole),
  );
}

function misspeltSensors({ sensors, rails }: Content, missing: readonly Path[]): Problem[] {
  const incomplete = incompleteEntries("sensors", missing);
  const named = Array.isArray(rails) ? rails.map((rail) => asObject(rail).sensor) : [];
  const whole = namesIn(sensors).filter((name) => !incomplete.has(name));
  return [...incomplete].flatMap(([name, keys]) =>
    named.includes(name) ? [] : misspelt(["sensors", name], name, keys, whole),
  );
}

function misspelt(path: Path, name: unknown, keys: readonly string[], others: readonly unknown[]): Problem[] {
  if (typeof name !== "string" || keys.length < FEWEST_MISSING_KEYS) return [];
  const known = others.filter((one) => typeof one === "string");
  if (nearestName(name, known) === undefined) return [];
  const [last, ...first] = [...keys].reverse();
  const list = `${first.reverse().join(", ")} and ${last}`;
  return [{ path, message: `"${name}" lacks ${list}${didYouMean(name, known)}` }];
}

/** Limits have the names of sensors and of the computed power, and no others. */
function misspeltLimits({ limits, sensors, rails }: Content, missing: readonly Path[]): Problem[] {
  const feeding = Array.isArray(rails) ? rails.find((rail) => asObject(rail).feeds_compute === true) : null;
  const voltage = asObject(feeding ?? null).sensor;
  const measured = [...namesIn(sensors), ...(typeof voltage === "string" ? [powerName(voltage)] : [])];
  const known = namesIn(limits).filter((name) => measured.includes(name));
  return [...incompleteEntries("limits", missing).keys()].flatMap((name) => {
    if (measured.includes(String(name)) || nearestName(String(name), known) === undefined) return [];
    const allowed = ["note", ...measured].join(", ");
    const message = `is not a key here; allowed: ${allowed}${didYouMean(String(name), known)}`;
    return [{ path: ["limits", name], message }];
  });
}

/** The missing keys of each entry of a group, by its name or index. */
function incompleteEntries(group: string, missing: readonly Path[]): Map<string | number, string[]> {
  const found = new Map<string | number, string[]>();
  for (const [first, entry, key, ...rest] of missing) {
    if (first !== group || entry === undefined || key === undefined || rest.length > 0) continue;
    found.set(entry, [...(found.get(entry) ?? []), String(key)]);
  }
  return found;
}

function asObject(value: JsonValue | undefined): { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function namesIn(group: JsonValue | undefined): string[] {
  return Object.keys(asObject(group)).filter((name) => name !== "note");
}

/** True for a key that is missing because the name of its entry is misspelt. */
export function isConsequence(path: Path, misspelt: readonly Problem[]): boolean {
  return misspelt.some((other) => pathText(other.path) === pathText(path.slice(0, 2)));
}
