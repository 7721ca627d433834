/** `npm run mutate` as it is typed: help, wrong usage, and an interrupt. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const COMMAND = ["--import", "tsx", "lab/mutate/mutate.ts"];
const folder = mkdtempSync(join(tmpdir(), "mutate-command-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function mutate(...options: string[]) {
  const run = spawnSync(process.execPath, [...COMMAND, ...options], { cwd: PROJECT, encoding: "utf8" });
  return { status: run.status, output: run.stdout, errors: run.stderr };
}

test("--help says what it does and what the exit status means", () => {
  const { status, output } = mutate("--help");
  assert.equal(status, 0);
  assert.match(output, /^usage: npm run mutate -- \[FILES\]/);
  assert.match(output, /Exit status: 0 no mutant survived, 1 some survived, 2 wrong usage/);
});

test("wrong usage is one clear sentence and status 2", () => {
  const file = join(folder, "results.json");
  writeFileSync(file, "{}");
  for (const [options, message] of [
    [["--depth", "3"], /Unknown option '--depth'/],
    [["--count", "some"], /--count and --seed must be whole numbers/],
    [["assembly/pwer"], /there is no assembly\/pwer in the project/],
    [["/etc"], /there is no \/etc in the project/],
    [["client"], /client: no source of assembly\/ or host\/ in it/],
    [["assembly/generated"], /assembly\/generated: no source/],
    [["--again", file], /--again .*: not a file that --json of an earlier run wrote/],
    [["--again", join(folder, "none")], /--again .*: not a file that --json/],
  ] as const) {
    const { status, errors } = mutate(...options);
    assert.equal(status, 2, errors);
    assert.match(errors, message);
  }
});

test("an interrupt ends every process, removes the copy and leaves the user's files as they are", async () => {
  const source = join(PROJECT, "assembly/power/debounced.ts");
  const text = readFileSync(source, "utf8");
  const copies = join(PROJECT, "build/mutate");
  const before = existsSync(copies) ? readdirSync(copies) : [];
  const child = spawn(process.execPath, [...COMMAND, "assembly/power/debounced.ts", "--count", "1"], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
    if (/building without a mutant/.test(output)) child.kill("SIGINT");
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(status, 130, output);
  assert.match(output, /0 of 0 mutants survive .*; interrupted/);
  assert.deepEqual(existsSync(copies) ? readdirSync(copies) : [], before);
  assert.equal(readFileSync(source, "utf8"), text);
});
