/** The mutants that are found in a text, and the table of the tests that cover a file. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isJudged, readJudged } from "../../../lab/mutate/judged.ts";
import { mutantsOfLogic } from "../../../lab/mutate/logic-mutants.ts";
import { changeOf, describe, isSameChange, type Mutant, planted } from "../../../lab/mutate/mutant.ts";
import { isMutable, testsOf } from "../../../lab/mutate/suites.ts";
import { mutantsOfC } from "../../../lab/mutate/token-mutants.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));

function texts(source: string, mutants: readonly Mutant[]): string[] {
  return mutants.map((mutant) => planted(source, mutant));
}

test("C: operators, conditions, numbers and statements, each changed alone", () => {
  const body = "  if (used >= 2u && !full) put(ring, used | 1);\n";
  const changed = texts(body, mutantsOfC("host/x.c", body)).map((text) => text.trim());
  assert.deepEqual(
    new Set(changed),
    new Set([
      "if (1) put(ring, used | 1);",
      "if (0) put(ring, used | 1);",
      "if (used > 2u && !full) put(ring, used | 1);",
      "if (used < 2u && !full) put(ring, used | 1);",
      "if (used >= 3u && !full) put(ring, used | 1);",
      "if (used >= 2u || !full) put(ring, used | 1);",
      "if (used >= 2u && full) put(ring, used | 1);",
      "if (used >= 2u && !full) ;",
      "if (used >= 2u && !full) put(ring, used & 1);",
      "if (used >= 2u && !full) put(ring, used | 2);",
    ]),
  );
  assert.equal(changed.length, 10);
});

test("C: comments, texts, the preprocessor, pointers and declarations are left alone", () => {
  for (const source of [
    "// a < b && c\n",
    "/* x = 1; */\n",
    '  return print("a < b");\n',
    "#define LIMIT (1 << 4)\n#if A && \\\n  B < 2\n#endif\n",
    "static const struct port *port = &ports[number];\n",
    "uint8_t *next;\n",
    "const uint32_t all = fell;\n",
  ]) {
    assert.deepEqual(texts(source, mutantsOfC("host/x.c", source)), [], source);
  }
});

test("AssemblyScript: Stryker's mutants, and bits and statements besides", async () => {
  const source = [
    'import { State } from "./state";',
    "export let saved: u32 = 0;",
    "export function save(mask: u32, now_us: u64): bool {",
    "  if (now_us < 5) return false;",
    "  saved = <u32>(mask | (1 << 3));",
    "  return load<u8>(mask) != 0;",
    "}",
    "",
  ].join("\n");
  const mutants = await mutantsOfLogic("assembly/x.ts", source);
  const changes = mutants.map((mutant) => describe(changeOf(source, mutant)).replace(/^\S+ +/, ""));
  for (const expected of [
    "now_us < 5  => now_us <= 5",
    "now_us < 5  => true",
    "false  => true",
    "|  => &",
    "<<  => >>",
    "saved = <u32>(mask | (1 << 3))  removed",
    "load<u8>(mask) != 0  => load<u8>(mask) == 0",
  ]) {
    assert.ok(changes.includes(expected), `${expected}\n${changes.join("\n")}`);
  }
  for (const mutant of mutants) assert.notEqual(planted(source, mutant), source);
  assert.ok(!changes.some((change) => /import|export let/.test(change)), changes.join("\n"));
});

test("a change is the same one after lines above it were added, and not in another line", () => {
  const before = "x = 1;\nif (a == b) c();\n";
  const after = `// new\n\n${before}if (a == b) d();\n`;
  const [one] = mutantsOfC("host/x.c", before).filter(({ kind }) => kind === "EqualityOperator");
  const others = mutantsOfC("host/x.c", after).filter(({ kind }) => kind === "EqualityOperator");
  assert.ok(one);
  const change = changeOf(before, one);
  assert.equal(change.line, 2);
  assert.deepEqual(
    others.map((other) => isSameChange(change, changeOf(after, other))),
    [true, false],
  );
});

test("every source that can have mutants has tests in the table, and each of them is there", () => {
  const sources = ["assembly", "host"].flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
      .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
      .filter(isMutable),
  );
  assert.ok(sources.length > 60, `${sources.length}`);
  for (const source of sources) {
    const tests = testsOf(source);
    assert.ok(tests.length > 0, source);
    for (const each of tests) assert.ok(existsSync(join(PROJECT, each)), `${each}, for ${source}`);
  }
  for (const path of [
    "assembly/generated/abi.ts",
    "host/engine/aot/fault.c",
    "client/index.ts",
    "host/ring.h",
  ])
    assert.equal(isMutable(path), false, path);
});

test("every judged mutant names a source, a line, a change and a reason", () => {
  for (const { file, text, original, replacement, reason } of readJudged()) {
    assert.ok(
      isMutable(file) && existsSync(join(PROJECT, file)),
      `lab/mutate/judged.json: there is no ${file}`,
    );
    assert.ok(text.includes(original) && original !== replacement, `lab/mutate/judged.json: ${text}`);
    assert.match(reason, /^[A-Z].{20,}\.$/, `lab/mutate/judged.json: the reason of ${text}`);
  }
});

test("a judged mutant is found by its line and change, wherever the line is now", () => {
  const source = "f();\n  if (a < b) g();\n";
  const changes = mutantsOfC("host/x.c", source).map((mutant) => changeOf(source, mutant));
  const judged = [
    { file: "host/x.c", text: "if (a < b) g();", original: "<", replacement: "<=", reason: "None." },
  ];
  const found = changes.filter((change) => isJudged(change, judged));
  assert.deepEqual(
    found.map(({ line, replacement }) => [line, replacement]),
    [[2, "<="]],
  );
});
