/**
 * Takes the control socket of a place, so that one server at most has it. A server that was killed leaves its
 * socket behind; it is recognised because nothing accepts a connection there, and it is replaced. Of two
 * servers that start at the same moment one gets the place.
 */
import { chmodSync, linkSync, lstatSync, renameSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { join } from "node:path";
import { fileProblem } from "../../cli/file-problem.ts";
import { safeLine } from "../../cli/safe-text.ts";
import { UsageError } from "../../cli/usage-error.ts";
import type { Place } from "./place.ts";

/** A live server accepts at once; one that is stopped (Ctrl-Z) has room in its backlog all the same. */
const ANSWER_MS = 2000;
/** Each try fails only where another server starts at the same moment. */
const TRIES = 5;

/** Listens at a path. Throws a UsageError where that is not possible. */
export async function listenAt(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error) =>
      reject(new UsageError(`cannot offer the socket ${safeLine(path)}: ${fileProblem(error)}`));
    server.once("error", failed);
    server.listen(path, () => {
      server.off("error", failed);
      resolve();
    });
  });
  chmodSync(path, 0o600);
}

/** Whether a server accepts connections at the socket. */
export function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(alive);
    };
    const timer = setTimeout(() => end(true), ANSWER_MS);
    socket.on("connect", () => end(true));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      end(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"),
    );
  });
}

/**
 * Listens at the place's control socket. Throws a UsageError where a live server has it, or where the path is
 * something else than a socket.
 */
export async function claim(server: Server, place: Place): Promise<void> {
  const { control, folder } = place;
  // A link either takes the name or fails, and so decides between two servers. Both names are no longer than
  // the socket's own.
  const own = join(folder, `.${process.pid}`);
  const aside = join(folder, `~${process.pid}`);
  remove(own);
  await listenAt(server, own);
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      if (links(own, control)) return;
      await giveWay(place, aside);
    }
  } catch (error) {
    server.close();
    throw error;
  } finally {
    remove(own);
  }
  server.close();
  throw new UsageError(`cannot take ${safeLine(control)}: other servers start there all the time; try again`);
}

/** Removes the socket of a dead server. Throws a UsageError where the server lives. */
async function giveWay(place: Place, aside: string): Promise<void> {
  const { control } = place;
  const stat = lstatSync(control, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket())
    throw new UsageError(
      `${safeLine(control)} is no socket; remove it, or serve the slot under another name`,
    );
  if (await isAlive(control)) throw taken(place);
  try {
    renameSync(control, aside);
  } catch {
    // Another server has just removed it.
    return;
  }
  // Between the two steps another server may have put its own socket there. It works under any name.
  if (await isAlive(aside)) {
    links(aside, control);
    remove(aside);
    throw taken(place);
  }
  remove(aside);
}

function taken({ name }: Place): UsageError {
  const called = safeLine(name);
  return new UsageError(
    `a slot is served as ${called} already; attach to it with npm start -- --attach ${called}, ` +
      `end it with npm run slot -- --served=${called} stop, or serve this one under another name: ` +
      "npm start -- --serve NAME",
  );
}

/** True if the file has got the second name, false if that name is taken. */
function links(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new UsageError(`cannot make the socket ${safeLine(to)}: ${fileProblem(error)}`);
  }
}

/** Removes a file if it is there. */
export function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already, or its folder is.
  }
}
