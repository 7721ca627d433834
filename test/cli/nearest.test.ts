/** Hints for names that are not known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean, nearest, nearestName } from "../../cli/nearest.ts";

const NAMES = ["status", "sensors", "power", "policy"];

test("the nearest name has the fewest edits, case ignored; of equally near ones it is the first", () => {
  assert.equal(nearest("statsu", NAMES), "status");
  assert.equal(nearest("POWRE", NAMES), "power");
  assert.equal(nearest("xx", ["ab", "cd"]), "ab");
  assert.equal(nearest("", NAMES), "power");
});

test("a hint is given only for what may be a typing error", () => {
  assert.equal(nearestName("pwer", NAMES), "power");
  assert.equal(nearestName("frobnicate", NAMES), undefined);
  assert.equal(nearestName("power", []), undefined);
  assert.equal(didYouMean("polcy", NAMES), "; did you mean policy?");
  assert.equal(didYouMean("frobnicate", NAMES), "");
});

test("input of any length is answered at once", () => {
  const long = `power${"x".repeat(10_000_000)}`;
  const started = performance.now();
  assert.ok(NAMES.includes(nearest(long, NAMES)));
  assert.equal(nearestName(long, NAMES), undefined);
  assert.ok(performance.now() - started < 1000);
});
