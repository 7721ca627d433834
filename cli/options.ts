/** What the benchmarks and the fuzzers have in common on the command line. */
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
