/** Reads the command lines of the benchmarks and the fuzzers. */
import { parseArgs } from "node:util";

type Given<Name extends string> = { readonly [N in Name]?: string };

/**
 * Reads options that all take a value, and --help. `check` throws an Error for a value that is not allowed.
 * Returns the options that were given, or an exit status once the usage has been shown: 0 for --help, 2 after
 * a mistake.
 */
export function readOptions<Name extends string>(
  args: readonly string[],
  usage: string,
  names: readonly Name[],
  check: (given: Given<Name>) => void,
): Given<Name> | number {
  const string = { type: "string" } as const;
  // Attaches a number below zero, so that `check` refuses it as a number; parseArgs would take it for an
  // option.
  const attached = args.join("\0").replace(/(--\w+)\0(-\d)/g, "$1=$2");
  try {
    const options = Object.fromEntries(names.map((name) => [name, string]));
    const { help, ...given } = parseArgs({
      args: attached.split("\0").filter(Boolean),
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
