/** A served slot in a process of its own, as `npm start -- --serve PATH` starts it after the build. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** A guard against a test that hangs; no test measures time by it. */
const PATIENCE_MS = 60_000;

export interface Served {
  readonly path: string;
  readonly child: ChildProcess;
  /** Everything that the server has printed. */
  output(): string;
  /** Ends it, in any case, and resolves with its exit status. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A folder for sockets, with a short path. */
export function socketFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "racklet-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function serveAt(path: string, ...options: string[]): Promise<Served> {
  const args = ["--import", "tsx", "simulator/start.ts", "--serve", path, ...options];
  const child = spawn(process.execPath, args, { cwd: PROJECT, stdio: ["ignore", "pipe", "pipe"] });
  const gone = once(child, "close");
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => {
      output += data.toString("utf8");
    });
  await eventually(
    () => output.includes("Ctrl-C ends it.") || child.exitCode !== null,
    () => output,
  );
  return {
    path,
    child,
    output: () => output,
    end: async (signal = "SIGTERM") => {
      child.kill(signal);
      await gone;
      return child.exitCode;
    },
  };
}

/** Waits until the condition holds; fails with the text otherwise. */
export async function eventually(condition: () => boolean, text: () => string): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
    if (condition()) return;
    await sleep(20);
  }
  assert.fail(`waited for something that did not come; there is: ${text()}`);
}

export interface Finished {
  readonly status: number;
  readonly out: string;
  readonly complaints: string;
}

/** Runs a command line as npm does: `command("slot", "status")`. */
export function command(...args: string[]): Promise<Finished> {
  const options = { cwd: PROJECT, timeout: PATIENCE_MS };
  return new Promise((resolve) => {
    execFile(process.execPath, ["scripts/run.mjs", ...args], options, (error, out, complaints) => {
      resolve({ status: error === null ? 0 : Number(error.code), out, complaints });
    });
  });
}

/** A connection that keeps what it has received as text. */
export async function rawClient(path: string): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(path);
  let text = "";
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return { socket, text: () => text };
}
