/**
 * `npm run mutate`: judges the tests. It plants small changes in the logic and in the host one at a time,
 * runs the tests that cover them, and lists the changes that no test notices.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "../../simulator/chip/random.ts";
import { isJudged, type Judged, readJudged } from "./judged.ts";
import { type Change, changeOf, describe, isSameChange, type Mutant } from "./mutant.ts";
import { type Outcome, reportOf, triedOf } from "./report.ts";
import { Builder, stopAll } from "./run-tests.ts";
import { isMutable, testsOf, USUAL_FILES } from "./suites.ts";
import { mutantsOfC } from "./token-mutants.ts";
import { Tree } from "./tree.ts";
import { NotSound, type Result, Trial } from "./trial.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

const USAGE = `usage: npm run mutate -- [FILES] [--count N] [--seed N] [--again FILE] [--json FILE]

Plants small changes (mutants) in assembly/ and host/ one at a time, runs the tests that cover them until one
fails, and lists the mutants that survive. It works in a copy of the project below build/mutate.
  FILES         files or folders of assembly/ and host/; without them:
                ${USUAL_FILES.join(" ")}
  --count N     try N mutants, chosen at random; default: 200
  --seed N      the seed of that choice; default: 1
  --again FILE  try only the survivors in FILE, which an earlier run wrote with --json
  --json FILE   write all results to FILE
Mutants that do not compile, and those that change no byte of what ships, are counted apart. A test that runs
past its deadline has noticed the mutant. lab/mutate/judged.json lists mutants that make no difference.
Exit status: 0 no mutant survived, 1 some survived, 2 wrong usage, 3 the tests fail without any mutant,
130 interrupted; what was found up to then is shown.`;

const WHOLE = /^\d{1,6}$/;

/** A wrong option or operand: exit status 2. */
class WrongUsage extends Error {}

interface Options {
  readonly paths: readonly string[];
  readonly count: number;
  readonly seed: number;
  readonly again: string | undefined;
  readonly json: string | undefined;
}

/** The user's names start from the folder in which the command was typed; npm runs it in the project's. */
const fromHere = (name: string) => resolve(process.env.INIT_CWD ?? process.cwd(), name);

function readOptions(args: readonly string[]): Options | null {
  const string = { type: "string" } as const;
  let parsed: ReturnType<typeof parse>;
  const parse = () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { count: string, seed: string, again: string, json: string, help: { type: "boolean" } },
    });
  try {
    parsed = parse();
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
  const { count = "200", seed = "1", again, json, help } = parsed.values;
  if (help) return null;
  if (!WHOLE.test(count) || !WHOLE.test(seed))
    throw new WrongUsage("--count and --seed must be whole numbers");
  return { paths: parsed.positionals, count: Number(count), seed: Number(seed), again, json };
}

/** The files that a file or folder of the user's stands for. */
function filesOf(name: string): string[] {
  const inProject = relative(PROJECT, fromHere(name));
  const path = (existsSync(join(PROJECT, name)) ? name : inProject).replaceAll("\\", "/").replace(/\/$/, "");
  if (isAbsolute(path) || path.startsWith("..") || !existsSync(join(PROJECT, path)))
    throw new WrongUsage(`there is no ${name} in the project`);
  const all = statSync(join(PROJECT, path)).isDirectory()
    ? readdirSync(join(PROJECT, path), { recursive: true, encoding: "utf8" })
        .map((each) => `${path}/${each.replaceAll("\\", "/")}`)
        .sort()
    : [path];
  const files = all.filter(isMutable);
  if (files.length === 0)
    throw new WrongUsage(`${name}: no source of assembly/ or host/ in it that the tests of the table cover`);
  return files;
}

async function mutantsOf(file: string): Promise<Mutant[]> {
  const text = readFileSync(join(PROJECT, file), "utf8");
  if (file.startsWith("host/")) return mutantsOfC(file, text);
  // Loaded when it is needed: a compiler of JavaScript, for which --help should not wait.
  const { mutantsOfLogic } = await import("./logic-mutants.ts");
  return mutantsOfLogic(file, text);
}

const nameOf = (mutant: Mutant) => changeOf(readFileSync(join(PROJECT, mutant.file), "utf8"), mutant);

