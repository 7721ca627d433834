/**
 * Checks whether the Node packages of package-lock.json are installed, and installs them.
 *
 * npm writes a record of what it has installed to node_modules/.package-lock.json, as its last step.
 * Comparing the two files needs no stamp of our own, and also notices what the user has done with npm by
 * hand.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { progress, runQuietly, StepFailed } from "./step.mjs";

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage */

/**
 * Returns why the packages must be installed, or undefined if they match the lock file.
 * @param {string} project
 * @returns {string | undefined}
 */
export function packagesProblem(project) {
  const record = join(project, "node_modules/.package-lock.json");
  if (!existsSync(join(project, "node_modules"))) return "node_modules is missing";
  if (!existsSync(record)) return "the last installation did not finish";
  /** @type {Record<string, LockedPackage>} */
  let wanted;
  /** @type {Record<string, LockedPackage>} */
  let installed;
  try {
    wanted = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")).packages;
    installed = JSON.parse(readFileSync(record, "utf8")).packages;
  } catch {
    // npm's own message about its files is better than any of ours.
    return "the record of what is installed cannot be read";
  }
  for (const [path, { version, integrity, optional }] of Object.entries(wanted)) {
    const found = installed[path];
    // Optional packages, such as esbuild's for other systems, may be missing.
    if (path === "" || (found === undefined && optional)) continue;
    if (found?.version !== version || found?.integrity !== integrity) return "package-lock.json has changed";
    if (!existsSync(join(project, path, "package.json"))) return `${path} is missing`;
  }
  // Additional packages do no harm, and npm itself records packages that others bundle.
  return undefined;
}

/**
 * @param {string} project
 * @param {string} reason
 */
export async function installPackages(project, reason) {
  const done = progress(`installing Node packages (${reason})`);
  // `npm ci` clears node_modules in no particular order. Removing the record first makes sure that an
  // interrupted installation is not taken for a finished one.
  rmSync(join(project, "node_modules/.package-lock.json"), { force: true });
  const [program, ...first] = npmCommand();
  // Windows starts npm.cmd only through a shell.
  const shell = program === "npm" && process.platform === "win32";
  const options = [...first, "ci", "--no-audit", "--no-fund"];
  const { ok, output } = await runQuietly(program, options, { cwd: project, shell });
  if (!ok) {
    throw new StepFailed(
      `${output.trimEnd()}\n\nset-up: npm ci failed, see above. ` +
        "Check the network and npm's settings (npm config get registry), then run the command again.",
    );
  }
  done();
}

/**
 * Returns the npm that has called us, if there is one: it need not be the first on PATH.
 * @returns {[string, ...string[]]}
 */
function npmCommand() {
  const caller = process.env.npm_execpath ?? "";
  return /npm-cli\.c?js$/.test(caller) ? [process.execPath, caller] : ["npm"];
}
