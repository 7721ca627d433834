/**
 * Finds words that name nothing. If the actor of a sentence is a pronoun, the reader has to guess it. The
 * comments of the sources and the documents are checked. Code, test titles and strings are not.
 */
import { commentsOf } from "./comments.ts";
import type { Finding } from "./frozen.ts";
import { isC, isGenerated, isScript, type Sources } from "./sources.ts";

/** The words, and a hint for a better one. */
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

/** One finding for each file. Its message has a line for each word. */
export function wordFindings(sources: Sources): Finding[] {
  return [...sources].flatMap(([path, text]) => {
    // A quick search first: most files have no such word, and finding the comments takes longer.
    if (WORDS.every(([pattern]) => text.search(pattern) < 0)) return [];
    const lines = wordsIn(prose(path, text)).map(
      ({ line, word, better }) => `${path}:${line}: "${word}", write: ${better}`,
    );
    return lines.length > 0 ? [{ where: path, figure: lines.length, message: lines.join("\n") }] : [];
  });
}

/** The prose of a file: its comments or its text. Everything else is blank, and lines keep their numbers. */
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
