/** One long step of the set-up: a progress line, the output kept back unless it fails. */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Ends the set-up. The message says what happened and what to do next. */
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

/** Enough for the end of any log that explains a failure. */
const KEPT_BYTES = 64 * 1024;

/**
 * Runs a program; resolves with whether it ended well and its output, standard output and errors
 * mixed as they came. An interrupt ends the program first and then throws a `StepFailed`, so that
 * nothing goes on behind the user's back.
 * @param {string} program
 * @param {readonly string[]} options
 * @param {{ cwd?: string, shell?: boolean }} [place]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function runQuietly(program, options, place = {}) {
  return new Promise((resolve, reject) => {
    let output = "";
    /** @type {"SIGINT" | "SIGTERM" | "SIGHUP" | undefined} */
    let interruptedBy;
    const child = spawn(program, [...options], { ...place, stdio: ["ignore", "pipe", "pipe"] });
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
        reject(new StepFailed("set-up interrupted; the next run takes it up again", 128 + number));
      }
    });
  });
}

/**
 * @param {string} what
 * @returns {() => void} To call when it is done: prints how long it took.
 */
export function progress(what) {
  const started = Date.now();
  console.error(`set-up: ${what} ...`);
  return () => console.error(`set-up: ${what}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
