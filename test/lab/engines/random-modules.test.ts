/** Runs a few random modules of `npm run fuzz:engine`: V8, wasm3 and the ahead-of-time engine must agree. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Wasm3 } from "../../../lab/engines/wasm3.ts";
import { compareSeeds, type Verdict } from "../../../lab/fuzz/compare.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const MODULES = 24;

test(`${MODULES} random modules do the same in all three engines`, async () => {
  const folder = buildDirectory("fuzz-test/run");
  mkdirSync(folder, { recursive: true });
  const verdicts: Verdict[] = [];
  const wasm3 = await Wasm3.create(join(folder, "wasm3"));
  await compareSeeds(1, MODULES, 2, wasm3, folder, (verdict) => verdicts.push(verdict));
  assert.equal(verdicts.length, MODULES);
  assert.deepEqual(
    verdicts.flatMap(({ seed, differences }) => differences.map((line) => `seed ${seed}: ${line}`)),
    [],
  );
  assert.ok(verdicts.filter(({ skipped }) => skipped).length < MODULES / 4, "most can be compared");
  const calls = verdicts.flatMap(({ expected }) => expected);
  assert.ok(
    calls.some((call) => call.startsWith("trap")),
    "some of them trap",
  );
  assert.ok(calls.filter((call) => /^\d/.test(call)).length > MODULES, "and most return something");
});
