/** Tests the set-up: whether the packages are the locked ones, how it gets the toolchain, and its lock. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
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
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { withLock } from "../../scripts/setup/lock.mjs";
import { packagesProblem } from "../../scripts/setup/packages.mjs";
import { runQuietly, StepFailed } from "../../scripts/setup/step.mjs";
import { toolchainPlan } from "../../scripts/setup/toolchain.mjs";

const LOCKED = {
  "": { name: "x" },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/b": { version: "2.0.0", integrity: "sha512-b" },
  "node_modules/elsewhere": { version: "1.0.0", integrity: "sha512-e", optional: true },
};
const { "": _root, "node_modules/elsewhere": _optional, ...INSTALLED } = LOCKED;

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "setup-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A project whose lock file lists `LOCKED`, and where npm has recorded `installed`. */
function project(context: TestContext, installed: object | undefined): string {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: LOCKED }));
  for (const path of Object.keys(INSTALLED)) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, "package.json"), "{}");
  }
  if (installed !== undefined) {
    writeFileSync(join(folder, "node_modules/.package-lock.json"), JSON.stringify({ packages: installed }));
  }
  return folder;
}

test("packages as locked need nothing; optional ones for other systems may be absent", (context) => {
  assert.equal(packagesProblem(project(context, INSTALLED)), undefined);
  const folder = project(context, LOCKED);
  mkdirSync(join(folder, "node_modules/elsewhere"));
  writeFileSync(join(folder, "node_modules/elsewhere/package.json"), "{}");
  assert.equal(packagesProblem(folder), undefined);
});

test("packages that others bundle are in npm's record alone, and no reason to install again", (context) => {
  const bundled = { "node_modules/a/node_modules/c": { version: "1.0.0", inBundle: true } };
  assert.equal(packagesProblem(project(context, { ...INSTALLED, ...bundled })), undefined);
});

test("a workspace is a link to its folder; one that is not there is a reason to install again", (context) => {
  const workspace = {
    client: { name: "@racklet/client", version: "0.1.0" },
    "node_modules/@racklet/client": { resolved: "client", link: true },
  };
  const folder = project(context, { ...INSTALLED, ...workspace });
  const packages = { ...LOCKED, ...workspace };
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages }));
  mkdirSync(join(folder, "client"));
  writeFileSync(join(folder, "client/package.json"), "{}");
  assert.equal(packagesProblem(folder), "node_modules/@racklet/client is missing");
  mkdirSync(join(folder, "node_modules/@racklet"));
  symlinkSync("../../client", join(folder, "node_modules/@racklet/client"));
  assert.equal(packagesProblem(folder), undefined);
  writeFileSync(join(folder, "node_modules/.package-lock.json"), JSON.stringify({ packages: INSTALLED }));
  assert.equal(packagesProblem(folder), "package-lock.json has changed");
});

test("a fresh clone has no node_modules", (context) => {
  const folder = project(context, INSTALLED);
  rmSync(join(folder, "node_modules"), { recursive: true });
  assert.equal(packagesProblem(folder), "node_modules is missing");
});

test("an interrupted installation has no record and is done again", (context) => {
  assert.equal(packagesProblem(project(context, undefined)), "the last installation did not finish");
});

test("a record cut short is done again", (context) => {
  const folder = project(context, INSTALLED);
  writeFileSync(join(folder, "node_modules/.package-lock.json"), '{ "packages": {');
  assert.equal(packagesProblem(folder), "the record of what is installed cannot be read");
});

test("a package whose folder was deleted is noticed", (context) => {
  const folder = project(context, INSTALLED);
  rmSync(join(folder, "node_modules/b"), { recursive: true });
  assert.equal(packagesProblem(folder), "node_modules/b is missing");
});

const CHANGED: readonly (readonly [string, object])[] = [
  ["another version", { ...INSTALLED, "node_modules/a": { version: "0.9.0", integrity: "sha512-a" } }],
  ["another content", { ...INSTALLED, "node_modules/a": { version: "1.0.0", integrity: "sha512-z" } }],
  ["one too few", { "node_modules/a": LOCKED["node_modules/a"] }],
];

for (const [what, installed] of CHANGED) {
  test(`packages that differ from the locked ones are installed again: ${what}`, (context) => {
    assert.equal(packagesProblem(project(context, installed)), "package-lock.json has changed");
  });
}

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n';
const MINT = 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n';
const FEDORA = 'NAME="Fedora Linux"\nID=fedora\n';

test("the toolchain comes by apt on Debian and its kin, as root or with a sudo that asks nothing", () => {
  const linux = { platform: "linux", root: false, sudo: false } as const;
  assert.deepEqual(toolchainPlan({ ...linux, osRelease: DEBIAN, root: true }), { prefix: [] });
  assert.deepEqual(toolchainPlan({ ...linux, osRelease: MINT, sudo: true }), { prefix: ["sudo", "-n"] });
  assert.deepEqual(toolchainPlan({ ...linux, osRelease: DEBIAN }), {
    message: "Install it with: sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi",
  });
});

test("elsewhere a message names what to install, even to root", () => {
  const message = (platform: NodeJS.Platform, osRelease = "") => {
    const plan = toolchainPlan({ platform, osRelease, root: true, sudo: true });
    assert.ok("message" in plan, platform);
    return plan.message;
  };
  assert.match(message("linux", FEDORA), /dnf install arm-none-eabi-gcc-cs arm-none-eabi-newlib/);
  assert.match(message("linux"), /newlib/);
  assert.match(message("darwin"), /brew install --cask gcc-arm-embedded/);
  assert.match(message("win32"), /Arm GNU Toolchain/);
});

