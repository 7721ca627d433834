/** Import cycles are found, of values and of types, in TypeScript and in AssemblyScript. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cycleFindings } from "../../../scripts/check/cycles.ts";
import { tree } from "./tree.ts";

const paths = (files: Readonly<Record<string, string>>) =>
  cycleFindings(tree(files)).map(({ where }) => where);

test("two files that import each other are a ring, also if one of them imports types alone", () => {
  const files = {
    "client/a.ts": 'import { b } from "./b.ts";',
    "client/b.ts": 'import type { A } from "./a.ts";',
    "client/c.ts": 'import { b } from "./b.ts";',
  };
  assert.deepEqual(paths(files), ["client/a.ts", "client/b.ts"]);
  assert.equal(
    cycleFindings(tree(files))[0]?.message,
    "client/a.ts is in a ring of 2 by importing client/b.ts",
  );
});

test("a ring of three is found where it does not begin with the first file", () => {
  const files = {
    "assembly/index.ts": 'import * as a from "./power/a";',
    "assembly/power/a.ts": 'import { b } from "../console/b";\nimport { d } from "./d";',
    "assembly/console/b.ts": 'export { c } from "./c";',
    "assembly/console/c.ts": 'import { a } from "../power/a";',
    "assembly/power/d.ts": "",
  };
  assert.deepEqual(paths(files), ["assembly/console/b.ts", "assembly/console/c.ts", "assembly/power/a.ts"]);
});

test("a file that imports itself is a ring", () => {
  assert.deepEqual(paths({ "scripts/a.ts": 'import { a } from "./a.ts";' }), ["scripts/a.ts"]);
});

test("a tree in which two ways lead to one file is no ring", () => {
  const files = {
    "scripts/a.ts": 'import { b } from "./b.ts";\nimport { c } from "./c.ts";',
    "scripts/b.ts": 'import { d } from "./d.ts";',
    "scripts/c.ts": 'import { d } from "./d.ts";\n// import { a } from "./a.ts";',
    "scripts/d.ts": "",
  };
  assert.deepEqual(paths(files), []);
});
