/**
 * as-pect, the test runner of the AssemblyScript units. It has no entries of its own:
 * test/as-pect.test.ts calls it once for each spec in test/assembly and reports to Node's runner.
 */
import { readFileSync } from "node:fs";

/** Names of the contract's imports, off the generated externs: units link them, called or not. */
const externs = readFileSync(new URL("assembly/generated/abi.ts", import.meta.url), "utf8");
const names = [...externs.matchAll(/export declare function (\w+)\(/g)].map((match) => match[1]);

/** A unit under test is given its inputs as arguments: one that asks the host is not a unit. */
const host = Object.fromEntries(
  names.map((name) => [
    name,
    () => {
      throw new Error(
        `host.${name} was called in a unit test; the logic with a host is tested in test/logic`,
      );
    },
  ]),
);

export default {
  entries: [],
  include: [],
  disclude: [/node_modules/],
  async instantiate(memory, createImports, instantiate, binary) {
    return instantiate(binary, createImports({ env: { memory }, host }));
  },
  outputBinary: false,
};
