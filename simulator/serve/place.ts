/**
 * Where a served slot has its sockets: a folder of its own, which only its user can enter. A slot has a name,
 * for a folder in the user's runtime directory, or a path.
 */
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileProblem } from "../../cli/file-problem.ts";
import { safeLine } from "../../cli/safe-text.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { fromUser } from "../../cli/user-files.ts";

export interface Place {
  readonly name: string;
  readonly folder: string;
  /** The sockets: requests, the BMC's console (UART1), the compute board's console (UART0). */
  readonly control: string;
  readonly console: string;
  readonly compute: string;
}

export const DEFAULT_NAME = "slot";
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const CONTROL = "control.sock";
const CONSOLE = "console.sock";
const COMPUTE = "compute.sock";
/** The path's place in a socket's address (sun_path), less the zero behind it. */
const LONGEST_PATH_BYTES = process.platform === "linux" ? 107 : 103;
const OF_OTHERS = 0o077;

/** The place of a name or path, "" for the usual name. Throws a UsageError that says what a name may be. */
export function placeOf(given = ""): Place {
  const nameOrPath = given === "" ? DEFAULT_NAME : given;
  const isPath = nameOrPath.includes("/");
  if (!isPath && !NAME.test(nameOrPath))
    throw new UsageError(
      `"${safeLine(nameOrPath)}" is no name for a served slot: up to 32 letters, digits, - and _, ` +
        "or the path of a folder with a / in it",
    );
  const folder = isPath ? fromUser(nameOrPath) : join(baseFolder(), nameOrPath);
  const place = {
    name: isPath ? folder : nameOrPath,
    folder,
    control: join(folder, CONTROL),
    console: join(folder, CONSOLE),
    compute: join(folder, COMPUTE),
  };
  const longest = Math.max(...[place.control, place.console, place.compute].map((path) => bytesOf(path)));
  if (longest > LONGEST_PATH_BYTES)
    throw new UsageError(
      `the sockets in ${safeLine(folder)} would have paths of ${longest} bytes, and a Unix socket takes ` +
        `${LONGEST_PATH_BYTES} at most; use a shorter path, for example ${join(tmpdir(), basename(folder).slice(0, 16))}`,
    );
  return place;
}

function bytesOf(path: string): number {
  return Buffer.byteLength(path);
}

/** The folder of all slots that are served by name. */
function baseFolder(): string {
  const runtime = process.env.XDG_RUNTIME_DIR;
  if (runtime && statSync(runtime, { throwIfNoEntry: false })?.isDirectory())
    return join(runtime, "racklet-bmc");
  return join(tmpdir(), `racklet-bmc-${userId()}`);
}

function userId(): number {
  if (process.getuid) return process.getuid();
  throw new UsageError("served slots need Unix sockets: use Linux, macOS or WSL");
}

/**
 * Makes the folder where it is missing, and returns whether it did. Throws a UsageError where other users
 * could reach the sockets in it.
 */
export function makeFolder(place: Place): boolean {
  const parent = dirname(place.folder);
  if (parent === baseFolder()) makePrivate(parent);
  return makePrivate(place.folder);
}

function makePrivate(folder: string): boolean {
  let isNew = false;
  try {
    mkdirSync(folder, { mode: 0o700 });
    // The mode of mkdir is subject to the user's umask, which may take away too much.
    chmodSync(folder, 0o700);
    isNew = true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new UsageError(`there is no folder ${safeLine(dirname(folder))}; make it first`);
    if (code !== "EEXIST")
      throw new UsageError(`cannot make the folder ${safeLine(folder)}: ${fileProblem(error)}`);
  }
  const problem = folderProblem(folder);
  if (problem !== null) throw new UsageError(problem);
  return isNew;
}

/**
 * Why the sockets in the folder cannot be trusted, or null. In a folder like /tmp, another user could have
 * made it first.
 */
export function folderProblem(folder: string): string | null {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  const name = safeLine(folder);
  if (stat === undefined) return `there is no folder ${name}`;
  if (!stat.isDirectory()) return `${name} is no folder; use another name or path`;
  if (stat.uid !== userId() && userId() !== 0) return `${name} belongs to another user; use another path`;
  if ((stat.mode & OF_OTHERS) !== 0)
    return `other users can enter ${name}, and could use the slot: chmod 700 ${name}, or use another path`;
  return null;
}

/** Names of all folders in the runtime directory; a slot in it may run or not. */
export function knownNames(): string[] {
  const base = baseFolder();
  if (folderProblem(base) !== null) return [];
  return readdirSync(base, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
    .map(({ name }) => name)
    .sort();
}
