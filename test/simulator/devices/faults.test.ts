/** The table of faults: every name has a description and an effect, and a wrong name gets a suggestion. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FAULT_NAMES, faultNamed, parseFaultName } from "../../../simulator/devices/faults.ts";

describe("faults", () => {
  it("every name has a one-line description and does something", () => {
    for (const name of FAULT_NAMES) {
      const fault = faultNamed(name);
      assert.match(fault.description, /^[^\n]{10,100}$/);
      assert.ok(fault.rail || fault.compute || fault.absent || fault.mishap, name);
      assert.equal(parseFaultName(name), name);
    }
  });

  it("the error for an unknown name suggests the nearest", () => {
    assert.throws(() => parseFaultName("pg5v-never"), /unknown fault "pg5v-never", nearest is "pg-5v-never"/);
    assert.throws(() => parseFaultName("Brownout"), /nearest is "brown-out"/);
    assert.throws(() => parseFaultName("__proto__"), /unknown fault/);
  });

  it("a late power-good comes after the board's own time-out, not before", () => {
    const late = faultNamed("pg-5v-late").rail?.supply(100).lateMs ?? 0;
    assert.ok(late > 100);
  });
});
