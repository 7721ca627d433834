/**
 * Words that name nothing. Where the actor of a comment is a pronoun, its reader has to guess the subject.
 * Comments of the sources and the documents are checked; code, test titles and texts are not.
 */
import { commentsOf } from "./comments.ts";
import type { Finding } from "./frozen.ts";
import { isC, isGenerated, isScript, type Sources } from "./sources.ts";

/** What to look for, and what to write instead. */
export const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bnobody('s)?\b/gi, "name the actor, or say what is missing: no console is attached"],
  [/\b(some|any|every)body('s)?\b/gi, "name the actor: a user, the controller, another target"],
  [/\bwhoever\b/gi, "name the actor: the caller, the file that uses it"],
  [/\banew\b/gi, "again"],
  [/\b(tells?|told|telling)\b(?! apart)/gi, "report, record, show, or say by what it is known"],
  [/\bmend(s|ed|ing)?\b/gi, "repair, fix or clear"],
  [/\bbelie(ve|ves|ved|ving|f)\b/gi, "trust, use, assume, or count as valid"],
  [/\bChosen[.:](?=\s|$)/g, "Our choice: and the reason"],
  [/\bin vain\b/gi, "without success, or: failed"],
  [/\b(hinder(s|ed|ing)?|hindrances?)\b/gi, "inhibit, inhibited"],
  [/\bspeaks? against\b/gi, "inhibits, prevents"],
  [/\bfrowns? at\b/gi, "does not allow"],
];

/** One finding per file; the message has a line per word. */
export function wordFindings(sources: Sources): Finding[] {
  return [...sources].flatMap(([path, text]) => {
    // Most files have none at all, and to find the comments takes longer.
    if (WORDS.every(([pattern]) => text.search(pattern) < 0)) return [];
    const lines = wordsIn(prose(path, text)).map(
      ({ line, word, better }) => `${path}:${line}: "${word}", write: ${better}`,
    );
    return lines.length > 0 ? [{ where: path, figure: lines.length, message: lines.join("\n") }] : [];
  });
}

/** What of a file is written for people, everything else blank, line by line. */
function prose(path: string, text: string): string {
  if (isGenerated(path)) return "";
  if (path.endsWith(".md"))
    return text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, " "));
  if (isScript(path) || isC(path) || path.endsWith(".ld")) return commentsOf(text);
  return "";
}

function wordsIn(text: string): { line: number; word: string; better: string }[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      WORDS.flatMap(([pattern, better]) =>
        [...line.matchAll(pattern)].map(([word]) => ({ line: index + 1, word, better })),
      ),
    );
}
