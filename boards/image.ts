/** The images that exist for a board, one for each engine, and the folders a build puts them in. */

/** The engines that can run the logic. docs/architecture.md says which one ships and why. */
export const ENGINES = ["aot", "wasm3"] as const;
export type EngineName = (typeof ENGINES)[number];
export const DEFAULT_ENGINE: EngineName = "aot";

/** Returns the engine of this name. Throws an Error that lists the engines that exist. */
export function engineNamed(name: string): EngineName {
  const found = ENGINES.find((engine) => engine === name);
  if (found === undefined) throw new Error(`there is no engine "${name}"; known: ${ENGINES.join(", ")}`);
  return found;
}

/** The folder inside build/: the board's name, followed by the engine's if one was requested by name. */
export function imageFolder(board: string, engine?: string): string {
  return engine === undefined ? board : `${board}-${engine}`;
}
