/**
 * Places the functions that run in nearly every pass in SRAM. From flash they would be fetched again and
 * again: a pass touches a few kilobytes, but other code comes between two passes and takes their places in
 * the 16 KB of cache. How much that costs changes with every change of the code, because it depends on which
 * addresses share a place.
 *
 * hot-functions.json beside this file lists them. `npm run bench -- --place` measures and writes it.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { WasmModule } from "../wasm/module.ts";
import { functionsInC } from "./translate.ts";

const HOT_FUNCTIONS = fileURLToPath(new URL("hot-functions.json", import.meta.url));

/** Names in C, sorted. Those of the logic are without the number that makes them unique. */
export interface HotFunctions {
  readonly logic: readonly string[];
  readonly host: readonly string[];
}

export function readHotFunctions(): HotFunctions {
  return JSON.parse(readFileSync(HOT_FUNCTIONS, "utf8")) as HotFunctions;
}

/** `f12_shell_run.part.0` becomes `shell_run`: the number and GCC's suffix change from build to build. */
export function nameWithoutNumber(name: string): string {
  return name.replace(/\..*$/, "").replace(/^f\d+_/, "");
}

/**
 * Returns their sections in the syntax of linker scripts. A name that the module does not have is left out: a
 * board may do without that function.
 */
export function placeHotFunctions(
  module: WasmModule,
  names: ReadonlyMap<number, string>,
): { hot: string; hotLogic: string } {
  const { logic, host } = readHotFunctions();
  const wanted = new Set(logic);
  const ofLogic = functionsInC(module, names).filter((name) => wanted.has(nameWithoutNumber(name)));
  return { hot: sections("*", host), hotLogic: sections("*logic.c-*.o", ofLogic) };
}

function sections(object: string, functions: readonly string[]): string {
  if (functions.length === 0) return "";
  return `${object}(\n${functions.map((name) => `  .text.${name} .text.${name}.*`).join("\n")}\n)`;
}
