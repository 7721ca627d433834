/**
 * The registers that the emulator models have names: a `case` label in `simulator/` is never a bare
 * hexadecimal number, which a reader would have to look up in the datasheet.
 */
import { isScript, type Sources } from "./sources.ts";

const HEXADECIMAL_LABEL = /\bcase\s+(0x[0-9a-f_]+)\s*:/gi;

/** One message for each such label, with its file and line. */
export function hexadecimalLabels(sources: Sources): string[] {
  const problems: string[] = [];
  for (const [path, text] of sources) {
    if (!path.startsWith("simulator/") || !isScript(path)) continue;
    for (const [index, line] of text.split("\n").entries()) {
      for (const [, label] of line.matchAll(HEXADECIMAL_LABEL))
        problems.push(`${path}:${index + 1}: ${label}`);
    }
  }
  return problems;
}
