/** The project's own checks catch what they are for: each is shown a violation planted in a small tree. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { deadFiles } from "../../scripts/check/dead-files.ts";
import { importProblems } from "../../scripts/check/imports.ts";
import { lockProblems } from "../../scripts/check/lock-file.ts";
import { hexadecimalLabels } from "../../scripts/check/register-labels.ts";
import { readSources } from "../../scripts/check/sources.ts";
import { foreignText, longLines } from "../../scripts/check/text.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGE = JSON.stringify({
  scripts: { go: "node scripts/run.mjs" },
  devDependencies: { rp2040js: "1.4.1", "@scope/thing": "1.0.0" },
});

/** A tree of files by path; what they import is written by the test. */
function tree(files: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries({ "package.json": PACKAGE, ...files }));
}

/** The violation of one file's import, the files it may mean being there. */
function problems(path: string, line: string, ...others: string[]): string[] {
  return importProblems(
    tree({ [path]: `${line}\n`, ...Object.fromEntries(others.map((other) => [other, ""])) }),
  );
}

const FROM = (specifier: string) => `import { x } from "${specifier}";`;

const FORBIDDEN: readonly (readonly [path: string, line: string, target: string, rule: RegExp])[] = [
  [
    "simulator/a.ts",
    FROM("../assembly/b.ts"),
    "assembly/b.ts",
    /simulator may import from simulator, abi, boards, cli$/,
  ],
  ["simulator/chip/a.ts", FROM("../../flash/uf2.ts"), "flash/uf2.ts", /simulator may import from/],
  ["simulator/a.ts", FROM("../scripts/b.ts"), "scripts/b.ts", /simulator may import from/],
  ["flash/a.ts", FROM("../abi/contract.ts"), "abi/contract.ts", /flash may import from flash, boards$/],
  ["flash/a.ts", FROM("../simulator/b.ts"), "simulator/b.ts", /flash may import from/],
  ["client/a.ts", FROM("../scripts/b.ts"), "scripts/b.ts", /client may import from client, abi$/],
  ["client/a.ts", FROM("../cli/b.ts"), "cli/b.ts", /client may import from client, abi$/],
  ["client/a.ts", FROM("../simulator/b.ts"), "simulator/b.ts", /client may import from client, abi$/],
  ["cli/a.ts", FROM("../simulator/b.ts"), "simulator/b.ts", /cli may import from cli$/],
  ["cli/a.ts", FROM("./smbus/b.ts"), "cli/smbus/b.ts", /cli may import from cli$/],
  ["cli/smbus/a.ts", FROM("../../lab/b.ts"), "lab/b.ts", /cli\/smbus may import from cli\/smbus, cli, /],
  ["simulator/a.ts", FROM("../cli/smbus/b.ts"), "cli/smbus/b.ts", /simulator may import from/],
  ["simulator/a.ts", FROM("../client/b.ts"), "client/b.ts", /simulator may import from/],
  ["boards/a.ts", FROM("../abi/contract.ts"), "abi/contract.ts", /boards may import from boards$/],
  ["abi/a.ts", FROM("../boards/board.ts"), "boards/board.ts", /abi may import from abi$/],
  ["assembly/a.ts", FROM("../abi/contract"), "abi/contract.ts", /assembly may import from assembly$/],
  ["scripts/a.ts", FROM("../test/b.ts"), "test/b.ts", /scripts may import from/],
  ["scripts/a.mjs", 'await import("../test/b.ts");', "test/b.ts", /scripts may import from/],
  ["simulator/a.ts", 'import "../test/b.ts";', "test/b.ts", /simulator may import from/],
  ["simulator/a.ts", 'export * from "../test/b.ts";', "test/b.ts", /simulator may import from/],
  ["simulator/a.ts", 'import type { A } from "../flash/b.ts";', "flash/b.ts", /simulator may import from/],
  [
    "simulator/a.ts",
    'import {\n  a,\n  b,\n} from "../flash/b.ts";',
    "flash/b.ts",
    /simulator may import from/,
  ],
  ["host/a.c", '#include "../simulator/b.h"', "simulator/b.h", /host may include/],
  ["host/a.c", '  #  include "../test/b.h"', "test/b.h", /host may include/],
];

