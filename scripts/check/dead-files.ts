/**
 * Finds files that nothing uses. The roots are the commands of package.json, the exports of the workspaces,
 * the tests and the configuration of the tools. A file is used if a chain of imports, includes or mentions of
 * paths leads to it from a root. Dead files that only import each other are all found.
 */
import { importsOf, isC, isScript, type Sources, withoutComments } from "./sources.ts";
import { exportedFiles, workspacesOf } from "./workspaces.ts";

/** Linker scripts count as sources too: the build names them by path, and no file imports them. */
const LINKER_SCRIPT = /\.ld$/;

export function deadFiles(sources: Sources): string[] {
  const candidates = [...sources.keys()].filter(
    (path) => isScript(path) || isC(path) || LINKER_SCRIPT.test(path),
  );
  const live = new Set<string>();
  const exported = workspacesOf(sources).flatMap(exportedFiles);
  const pending = candidates.filter(isRoot).concat("package.json", exported);
  while (pending.length > 0) {
    const path = pending.pop() as string;
    if (live.has(path)) continue;
    live.add(path);
    pending.push(...uses(path, candidates, sources));
  }
  return candidates.filter((path) => !live.has(path));
}

/**
 * Files that a tool finds without a mention: tests, configuration beside package.json, and the sources that
 * the host is linked from.
 */
function isRoot(path: string): boolean {
  if (/^host\/.*\.[cS]$/.test(path)) return true;
  return /\.(test|spec)\.ts$/.test(path) || (isScript(path) && !path.includes("/"));
}

function uses(path: string, candidates: readonly string[], sources: Sources): string[] {
  const imported = importsOf(path, sources).map(({ target }) => target);
  const text = withoutComments(sources.get(path) ?? "");
  // Commands and compiler calls name files by their path, or by their name where they know the folder.
  const named = candidates.filter(
    (other) => mentions(text, other) || (!isScript(other) && mentionsName(text, other)),
  );
  return [...imported, ...named].filter((target): target is string => target !== undefined);
}

/** A pattern for the whole path, which does not match the end of a longer one. */
function mentions(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    const before = text[at - 1] ?? "";
    const after = text[at + path.length] ?? "";
    if (!/[\w./-]/.test(before) && !/[\w/-]/.test(after)) return true;
  }
  return false;
}

function mentionsName(text: string, path: string): boolean {
  return text.includes(`"${path.slice(path.lastIndexOf("/") + 1)}"`);
}
