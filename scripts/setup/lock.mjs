/**
 * Lets only one set-up run at a time in a clone: `npm start` and `npm test` in two terminals must not both
 * write node_modules. The lock is a directory, because creating one is atomic on every system.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StepFailed } from "./step.mjs";

const POLL_MS = 200;
/** Our choice: a cold `npm ci` and apt together take a minute or two, on a slow line perhaps ten. */
const DEADLINE_MS = 15 * 60_000;
/**
 * After this time, a lock without its owner's number is abandoned. Before, its owner may be about to write
 * it.
 */
const UNOWNED_GRACE_MS = 2_000;

/**
 * Runs `action` while holding the lock, waiting for another holder first.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} action
 * @param {{ deadlineMs?: number }} [limits]
 * @returns {Promise<T>}
 */
export async function withLock(path, action, { deadlineMs = DEADLINE_MS } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  await acquire(path, Date.now() + deadlineMs);
  try {
    return await action();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/**
 * @param {string} path
 * @param {number} deadline
 */
async function acquire(path, deadline) {
  let announced = false;
  /** @type {number | undefined} */
  let unownedSince;
  while (!create(path)) {
    const owner = ownerOf(path);
    if (owner === undefined) unownedSince ??= Date.now();
    else unownedSince = undefined;
    const abandoned =
      owner === undefined ? Date.now() - (unownedSince ?? 0) > UNOWNED_GRACE_MS : !isRunning(owner);
    if (abandoned) {
      breakLock(path, owner);
      continue;
    }
    if (!announced && owner !== undefined) {
      console.error(`set-up: waiting for the one that process ${owner} runs ...`);
      announced = true;
    }
    if (Date.now() > deadline) {
      throw new StepFailed(
        `set-up: process ${owner} has held ${path} for too long. ` +
          "If that process is not a set-up of this project, remove that directory and run the command again.",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** @param {string} path */
function create(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(path, "owner"), String(process.pid));
  return true;
}

/**
 * @param {string} path
 * @returns {number | undefined}
 */
function ownerOf(path) {
  try {
    const owner = Number(readFileSync(join(path, "owner"), "utf8"));
    return Number.isInteger(owner) && owner > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * Removes the lock of a process that has ended. Two processes may try this at once: the rename lets only
 * one succeed. If that one has moved a lock that another process has just created, it puts the lock back.
 * @param {string} path
 * @param {number | undefined} owner
 */
function breakLock(path, owner) {
  const aside = `${path}-${process.pid}`;
  try {
    renameSync(path, aside);
    if (ownerOf(aside) !== owner) renameSync(aside, path);
    else rmSync(aside, { recursive: true, force: true });
  } catch {
    // Another process was faster; the caller tries again.
  }
}
