/** `npm run check`: checks everything about the sources that can be checked without running the firmware. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { listBoards, loadBoard } from "./boards.ts";
import { capacityProblems } from "./check/capacities.ts";
import { deadFiles } from "./check/dead-files.ts";
import { importProblems } from "./check/imports.ts";
import { lockProblems } from "./check/lock-file.ts";
import { hexadecimalLabels } from "./check/register-labels.ts";
import { type Rule, renewFrozen, ruleProblems, rulesFor } from "./check/rules.ts";
import { readSources } from "./check/sources.ts";
import { foreignText, longLines } from "./check/text.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const RENEW = "--renew-frozen";
const USAGE = `usage: npm run check -- [${RENEW}]

Checks formatting, linting, types, board files, generated files, imports, dead files and exports, sizes of
static memory, long lines, budgets of files, folders and functions, register labels, foreign
text, words, and the lock file.

Exceptions of today are frozen in scripts/check/frozen.json with their figures, which may only fall. With
${RENEW} they are lowered first; without it, nothing is changed.`;

interface Check {
  readonly name: string;
  /** The next step if it fails. */
  readonly next: string;
  /** Returns the details of the problems, or an empty text if there are none. */
  run(): Promise<string> | string;
}

/** Runs a tool with Node. Returns its output if it fails, otherwise an empty text. */
function tool(...command: string[]): Promise<string> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(process.execPath, command, { cwd: PROJECT, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", (error) => resolve(error.message));
    child.on("close", (status) => resolve(status === 0 ? "" : output.trim() || `exit status ${status}`));
  });
}

const sources = readSources(PROJECT);

/** Returns the problems of the board files. */
function boardProblems(): string {
  const messages = listBoards().map((name) => {
    try {
      loadBoard(name);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  });
  return messages.filter((message) => message !== "").join("\n");
}

const boards = boardProblems();

const CHECKS: readonly Check[] = [
  {
    name: "formatting and linting",
    next: "npx biome check --write fixes most of them",
    run: () => tool("node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."),
  },
  {
    name: "types",
    next: "fix the types; the compiler's options are in tsconfig.json",
    run: () => tool("node_modules/typescript/bin/tsc", "-p", "."),
  },
  {
    name: "board files",
    next: "fix the board files named above; boards/schema.json says what each key means",
    run: () => boards,
  },
  {
    name: "generated files",
    next: boards === "" ? "npm run generate" : "fix the board files first",
    run: () =>
      boards === ""
        ? tool("--import", "tsx", "scripts/generate.ts", "--check")
        : "cannot be compared while a board file is wrong, see above",
  },
  {
    name: "import direction",
    next: "move the code to the layer it belongs to; docs/architecture.md has the rules",
    run: () => importProblems(sources).join("\n"),
  },
  {
    name: "dead files",
    next: "delete them, or use them",
    run: () => deadFiles(sources).join("\n"),
  },
  {
    name: "capacities",
    next: "use a constant of assembly/capacities.ts or of the contract",
    run: () => capacityProblems(sources).join("\n"),
  },
  { name: "long lines", next: "break them", run: () => longLines(sources).join("\n") },
  {
    name: "register labels",
    next: "name the register after its datasheet, in the enumeration at the head of the peripheral's file",
    run: () => hexadecimalLabels(sources).join("\n"),
  },
  {
    name: "foreign text",
    next: "rewrite it without the name of a machine or network",
    run: () => foreignText(sources).join("\n"),
  },
  {
    name: "lock file",
    next:
      "pin versions in package.json that the registry has for every system, then run " +
      "npm install --package-lock-only --omit-lockfile-registry-resolved without node_modules",
    run: () => lockProblems(sources).join("\n"),
  },
];

function frozenCheck(rule: Rule): Check {
  return {
    name: rule.name,
    next: rule.next,
    run: async () => (await ruleProblems(rule, PROJECT)).join("\n"),
  };
}

async function timed(check: Check): Promise<{ check: Check; details: string; seconds: number }> {
  const started = performance.now();
  let details: string;
  try {
    details = await check.run();
  } catch (error) {
    details = `could not be carried out: ${(error as Error).message}`;
  }
  return { check, details, seconds: (performance.now() - started) / 1000 };
}

async function main(options: readonly string[]): Promise<number> {
  if (options.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const unknown = options.find((option) => option !== RENEW);
  if (unknown !== undefined) {
    console.error(`unknown option ${unknown}\n\n${USAGE}`);
    return 2;
  }
  const rules = rulesFor(PROJECT, sources);
  if (options.includes(RENEW)) await renewFrozen(rules, PROJECT, sources);
  const checks = [...CHECKS, ...rules.map(frozenCheck)];
  let failed = 0;
  // All checks run at once, but they are reported in order. The slow ones are programs of their own.
  for (const pending of checks.map(timed)) {
    const { check, details, seconds } = await pending;
    const verdict = details === "" ? "ok  " : "FAIL";
    console.log(`${verdict} ${check.name.padEnd(24)}${seconds.toFixed(1).padStart(5)} s`);
    if (details === "") continue;
    failed++;
    console.log(`\n${details.replace(/^/gm, "  ")}\n\n  next: ${check.next}\n`);
  }
  console.log(
    failed === 0 ? `${checks.length} checks passed` : `${failed} of ${checks.length} checks failed`,
  );
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
