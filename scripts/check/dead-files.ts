/**
 * Files that nothing uses: reached by no import, include or mention of their path from the commands
 * of package.json, what the workspaces export, the tests and the tools' configuration. A chain of
 * dead files importing each other is dead from end to end.
 */
import { importsOf, isC, isScript, type Sources, withoutComments } from "./sources.ts";
import { exportedFiles, workspacesOf } from "./workspaces.ts";

/** Linker scripts are named by the build, never imported. */
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
 * Found by a tool without being named: tests, configuration beside package.json, what the host is
 * linked from.
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

/** The whole path, not the end of a longer one. */
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
