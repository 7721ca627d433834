/** Runs `simulator/start.ts` as npm start does, without a terminal, and splits its output into parts. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Result } from "../../../simulator/start/result.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
  /** The last line as JSON, or null if it is no JSON. */
  readonly result: Result | null;
  readonly problems: string[];
}

function lastLine(output: string): Result | null {
  try {
    return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as Result;
  } catch {
    return null;
  }
}

/**
 * Starts the program. `during` gets the process and everything printed so far, whenever something is printed.
 */
export function start(
  options: readonly string[],
  during: (child: ChildProcess, output: string) => void = () => undefined,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", "simulator/start.ts", ...options], {
      cwd: PROJECT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString("utf8");
      during(child, output);
    });
    child.stderr.on("data", (data: Buffer) => {
      errors += data.toString("utf8");
      during(child, output + errors);
    });
    child.on("error", reject);
    child.on("close", (status) => {
      const problems = [...output.matchAll(/^ +problem: (.*)$/gm)].map((match) => match[1] as string);
      resolve({ status, output, errors, result: lastLine(output), problems });
    });
  });
}
