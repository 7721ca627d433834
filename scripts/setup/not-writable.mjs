/**
 * For a clone that belongs to someone else: what a write that was refused means, in one sentence.
 * Plain JavaScript, because the set-up meets this first.
 */
import { isAbsolute, relative } from "node:path";

const REFUSED = ["EACCES", "EPERM", "EROFS"];

/**
 * The sentence for an error that came of writing into the project's folder, or undefined for any
 * other error.
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
    `clone it to a place of your own (git clone ${folder} racklet-bmc) and run the command there.`
  );
}
