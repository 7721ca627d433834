/**
 * Columns of a curve as SVG paths. Coordinates are whole numbers and relative, because they are most of a
 * plot's bytes.
 */
import type { Extent } from "./buckets.ts";

export interface Scale {
  /** Width of a column, in units of the path. */
  readonly columnWidth: number;
  readonly height: number;
  /** The value at the upper edge; the lower edge is 0. */
  readonly end: number;
}

type Point = readonly [x: number, y: number];

/** The means, one after another. */
export function meanPath(columns: readonly (Extent | null)[], scale: Scale): string {
  return relativePath(points(columns, scale, "mean"));
}

/** The area between the lowest and the highest values. */
export function envelopePath(columns: readonly (Extent | null)[], scale: Scale): string {
  const back = points(columns, scale, "lowest").reverse();
  return back.length === 0 ? "" : `${relativePath([...points(columns, scale, "highest"), ...back])}z`;
}

function points(columns: readonly (Extent | null)[], scale: Scale, which: keyof Extent): Point[] {
  return columns.flatMap((extent, column) => {
    if (!extent) return [];
    const y = scale.height * (1 - extent[which] / scale.end);
    return [[Math.round((column + 0.5) * scale.columnWidth), Math.round(y)] as const];
  });
}

/** Writes the points as a path. A level stretch becomes one command. */
function relativePath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first[0]} ${first[1]}`;
  let [x, y] = first;
  let level = 0;
  const flush = () => {
    if (level !== 0) path += `h${level}`;
    level = 0;
  };
  for (const [nextX, nextY] of rest) {
    if (nextY === y && Math.sign(nextX - x) === Math.sign(level || nextX - x)) level += nextX - x;
    else {
      flush();
      path += nextY < y ? `l${nextX - x}${nextY - y}` : `l${nextX - x} ${nextY - y}`;
    }
    [x, y] = [nextX, nextY];
  }
  flush();
  return path;
}
