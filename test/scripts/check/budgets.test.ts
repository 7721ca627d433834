/** Budgets of files, folders and functions. Biome itself is asked about the project's own limits. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  biomeReport,
  cFunctionFindings,
  type FunctionRule,
  fileFindings,
  folderFindings,
  functionFindings,
} from "../../../scripts/check/budgets.ts";
import { tree } from "./tree.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const lines = (count: number) => "x;\n".repeat(count);

test("files: 400 lines of code, of tests 500, generated ones as they come", () => {
  const files = tree({
    "host/a.c": lines(400),
    "host/b.c": lines(401),
    "scripts/c.mjs": `${lines(400)}// one\n\n/*\n two\n */`,
    "scripts/d.mjs": `${lines(400)}x; // one`,
    "test/d.test.ts": lines(500),
    "test/e.test.ts": lines(501),
    "assembly/generated/f.ts": lines(2000),
    "docs/g.md": lines(2000),
  });
  assert.deepEqual(
    fileFindings(files).map(({ message }) => message),
    [
      "host/b.c: 401 lines of code, budget 400",
      "scripts/d.mjs: 401 lines of code, budget 400",
      "test/e.test.ts: 501 lines of code, budget 500",
    ],
  );
});

test("folders: twenty files, those of folders inside counted there", () => {
  const some = (folder: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${folder}/${index}.ts`, ""]));
  const files = tree({ ...some("a", 20), ...some("a/b", 21), ...some("a/generated", 30), "root.ts": "" });
  assert.deepEqual(folderFindings(files), [
    { where: "a/b", figure: 21, message: "a/b: 21 files, budget 20" },
  ]);
});

test("functions in C: seventy lines, whatever stands around them", () => {
  const body = (count: number) => `{\n${"  x++;\n".repeat(count - 2)}}\n`;
  const files = tree({
    "host/a.c": [
      "static int x;\nstruct s {\n  int y;\n};\n",
      `void fits(void) ${body(70)}`,
      `static void\n__attribute__((noinline)) too_long(int a,\n    int b) ${body(71)}`,
    ].join("\n"),
  });
  const found = cFunctionFindings(files);
  assert.deepEqual(
    found.map(({ where, figure }) => ({ where, figure })),
    [{ where: "host/a.c too_long", figure: 73 }],
  );
});

/** The findings of Biome in a file, with the project's configuration. */
async function biome(path: string, text: string, rule: FunctionRule): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "budgets-"));
  try {
    copyFileSync(join(PROJECT, "biome.json"), join(folder, "biome.json"));
    copyFileSync(join(PROJECT, ".gitignore"), join(folder, ".gitignore"));
    writeFileSync(join(folder, path), text);
    const findings = functionFindings(rule, await biomeReport(folder), tree({ [path]: text }));
    return findings.map(({ where, figure }) => `${where} ${figure}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("lines of a function: seventy, but for the suites of tests", async () => {
  const body = (count: number) => "  console.log(1);\n".repeat(count);
  const text = `export function long() {\n${body(80)}}\n\nexport function short() {\n${body(60)}}\n`;
  const [found, ...others] = await biome("a.ts", text, "lines of functions");
  assert.match(found ?? "", /^a\.ts long 8\d$/);
  assert.deepEqual(others, []);
  const suite = `describe("a suite", () => {\n${body(80)}});\n\ntest("a test", () => {\n${body(80)}});\n`;
  assert.match((await biome("a.test.ts", suite, "lines of functions")).join(), /^a\.test\.ts a test 8\d$/);
});

test("parameters of a function: five", async () => {
  const text = "class A {\n  five(a, b, c, d, e) {}\n  private six(a, b, c, d, e, f) {}\n}\n";
  assert.deepEqual(await biome("a.ts", text, "parameters of functions"), ["a.ts six 6"]);
});

test("complexity of a function: twenty, and the worst of two of one name", async () => {
  const nested = (depth: number): string => (depth === 0 ? "x();" : `if (x()) { ${nested(depth - 1)} }`);
  // Nested conditions count 1, 2, 3 and so on: 15, 21 and 28.
  const text = [5, 6, 7].map((depth) => `{\n  const f = () => { ${nested(depth)} };\n}\n`).join("");
  assert.deepEqual(await biome("a.ts", text, "complexity of functions"), ["a.ts f 28"]);
});