for (const [path, line, target, rule] of FORBIDDEN) {
  test(`${path} must not say ${JSON.stringify(line)}`, () => {
    const found = problems(path, line, target);
    assert.equal(found.length, 1, found.join("\n"));
    assert.ok(found[0]?.startsWith(`${path} imports `));
    assert.match(found[0] ?? "", rule);
  });
}

const ALLOWED: readonly (readonly [path: string, line: string, ...targets: string[]])[] = [
  [
    "simulator/a.ts",
    `${FROM("../abi/contract.ts")}\n${FROM("../boards/board.ts")}`,
    "abi/contract.ts",
    "boards/board.ts",
  ],
  ["simulator/a.ts", `${FROM("rp2040js")}\n${FROM("@scope/thing/deep")}\n${FROM("node:fs")}`],
  ["flash/a.ts", FROM("../boards/board.ts"), "boards/board.ts"],
  [
    "simulator/slot/simulated-bus.ts",
    `${FROM("./b.ts")}\n${FROM("../../client/c.ts")}`,
    "simulator/slot/b.ts",
  ],
  ["cli/smbus/a.ts", `${FROM("../b.ts")}\n${FROM("../../simulator/c.ts")}`, "cli/b.ts", "simulator/c.ts"],
  ["scripts/a.ts", `${FROM("../flash/b.ts")}\n${FROM("../simulator/b.ts")}`, "flash/b.ts", "simulator/b.ts"],
  [
    "assembly/a.ts",
    `${FROM("./generated/abi")}\n${FROM("./b")}`,
    "assembly/generated/abi.ts",
    "assembly/b.ts",
  ],
  [
    "host/a.c",
    '#include "abi.h"\n#include "board.h"\n#include "wasm3.h"\n#include <string.h>',
    "host/generated/abi.h",
  ],
  ["test/a.ts", `${FROM("../scripts/b.ts")}\n${FROM("../assembly/b.ts")}`, "scripts/b.ts", "assembly/b.ts"],
  ["simulator/a.ts", '// import { x } from "../flash/b.ts";\n/* import "../flash/b.ts"; */', "flash/b.ts"],
];

for (const [path, line, ...targets] of ALLOWED) {
  test(`${path} may say ${JSON.stringify(line)}`, () =>
    assert.deepEqual(problems(path, line, ...targets), []));
}

test("a package that package.json does not name is no dependency", () => {
  assert.match(problems("simulator/a.ts", FROM("left-pad"))[0] ?? "", /left-pad is not in package\.json$/);
  assert.match(
    problems("simulator/a.ts", FROM("@scope/other"))[0] ?? "",
    /@scope\/other is not in package\.json$/,
  );
});

/** A tree with a workspace that exports one of its files, and another that depends on it. */
function workspaceTree(files: Readonly<Record<string, string>>, rackDependencies = {}) {
  return tree({
    "package.json": JSON.stringify({
      workspaces: ["client", "rack"],
      dependencies: { "of-root": "1.0.0" },
      devDependencies: { "of-root-tools": "1.0.0" },
    }),
    "client/package.json": JSON.stringify({
      name: "@racklet/client",
      dependencies: { "of-client": "1.0.0" },
      devDependencies: { "of-client-tools": "1.0.0" },
      exports: { ".": { types: "./index.ts", default: "./index.ts" }, "./pec": "./pec.ts" },
    }),
    "rack/package.json": JSON.stringify({ name: "rack", dependencies: rackDependencies }),
    "client/index.ts": "",
    "client/pec.ts": "",
    "client/inner.ts": "",
    ...files,
  });
}

