/**
 * Checks the order of the folders inside `assembly/`. A folder may import itself and the folders of lower
 * groups, and none of its own group. So power and protection never depend on the console or the SMBus, which
 * show their state. They write records, and the upper layers read them.
 */
import type { Finding } from "./frozen.ts";
import { importsOf, isScript, type Sources } from "./sources.ts";

/**
 * The groups, lowest first. `storage`, `secrets` and `usb` do not exist yet; their names are reserved here.
 */
export const ASSEMBLY_ORDER: readonly (readonly string[])[] = [
  ["generated", "capacities.ts"],
  ["system.ts"],
  ["codec"],
  ["events", "boot", "storage"],
  ["sensors"],
  ["settings", "secrets"],
  ["protection"],
  ["power"],
  ["console"],
  ["smbus", "usb"],
  ["index.ts"],
];

const LEVELS = new Map(ASSEMBLY_ORDER.flatMap((group, level) => group.map((name) => [name, level] as const)));

/** One finding for each import of a higher or an equal group, and for each folder without a group. */
export function subLayerFindings(sources: Sources): Finding[] {
  return [...sources.keys()]
    .filter((path) => path.startsWith("assembly/") && isScript(path))
    .flatMap((path) => fileFindings(path, sources));
}

function fileFindings(path: string, sources: Sources): Finding[] {
  const own = subLayerOf(path);
  const level = LEVELS.get(own);
  if (level === undefined) {
    const message = `${path}: ${own} is in no sub-layer, add it to scripts/check/sub-layers.ts`;
    return [{ where: path, figure: 1, message }];
  }
  const targets = importsOf(path, sources).map(({ target }) => target ?? "");
  return [...new Set(targets)].flatMap((target) => {
    const other = subLayerOf(target);
    const isAllowed = other === own || (LEVELS.get(other) ?? 0) < level;
    if (!target.startsWith("assembly/") || isAllowed) return [];
    const message = `${path} imports ${target}: ${own} may import ${allowedFor(level) || "nothing"}`;
    return [{ where: `${path} ${target}`, figure: 1, message }];
  });
}

function allowedFor(level: number): string {
  return ASSEMBLY_ORDER.slice(0, level).flat().join(", ");
}

/** The next name in a path after `assembly/`: a folder, or a file directly in it. */
function subLayerOf(path: string): string {
  return path.split("/")[1] ?? "";
}
