/** Hints for names that are not known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean, didYouMeanOrAll, nearestName } from "../../cli/nearest.ts";

const NAMES = ["status", "sensors", "power", "policy"];

test("a third of a name's letters may differ, as on the console", () => {
  const names = ["log", "status", "--yes"];
  assert.equal(nearestName("on", names), undefined, "two of three");
  assert.equal(nearestName("lof", names), "log", "one of three");
  assert.equal(nearestName("--yse", names), "--yes", "two of five");
  assert.equal(nearestName("statsu", names), "status", "two of six");
  assert.equal(nearestName("stxxxs", names), undefined, "three of six");
  assert.equal(nearestName("rubbish", names), undefined, "unrelated");
  assert.equal(nearestName("off", ["on", "reset"]), undefined, "as long, but another word");
});

test("a name may be broken off, but not behind its first letter or its hyphens", () => {
  assert.equal(nearestName("stat", NAMES), "status");
  assert.equal(nearestName("se", NAMES), "sensors");
  assert.equal(nearestName("s", NAMES), undefined);
  assert.equal(nearestName("", NAMES), undefined);
  assert.equal(nearestName("--", ["--fault", "--help"]), undefined);
  assert.equal(nearestName("--f", ["--fault", "--help"]), "--fault");
});

test("the nearest of several has the fewest edits, then the longest common beginning, then it is the first", () => {
  assert.equal(nearestName("of", ["on", "off", "reset"]), "off");
  assert.equal(nearestName("xx", ["xa", "xb"]), "xa");
  assert.equal(nearestName("V6", ["VIN", "V5", "V3"]), "V5");
});

test("case is ignored", () => {
  assert.equal(nearestName("POWRE", NAMES), "power");
  assert.equal(nearestName("pow", ["POWER"]), "POWER");
});

test("where nothing is near there is no hint, the text for that, or all names", () => {
  assert.equal(nearestName("power", []), undefined);
  assert.equal(didYouMean("polcy", NAMES), "; did you mean policy?");
  assert.equal(didYouMean("frobnicate", NAMES), "");
  assert.equal(didYouMean("polcy", NAMES, "; see --help"), "; did you mean policy?");
  assert.equal(didYouMean("frobnicate", NAMES, "; see --help"), "; see --help");
  assert.equal(didYouMeanOrAll("polcy", NAMES), "; did you mean policy?");
  assert.equal(didYouMeanOrAll("frobnicate", NAMES), "; known: status, sensors, power, policy");
});

test("input of any length is answered at once", () => {
  const long = `power${"x".repeat(10_000_000)}`;
  const started = performance.now();
  assert.equal(nearestName(long, NAMES), undefined);
  assert.ok(performance.now() - started < 1000);
});
