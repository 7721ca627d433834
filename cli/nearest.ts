/** Which of the known names was probably meant: the one with the fewest edits between them. */

/** Levenshtein's distance: insertions, deletions and replacements from one to the other. */
export function edits(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** `known` must not be empty; of several equally near the first is taken. */
export function nearest(name: string, known: readonly string[]): string {
  const lower = name.toLowerCase();
  // Long input is certainly no typing error, and the work grows with both lengths.
  const bounded = lower.slice(0, 64);
  let best = known[0] as string;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = edits(bounded, candidate.toLowerCase());
    if (distance < bestEdits) {
      best = candidate;
      bestEdits = distance;
    }
  }
  return best;
}
