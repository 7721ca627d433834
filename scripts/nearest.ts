/** Finds the name someone probably meant, for messages about unknown names. */
import { edits } from "../cli/nearest.ts";

/** The known name that is near enough for the given one to be a slip of the hand. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  // Longer input cannot be a slip for any name here, and the distance costs length times length.
  if (name.length > 64) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, distance: edits(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((left, right) => left.distance - right.distance);
  const best = ranked[0];
  const isNear = best !== undefined && best.distance <= Math.max(2, name.length / 3);
  return isNear ? best.candidate : undefined;
}

/** `; did you mean X?` where there is such a name, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
