/** Options that all take a value, as the benchmarks and the fuzzers read them. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { readOptions } from "../../cli/options.ts";

/** What the options are read as, and what is printed to either side. */
function read(context: TestContext, ...words: string[]) {
  const printed = { out: "", err: "" };
  context.mock.method(console, "log", (text: string) => {
    printed.out += text;
  });
  context.mock.method(console, "error", (text: string) => {
    printed.err += text;
  });
  const given = readOptions(words, "usage: it", ["seed", "json"], ({ seed = "1" }) => {
    if (!/^\d+$/.test(seed)) throw new Error(`--seed is "${seed}"`);
  });
  return { given, ...printed };
}

test("what was given, and nothing where nothing was", (context) => {
  assert.deepEqual(
    { ...(read(context, "--seed", "7", "--json=a.json").given as object) },
    {
      seed: "7",
      json: "a.json",
    },
  );
  assert.deepEqual({ ...(read(context).given as object) }, {});
});

test("help is printed to standard output, with exit status 0", (context) => {
  assert.deepEqual(read(context, "--help"), { given: 0, out: "usage: it", err: "" });
});

const REFUSED: readonly (readonly [string[], RegExp])[] = [
  [["--sede", "7"], /Unknown option '--sede'/],
  [["--seed"], /'--seed <value>' argument missing/],
  [["7"], /Unexpected argument '7'/],
  [["--seed", "x"], /^--seed is "x"/],
  [["--seed", "-1"], /^--seed is "-1"/],
];

for (const [words, message] of REFUSED) {
  test(`refused with exit status 2, the reason and the usage: ${words.join(" ")}`, (context) => {
    const { given, out, err } = read(context, ...words);
    assert.equal(given, 2);
    assert.equal(out, "");
    assert.match(err, message);
    assert.match(err, /\n\nusage: it$/);
  });
}
