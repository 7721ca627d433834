/** Runs one long step of the set-up: shows a progress line, and the output only if the step fails. */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Ends the set-up. The message says what has happened and what to do next. */
export class StepFailed extends Error {
  /**
   * @param {string} message
   * @param {number} [status] Exit status of the command the user typed.
   */
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

/** Our choice: enough for the end of any log that explains a failure. */
const KEPT_BYTES = 64 * 1024;

/**
 * Runs a program. Resolves with whether it succeeded, and its output and errors in the order in which they
 * came. An interrupt first ends the program and then throws a `StepFailed`, so that nothing continues in
 * the background.
 * @param {string} program
 * @param {readonly string[]} options
 * @param {{ cwd?: string, shell?: boolean }} [settings]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runQuietly(program, options, settings = {}) {
  return new Promise((resolve, reject) => {
    let output = "";
    /** @type {"SIGINT" | "SIGTERM" | "SIGHUP" | undefined} */
    let interruptedBy;
    const child = spawn(program, [...options], { ...settings, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output = (output + text).slice(-KEPT_BYTES);
      });
    }
    /** @param {"SIGINT" | "SIGTERM" | "SIGHUP"} signal */
    const interrupt = (signal) => {
      interruptedBy = signal;
      child.kill("SIGTERM");
    };
    const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
    for (const signal of signals) process.on(signal, interrupt);
    child.on("error", (error) => {
      output += error.message;
    });
    child.on("close", (status) => {
      for (const signal of signals) process.off(signal, interrupt);
      if (interruptedBy === undefined) resolve({ ok: status === 0, output });
      else {
        const number = constants.signals[interruptedBy];
        reject(new StepFailed("set-up interrupted; the next run continues it", 128 + number));
      }
    });
  });
}

/**
 * @param {string} what
 * @returns {() => void} Call it when the step is done: it prints how long the step took.
 */
export function progress(what) {
  const started = Date.now();
  console.error(`set-up: ${what} ...`);
  return () => console.error(`set-up: ${what}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
