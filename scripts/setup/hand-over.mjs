/**
 * Runs one of the project's programs in place of this one: with the same terminal, signals and exit status.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Resolves with the program's exit status; if a signal ended it, with 128 + its number, as a shell reports
 * it.
 * @param {readonly string[]} command What Node runs: its own options, a TypeScript file, that file's options.
 * @returns {Promise<number>}
 */
export function handOver(command) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", "tsx", ...command], {
      cwd: PROJECT,
      stdio: "inherit",
    });
    // A terminal sends SIGINT to the whole process group, so passing it on would deliver it twice.
    const interrupted = () => {
      if (!process.stdin.isTTY) child.kill("SIGINT");
    };
    const terminated = () => child.kill("SIGTERM");
    const hungUp = () => child.kill("SIGHUP");
    process.on("SIGINT", interrupted).on("SIGTERM", terminated).on("SIGHUP", hungUp);
    child.on("error", (error) => {
      console.error(`${process.execPath} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (status, signal) => {
      process.off("SIGINT", interrupted).off("SIGTERM", terminated).off("SIGHUP", hungUp);
      resolve(signal === null ? (status ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
