/**
 * Finds the known name that an unknown one was probably meant to be, for the hints in messages. `nearest`
 * always finds one; `nearestName` and `didYouMean` only where the two are close enough for a typing error.
 */

/** Longer input is no typing error of any name here, and the work grows with the length of both names. */
const LONGEST_NAME = 64;

/** Levenshtein's distance: insertions, deletions and replacements from one to the other. */
function edits(a: string, b: string): number {
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

/** The name with the fewest edits and how many these are; of several equally near ones the first. */
function best(name: string, known: readonly string[]): { name: string; edits: number } {
  const typed = name.slice(0, LONGEST_NAME).toLowerCase();
  const ranked = known.map((candidate) => ({
    name: candidate,
    edits: edits(typed, candidate.toLowerCase()),
  }));
  return ranked.reduce((least, one) => (one.edits < least.edits ? one : least));
}

/** The known name that is nearest, however far it is. `known` must not be empty. */
export function nearest(name: string, known: readonly string[]): string {
  return best(name, known).name;
}

/** The known name that is near enough for the given one to be a typing error, or undefined. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME || known.length === 0) return undefined;
  const found = best(name, known);
  // Our choice: two edits in a short name, one letter in three of a longer one.
  return found.edits <= Math.max(2, name.length / 3) ? found.name : undefined;
}

/** `; did you mean X?` where there is such a name, else nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
