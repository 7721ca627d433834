/** Sizes of static memory must have names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { capacityProblems } from "../../../scripts/check/capacities.ts";
import { tree } from "./tree.ts";

const problems = (line: string) => capacityProblems(tree({ "assembly/a.ts": `${line}\n` }));

for (const line of [
  "const ring: usize = memory.data(32768);",
  "const ring: usize = memory.data(0x8000, 8);",
  "const info: usize = memory.data(4 * 14, 4);",
  "const view = new StaticArray<i32>(32);",
  "const readings: StaticArray<i32> = [0, 0, 0];",
  "const firstTaken: StaticArray<bool> = [false, false];\nassert(QUANTITIES == 6);",
]) {
  test(`refused: ${line}`, () => assert.equal(problems(line).length, 1));
}

for (const line of [
  "const ring: usize = memory.data(BOOT_LOG_BYTES);",
  "const samples: usize = memory.data(SAMPLES_WORDS * 4, 4);",
  "const entries: usize = memory.data(\n  ENTRIES * ENTRY_BYTES,\n  8,\n);",
  "const request: usize = memory.data(sizeof<u32>(), 4);",
  "const view = new StaticArray<i32>(QUANTITIES);",
  "const readings: StaticArray<i32> = [0, 0, 0];\nassert(QUANTITIES == 3);",
  "const widths: StaticArray<i32> = [1, 2, 2];",
  "// Not memory.data(32768), whose size",
]) {
  test(`accepted: ${line}`, () => assert.deepEqual(problems(line), []));
}

test("the line is named, and other folders may use numbers", () => {
  const files = tree({
    "assembly/a.ts": "/**\n * Two\n * lines.\n */\nconst a = memory.data(8);\n",
    "lab/bench/kernels/a.ts": "const a = memory.data(8);\n",
    "assembly/generated/board.ts": "const a: StaticArray<i32> = [0, 0];\n",
  });
  assert.deepEqual(capacityProblems(files), [
    "assembly/a.ts:5: memory.data(8, a number instead of a named size",
  ]);
});