const WORKSPACE_IMPORTS: readonly (readonly [path: string, specifier: string, problem: RegExp | null])[] = [
  ["test/a.ts", "@racklet/client", null],
  ["test/a.ts", "@racklet/client/pec", null],
  ["test/a.ts", "../client/index.ts", /client is a package, imported as @racklet\/client$/],
  ["test/a.ts", "@racklet/client/inner.ts", /client\/package\.json does not export it$/],
  ["test/a.ts", "@racklet/clients", /@racklet\/clients is not in package\.json$/],
  ["test/a.ts", "of-client", /of-client is not in package\.json$/],
  ["flash/a.ts", "@racklet/client", /flash may import from flash, boards$/],
  ["abi/a.ts", "@racklet/client", /abi may import from abi$/],
  ["client/a.ts", "./inner.ts", null],
  ["client/a.ts", "@racklet/client", /a package imports its own files by their paths$/],
  ["client/a.ts", "../abi/contract.ts", null],
  ["client/a.ts", "node:fs", null],
  ["client/a.ts", "of-client", null],
  ["client/a.ts", "of-client-tools", /not in client\/package\.json, in its dependencies$/],
  ["client/a.ts", "of-root", /of-root is not in client\/package\.json, in its dependencies$/],
  ["client/a.ts", "of-root-tools", /not in client\/package\.json, in its dependencies$/],
  ["rack/a.ts", "@racklet/client", /@racklet\/client is not in rack\/package\.json, in its dependencies$/],
];

for (const [path, specifier, problem] of WORKSPACE_IMPORTS) {
  test(`workspaces: ${path} ${problem ? "must not" : "may"} import ${specifier}`, () => {
    const found = importProblems(workspaceTree({ [path]: FROM(specifier) }));
    assert.equal(found.length, problem ? 1 : 0, found.join("\n"));
    if (problem) assert.match(found[0] ?? "", problem);
  });
}

test("workspaces: one that declares another imports it by name", () => {
  const files = workspaceTree({ "rack/a.ts": FROM("@racklet/client") }, { "@racklet/client": "0.1.0" });
  assert.deepEqual(importProblems(files), []);
});

test("workspaces: files that are exported or imported by name are alive, the others dead", () => {
  assert.deepEqual(deadFiles(workspaceTree({})), ["client/inner.ts"]);
  const files = workspaceTree({
    "test/a.test.ts": FROM("@racklet/client"),
    "client/index.ts": FROM("./inner.ts"),
  });
  assert.deepEqual(deadFiles(files), []);
});

test("the inner layers import no packages at all", () => {
  for (const path of ["abi/a.ts", "boards/a.ts", "assembly/a.ts"]) {
    assert.match(problems(path, FROM("node:fs"))[0] ?? "", /may import no packages$/, path);
  }
});

test("dead files: a chain nobody starts is dead from end to end", () => {
  const files = tree({
    "scripts/run.mjs": 'spawn("scripts/build.ts");',
    "scripts/build.ts": 'import { a } from "./used.ts";\nconst linker = join(HOST, "link.ld");',
    "scripts/used.ts": "",
    "scripts/dead.ts": 'import { b } from "./deader.ts";',
    "scripts/deader.ts": "",
    "host/a.c": '#include "a.h"',
    "host/a.h": '#include "b.h"',
    "host/b.h": "",
    "host/unused.h": "",
    "host/link.ld": "",
    "test/a.test.ts": 'import { c } from "./support.ts";',
    "test/support.ts": "",
  });
  assert.deepEqual(deadFiles(files), ["scripts/dead.ts", "scripts/deader.ts", "host/unused.h"]);
});

test("dead files: the mention of a longer path, or in a comment, keeps nothing alive", () => {
  const files = tree({
    "scripts/run.mjs": '// scripts/a.ts does it\nspawn("other/scripts/b.ts", "scripts/c.tsx");',
    "scripts/a.ts": "",
    "scripts/b.ts": "",
    "scripts/c.ts": "",
  });
  assert.deepEqual(deadFiles(files), ["scripts/a.ts", "scripts/b.ts", "scripts/c.ts"]);
});

