/**
 * Finds the known name that an unknown one was probably meant to be, for the hints in messages. The rule is
 * that of the debug console (assembly/console/choices.ts): a name is near if it begins with what was given,
 * or differs from it in at most a third of its letters. A hint at an unrelated name would only mislead.
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

function commonBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** True if the given name begins the known one. One letter, or hyphens alone, begin too many names. */
function begins(given: string, known: string): boolean {
  return given.length >= 2 && /[^-]/.test(given) && known.startsWith(given);
}

/**
 * The known name that the given one was probably meant to be, or undefined if none is near. Among several it
 * is the one with the fewest edits, then the one with the longest common beginning. Case is ignored.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const given = name.toLowerCase();
  const near = known.flatMap((candidate) => {
    const lower = candidate.toLowerCase();
    const distance = edits(given, lower);
    if (distance > Math.floor((lower.length + 1) / 3) && !begins(given, lower)) return [];
    return [{ candidate, distance, common: commonBeginning(given, lower) }];
  });
  near.sort((one, other) => one.distance - other.distance || other.common - one.common);
  return near[0]?.candidate;
}

/** `; did you mean X?` where a known name is near, else `otherwise`. */
export function didYouMean(name: string, known: readonly string[], otherwise = ""): string {
  const meant = nearestName(name, known);
  return meant === undefined ? otherwise : `; did you mean ${meant}?`;
}

/** `; did you mean X?` where a known name is near, else all of them: `; known: X, Y, Z`. */
export function didYouMeanOrAll(name: string, known: readonly string[]): string {
  return didYouMean(name, known, `; known: ${known.join(", ")}`);
}
