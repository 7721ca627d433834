/**
 * Exports that no other file uses. They promise readers a use that is not there, and no compiler finds them.
 * Tests count as users. A file that no other file imports is an entry point, compiled or started by its path:
 * its exports are for the program that loads it. So are those of the files that a package.json names.
 */
import { codeOf } from "./comments.ts";
import type { Finding } from "./frozen.ts";
import { importsOf, isGenerated, isScript, type Sources, withoutComments } from "./sources.ts";

/** Modules of the firmware and the benchmarks: the host calls their exports. */
const MODULES = ["assembly/index.ts", "lab/bench/kernels/index.ts"];

const EVERYTHING = "*";

export function unusedExportFindings(sources: Sources): Finding[] {
  const used = new Map<string, Set<string>>();
  for (const path of [...sources.keys()].filter(isScript)) {
    for (const { target, names } of usesOf(path, sources)) {
      const before = used.get(target) ?? new Set<string>();
      used.set(target, new Set([...before, ...names]));
    }
  }
  const entries = new Set([...MODULES, ...packageEntries(sources)]);
  return [...sources.keys()]
    .filter((path) => isScript(path) && path.includes("/") && !isGenerated(path) && !entries.has(path))
    .flatMap((path) => {
      const names = used.get(path);
      if (names === undefined || names.has(EVERYTHING)) return [];
      const text = withoutComments(sources.get(path) ?? "");
      return exportsOf(text)
        .filter((name) => !names.has(name) && !isPartOfSignature(name, text))
        .map((name) => ({
          where: `${path} ${name}`,
          figure: 1,
          message: `${path} exports ${name}, unused elsewhere`,
        }));
    });
}

/** A type that other declarations of its file mention: who calls those may want to name it. */
function isPartOfSignature(name: string, text: string): boolean {
  const isType = new RegExp(`^export (?:interface|type) ${name}\\b`, "m").test(text);
  return isType && (text.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length > 1;
}

/** Files that a package.json names as what others import. */
function packageEntries(sources: Sources): string[] {
  const strings = (value: unknown): string[] =>
    typeof value === "string" ? [value] : Object.values((value as object | null) ?? {}).flatMap(strings);
  return [...sources].flatMap(([path, text]) => {
    if (!/(^|\/)package\.json$/.test(path)) return [];
    const { exports, main, types, bin } = JSON.parse(text);
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    return strings([exports, main, types, bin]).map((name) => folder + name.replace(/^\.\//, ""));
  });
}

const DECORATORS = String.raw`^(?:@\w+(?:\([^)\n]*\))?[ \t]+)*`;
const KINDS = "const enum|const|let|function\\*?|class|enum|interface|type|namespace";
const DECLARED = new RegExp(
  `${DECORATORS}export (?:declare )?(?:abstract )?(?:async )?(?:${KINDS}) ([\\w$]+)`,
  "gm",
);
const DEFAULT = /^export default /m;
const DESTRUCTURED = /^export const [{[]([^}\]]*)[}\]] =/gm;
const LISTED = /^export (?:type )?\{([^}]*)\}/gm;

function exportsOf(text: string): string[] {
  const declared = [...text.matchAll(DECLARED)].map(([, name]) => name as string);
  const parts = [...text.matchAll(DESTRUCTURED), ...text.matchAll(LISTED)].flatMap(([, list = ""]) =>
    namesIn(list).map(({ inside }) => inside),
  );
  return [...declared, ...parts, ...(DEFAULT.test(text) ? ["default"] : [])];
}

interface Use {
  readonly target: string;
  readonly names: readonly string[];
}

const IMPORT = /^[ \t]*(import|export)\b([^;"'`]*?)\bfrom\s*["']([^"'\n]+)["']/gm;

/** By name, by `x.name` of a namespace `x`, or everything where the names cannot be seen. */
function usesOf(path: string, sources: Sources): Use[] {
  const text = withoutComments(sources.get(path) ?? "");
  const targets = new Map(importsOf(path, sources).map(({ specifier, target }) => [specifier, target]));
  const uses: Use[] = [];
  const seen = new Set<string>();
  for (const [, , clause = "", specifier = ""] of text.matchAll(IMPORT)) {
    const target = targets.get(specifier);
    seen.add(specifier);
    if (target !== undefined) uses.push({ target, names: namesUsed(clause, text) });
  }
  // What is imported while running is taken apart in ways not looked at here.
  for (const [specifier, target] of targets) {
    if (!seen.has(specifier) && target !== undefined) uses.push({ target, names: [EVERYTHING] });
  }
  return uses;
}

function namesUsed(clause: string, text: string): string[] {
  const namespace = /\*\s*as\s+([\w$]+)/.exec(clause)?.[1];
  if (namespace !== undefined) return namesOfNamespace(namespace, text);
  if (clause.includes("*")) return [EVERYTHING];
  const list = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
  const main = /^\s*(?:type\s+)?([\w$]+)\s*(?:,|$)/.exec(clause.replace(/\{[^}]*\}/, ""))?.[1];
  return [...namesIn(list).map(({ outside }) => outside), ...(main === undefined ? [] : ["default"])];
}

/** Every mention that is not `x.name` may use any of them. */
function namesOfNamespace(namespace: string, text: string): string[] {
  const mentions = [
    ...codeOf(text).matchAll(new RegExp(`(?<![\\w$.])${namespace}(?![\\w$])(?:\\.([\\w$]+))?`, "g")),
  ];
  const isDeclaration = (at: number) => /\*\s*as\s+$/.test(text.slice(Math.max(0, at - 20), at));
  return mentions.filter((mention) => !isDeclaration(mention.index)).map(([, name]) => name ?? EVERYTHING);
}

/** Of `a, type b, c as d`, or `a, b: c`: how each is called outside and inside. */
function namesIn(list: string): { outside: string; inside: string }[] {
  return list
    .split(",")
    .map((part) => part.trim().replace(/^type\s+/, ""))
    .filter((part) => part !== "")
    .map((part) => {
      const [outside = "", inside = outside] = part.split(/\s+as\s+|\s*:\s*/);
      return { outside, inside };
    });
}
