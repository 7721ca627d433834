/** Frozen exceptions: new ones are refused, old ones may shrink and never grow. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  exceeded,
  type Frozen,
  outdated,
  readFrozen,
  renewed,
  WORDS_RULE,
  writeFrozen,
} from "../../../scripts/check/frozen.ts";
import { type Rule, renewFrozen, ruleProblems } from "../../../scripts/check/rules.ts";
import { tree } from "./tree.ts";

const finding = (where: string, figure: number) => ({ where, figure, message: `${where}: ${figure} lines` });
const frozen = (where: string, figure: number) => ({ where, figure, reason: "one switch" });

test("a finding that is not frozen is a problem, one at its figure is none", () => {
  assert.deepEqual(exceeded([finding("a.ts", 500)], []), ["a.ts: 500 lines"]);
  assert.deepEqual(exceeded([finding("a.ts", 500)], [frozen("a.ts", 500)]), []);
});

test("a frozen figure may not be exceeded by one", () => {
  assert.deepEqual(exceeded([finding("a.ts", 501)], [frozen("a.ts", 500)]), [
    "a.ts: 501 lines (frozen at 500)",
  ]);
});

test("an entry must be lowered once the file is shorter by more than a twentieth", () => {
  assert.deepEqual(outdated([finding("a.ts", 475)], [frozen("a.ts", 500)]), []);
  assert.deepEqual(outdated([finding("a.ts", 474)], [frozen("a.ts", 500)]), [
    "a.ts: 474 now, lower its 500 in scripts/check/frozen.json: npm run check -- --renew-frozen",
  ]);
});

test("an entry of a file that keeps the rule now must go", () => {
  assert.deepEqual(outdated([], [frozen("a.ts", 1)]), [
    "a.ts: keeps the rule now, remove it from scripts/check/frozen.json: npm run check -- --renew-frozen",
  ]);
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

/** Runs `look` on a project whose frozen files say this. */
async function inProject(lists: Frozen, look: (project: string) => Promise<void>): Promise<void> {
  const project = mkdtempSync(join(tmpdir(), "frozen-"));
  try {
    mkdirSync(join(project, "scripts/check"), { recursive: true });
    writeFrozen(project, lists);
    await look(project);
  } finally {
    rmSync(project, { recursive: true });
  }
}

test("the files are read as they were written, short entries on a line of their own", () =>
  inProject(
    { rule: [frozen("a.ts", 500)], none: [], [WORDS_RULE]: [{ where: "b.ts", figure: 3 }] },
    async (project) => {
      assert.deepEqual(readFrozen(project), {
        rule: [frozen("a.ts", 500)],
        none: [],
        [WORDS_RULE]: [{ where: "b.ts", figure: 3 }],
      });
      assert.equal(
        readFileSync(join(project, "scripts/check/frozen.json"), "utf8"),
        '{\n  "rule": [\n    { "where": "a.ts", "figure": 500, "reason": "one switch" }\n  ],\n  "none": []\n}\n',
      );
    },
  ));

test("words may become fewer without a change of their list, and renewing lowers them as well", () => {
  const rule = (name: string): Rule => ({ name, next: "", findings: () => [finding("a.ts", 3)] });
  const lists = { rule: [frozen("a.ts", 20)], [WORDS_RULE]: [{ where: "a.ts", figure: 20 }] };
  return inProject(lists, async (project) => {
    assert.equal((await ruleProblems(rule("rule"), project)).length, 1);
    assert.deepEqual(await ruleProblems(rule(WORDS_RULE), project), []);
    await renewFrozen([rule("rule"), rule(WORDS_RULE)], project, tree({ "a.ts": "" }));
    assert.deepEqual(await ruleProblems(rule("rule"), project), []);
    assert.deepEqual(readFrozen(project)[WORDS_RULE], [{ where: "a.ts", figure: 3 }]);
  });
});
