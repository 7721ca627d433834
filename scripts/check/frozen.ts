/**
 * Rules that the project does not keep everywhere yet. `frozen.json` lists each exception with its figure and
 * a reason, `frozen-words.json` the counts of the words check. A figure may fall and never rise: a check
 * fails when one is exceeded, and when one could be lowered. `npm run check -- --renew-frozen` lowers them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MAXIMUM_COLUMNS } from "./text.ts";

/** Something that breaks a rule, and by how much. */
export interface Finding {
  /** A path; or a path, a space, and the name of a function or another part of the file. */
  readonly where: string;
  /** The measured figure. It is 1 for rules that are either kept or broken. */
  readonly figure: number;
  /** The text that a failed check prints. */
  readonly message: string;
}

export interface FrozenEntry {
  readonly where: string;
  readonly figure: number;
  readonly reason?: string;
}

/** The entries by the name of their rule. */
export type Frozen = Readonly<Record<string, readonly FrozenEntry[]>>;

const ENTRIES = "scripts/check/frozen.json";
const WORDS = "scripts/check/frozen-words.json";
const RENEW = "npm run check -- --renew-frozen";
/** The rule whose counts have a file of their own, because they all have the same reason. */
export const WORDS_RULE = "words";
/**
 * A figure may fall by this much before the list must follow. Our choice: small edits need not touch the
 * list.
 */
const SLACK = 0.05;

export function readFrozen(project: string): Frozen {
  const words: Record<string, number> = JSON.parse(readFileSync(join(project, WORDS), "utf8"));
  return {
    ...JSON.parse(readFileSync(join(project, ENTRIES), "utf8")),
    [WORDS_RULE]: Object.entries(words).map(([where, figure]) => ({ where, figure })),
  };
}

export function writeFrozen(project: string, frozen: Frozen): void {
  const { [WORDS_RULE]: words = [], ...rules } = frozen;
  const counts = Object.fromEntries(words.map(({ where, figure }) => [where, figure]));
  writeFileSync(join(project, WORDS), `${JSON.stringify(counts, null, 2)}\n`);
  const sections = Object.entries(rules).map(([rule, entries]) => {
    const lines = entries.map((entry, index) => jsonLine(entry, index === entries.length - 1));
    return lines.length === 0 ? `  "${rule}": []` : `  "${rule}": [\n${lines.join("\n")}\n  ]`;
  });
  writeFileSync(join(project, ENTRIES), `{\n${sections.join(",\n")}\n}\n`);
}

/** Formats an entry as Biome does: on one line if it fits. */
function jsonLine(entry: FrozenEntry, isLast: boolean): string {
  const fields = Object.entries(entry).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  const comma = isLast ? "" : ",";
  const short = `    { ${fields.join(", ")} }${comma}`;
  return short.length <= MAXIMUM_COLUMNS ? short : `    {\n      ${fields.join(",\n      ")}\n    }${comma}`;
}

/** One line for each finding that is not frozen, or exceeds its figure. */
export function exceeded(findings: readonly Finding[], entries: readonly FrozenEntry[]): string[] {
  const frozen = new Map(entries.map((entry) => [entry.where, entry.figure]));
  return findings.flatMap(({ where, figure, message }) => {
    const most = frozen.get(where);
    if (most === undefined) return [message];
    return figure > most ? [`${message} (frozen at ${most})`] : [];
  });
}

/**
 * One line for each entry whose figure has fallen by more than the slack, or that has no finding any more.
 */
export function outdated(findings: readonly Finding[], entries: readonly FrozenEntry[]): string[] {
  const found = new Map(findings.map((finding) => [finding.where, finding.figure]));
  return entries.flatMap(({ where, figure }) => {
    const now = found.get(where);
    if (now === undefined) return [`${where}: keeps the rule now, remove it from ${ENTRIES}: ${RENEW}`];
    if (figure - now <= figure * SLACK) return [];
    return [`${where}: ${now} now, lower its ${figure} in ${ENTRIES}: ${RENEW}`];
  });
}

/**
 * The entries with today's figures. No figure rises, and no entry is added. The entry of a moved file follows
 * it to the one new path with the same file name, if the figure there is no higher.
 */
export function renewed(
  findings: readonly Finding[],
  entries: readonly FrozenEntry[],
  exists: (path: string) => boolean,
): FrozenEntry[] {
  const found = new Map(findings.map((finding) => [finding.where, finding.figure]));
  const known = new Set(entries.map((entry) => entry.where));
  const free = findings.filter(({ where }) => !known.has(where));
  return entries.flatMap((entry) => {
    const moved = exists(pathOf(entry.where))
      ? []
      : free.filter(({ where, figure }) => isSameElsewhere(where, entry.where) && figure <= entry.figure);
    const where = moved.length === 1 ? (moved[0] as Finding).where : entry.where;
    const figure = found.get(where);
    return figure === undefined ? [] : [{ ...entry, where, figure: Math.min(entry.figure, figure) }];
  });
}

function pathOf(where: string): string {
  return where.split(" ", 1)[0] as string;
}

/** True for the same file name, and the same function in it. */
function isSameElsewhere(left: string, right: string): boolean {
  return left.slice(lastStep(left)) === right.slice(lastStep(right));
}

function lastStep(where: string): number {
  return pathOf(where).lastIndexOf("/") + 1;
}
