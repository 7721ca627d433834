/** Runs processes in a copy of the project: the builder, and one test file after another, with deadlines. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { join } from "node:path";
import type { Built, Wanted } from "./builder.ts";

/** What a test said: it ended well, it failed, or it was stopped at its deadline. */
export type Outcome = "passed" | "failed" | "late";

const SPEC_RUNNER = "test/as-pect.test.ts";
/** Our choice: an image takes 20 s on an idle machine. */
const BUILD_DEADLINE_MS = 300_000;
/** Output of a failing test that is kept, for the message when a test fails without a mutant. */
const KEPT_CHARACTERS = 4000;

/** Processes under way, so that an interrupt can end them. */
const running = new Set<ChildProcess>();

/** Ends every process that was started here. */
export function stopAll(): void {
  for (const child of running) stop(child);
}

/** Ends a process and all that it started: it leads a group of its own. */
function stop(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/** Runs one test file or spec in the tree. */
export async function runTest(
  tree: string,
  test: string,
  deadlineMs: number,
): Promise<{ outcome: Outcome; output: string }> {
  const isSpec = test.endsWith(".spec.ts");
  // A variable of Node's test runner would make the test report to a runner that is not there.
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const env = isSpec ? { ...environment, AS_PECT_SPECS: test } : environment;
  const child = spawn(process.execPath, ["--import", "tsx", isSpec ? SPEC_RUNNER : test], {
    cwd: tree,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk).slice(-KEPT_CHARACTERS);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop(child);
  }, deadlineMs);
  const status = await new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
  clearTimeout(timer);
  running.delete(child);
  return { outcome: isLate ? "late" : status === 0 ? "passed" : "failed", output };
}

/** Builds a tree in a process of its own, which is started again when it has ended. */
export class Builder {
  private child: ChildProcess | undefined;
  private readonly tree: string;

  constructor(tree: string) {
    this.tree = tree;
  }

  async build(wanted: Wanted): Promise<Built> {
    const child = this.child ?? this.begin();
    return new Promise((resolve) => {
      const end = (built: Built) => {
        clearTimeout(timer);
        child.removeAllListeners("message");
        child.removeAllListeners("exit");
        resolve(built);
      };
      const fail = (problem: string) => {
        this.close();
        end({ problem });
      };
      const timer = setTimeout(() => fail("the build takes too long"), BUILD_DEADLINE_MS);
      child.once("message", (built: Built) => end(built));
      child.once("exit", () => fail("the compiler has crashed"));
      child.send(wanted);
    });
  }

  private begin(): ChildProcess {
    this.child = fork(join(this.tree, "lab/mutate/builder.ts"), [], {
      cwd: this.tree,
      execArgv: ["--import", "tsx"],
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    running.add(this.child);
    return this.child;
  }

  close(): void {
    if (this.child === undefined) return;
    stop(this.child);
    running.delete(this.child);
    this.child = undefined;
  }
}
