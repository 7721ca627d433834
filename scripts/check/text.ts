/** Checks of the text itself: lines that are too long, and names of machines or networks. */
import { isC, isGenerated, isScript, type Sources } from "./sources.ts";

export const MAXIMUM_COLUMNS = 110;

/** A line that is one string, one pattern or a test's title. Cut into pieces it could not be searched for. */
const ONE_LITERAL =
  /^\s*(\w+: |(?:test|it)\()?(?!\/[/*])(["'`/]).*\2[a-z]*(?: \+|, (?:async )?\(\w*\) => \{|[,;)]*)$/;

/** Lines longer than the limit. Biome does not break comments, and it does not read C. */
export function longLines(sources: Sources): string[] {
  return eachLine(sources, (path) => (isScript(path) || isC(path)) && !isGenerated(path)).flatMap(
    ({ path, number, line }) =>
      line.length > MAXIMUM_COLUMNS && !ONE_LITERAL.test(line)
        ? [`${path}:${number}: ${line.length} columns`]
        : [],
  );
}

/** Names of one machine or one network, which are wrong on every other one. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/registry\.(npmjs|yarnpkg|npmmirror)/, "a package registry's host"],
  [/(?<![\w./-])\/(work|root|tmp)\//, "a path of one machine"],
  [/(?<![\w./-])\/(home|Users)\/\w/, "a path of one machine"],
];

export function foreignText(sources: Sources): string[] {
  // A captured boot log contains names of the machine that printed it.
  return eachLine(sources, (path) => !path.endsWith(".log")).flatMap(({ path, number, line }) =>
    FOREIGN.filter(([pattern]) => pattern.test(line)).map(
      ([pattern, what]) => `${path}:${number}: ${what}: ${pattern.exec(line)?.[0]}`,
    ),
  );
}

function eachLine(sources: Sources, wanted: (path: string) => boolean) {
  return [...sources]
    .filter(([path]) => wanted(path))
    .flatMap(([path, text]) => text.split("\n").map((line, index) => ({ path, number: index + 1, line })));
}
