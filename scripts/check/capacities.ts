/**
 * Checks that the logic reserves static memory by named sizes. With a number in `memory.data(...)`, a
 * developer can raise the constant that the code indexes by. Everything still compiles, and a ring then
 * overruns the memory behind it.
 */
import { isGenerated, type Sources } from "./sources.ts";

const RESERVATION = /\bmemory\.data\(|\bnew StaticArray<[^()]*>\(/g;
/** An array literal with equal elements, like `[0, 0, 0]`, is storage and no table. */
const STORAGE = /StaticArray<\w+> = \[([^\][,]+)((?:,\s*\1)+),?\s*\]/g;

/** One line for each size that is a number, and for each array literal whose length no assert compares. */
export function capacityProblems(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => path.startsWith("assembly/") && path.endsWith(".ts") && !isGenerated(path))
    .flatMap(([path, text]) => fileProblems(path, withBlankComments(text)));
}

function fileProblems(path: string, text: string): string[] {
  const line = (index: number) => `${path}:${text.slice(0, index).split("\n").length}`;
  const literals = [...text.matchAll(RESERVATION)].flatMap((match) => {
    const size = firstArgument(text.slice(match.index + match[0].length));
    return /[A-Za-z_]\w*/.test(size.replace(/\b\d\w*/g, ""))
      ? []
      : [`${line(match.index)}: ${match[0]}${size}, a number instead of a named size`];
  });
  const storage = [...text.matchAll(STORAGE)].flatMap((match) => {
    const length = 1 + (match[2] ?? "").split(",").length - 1;
    return new RegExp(`assert\\([^;]*== ${length}\\b`).test(text)
      ? []
      : [`${line(match.index)}: storage of ${length} elements and no assert(SIZE == ${length})`];
  });
  return [...literals, ...storage];
}

/** The argument that begins here, up to the comma or parenthesis that ends it. */
function firstArgument(text: string): string {
  let depth = 0;
  for (const [index, letter] of [...text].entries()) {
    if (depth === 0 && (letter === "," || letter === ")")) return text.slice(0, index);
    if ("(<[".includes(letter)) depth++;
    if (")>]".includes(letter)) depth--;
  }
  return text;
}

/** Removes the comments and keeps their line breaks, so that line numbers stay right. */
function withBlankComments(text: string): string {
  return text.replace(/^[ \t]*(\/\*[\s\S]*?\*\/|\/\/.*$)/gm, (comment) => comment.replace(/[^\n]/g, ""));
}
