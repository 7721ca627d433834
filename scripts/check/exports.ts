/**
 * Finds exports that no other file uses. They suggest a use that does not exist, and no compiler reports
 * them. Tests count as users. A file that no other file imports is an entry point, which a tool compiles or
 * starts by its path. Its exports are for the program that loads it, as are those of the files that a
 * package.json names.
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

/** True for a type that other declarations of its file mention. Their callers may need its name. */
function isPartOfSignature(name: string, text: string): boolean {
  const isType = new RegExp(`^export (?:interface|type) ${name}\\b`, "m").test(text);
  return isType && (text.match(new RegExp(`\\b${name}\\b`, "g")) ?? []).length > 1;
}

/** The files that a package.json exports. */
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

/**
 * The imported names, also those used as `x.name` of a namespace `x`. All names, if they cannot be found out.
 */
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
  // After an import at run time, any name may be used.
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

/** The names used of a namespace `x`. A mention other than `x.name` may use any of them. */
function namesOfNamespace(namespace: string, text: string): string[] {
  const mentions = [
    ...codeOf(text).matchAll(new RegExp(`(?<![\\w$.])${namespace}(?![\\w$])(?:\\.([\\w$]+))?`, "g")),
  ];
  const isDeclaration = (at: number) => /\*\s*as\s+$/.test(text.slice(Math.max(0, at - 20), at));
  return mentions.filter((mention) => !isDeclaration(mention.index)).map(([, name]) => name ?? EVERYTHING);
}

/** For `a, type b, c as d`, or `a, b: c`: the outer and the inner name of each. */
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
