/**
 * Tests the commands in clones that have a problem: they belong to another user, or have a wrong board
 * file.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { notWritable } from "../../scripts/setup/not-writable.mjs";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** Debian's user without rights. Root may write anywhere, so these tests run as another user. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const asSomeone = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** Copies those parts of the project into a folder that is removed after the test. */
function clone(context: TestContext, parts: readonly string[], packages: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), "clone-"));
  context.after(() => {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true, force: true });
  });
  for (const part of parts) cpSync(join(PROJECT, part), join(folder, part), { recursive: true });
  if (packages) symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  chmodSync(folder, 0o555);
  return folder;
}

const canReadPackages =
  spawnSync(process.execPath, ["-e", `require(${JSON.stringify(join(PROJECT, "package.json"))})`], asSomeone)
    .status === 0;
const needsOthers = {
  skip:
    process.platform === "win32"
      ? "folders have no modes"
      : canReadPackages
        ? false
        : "others cannot read this clone",
};

const SENTENCE =
  /the project's folder \S+ is not writable for you \(EACCES\): clone it to a folder of your own \(git clone \S+ racklet-bmc\) and run the command there\.\n$/;

test(
  "a fresh clone that belongs to someone else: one sentence instead of a stack",
  needsOthers,
  (context) => {
    const folder = clone(context, ["scripts", "package.json", "package-lock.json"], false);
    for (const command of ["start", "build", "flash"]) {
      const program = [join(folder, "scripts/run.mjs"), command];
      const { status, stdout, stderr } = spawnSync(process.execPath, program, {
        ...asSomeone,
        encoding: "utf8",
      });
      assert.equal(status, 1, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /^set-up: the project's folder /);
      assert.match(stderr, SENTENCE);
      assert.equal(stderr.split("\n").length, 2);
    }
  },
);

test("a set-up clone that belongs to someone else: the build says the same", needsOthers, (context) => {
  const parts = ["abi", "asconfig.json", "assembly", "boards", "cli", "flash", "host", "package-lock.json"];
  const folder = clone(context, [...parts, "package.json", "scripts", "simulator"], true);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "scripts/build.ts", "--quiet"],
    { ...asSomeone, cwd: folder, encoding: "utf8" },
  );
  assert.equal(status, 1, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^the project's folder /);
  assert.match(stderr, SENTENCE);
});

test("only refused writes inside the project are about its folder", () => {
  const failure = (code: string, path: string) => Object.assign(new Error("no"), { code, path });
  assert.match(
    notWritable(failure("EROFS", "/p/build/x"), "/p/") ?? "",
    /folder \/p is not writable .*EROFS/,
  );
  assert.match(notWritable(failure("EACCES", "/p"), "/p/") ?? "", /folder \/p is/);
  assert.equal(notWritable(failure("EACCES", "/other/build"), "/p/"), undefined);
  assert.equal(notWritable(failure("ENOENT", "/p/build"), "/p/"), undefined);
  assert.equal(notWritable(new Error("no"), "/p/"), undefined);
  assert.equal(notWritable(undefined, "/p/"), undefined);
});

test("check reports a wrong board file once, and says to fix it and not to generate", (context) => {
  const folder = clone(
    context,
    ["abi", "boards", "cli", "flash", "package.json", "scripts", "simulator"],
    true,
  );
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "docs"));
  writeFileSync(join(folder, "boards/mine.json"), '{ "extends": "slot-hat" }\n');
  writeFileSync(join(folder, "package-lock.json"), "{}");
  const options = ["--import", "tsx", "scripts/check.ts"];
  const { status, stdout } = spawnSync(process.execPath, options, { cwd: folder, encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(
    stdout,
    /FAIL board files .*\n\n {2}board mine cannot be used, 1 problem:\n {4}boards\/mine\.json: name: is missing; add "name": "mine"\n\n {2}next: fix the board files/,
  );
  assert.match(stdout, /FAIL generated files .*\n\n.*\n\n {2}next: fix the board files first\n/);
  assert.doesNotMatch(stdout, /next: npm run generate/);
});
