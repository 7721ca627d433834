/**
 * The first moment after a start, under both engines. A file of its own, because it needs an image of each:
 * the other tests of this folder need that of the default engine alone.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readBlock } from "../../../simulator/devices/smbus/protocols.ts";
import { Slot } from "../../../simulator/slot/slot.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";
import { ADDRESS, code, SlotBus, text } from "./smbus-slot.ts";

test("the first read answered after a start is correct, under both engines", () => {
  for (const engine of ["aot", "wasm3"]) {
    for (let phase = 0; phase < 8; phase++) {
      const directory = buildDirectory(`slot-hat-${engine}`);
      const slot = new Slot({ directory, xipCache: true });
      slot.smbus.hz = 400_000;
      slot.powerOn();
      slot.runFor(1 + phase * 0.017);
      const model = readBlock({ address: ADDRESS, command: code("MFR_MODEL"), pec: true });
      let outcome = slot.transfer(model);
      while (outcome.kind === "nack" && slot.chip.nanos < 1e9) outcome = slot.transfer(model);
      assert.equal(`${outcome.kind} ${text(outcome.data)}`, "ok slot-hat", `${engine}, phase ${phase}`);
      slot.runFor(20);
      assert.equal(new SlotBus(slot).number("STATUS_CML"), 0);
    }
  }
});
