/** A small tree of files to plant a violation in. */
import type { Sources } from "../../../scripts/check/sources.ts";

export function tree(files: Readonly<Record<string, string>>): Sources {
  return new Map(Object.entries(files));
}