/** A PATH with only these programs, each a shell script. */
function pathWith(context: TestContext, programs: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(context);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

/** The rest of the PATH: the few system programs that the scripts above use, and no real compiler. */
function toolsOnly(folder: string): string {
  const tools = join(folder, "tools");
  mkdirSync(tools);
  for (const name of ["env", "dirname", "cp"]) symlinkSync(`/usr/bin/${name}`, join(tools, name));
  return `:${tools}`;
}

/** Runs the set-up on a machine with this PATH. */
function ensureToolchainWith(path: string) {
  const module = new URL("../../scripts/setup/toolchain.mjs", import.meta.url).href;
  const program = `await (await import(${JSON.stringify(module)})).ensureToolchain();`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    env: { PATH: path },
    encoding: "utf8",
  });
}

const COMPILER = "echo /usr/lib/newlib/libc.a";
const aptTest = {
  skip: process.getuid?.() !== 0 || !existsSync("/etc/debian_version") ? "needs root on Debian" : false,
};

test("a machine with compiler and library is left alone", (context) => {
  const apt = 'echo "apt must not run" >&2; exit 1';
  const { status, stderr } = ensureToolchainWith(
    pathWith(context, { "arm-none-eabi-gcc": COMPILER, "apt-get": apt }),
  );
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
});

test("a missing toolchain is installed by apt, quietly, also without package lists", aptTest, (context) => {
  const apt = `echo "noise"; here=$(dirname "$0"); echo "$DEBIAN_FRONTEND $@" >> "$here/calls"
    case "$*" in
      *update*) exit 100 ;;
      *install*) cp "$here/compiler" "$here/arm-none-eabi-gcc" ;;
    esac`;
  const folder = pathWith(context, { "apt-get": apt, compiler: COMPILER });
  const { status, stdout, stderr } = ensureToolchainWith(`${folder}${toolsOnly(folder)}`);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /^set-up: installing the ARM toolchain .*\(arm-none-eabi-gcc is missing\) \.\.\.\n.*done in .* s\n$/,
  );
  assert.deepEqual(readFileSync(join(folder, "calls"), "utf8").split("\n"), [
    "noninteractive -o DPkg::Lock::Timeout=300 update",
    "noninteractive -o DPkg::Lock::Timeout=300 install -y --no-install-recommends gcc-arm-none-eabi libnewlib-arm-none-eabi",
    "",
  ]);
});

test("an apt that fails is shown, with what to install by hand", aptTest, (context) => {
  const folder = pathWith(context, { "apt-get": 'echo "E: Unable to fetch"; exit 100' });
  const { status, stderr } = ensureToolchainWith(`${folder}${toolsOnly(folder)}`);
  assert.notEqual(status, 0);
  assert.match(stderr, /E: Unable to fetch/);
  assert.match(stderr, /Install the Debian packages gcc-arm-none-eabi and libnewlib-arm-none-eabi, then run/);
});

test("a compiler without the library is no toolchain", aptTest, (context) => {
  const folder = pathWith(context, { "arm-none-eabi-gcc": "echo libc.a", "apt-get": "exit 100" });
  assert.match(
    ensureToolchainWith(`${folder}${toolsOnly(folder)}`).stderr,
    /newlib for arm-none-eabi is missing/,
  );
});

test("two set-ups at once go one after the other", async (context) => {
  const lock = join(temporaryFolder(context), "lock");
  const events: string[] = [];
  const job = (name: string) =>
    withLock(lock, async () => {
      events.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push(`${name} out`);
    });
  await Promise.all([job("a"), job("b")]);
  assert.deepEqual([events[0]?.slice(2), events[1]?.slice(2), events[2]?.slice(2)], ["in", "out", "in"]);
  assert.equal(events[0]?.[0], events[1]?.[0]);
  assert.equal(existsSync(lock), false);
});

test("the lock of a process that died is taken over", async (context) => {
  const lock = join(temporaryFolder(context), "lock");
  const dead = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => dead.on("exit", resolve));
  mkdirSync(lock);
  writeFileSync(join(lock, "owner"), String(dead.pid));
  assert.equal(await withLock(lock, async () => "done"), "done");
  assert.equal(existsSync(lock), false);
});

test("a lock without an owner is taken over after a moment", async (context) => {
  const lock = join(temporaryFolder(context), "lock");
  mkdirSync(lock);
  assert.equal(await withLock(lock, async () => "done"), "done");
});

test("a lock that is held for too long ends in a message that says what to do", async (context) => {
  const lock = join(temporaryFolder(context), "lock");
  mkdirSync(lock);
  writeFileSync(join(lock, "owner"), String(process.pid));
  await assert.rejects(
    withLock(lock, async () => {}, { deadlineMs: 1 }),
    (error) =>
      error instanceof StepFailed && /remove that directory and run the command again/.test(error.message),
  );
  assert.equal(existsSync(lock), true);
});

test("a failing action gives the lock back", async (context) => {
  const lock = join(temporaryFolder(context), "lock");
  await assert.rejects(
    withLock(lock, async () => {
      throw new Error("no");
    }),
  );
  assert.equal(existsSync(lock), false);
});

test("a step keeps its output back and gives it when asked", async () => {
  const { ok, output } = await runQuietly(process.execPath, [
    "-e",
    "console.log(1); console.error(2); process.exit(3)",
  ]);
  assert.equal(ok, false);
  assert.deepEqual(output.trim().split("\n").sort(), ["1", "2"]);
  const missing = await runQuietly("no-such-program-anywhere", []);
  assert.equal(missing.ok, false);
  assert.match(missing.output, /ENOENT/);
});
