/**
 * Explains in one sentence why a write into a clone that belongs to another user was refused. Plain
 * JavaScript, because the set-up is the first to meet this.
 */
import { isAbsolute, relative } from "node:path";

const REFUSED = ["EACCES", "EPERM", "EROFS"];

/**
 * Returns the sentence for an error from writing into the project's folder, or undefined for any other error.
 * @param {unknown} error
 * @param {string} project
 * @returns {string | undefined}
 */
export function notWritable(error, project) {
  const { code = "", path } = /** @type {NodeJS.ErrnoException} */ (error ?? {});
  if (!REFUSED.includes(code) || path === undefined) return undefined;
  const inside = relative(project, path);
  if (inside.startsWith("..") || isAbsolute(inside)) return undefined;
  const folder = project.replace(/[/\\]$/, "");
  return (
    `the project's folder ${folder} is not writable for you (${code}): ` +
    `clone it to a folder of your own (git clone ${folder} racklet-bmc) and run the command there.`
  );
}
