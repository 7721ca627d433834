/** Exports without a use in another file are found, however they are exported and imported. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { unusedExportFindings } from "../../../scripts/check/exports.ts";
import { tree } from "./tree.ts";

/** The names that are unused of `source`, beside a file with these imports. */
function unused(source: string, user: string, files: Readonly<Record<string, string>> = {}): string[] {
  const sources = tree({ "scripts/a.ts": source, "scripts/user.ts": `${user}\n`, ...files });
  return unusedExportFindings(sources).map(({ where }) => where.replace("scripts/a.ts ", ""));
}

const THREE = "export const one = 1;\nexport function two() {}\nexport class Three {}\n";

test("named imports use what they name, types and new names included", () => {
  assert.deepEqual(unused(THREE, 'import { one } from "./a.ts";'), ["two", "Three"]);
  assert.deepEqual(unused(THREE, 'import { one as first, type Three } from "./a.ts";'), ["two"]);
  assert.deepEqual(unused(THREE, 'import {\n  one,\n  two,\n} from "./a.ts";'), ["Three"]);
  assert.deepEqual(unused(THREE, 'export { one, two } from "./a.ts";'), ["Three"]);
});

test("a namespace uses what is asked of it, and everything where it goes elsewhere", () => {
  const namespace = 'import * as a from "./a.ts";';
  assert.deepEqual(unused(THREE, `${namespace}\na.one;\nb.a.two();`), ["two", "Three"]);
  assert.deepEqual(unused(THREE, `${namespace}\n"a.two"; // a.two\n\`a \${a.one} a\`;`), ["two", "Three"]);
  assert.deepEqual(unused(THREE, `${namespace}\ninspect(a);`), []);
  assert.deepEqual(unused(THREE, 'const a = await import("./a.ts");'), []);
});

test("every form of export counts", () => {
  const forms = [
    "export async function f1() {}",
    "export abstract class C2 {}",
    "export const { d3, x: d4 } = {};",
    "const l5 = 5;\nexport { l5, l5 as l6 };",
    "export enum E7 {}",
    "@inline export function f8() {}",
    "@lazy\nexport let v9 = 0;",
    "export default 10;",
    "export function* g11() {}",
  ].join("\n");
  const names = ["f1", "C2", "d3", "d4", "l5", "l6", "E7", "f8", "v9", "default", "g11"];
  assert.deepEqual(unused(forms, 'import { other } from "./a.ts";').sort(), names.sort());
  assert.deepEqual(unused("export default 1;", 'import one from "./a.ts";'), []);
});

test("a type that a signature of its file mentions is used with it, one that nothing mentions is not", () => {
  const types =
    "export interface Options {}\nexport type Lonely = 1;\nexport function f(options: Options) {}\n";
  assert.deepEqual(unused(types, 'import { f } from "./a.ts";'), ["Lonely"]);
});

test("the exports of a file that no other imports are for who starts or compiles it", () => {
  assert.deepEqual(unused(THREE, ""), []);
});

test("what a package.json names is an entry point", () => {
  const entry = { "scripts/package.json": '{"exports": {".": {"default": "./a.ts"}}}' };
  assert.deepEqual(unused(THREE, 'import { one } from "./a.ts";', entry), []);
});

test("generated files use, and are not asked", () => {
  const generated = {
    "scripts/generated/b.ts": 'export const b = 1;\nimport { two, Three } from "../a.ts";',
  };
  assert.deepEqual(
    unused(THREE, 'import { one } from "./a.ts";\nimport { c } from "./generated/b.ts";', generated),
    [],
  );
});
