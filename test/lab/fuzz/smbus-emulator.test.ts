/** A short run of the SMBus fuzzer at the image; smbus.test.ts runs it at the logic in Node. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EmulatorRun } from "../../../lab/fuzz/smbus/emulator.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const SEED = 2026;

describe("random SMBus traffic at the image", () => {
  it("300 transactions at the image in the emulator, a good part of them with faults", () => {
    const run = new EmulatorRun(buildDirectory(), SEED);
    while (run.transactions < 300) run.step();
    assert.ok(run.faults > 20, `${run.faults} with faults`);
  });
});
