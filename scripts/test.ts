/**
 * `npm test`: builds every board, then runs the tests with Node's test runner, which prints its summary
 * last. The as-pect specs of the logic run inside it (test/as-pect.test.ts).
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ENGINES } from "../boards/image.ts";
import { didYouMean } from "../cli/nearest.ts";
import { listBoards } from "./boards.ts";
import { handOver } from "./setup/hand-over.mjs";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const SPEC_RUNNER = "test/as-pect.test.ts";
/** The emulator uses a whole core. Our choice: more at once would only slow each other down. */
const CONCURRENCY = 2;

const USAGE = `usage: npm test -- [PATTERN ...]

Builds every board and runs the tests. With patterns, only the test files whose path
contains one of them, for example: npm test -- boards flash/uf2`;

/** Returns every test file and every spec, as paths inside the project. */
function testFiles(): { tests: string[]; specs: string[] } {
  const all = readdirSync(join(PROJECT, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => `test/${path.replaceAll("\\", "/")}`)
    .sort();
  return {
    tests: all.filter((path) => path.endsWith(".test.ts")),
    specs: all.filter((path) => path.endsWith(".spec.ts")),
  };
}

/** Builds every board with the engine that ships, and the reference board with each engine by name. */
async function buildImages(): Promise<boolean> {
  const images = [
    ...listBoards().map((board) => ["--board", board]),
    ...ENGINES.map((engine) => ["--board", "slot-hat", "--engine", engine]),
  ];
  let allBuilt = true;
  const workers = Array.from({ length: CONCURRENCY }, async () => {
    for (let image = images.shift(); image && allBuilt; image = images.shift())
      if (!(await isBuilt(image))) allBuilt = false;
  });
  await Promise.all(workers);
  return allBuilt;
}

async function isBuilt(image: readonly string[]): Promise<boolean> {
  const options = ["--import", "tsx", "scripts/build.ts", "--quiet", ...image];
  const child = spawn(process.execPath, options, { cwd: PROJECT, stdio: "inherit" });
  const status = await new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`the build could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("exit", resolve);
  });
  if (status !== 0) console.error(`no tests were run: the build of ${image.join(" ")} failed, see above`);
  return status === 0;
}

async function main(patterns: readonly string[]): Promise<number> {
  if (patterns.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const unknown = patterns.find((pattern) => pattern.startsWith("-"));
  if (unknown !== undefined) {
    console.error(`unknown option ${unknown}${didYouMean(unknown, ["--help"])}\n\n${USAGE}`);
    return 2;
  }
  const { tests, specs } = testFiles();
  const matches = (path: string) =>
    patterns.length === 0 || patterns.some((pattern) => path.includes(pattern.replaceAll("\\", "/")));
  const chosenSpecs = specs.filter(matches);
  const chosen = tests.filter((path) => matches(path) || (path === SPEC_RUNNER && chosenSpecs.length > 0));
  if (chosen.length === 0) {
    console.error(
      `no test file matches ${patterns.join(", ")}; there are:\n  ${[...tests, ...specs].join("\n  ")}`,
    );
    return 2;
  }
  if (!(await buildImages())) return 1;
  if (chosenSpecs.length > 0 && patterns.length > 0) process.env.AS_PECT_SPECS = chosenSpecs.join(",");
  const runner = ["--test", `--test-concurrency=${CONCURRENCY}`, "--test-reporter=spec", ...chosen];
  return handOver(runner);
}

process.exitCode = await main(process.argv.slice(2));
