/** A mutant: one small change of one source file, by which the tests are judged. */

export interface Mutant {
  /** Path inside the project, with forward slashes. */
  readonly file: string;
  /** Offsets into the text of the file: what lies between them is replaced. */
  readonly from: number;
  readonly to: number;
  readonly replacement: string;
  /** The kind of the change, by Stryker's name where it has one. */
  readonly kind: string;
}

/** A mutant as people and files name it. It stays the same when lines above it come or go. */
export interface Change {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The line in which the change begins, without indentation. */
  readonly text: string;
  /** What is replaced; of several lines, the first. */
  readonly original: string;
  readonly replacement: string;
  readonly kind: string;
}

export function planted(text: string, { from, to, replacement }: Mutant): string {
  return text.slice(0, from) + replacement + text.slice(to);
}

export function changeOf(text: string, mutant: Mutant): Change {
  const { file, from, to, replacement, kind } = mutant;
  const begin = text.lastIndexOf("\n", from - 1) + 1;
  const [first = ""] = text.slice(from, to).split("\n");
  return {
    file,
    line: text.slice(0, from).split("\n").length,
    text: (text.slice(begin).split("\n")[0] ?? "").trim(),
    original: first.trim(),
    replacement,
    kind,
  };
}

/** True if both are the same change of the same line, wherever that line is now. */
export function isSameChange(one: Omit<Change, "line" | "kind">, other: typeof one): boolean {
  return (
    one.file === other.file &&
    one.text === other.text &&
    one.original === other.original &&
    one.replacement === other.replacement
  );
}

/** The change in one line. */
export function describe({ file, line, original, replacement }: Change): string {
  const [first = ""] = replacement.split("\n");
  // Stryker empties the block of a condition or of a case.
  const becomes = replacement === "" ? "removed" : first === original ? "emptied" : `=> ${first}`;
  return `${file}:${line}  ${original}  ${becomes}`;
}
