/** Tries mutants one at a time: plants each, builds, and runs the tests that cover it until one fails. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Built, Wanted } from "./builder.ts";
import { type Change, changeOf, type Mutant, planted } from "./mutant.ts";
import { type Outcome, runTest } from "./run-tests.ts";
import type { Tree } from "./tree.ts";

/**
 * killed: a test fails. late: a test does not end, which counts as killed. survived: all tests pass. no
 * build: it does not compile. same: what ships is the same bytes as without the mutant.
 */
export type Verdict = "killed" | "late" | "survived" | "no build" | "same";

export interface Result extends Change {
  readonly verdict: Verdict;
  /** The test that failed or did not end. */
  readonly by?: string;
  readonly seconds: number;
}

export interface Parts {
  readonly project: string;
  readonly tree: Tree;
  readonly testsOf: (file: string) => readonly string[];
  readonly build: (wanted: Wanted) => Promise<Built>;
  /** How long a test may take that took `seconds` without a mutant. */
  readonly deadlineMs?: (seconds: number) => number;
}

/** Our choice: so much that other work on the machine makes no test late. */
const defaultDeadlineMs = (seconds: number) => 20_000 + 5000 * seconds;
/** The longest that a test may take without a mutant. */
const FIRST_DEADLINE_MS = 600_000;

/** The tests fail, or the project does not build, without any mutant. */
export class NotSound extends Error {}

export class Trial {
  private readonly parts: Parts;
  private readonly digests = new Map<Wanted, string>();
  private readonly seconds = new Map<string, number>();
  /** Mutants that a test has killed, for the order of the tests. */
  private readonly kills = new Map<string, number>();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Builds and runs every test that these files need. Throws NotSound if one fails. */
  async prepare(files: readonly string[], report: (line: string) => void): Promise<void> {
    const wanted = new Set(files.map(wantedFor));
    for (const each of wanted) {
      report(`building without a mutant (${each})`);
      await this.build(each);
      if (each === "logic") await this.build("module");
      for (const test of new Set(
        files.filter((file) => wantedFor(file) === each).flatMap((file) => this.parts.testsOf(file)),
      )) {
        const began = performance.now();
        const { outcome, output } = await runTest(this.parts.tree.path, test, FIRST_DEADLINE_MS);
        const seconds = (performance.now() - began) / 1000;
        if (outcome !== "passed") throw new NotSound(`${test} fails without a mutant:\n${output}`);
        this.seconds.set(test, seconds);
        report(`${test} passes without a mutant (${seconds.toFixed(1)} s)`);
      }
    }
  }

  private async build(wanted: Wanted): Promise<string> {
    const built = await this.parts.build(wanted);
    if ("problem" in built) throw new NotSound(`the project does not build:\n${built.problem}`);
    this.digests.set(wanted, built.digest);
    return built.digest;
  }

  async try(mutant: Mutant): Promise<Result> {
    const { tree, project } = this.parts;
    const began = performance.now();
    const text = readFileSync(join(project, mutant.file), "utf8");
    tree.write(mutant.file, planted(text, mutant));
    try {
      const { verdict, by } = await this.judge(mutant);
      const seconds = (performance.now() - began) / 1000;
      return { ...changeOf(text, mutant), verdict, ...(by === undefined ? {} : { by }), seconds };
    } finally {
      tree.restore(mutant.file);
    }
  }

  private async judge({ file }: Mutant): Promise<{ verdict: Verdict; by?: string }> {
    const wanted = wantedFor(file);
    const built = await this.parts.build(wanted);
    if ("problem" in built) return { verdict: "no build" };
    if (built.digest === this.digests.get(wanted)) return { verdict: "same" };
    const { deadlineMs = defaultDeadlineMs } = this.parts;
    for (const test of this.inOrder(this.parts.testsOf(file))) {
      const { outcome } = await runTest(this.parts.tree.path, test, deadlineMs(this.seconds.get(test) ?? 0));
      if (outcome === "passed") continue;
      this.kills.set(test, (this.kills.get(test) ?? 0) + 1);
      return { verdict: verdictOf(outcome), by: test };
    }
    return { verdict: (await this.shipsTheSame(wanted)) ? "same" : "survived" };
  }

  /** The tests that cost least for a mutant killed come first, by what is known so far. */
  private inOrder(tests: readonly string[]): string[] {
    const cost = (test: string) => (this.seconds.get(test) ?? 0) / (1 + (this.kills.get(test) ?? 0));
    return [...tests].sort((left, right) => cost(left) - cost(right));
  }

  /**
   * Only the optimized module shows that some changes change nothing. It takes long, so it is built for
   * survivors alone; the first time without the mutant too.
   */
  private async shipsTheSame(wanted: Wanted): Promise<boolean> {
    if (wanted !== "logic") return false;
    const built = await this.parts.build("module");
    return "digest" in built && built.digest === this.digests.get("module");
  }
}

function verdictOf(outcome: Outcome): Verdict {
  return outcome === "late" ? "late" : "killed";
}

/** What must be built after a change of a file. */
function wantedFor(file: string): Wanted {
  return file.startsWith("host/") ? "image" : "logic";
}
