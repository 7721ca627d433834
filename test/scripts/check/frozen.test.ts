/** Frozen exceptions: new ones are refused, old ones may shrink and never grow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { exceededProblems, frozenProblems, renewed } from "../../../scripts/check/frozen.ts";

const finding = (where: string, figure: number) => ({ where, figure, message: `${where}: ${figure} lines` });
const frozen = (where: string, figure: number) => ({ where, figure, reason: "one switch" });

test("a finding that is not frozen is a problem, one at its figure is none", () => {
  assert.deepEqual(frozenProblems([finding("a.ts", 500)], []), ["a.ts: 500 lines"]);
  assert.deepEqual(frozenProblems([finding("a.ts", 500)], [frozen("a.ts", 500)]), []);
});

test("a frozen figure may not be exceeded by one", () => {
  assert.deepEqual(frozenProblems([finding("a.ts", 501)], [frozen("a.ts", 500)]), [
    "a.ts: 501 lines (frozen at 500)",
  ]);
});

test("an entry must be lowered once the file is shorter by more than a twentieth", () => {
  assert.deepEqual(frozenProblems([finding("a.ts", 475)], [frozen("a.ts", 500)]), []);
  assert.deepEqual(frozenProblems([finding("a.ts", 474)], [frozen("a.ts", 500)]), [
    "a.ts: 474 now, lower its 500 in scripts/check/frozen.json",
  ]);
});

test("an entry of what keeps the rule now must go", () => {
  assert.deepEqual(frozenProblems([], [frozen("a.ts", 500)]), [
    "a.ts: keeps the rule now, remove it from scripts/check/frozen.json",
  ]);
});

test("words that have become fewer are no problem, more of them are", () => {
  const entries = [frozen("a.ts", 20), frozen("b.ts", 1)];
  assert.deepEqual(exceededProblems([finding("a.ts", 3)], entries), []);
  assert.equal(exceededProblems([finding("a.ts", 21)], entries).length, 1);
});

test("renewing lowers figures, drops entries and adds none", () => {
  const findings = [finding("a.ts", 450), finding("b.ts", 600), finding("new.ts", 401)];
  const entries = [frozen("a.ts", 500), frozen("b.ts", 500), frozen("gone.ts", 500)];
  assert.deepEqual(
    renewed(findings, entries, () => true),
    [frozen("a.ts", 450), frozen("b.ts", 500)],
  );
});

test("renewing follows a file that has moved, to one path and to no higher figure", () => {
  const entries = [frozen("old/a.ts step", 25)];
  const there = (path: string) => path !== "old/a.ts";
  assert.deepEqual(renewed([finding("new/a.ts step", 24)], entries, there), [frozen("new/a.ts step", 24)]);
  assert.deepEqual(renewed([finding("new/a.ts step", 26)], entries, there), []);
  assert.deepEqual(renewed([finding("new/a.ts other", 24)], entries, there), []);
  assert.deepEqual(renewed([finding("b/a.ts step", 24), finding("c/a.ts step", 24)], entries, there), []);
  // The file is still there: another one of its name is another file.
  assert.deepEqual(
    renewed([finding("new/a.ts step", 24)], entries, () => true),
    [],
  );
});
