/**
 * A pseudo-terminal for a console, for programs that want a serial device (screen, picocom, minicom, expect).
 * Node has none, so socat, a child process, connects one to the console's socket. Where socat is missing
 * there is no pseudo-terminal; the socket is there all the same.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, lstatSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { remove } from "./claim.ts";

/** Our choice: socat needs some milliseconds. */
const READY_MS = 3000;
const LOOK_MS = 20;
/**
 * Ends socat when this process ends in any way, which closes the pipe to the shell: socat itself can wait for
 * ever for a terminal that reads.
 */
const UNTIL_STDIN_ENDS = [
  "exec 3<&0",
  '"$@" </dev/null & child=$!',
  "{ cat <&3 >/dev/null; kill $child; } & watcher=$!",
  "wait $child; kill $watcher",
].join("\n");

export class Pty {
  /** A link to the device. */
  readonly path: string;
  readonly #child: ChildProcess;
  #device: number | null = null;
  #hasEnded = false;

  /** Starts socat. Returns null where there is none, or where it cannot make the pseudo-terminal. */
  static async open(socket: string, report: (event: string) => void, tool = "socat"): Promise<Pty | null> {
    const pty = new Pty(socket, report, tool);
    for (let waited = 0; waited < READY_MS && !pty.#hasEnded; waited += LOOK_MS) {
      if (pty.#hold()) return pty;
      await sleep(LOOK_MS);
    }
    pty.close();
    return null;
  }

  private constructor(socket: string, report: (event: string) => void, tool: string) {
    this.path = socket.replace(/\.sock$/, ".pty");
    remove(this.path);
    // socat's addresses have a syntax of their own, so it gets no path that a user has chosen.
    const link = `PTY,link=${basename(this.path)},raw,echo=0,mode=600`;
    const command = [tool, link, `UNIX-CONNECT:${basename(socket)}`];
    this.#child = spawn("sh", ["-c", UNTIL_STDIN_ENDS, "sh", ...command], {
      cwd: dirname(socket),
      // A Ctrl-C in the server's terminal is for the server, which then ends this in good order.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.on("error", () => {
      this.#hasEnded = true;
    });
    this.#child.on("exit", () => {
      if (this.#device !== null && !this.#hasEnded)
        report(`socat has ended, and ${this.path} with it; the socket still works`);
      this.close();
    });
  }

  close(): void {
    this.#hasEnded = true;
    this.#child.stdin?.end();
    if (this.#device !== null) closeSync(this.#device);
    this.#device = null;
    remove(this.path);
  }

  /**
   * Keeps the device open, so that socat does not take the end of one terminal program for the end of all.
   * Returns false where the device is not there yet.
   */
  #hold(): boolean {
    if (lstatSync(this.path, { throwIfNoEntry: false }) === undefined) return false;
    try {
      // Not as this process' own terminal, which would send it signals.
      this.#device = openSync(this.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
      return true;
    } catch {
      return false;
    }
  }
}
