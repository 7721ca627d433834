/** Which images of a board there are, and where a build puts them. */

/** What can run the logic. Which one ships, and why: docs/architecture.md. */
export const ENGINES = ["aot", "wasm3"] as const;
export type EngineName = (typeof ENGINES)[number];
export const DEFAULT_ENGINE: EngineName = "aot";

/** The engine of this name. Throws an Error that names those there are. */
export function engineNamed(name: string): EngineName {
  const found = ENGINES.find((engine) => engine === name);
  if (found === undefined)
    throw new Error(`there is no engine "${name}"; there are ${ENGINES.join(" and ")}`);
  return found;
}

/** Folder inside build/: the board's, or one beside it if an engine was asked for by name. */
export function imageFolder(board: string, engine?: string): string {
  return engine === undefined ? board : `${board}-${engine}`;
}