test("long lines are found by file and line, generated files and lone literals left out", () => {
  const long = `const a = 1; // ${"x".repeat(100)}`;
  const files = tree({
    "scripts/a.ts": `\n${long}\n`,
    "host/a.c": `${long}\n`,
    "host/b.c": `/* ${"z".repeat(200)} */\n`,
    "assembly/generated/a.ts": long,
    "scripts/b.ts": `    "${"x".repeat(200)}",\n    message: \`${"y".repeat(200)}\`,`,
    "docs/a.md": long,
  });
  assert.deepEqual(longLines(files), [
    `scripts/a.ts:2: ${long.length} columns`,
    `host/a.c:1: ${long.length} columns`,
    "host/b.c:1: 206 columns",
  ]);
});

test("a case label of the emulator that is a bare hexadecimal number is found", () => {
  const files = tree({
    "simulator/chip/a.ts": "switch (offset) {\n  case 0x1c:\n  case UART.UARTFR:\n  case 28:\n}",
    "simulator/start/b.ts": "switch (code) { case 0x03: case 0X0_4 : return; }",
    "lab/c.ts": "switch (code) { case 0x03: return; }",
    "simulator/d.md": "case 0x03:",
  });
  assert.deepEqual(hexadecimalLabels(files), [
    "simulator/chip/a.ts:2: 0x1c",
    "simulator/start/b.ts:1: 0x03",
    "simulator/start/b.ts:1: 0X0_4",
  ]);
});

test("text that names one machine or one registry is found", () => {
  // Put together here, so that this file does not contain what it looks for.
  const registry = ["registry", "npmjs", "org"].join(".");
  const paths = [
    ["", "work", "main"],
    ["", "root", "x"],
    ["", "home", "me"],
    ["", "tmp", "x"],
  ].map((steps) => steps.join("/"));
  const files = tree({
    "docs/a.md": [registry, ...paths, "a/work/b", "/workshop", "https://nodejs.org/"].join("\n"),
  });
  assert.deepEqual(
    foreignText(files).map((line) => line.split(":").slice(0, 2).join(":")),
    [1, 2, 3, 4, 5].map((line) => `docs/a.md:${line}`),
  );
});

test("the lock file: what a package needs must be in it, beside the package or further out", () => {
  const hash = { version: "1.0.0", integrity: "sha512-x" };
  const packages = {
    "": { name: "x" },
    "node_modules/a": {
      ...hash,
      dependencies: { b: "1" },
      optionalDependencies: { "@c/linux": "1", "@c/other": "1" },
    },
    "node_modules/a/node_modules/b": { ...hash, dependencies: { "@c/linux": "1", d: "1" } },
    "node_modules/@c/linux": hash,
  };
  const files = new Map([
    ["package.json", "{}"],
    ["package-lock.json", JSON.stringify({ packages })],
  ]);
  assert.deepEqual(lockProblems(files), [
    "package-lock.json: node_modules/a needs @c/other, not there",
    "package-lock.json: node_modules/a/node_modules/b needs d, not there",
  ]);
});

test("the lock file: addresses, missing hashes, versions that drift", () => {
  const packages = {
    "": { name: "x" },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-x", resolved: "https://example.org/a.tgz" },
    "node_modules/b": { version: "2.0.0" },
    "node_modules/c": { version: "3.0.1", integrity: "sha512-x" },
  };
  const files = new Map([
    ["package.json", JSON.stringify({ devDependencies: { a: "1.0.0", b: "^2.0.0", c: "3.0.0" } })],
    ["package-lock.json", JSON.stringify({ packages })],
  ]);
  assert.deepEqual(lockProblems(files), [
    'package-lock.json: node_modules/a has a "resolved" address',
    "package-lock.json: node_modules/b has no integrity hash",
    "package.json: b ^2.0.0 is not pinned",
    "package-lock.json: b is at 2.0.0, not ^2.0.0",
    "package-lock.json: c is at 3.0.1, not 3.0.0",
  ]);
});

