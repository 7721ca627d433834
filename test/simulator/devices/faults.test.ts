/** The table of faults: every name has a description and an effect, and a wrong name gets a suggestion. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadBoard } from "../../../scripts/boards.ts";
import { faultNamed, faultsOf, possibleFault } from "../../../simulator/devices/faults.ts";
import { loadExample } from "../../support/example-boards.ts";

const BOARD = loadBoard("slot-hat");

describe("faults", () => {
  it("every name has a one-line description and does something", () => {
    for (const [name, fault] of Object.entries(faultsOf(BOARD))) {
      assert.match(fault.description, /^[^\n]{10,100}$/);
      assert.ok(fault.rail || fault.compute || fault.absent || fault.mishap, name);
      assert.equal(possibleFault(name, BOARD), name);
    }
  });

  it("an unknown name is answered with the known ones, and one that is near", () => {
    const refused = (name: string, message: RegExp) => assert.throws(() => faultNamed(name, BOARD), message);
    refused("pg5v-never", /unknown fault "pg5v-never"; .*; did you mean pg-5v-never\?$/);
    refused("Brownout", /; did you mean brown-out\?$/);
    refused("__proto__", /unknown fault "__proto__"; known faults: [a-z0-9, -]+$/);
    refused("pg-1v8-lost", /unknown fault "pg-1v8-lost"; .*; did you mean pg-5v-lost\?$/);
    assert.throws(() => possibleFault("__proto__", BOARD), /unknown fault/);
  });

  it("a late power-good comes after the board's own time-out, not before", () => {
    const late = faultNamed("pg-5v-late", BOARD).rail?.supply(100).lateMs ?? 0;
    assert.ok(late > 100);
  });

  it("faults of rails and sensors are those of the board's", () => {
    const ofParts = (name: string) => /^(pg|short|overload)-|-sensor-/.test(name);
    const of = (board: Parameters<typeof faultsOf>[0]) => Object.keys(faultsOf(board)).filter(ofParts);
    const powerGood = (rail: string) =>
      ["never", "late", "lost", "glitch"].map((kind) => `pg-${rail}-${kind}`);
    const sensor = (name: string) =>
      ["stuck", "shorted", "open", "noisy"].map((kind) => `${name}-sensor-${kind}`);
    const load = ["short-5v", "overload-5v"];
    assert.deepEqual(of(loadExample("three-rails")), [
      ...["3v3-aux", "5v", "1v8"].flatMap(powerGood),
      ...load,
      ...["vin", "v5", "i5", "temperature", "v1v8"].flatMap(sensor),
    ]);
    assert.deepEqual(of(loadExample("five-volt-only")), [
      ...powerGood("5v"),
      ...load,
      ...["vin", "v5", "i5", "temperature"].flatMap(sensor),
    ]);
  });
});
