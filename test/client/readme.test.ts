/** The example in client/README.md does what it says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

test("the example of the client's README runs as it stands", () => {
  const readme = readFileSync(`${PROJECT}/client/README.md`, "utf8");
  const example = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", example],
    { cwd: PROJECT, encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^slot-hat: 5\.\d V\n/);
  assert.match(stdout, /^STARTED \d+\n/m);
  assert.match(stdout, /\n0x10 refused OT_WARN_LIMIT: INVALID_DATA; it has a range/);
});
