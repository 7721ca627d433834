/** Checks of the text itself: lines too long, words that do not belong here, the lock file. */
import { isC, isGenerated, isScript, type Sources } from "./sources.ts";

const MAXIMUM_COLUMNS = 110;

/** A line that is one string or pattern, or a test's title: cut in pieces it could not be searched for. */
const ONE_LITERAL =
  /^\s*(\w+: |(?:test|it)\()?(?!\/[/*])(["'`/]).*\2[a-z]*(?: \+|, (?:async )?\(\w*\) => \{|[,;)]*)$/;

/** Lines a reader would have to scroll for: Biome breaks no comments and does not read C. */
export function longLines(sources: Sources): string[] {
  return eachLine(sources, (path) => (isScript(path) || isC(path)) && !isGenerated(path)).flatMap(
    ({ path, number, line }) =>
      line.length > MAXIMUM_COLUMNS && !ONE_LITERAL.test(line)
        ? [`${path}:${number}: ${line.length} columns`]
        : [],
  );
}

/** What names one machine or one network, and would be wrong on every other. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/registry\.(npmjs|yarnpkg|npmmirror)/, "a package registry's host"],
  [/(?<![\w./-])\/(work|root|tmp)\//, "a path of one machine"],
  [/(?<![\w./-])\/(home|Users)\/\w/, "a path of one machine"],
];

export function foreignText(sources: Sources): string[] {
  // A captured boot log says what its machine said.
  return eachLine(sources, (path) => !path.endsWith(".log")).flatMap(({ path, number, line }) =>
    FOREIGN.filter(([pattern]) => pattern.test(line)).map(
      ([pattern, what]) => `${path}:${number}: ${what}: ${pattern.exec(line)?.[0]}`,
    ),
  );
}

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Looked for as Node does: beside the package that needs it, then further out. */
function isLocked(name: string, from: string, packages: Readonly<Record<string, LockedPackage>>): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (`${folder === "" ? "" : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === "") return false;
  }
}

/** `npm ci` must fetch from whatever registry the user has set, at exactly the versions tested. */
export function lockProblems(sources: Sources): string[] {
  const problems: string[] = [];
  const lock = JSON.parse(sources.get("package-lock.json") ?? "{}");
  const packages: Record<string, LockedPackage> = lock.packages ?? {};
  for (const [path, entry] of Object.entries(packages)) {
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      // `npm ci` refuses such a lock file, on every system, though npm itself writes it when the
      // registry at hand does not carry a package for another one.
      if (!isLocked(name, path, packages))
        problems.push(`package-lock.json: ${path} needs ${name}, not there`);
    }
    if (entry.resolved !== undefined) problems.push(`package-lock.json: ${path} has a "resolved" address`);
    if (path !== "" && entry.integrity === undefined && entry.inBundle !== true) {
      problems.push(`package-lock.json: ${path} has no integrity hash`);
    }
  }
  const { dependencies = {}, devDependencies = {} } = JSON.parse(sources.get("package.json") ?? "{}");
  const wanted: Record<string, string> = { ...dependencies, ...devDependencies };
  for (const [name, version] of Object.entries(wanted)) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      problems.push(`package.json: ${name} ${version} is not pinned`);
    const locked = packages[`node_modules/${name}`]?.version;
    if (locked !== version) problems.push(`package-lock.json: ${name} is at ${locked}, not ${version}`);
  }
  return problems;
}

function eachLine(sources: Sources, wanted: (path: string) => boolean) {
  return [...sources]
    .filter(([path]) => wanted(path))
    .flatMap(([path, text]) => text.split("\n").map((line, index) => ({ path, number: index + 1, line })));
}
