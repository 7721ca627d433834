/** Finds the name someone probably meant, for messages about unknown names. */
import { edits } from "../simulator/nearest.ts";

/** `; did you mean X?` where a known name is near enough to be a slip of the hand, or nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  // Longer input cannot be a slip for any name here, and the distance costs length times length.
  if (name.length > 64) return "";
  const ranked = known
    .map((candidate) => ({ candidate, distance: edits(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((left, right) => left.distance - right.distance);
  const best = ranked[0];
  const isNear = best !== undefined && best.distance <= Math.max(2, name.length / 3);
  return isNear ? `; did you mean ${best.candidate}?` : "";
}
