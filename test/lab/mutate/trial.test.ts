/** Mutants of a tiny project with one source and one test: planted, killed, survived, and put back. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Built } from "../../../lab/mutate/builder.ts";
import { changeOf, type Mutant, planted } from "../../../lab/mutate/mutant.ts";
import { reportOf } from "../../../lab/mutate/report.ts";
import { Tree } from "../../../lab/mutate/tree.ts";
import { NotSound, type Result, Trial } from "../../../lab/mutate/trial.ts";

const SOURCE = "assembly/sum.ts";
const TEXT = `export function sum(numbers: readonly number[]): number {
  let sum = 0 + 0;
  for (let index = 0; index < numbers.length; index++) sum += numbers[index] ?? 0;
  if (sum > 1000) return 1000;
  return sum;
}
`;
const TEST = "test/sum.test.ts";
const PASSING = `import assert from "node:assert/strict";
import { sum } from "../assembly/sum.ts";
assert.equal(sum([1, 2, 3]), 6);
`;
/** Without a mutant the test needs about a second. */
const DEADLINE_MS = 8000;

const folder = mkdtempSync(join(tmpdir(), "mutate-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

write("package.json", '{ "type": "module" }');
write(SOURCE, TEXT);
write(TEST, PASSING);
symlinkSync(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(folder, "node_modules"));

/** Stands for the compiler: adding and subtracting nothing is the same, and an empty block is refused. */
async function build(tree: Tree): Promise<Built> {
  const text = readFileSync(join(tree.path, SOURCE), "utf8");
  return text.includes("{}") ? { problem: "an empty block" } : { digest: text.replace(/0 [-+] 0/, "0") };
}

function mutant(original: string, replacement: string): Mutant {
  const from = TEXT.indexOf(original);
  return { file: SOURCE, from, to: from + original.length, replacement, kind: "Test" };
}

async function withTrial(use: (trial: Trial, tree: Tree) => Promise<void>): Promise<void> {
  const tree = new Tree(folder);
  const testsOf = () => [TEST];
  const parts = { project: folder, tree, testsOf, build: () => build(tree), deadlineMs: () => DEADLINE_MS };
  try {
    await use(new Trial(parts), tree);
  } finally {
    tree.remove();
  }
}

test("a mutant is killed, survives, loops, does not compile, or is the same; the user's files stay", async () => {
  const results: Result[] = [];
  await withTrial(async (trial, tree) => {
    await trial.prepare([SOURCE], () => {});
    for (const [change, verdict] of [
      [mutant("sum += ", "sum -= "), "killed"],
      [mutant("sum > 1000", "sum >= 1000"), "survived"],
      [mutant("index++", "index += 0"), "late"],
      [mutant("return 1000;", "{}"), "no build"],
      [mutant("0 + 0", "0 - 0"), "same"],
    ] as const) {
      const result = await trial.try(change);
      results.push(result);
      assert.equal(result.verdict, verdict, result.original);
      assert.equal(result.line, changeOf(TEXT, change).line);
      assert.equal(readFileSync(join(tree.path, SOURCE), "utf8"), TEXT, "put back in the copy");
      assert.equal(readFileSync(join(folder, SOURCE), "utf8"), TEXT, "never planted in the project");
    }
    assert.equal(results[0]?.by, TEST);
  });
  assert.equal(existsSync(join(folder, "build/mutate", String(process.pid))), false);
  const outcome = { seed: 7, paths: ["assembly"], found: 20, judged: 2, results, interrupted: false };
  const report = reportOf(outcome);
  assert.match(report, /assembly\/sum\.ts:4 {2}sum > 1000 {2}=> sum >= 1000/);
  assert.match(report, /1 of 3 mutants survive \(33\.3 %\), of 20 in assembly; seed 7/);
  assert.match(report, /1 do not compile, 1 change nothing that ships, 2 are judged/);
});

test("a test that fails without a mutant ends the run with its output", async () => {
  write(TEST, PASSING.replace("6", "7"));
  await withTrial(async (trial) => {
    await assert.rejects(
      trial.prepare([SOURCE], () => {}),
      (error) => {
        assert.ok(error instanceof NotSound);
        assert.match(error.message, /test\/sum\.test\.ts fails without a mutant:[\s\S]*6 !== 7/);
        return true;
      },
    );
  });
  write(TEST, PASSING);
});

test("a copy that a killed run has left behind is removed, the copy of a run under way is not", () => {
  const left = join(folder, "build/mutate/999999999");
  const other = join(folder, `build/mutate/${process.ppid}`);
  for (const path of [left, other]) mkdirSync(path, { recursive: true });
  const tree = new Tree(folder);
  assert.deepEqual([existsSync(left), existsSync(other)], [false, true]);
  assert.equal(existsSync(join(tree.path, "build/mutate")), false, "a copy contains no copies");
  tree.remove();
});

test("planting changes only what lies between the two offsets", () => {
  assert.equal(planted(TEXT, mutant("index++", "index--")), TEXT.replace("index++", "index--"));
});
