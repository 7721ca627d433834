/**
 * Node packages: are those of package-lock.json installed, and if not, install them.
 *
 * npm leaves a record of what it installed in node_modules/.package-lock.json, written last.
 * Comparing the two needs no stamp of our own and also sees what the user did with npm by hand.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { progress, runQuietly, StepFailed } from "./step.mjs";

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage */

/**
 * Why the packages must be installed, or undefined when they are as the lock file says.
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
    // npm tells what is wrong with its own files better than we could.
    return "the record of what is installed cannot be read";
  }
  for (const [path, { version, integrity, optional }] of Object.entries(wanted)) {
    const found = installed[path];
    // Optional ones, such as esbuild's for other systems, are rightly left out.
    if (path === "" || (found === undefined && optional)) continue;
    if (found?.version !== version || found?.integrity !== integrity) return "package-lock.json has changed";
    if (!existsSync(join(project, path, "package.json"))) return `${path} is missing`;
  }
  // What is there besides does no harm, and npm itself records packages that others bundle.
  return undefined;
}

/**
 * @param {string} project
 * @param {string} reason
 */
export async function installPackages(project, reason) {
  const done = progress(`installing Node packages (${reason})`);
  // `npm ci` clears node_modules in no particular order: without its record, an interrupted run
  // cannot pass for a finished one.
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
 * The npm that called us where there is one: it need not be the first on PATH.
 * @returns {[string, ...string[]]}
 */
function npmCommand() {
  const caller = process.env.npm_execpath ?? "";
  return /npm-cli\.c?js$/.test(caller) ? [process.execPath, caller] : ["npm"];
}
