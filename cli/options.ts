/** What the benchmarks and the fuzzers have in common on the command line. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";

type Given<Name extends string> = { readonly [N in Name]?: string };

/**
 * Options that all take a value, and --help. `check` throws an Error for values that cannot be. Returns what
 * was given, or the exit status after usage was shown: 0 if that was asked for, 2 after a mistake.
 */
export function readOptions<Name extends string>(
  words: readonly string[],
  usage: string,
  names: readonly Name[],
  check: (given: Given<Name>) => void,
): Given<Name> | number {
  const string = { type: "string" } as const;
  // A number below zero is to be refused as a number, not as an option that begins with a dash.
  const args = words.join("\0").replace(/(--\w+)\0(-\d)/g, "$1=$2");
  try {
    const options = Object.fromEntries(names.map((name) => [name, string]));
    const { help, ...given } = parseArgs({
      args: args.split("\0").filter(Boolean),
      options: { ...options, help: { type: "boolean" } },
    }).values;
    if (help) {
      console.log(usage);
      return 0;
    }
    check(given as Given<Name>);
    return given as Given<Name>;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
}

/**
 * A file to be written at the end of a long run, from the folder the command is typed in. Throws an Error now
 * if it cannot be; the file itself is left alone until there is something to write.
 */
export function outputFile(name: string): string {
  const path = resolve(process.env.INIT_CWD ?? ".", name);
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    if (!existsSync(path) || statSync(path).isFile()) return path;
  } catch {
    // As for a folder: not writable.
  }
  throw new Error(`${name} cannot be written there: name a file in a folder that is yours`);
}
