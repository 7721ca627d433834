/** Board files that are not even the right kind of file: no JSON, an unknown base, wrong shapes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadBoard } from "../../scripts/boards.ts";
import { boardFolder, problemsOf } from "./board-folder.ts";

test("an unknown base names the known ones and the nearest", (context) => {
  const folder = boardFolder(context, { bad: '{\n  "extends": "slot-hut"\n}' });
  assert.deepEqual(problemsOf("bad", folder), [
    'bad.json:2:3: extends: "slot-hut" is no board; allowed: slot-hat; did you mean slot-hat?',
  ]);
});

test("bases that go in a circle", (context) => {
  const folder = boardFolder(context, {
    one: { extends: "two", name: "one" },
    two: { extends: "one", name: "two" },
    self: { extends: "self" },
  });
  assert.match(
    problemsOf("one", folder)[0] ?? "",
    /^two\.json:2:3: extends: goes in a circle: one extends two extends one$/,
  );
  assert.match(
    problemsOf("self", folder)[0] ?? "",
    /^self\.json:2:3: extends: goes in a circle: self extends self$/,
  );
});

test("a syntax error has its file, line and column, also in the base", (context) => {
  const folder = boardFolder(context, {
    base: '{\n  "name": "base",\n}',
    bad: { extends: "base", name: "bad" },
  });
  assert.deepEqual(problemsOf("bad", folder), ["base.json:3:1: not JSON: a comma before the closing brace"]);
});

test("a key given twice in one file is no silent override", (context) => {
  const folder = boardFolder(context, { bad: '{ "extends": "slot-hat",\n "name": "bad", "name": "bad" }' });
  assert.deepEqual(problemsOf("bad", folder), ['bad.json:2:17: not JSON: the key "name" is given twice']);
});

test("files that are no board at all", (context) => {
  const folder = boardFolder(context, { list: "[]", empty: "", nothing: "{}" });
  assert.deepEqual(problemsOf("list", folder), ["list.json:1:1: not JSON: an object is expected"]);
  assert.match(problemsOf("empty", folder)[0] ?? "", /^empty\.json:1:1: not JSON: the file ends/);
  assert.ok(problemsOf("nothing", folder).length > 9);
});

test("wrong shapes anywhere are reported and never thrown", (context) => {
  const shapes = [null, true, 7, "x", [], [null], [[]], [{}], {}, { x: null }, { LED_STATUS: 1 }];
  for (const key of [
    "signals",
    "rails",
    "sensors",
    "timing",
    "smbus",
    "identity",
    "power_monitor",
    "protection",
    "restore",
    "limits",
    "flash",
    "wired_gpios",
    "name",
    "extends",
    "note",
  ]) {
    for (const shape of shapes) {
      const folder = boardFolder(context, { bad: { extends: "slot-hat", name: "bad", [key]: shape } });
      for (const problem of problemsOf("bad", folder)) {
        assert.match(problem, /^(bad|slot-hat)\.json(:\d+:\d+)?: /, `${key} = ${JSON.stringify(shape)}`);
      }
    }
  }
});

test("the message of all problems starts with their number", (context) => {
  const folder = boardFolder(context, {
    bad: { extends: "slot-hat", name: "bad", crystal_hz: 1, timing: null },
  });
  assert.throws(
    () => loadBoard("bad", folder),
    /^Error: board bad cannot be used, 2 problems:\n {2}.*\n {2}.*$/,
  );
});
