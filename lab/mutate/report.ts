/** The outcome of a run in words: a table of the survivors, and the counts. */
import { describe } from "./mutant.ts";
import type { Result, Verdict } from "./trial.ts";

export interface Outcome {
  readonly seed: number;
  /** Files or folders that were asked for. */
  readonly paths: readonly string[];
  /** Mutants that the files have. */
  readonly found: number;
  /** Of these, the ones that judged.json lists. */
  readonly judged: number;
  readonly results: readonly Result[];
  /** True if the run ended before the mutants that were asked for were tried. */
  readonly interrupted: boolean;
}

function countOf(results: readonly Result[], ...verdicts: readonly Verdict[]): number {
  return results.filter(({ verdict }) => verdicts.includes(verdict)).length;
}

/** The mutants that count: those that compile and change what ships. */
export function triedOf(results: readonly Result[]): number {
  return countOf(results, "killed", "late", "survived");
}

export function reportOf({ seed, paths, found, judged, results, interrupted }: Outcome): string {
  const survivors = results.filter(({ verdict }) => verdict === "survived");
  const tried = triedOf(results);
  const percent = tried === 0 ? 0 : (100 * survivors.length) / tried;
  const files = new Map<string, { tried: number; survived: number }>();
  for (const result of results) {
    const counts = files.get(result.file) ?? { tried: 0, survived: 0 };
    if (triedOf([result]) > 0) counts.tried++;
    if (result.verdict === "survived") counts.survived++;
    files.set(result.file, counts);
  }
  const lines = [...files]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([file, counts]) => `  ${file.padEnd(40)} ${counts.survived} of ${counts.tried} survive`);
  return [
    ...(survivors.length > 0 ? ["Survivors:", ...survivors.map((each) => `  ${describe(each)}`), ""] : []),
    ...lines,
    "",
    `${survivors.length} of ${tried} mutants survive (${percent.toFixed(1)} %), of ${found} in ` +
      `${paths.join(", ")}; seed ${seed}${interrupted ? "; interrupted" : ""}`,
    `Beside these: ${countOf(results, "no build")} do not compile, ${countOf(results, "same")} change nothing ` +
      `that ships, ${judged} are judged to make no difference (lab/mutate/judged.json).`,
    `Of those killed, ${countOf(results, "late")} made a test run past its deadline.`,
  ].join("\n");
}