function readSurvivors(name: string): Result[] {
  try {
    const { results } = JSON.parse(readFileSync(fromHere(name), "utf8")) as Outcome;
    return results.filter(({ verdict }) => verdict === "survived");
  } catch (error) {
    throw new WrongUsage(
      `--again ${name}: not a file that --json of an earlier run wrote (${(error as Error).message})`,
    );
  }
}

/** Shuffles, so that the first N are a fair sample. */
function shuffled(mutants: readonly Mutant[], seed: number): Mutant[] {
  const random = new Random(seed, "mutants");
  const order = [...mutants];
  for (let end = order.length - 1; end > 0; end--) {
    const other = random.below(end + 1);
    [order[end], order[other]] = [order[other] as Mutant, order[end] as Mutant];
  }
  return order;
}

/**
 * The judged mutants that are of use. A line that has changed must be judged again; in one of several equal
 * lines the same change may make a difference.
 */
function usable(
  changes: readonly Change[],
  files: readonly string[],
  note: (line: string) => void,
): Judged[] {
  return readJudged().filter((judged) => {
    const matches = changes.filter((change) => isJudged(change, [judged])).length;
    if (matches !== 1 && files.includes(judged.file)) {
      const why = matches === 0 ? "no such mutant any more" : "not the only one";
      note(`lab/mutate/judged.json: ${why}, delete it: ${judged.file}: ${judged.text}`);
    }
    return matches === 1;
  });
}

async function chosen(
  options: Options,
  note: (line: string) => void,
): Promise<{ found: number; judged: number; order: Mutant[] }> {
  const again = options.again === undefined ? undefined : readSurvivors(options.again);
  const paths = again?.map(({ file }) => file) ?? (options.paths.length > 0 ? options.paths : USUAL_FILES);
  const files = [...new Set(paths.flatMap(filesOf))];
  const all = (await Promise.all(files.map(mutantsOf))).flat();
  const wanted = again
    ? all.filter((mutant) => again.some((each) => isSameChange(each, nameOf(mutant))))
    : all;
  const list = usable(all.map(nameOf), files, note);
  const order = wanted.filter((mutant) => !isJudged(nameOf(mutant), list));
  return { found: all.length, judged: wanted.length - order.length, order: shuffled(order, options.seed) };
}

async function run(options: Options, note: (line: string) => void): Promise<Outcome> {
  const { found, judged, order } = await chosen(options, note);
  if (order.length === 0) throw new WrongUsage("there is no mutant to try");
  const count = options.again === undefined ? options.count : order.length;
  note(`${found} mutants; ${Math.min(count, order.length)} are to be tried`);
  const tree = new Tree(PROJECT);
  const builder = new Builder(tree.path);
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    stopAll();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt).on("SIGHUP", interrupt);
  const results: Result[] = [];
  try {
    const trial = new Trial({ project: PROJECT, tree, testsOf, build: (wanted) => builder.build(wanted) });
    // Only the files of the mutants that will probably be tried: the tests of the others need not run.
    await trial.prepare([...new Set(order.slice(0, count).map(({ file }) => file))], note);
    for (const mutant of order) {
      if (interrupted || triedOf(results) >= count) break;
      const result = await trial.try(mutant);
      if (interrupted) break;
      results.push(result);
      const by = result.by === undefined ? "" : ` by ${result.by}`;
      note(
        `${triedOf(results)} of ${count}: ${result.verdict}${by} (${result.seconds.toFixed(1)} s)  ${describe(result)}`,
      );
    }
  } catch (error) {
    if (!interrupted) throw error;
  } finally {
    builder.close();
    tree.remove();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt).off("SIGHUP", interrupt);
  }
  const paths = options.paths.length > 0 ? options.paths : USUAL_FILES;
  return { seed: options.seed, paths, found, judged, results, interrupted };
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === null) {
      console.log(USAGE);
      return 0;
    }
    const outcome = await run(options, (line) => console.error(line));
    if (options.json !== undefined)
      writeFileSync(fromHere(options.json), `${JSON.stringify(outcome, null, 2)}\n`);
    console.log(reportOf(outcome));
    if (outcome.interrupted) return 130;
    return outcome.results.some(({ verdict }) => verdict === "survived") ? 1 : 0;
  } catch (error) {
    if (error instanceof NotSound) {
      console.error(`${error.message}\n\nMend that first: a test that fails anyway judges no mutant.`);
      return 3;
    }
    if (!(error instanceof WrongUsage)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
