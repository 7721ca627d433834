/**
 * A short run of the SMBus fuzzer at the logic in Node, which keeps the fuzzer working; `npm run fuzz:smbus`
 * makes the long one.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeRun } from "../../../lab/fuzz/smbus/node.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const SEED = 2026;

describe("random SMBus traffic against the model", () => {
  it("20000 transactions at the logic in Node bring no contradiction", () => {
    const run = new NodeRun(buildDirectory(), SEED);
    while (run.transactions < 20_000) run.step();
    assert.ok(run.supplyFailures > 0, "a supply failed now and then");
    assert.ok(run.inputFailures > 0, "input power too");
    assert.ok(run.triesInVain > 0, "and all tries were in vain");
  });
});