/** Manifests and lock file of a project with one workspace, as npm writes them. */
function lockedWorkspace({
  workspace = {},
  entries = {},
}: {
  workspace?: object;
  entries?: Record<string, object>;
} = {}): ReadonlyMap<string, string> {
  const packages = {
    "": { name: "x", version: "0.1.0", workspaces: ["client"] },
    client: { name: "@racklet/client", version: "0.1.0" },
    "node_modules/@racklet/client": { resolved: "client", link: true },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-x" },
    ...entries,
  };
  const manifest = { name: "@racklet/client", version: "0.1.0", private: true, ...workspace };
  return new Map([
    ["package.json", JSON.stringify({ name: "x", version: "0.1.0", workspaces: ["client"] })],
    ["client/package.json", JSON.stringify(manifest)],
    ["package-lock.json", JSON.stringify({ packages })],
  ]);
}

test("the lock file: a workspace is a folder and a link to it, without a hash", () => {
  assert.deepEqual(lockProblems(lockedWorkspace()), []);
});

const WRONG_WORKSPACES: readonly (readonly [string, Parameters<typeof lockedWorkspace>[0], string[]])[] = [
  [
    "a link to another folder",
    { entries: { "node_modules/@racklet/client": { resolved: "../elsewhere", link: true } } },
    [
      'package-lock.json: node_modules/@racklet/client has a "resolved" address',
      "package-lock.json: node_modules/@racklet/client has no integrity hash",
    ],
  ],
  [
    "a link for another package",
    { entries: { "node_modules/b": { resolved: "client", link: true } } },
    [
      'package-lock.json: node_modules/b has a "resolved" address',
      "package-lock.json: node_modules/b has no integrity hash",
    ],
  ],
  [
    "a folder that is no workspace",
    { entries: { other: { name: "other", version: "0.1.0" } } },
    ["package-lock.json: other has no integrity hash"],
  ],
  [
    "a published package of the same name",
    { entries: { "node_modules/@racklet/client": { version: "0.1.0", integrity: "sha512-x" } } },
    ["package-lock.json: the workspace client is not in it"],
  ],
  [
    "another version than the project's",
    { workspace: { version: "0.2.0" } },
    [
      "client/package.json: is at 0.2.0, the project at 0.1.0",
      "package-lock.json: client is @racklet/client 0.1.0, not @racklet/client 0.2.0",
    ],
  ],
  [
    "a workspace that may be published",
    { workspace: { private: false } },
    ["client/package.json: not private"],
  ],
  [
    "a workspace without a name",
    { workspace: { name: undefined } },
    [
      'package-lock.json: node_modules/@racklet/client has a "resolved" address',
      "package-lock.json: node_modules/@racklet/client has no integrity hash",
      "package.json: the workspace client has no package.json with a name",
    ],
  ],
  [
    "dependencies of a workspace that are not pinned or not locked",
    { workspace: { dependencies: { a: "^1.0.0", b: "1.0.0" } } },
    [
      "client/package.json: a ^1.0.0 is not pinned",
      "package-lock.json: a is at 1.0.0, not ^1.0.0",
      "package-lock.json: b is at undefined, not 1.0.0",
    ],
  ],
];

for (const [what, project, problems] of WRONG_WORKSPACES) {
  test(`the lock file: ${what}`, () => assert.deepEqual(lockProblems(lockedWorkspace(project)), problems));
}

test("the lock file: a dependency of a workspace may lie in its own folder, and be another workspace", () => {
  const workspace = { dependencies: { a: "2.0.0", "@racklet/client": "0.1.0" } };
  const entries = { "client/node_modules/a": { version: "2.0.0", integrity: "sha512-y" } };
  assert.deepEqual(lockProblems(lockedWorkspace({ workspace, entries })), []);
});

test("the reader sees every language of the project, also folders named build inside others", () => {
  const sources = readSources(PROJECT);
  for (const path of [
    "scripts/build.ts",
    "scripts/build/firmware.ts",
    "host/link.ld",
    "LICENSE",
    ".ci/run",
  ]) {
    assert.equal(sources.get(path), readFileSync(`${PROJECT}/${path}`, "utf8"), path);
  }
  assert.ok([...sources.keys()].every((path) => !/^(build|node_modules|\.git)\//.test(path)));
  assert.ok([...sources.keys()].every((path) => !path.includes("/node_modules/")));
});
