/**
 * Files that are named on a command line. A relative name starts from the folder in which the command was
 * typed, and a file that cannot be used is refused before the run, not after it.
 */
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileProblem } from "./file-problem.ts";
import { UsageError } from "./usage-error.ts";

/** The absolute path of a name as typed: npm runs its scripts in the project's folder, not in the user's. */
export function fromUser(name: string): string {
  return resolve(process.env.INIT_CWD ?? ".", name);
}

/** Whether the path is a device, a pipe or a socket, which can neither be read twice nor tried out. */
export function isStream(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
}

/** Reads at most so many bytes of a file or device, fewer where it ends before; a device may have no end. */
export function readAtMost(path: string, bytes: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    const buffer = new Uint8Array(bytes);
    let length = 0;
    while (length < bytes) {
      const count = readSync(file, buffer, length, bytes - length, null);
      if (count === 0) break;
      length += count;
    }
    return buffer.slice(0, length);
  } finally {
    closeSync(file);
  }
}

/**
 * The path of a file that the run will write; the file is created if it is missing. Throws a UsageError where
 * it cannot be written, whose message has `what` the file is, the `option` that named it and an `example` of
 * a name.
 */
export function writableFile(name: string, what: string, option: string, example: string): string {
  const path = fromUser(name);
  const refused = (why: string) => new UsageError(`cannot write the ${what} ${path}: ${why}`);
  const folder = dirname(path);
  try {
    // Opening a pipe would wait for its reader, and closing it again would send that reader away.
    if (isStream(path)) accessSync(path, constants.W_OK);
    else closeSync(openSync(path, "a"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EISDIR")
      throw refused(`that is a folder; name a file in it: ${option} ${join(name, example)}`);
    if (code === "ENOENT") throw refused(`there is no folder ${folder}`);
    throw refused(`${fileProblem(error)}; is ${folder} a folder you may write to?`);
  }
  return path;
}

/**
 * The path of a file that a long run writes at its end. The file itself is not touched until then. Throws a
 * UsageError where it could not be written.
 */
export function outputFile(name: string): string {
  const path = fromUser(name);
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    if (!existsSync(path) || statSync(path).isFile()) return path;
  } catch {
    // The message below fits this failure too.
  }
  throw new UsageError(`${name} cannot be written there: name a file in a folder that is yours`);
}
