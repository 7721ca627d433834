/**
 * Finds import cycles. Files that import each other in a ring can only be understood, tested and moved
 * together. Imports of types count as well, because a reader has to follow them too.
 */
import type { Finding } from "./frozen.ts";
import { importsOf, isScript, type Sources } from "./sources.ts";

/** One finding for each file in a ring. It names the files of the ring that this file imports. */
export function cycleFindings(sources: Sources): Finding[] {
  const imports = new Map<string, string[]>();
  for (const path of sources.keys()) {
    if (!isScript(path)) continue;
    const targets = importsOf(path, sources).map(({ target }) => target);
    imports.set(
      path,
      [...new Set(targets)].filter((target) => target !== undefined && sources.has(target)) as string[],
    );
  }
  return rings(imports).flatMap((ring) =>
    ring.sort().map((path) => {
      const next = (imports.get(path) ?? []).filter((target) => ring.includes(target));
      return {
        where: path,
        figure: 1,
        message: `${path} is in a ring of ${ring.length} by importing ${next.join(", ")}`,
      };
    }),
  );
}

/** The sets of files that all reach each other, by Tarjan's algorithm for strongly connected components. */
function rings(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const visit = (path: string): number => {
    const own = order.size;
    order.set(path, own);
    lowest.set(path, own);
    stack.push(path);
    onStack.add(path);
    const targets = imports.get(path) ?? [];
    for (const target of targets) {
      const reached = order.has(target) ? (order.get(target) as number) : visit(target);
      if (onStack.has(target)) lowest.set(path, Math.min(lowest.get(path) as number, reached));
    }
    const low = lowest.get(path) as number;
    if (low === own) {
      const ring = stack.splice(stack.indexOf(path));
      for (const member of ring) onStack.delete(member);
      if (ring.length > 1 || targets.includes(path)) found.push(ring);
    }
    return low;
  };
  for (const path of imports.keys()) if (!order.has(path)) visit(path);
  return found;
}
