/** Tests the commands as users type them: help, unknown options, exit statuses and signals. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

function run(...words: string[]) {
  return spawnSync(process.execPath, [join(PROJECT, "scripts/run.mjs"), ...words], {
    // Not the project's folder: the commands must work from any folder.
    cwd: tmpdir(),
    encoding: "utf8",
  });
}

test("without a command, the list of them", () => {
  for (const { status, stdout, stderr } of [run(), run("--help")]) {
    assert.equal(status, 0);
    assert.equal(stderr, "");
    for (const name of ["start", "smbus", "slot", "test", "build", "flash", "check", "generate"])
      assert.match(stdout, new RegExp(name));
  }
});

test("an unknown command is an error", () => {
  const { status, stdout, stderr } = run("strat");
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^unknown command strat\n\nusage: /);
  assert.equal(run("toString").status, 2);
});

for (const command of ["start", "smbus", "slot", "test", "build", "flash", "check", "generate"]) {
  test(`${command} --help says how to use it, on stdout`, () => {
    const { status, stdout, stderr } = run(command, "--help");
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout, /^usage: npm /i);
  });

  test(`${command} --nonsense is an error, before anything is built`, () => {
    const { status, stdout, stderr } = run(command, "--nonsense");
    // The emulator has its own exit status for this.
    if (command === "start") assert.notEqual(status, 0, stderr);
    else assert.equal(status, 2, stderr);
    assert.match(stderr, /nonsense/);
    assert.match(stderr, /usage|--help/i);
    assert.equal(stdout, "");
  });
}

test("a pattern that selects no test lists what there is", () => {
  const { status, stderr } = run("test", "no/such/test");
  assert.equal(status, 2);
  assert.match(
    stderr,
    /no test file matches no\/such\/test; there are:\n(.*\n)* {2}test\/scripts\/commands\.test\.ts/,
  );
});

test("an unknown board is an error that names the known ones", () => {
  for (const command of ["build", "start", "flash"]) {
    const { status, stderr } = run(command, "--board", "pica");
    if (command === "start") assert.notEqual(status, 0, command);
    else assert.equal(status, 2, command);
    assert.match(stderr, /pica/, command);
    for (const name of ["hatlet", "pico", "slot-hat"]) assert.ok(stderr.includes(name), command);
  }
});

/** Runs a command as npm does after it took these options for its own, and passed on these arguments. */
function afterNpm(taken: Readonly<Record<string, string>>, ...words: string[]) {
  const settings = Object.entries(taken).map(([name, value]) => [`npm_config_${name}`, value]);
  const env = { ...process.env, ...Object.fromEntries(settings) };
  return spawnSync(process.execPath, [join(PROJECT, "scripts/run.mjs"), ...words], { env, encoding: "utf8" });
}

const FORGOTTEN: readonly (readonly [Readonly<Record<string, string>>, string[], string])[] = [
  [{ board: "true" }, ["build", "pico"], "npm run build -- --board pico"],
  [{ board: "pico" }, ["build"], "npm run build -- --board pico"],
  [{ board: "true", out: "true" }, ["build", "pico", "x"], "npm run build -- --board ... --out ..."],
  [{ volume: "true" }, ["flash", "/mnt"], "npm run flash -- --volume /mnt"],
  [{ check: "true" }, ["generate"], "npm run generate -- --check"],
  [{ fault: "never-prints" }, ["start"], "npm start -- --fault never-prints"],
  [{ board: "pico" }, ["smbus", "power", "on"], "npm run smbus -- --board pico power on"],
  [{ slot: "true" }, ["smbus", "3", "scan"], "npm run smbus -- --slot 3 scan"],
  [{}, ["build", "pico"], "npm run build -- --board pico"],
  [{}, ["flash", "pico"], "npm run flash -- --board pico"],
];

for (const [taken, words, meant] of FORGOTTEN) {
  test(`the forgotten -- of ${meant} is reported, and nothing is done`, () => {
    const { status, stdout, stderr } = afterNpm(taken, ...words);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.ok(stderr.endsWith(`. Try: ${meant}\n`), stderr);
    assert.match(stderr, /^[^\n]*--[^\n]*\n$/);
  });
}

test("a setting of npm's that is also given as an option is no forgotten --", () => {
  const { status, stdout } = afterNpm({ board: "true" }, "build", "--help");
  assert.equal(status, 0);
  assert.match(stdout, /^usage: npm run build/);
});

test("build names a wrong --out or --logic as the user sees it, from where the command was typed", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "commands-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "taken"), "");
  const typedIn = (...words: string[]) => {
    const program = [join(PROJECT, "scripts/run.mjs"), "build", ...words];
    const env = { ...process.env, INIT_CWD: folder };
    return spawnSync(process.execPath, program, { cwd: PROJECT, env, encoding: "utf8" });
  };
  for (const out of ["taken", "taken/inside"]) {
    const { status, stderr } = typedIn("--out", out);
    assert.equal(status, 2, stderr);
    assert.equal(
      stderr,
      `--out ${join(folder, out)}: a file is in the way there; name a folder, which may be a new one\n`,
    );
  }
  const missing = typedIn("--logic", "mine.ts");
  assert.equal(missing.status, 2);
  assert.equal(missing.stderr, `there is no ${join(folder, "mine.ts")}\n`);
  assert.equal(typedIn("--logic", ".").status, 2);

  const outside = spawnSync(process.execPath, [join(PROJECT, "scripts/run.mjs"), "build", "--out", "taken"], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: undefined },
    encoding: "utf8",
  });
  assert.match(outside.stderr, /^--out .*taken: a file is in the way/, "without npm, the current folder");
});

test("generated files are up to date, and a stale one is named with the command that updates it", () => {
  const { status, stdout, stderr } = run("generate", "--check");
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "");
});

test("exit status and signals of the program come through", async (context) => {
  const folder = mkdtempSync(join(PROJECT, "build/hand-over-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "program.ts");
  writeFileSync(
    program,
    `const status: number = Number(process.argv[2]);
     if (status > 0) process.exit(status);
     process.on("SIGTERM", () => process.exit(7));
     console.log("ready");
     setInterval(() => {}, 1000);`,
  );
  const handOver = new URL("../../scripts/setup/hand-over.mjs", import.meta.url).href;
  const caller = join(folder, "caller.mjs");
  writeFileSync(
    caller,
    `import { handOver } from ${JSON.stringify(handOver)};
     process.exitCode = await handOver([${JSON.stringify(program)}, process.argv[2]]);`,
  );
  assert.equal(spawnSync(process.execPath, [caller, "42"]).status, 42);

  const signalled = (signal: NodeJS.Signals) =>
    new Promise<number | null>((resolve) => {
      const child = spawn(process.execPath, [caller, "0"], { stdio: ["ignore", "pipe", "inherit"] });
      child.stdout.once("data", () => child.kill(signal));
      child.on("exit", resolve);
    });
  assert.equal(await signalled("SIGTERM"), 7);
  // The program does not handle it: 128 + 1, as a shell reports it.
  assert.equal(await signalled("SIGHUP"), 129);
});
