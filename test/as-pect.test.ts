/** Runs each as-pect spec of the logic's units as one test, so that Node's summary counts them too. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const RUNNER = "node_modules/@as-pect/cli/bin/asp.js";

/** `npm test -- PATTERN` names the specs it wants; without it, all of them run. */
const specs =
  process.env.AS_PECT_SPECS?.split(",") ??
  readdirSync(new URL("assembly", import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".spec.ts"))
    .map((path) => `test/assembly/${path.replaceAll("\\", "/")}`)
    .sort();

test("there are specs", () => assert.ok(specs.length > 0));

for (const spec of specs) {
  test(spec, (context) => {
    const run = spawnSync(process.execPath, [RUNNER, "--verbose", spec], { cwd: PROJECT, encoding: "utf8" });
    const output = stripVTControlCharacters(run.stdout + run.stderr);
    // The runner ends well when it finds nothing to run, so its count is asked for as well.
    const count = /\[Tests\]:\s*(\d+) \/ (\d+)/.exec(output);
    assert.equal(run.status, 0, output);
    assert.ok(count !== null && Number(count[2]) > 0, `no test in ${spec} was run:\n${output}`);
    assert.equal(count[1], count[2], output);
    context.diagnostic(`${count[2]} as-pect tests in ${spec}`);
  });
}
