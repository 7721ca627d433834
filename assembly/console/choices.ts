/**
 * The choices at one position of a command line. They are collected from the graph of commands. Then an error
 * message takes the one that a mistyped token was probably meant to be, or completion offers them.
 */
import { CHOICE_BYTES, CHOICES } from "../capacities";
import { LONGEST_NAME_BYTES } from "../generated/console";
import { CharCode } from "./char-code";
import { letters, text } from "./output";
import { lengthOf, startOf } from "./tokens";

/** Letters of a mistyped token that are compared. Our choice: more than the longest choice has. */
const COMPARED_LETTERS: u32 = 20;

const names: usize = memory.data(CHOICES * CHOICE_BYTES);
const lengths: usize = memory.data(CHOICES);
const row: usize = memory.data(CHOICE_BYTES + 1);
assert(LONGEST_NAME_BYTES <= CHOICE_BYTES);

/** Number of choices. */
export let count: u32 = 0;
let prefix: usize = 0;
let prefixLength: u32 = 0;

/** Removes all choices. From now on `add` keeps those that begin with these letters. */
export function clear(start: usize, length: u32): void {
  count = 0;
  prefix = start;
  prefixLength = length;
}

/** Adds a choice. `shift` is 0 for letters of one byte, and 1 for the letters of a string, which have two. */
export function add(start: usize, length: u32, shift: u32): void {
  if (count == CHOICES || length > CHOICE_BYTES) return;
  const to = lettersOf(count);
  for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(start + (i << shift)));
  if (commonPrefix(to, length, prefix, prefixLength) < prefixLength) return;
  store<u8>(lengths + count, length);
  count++;
}

export function lettersOf(index: u32): usize {
  return names + index * CHOICE_BYTES;
}

function lengthAt(index: u32): u32 {
  return load<u8>(lengths + index);
}

/** True if the choice is an option. */
export function isOption(index: u32): bool {
  return load<u8>(lettersOf(index)) == CharCode.HYPHEN;
}

/** Number of letters with which all choices begin. There must be a choice. */
export function commonLength(): u32 {
  let common = lengthAt(0);
  for (let index: u32 = 1; index < count; index++) {
    common = commonPrefix(names, common, lettersOf(index), lengthAt(index));
  }
  return common;
}

function commonPrefix(one: usize, oneLength: u32, other: usize, otherLength: u32): u32 {
  const length = min(oneLength, otherLength);
  let i: u32 = 0;
  while (i < length && load<u8>(one + i) == load<u8>(other + i)) i++;
  return i;
}

export function print(index: u32): void {
  letters(lettersOf(index), lengthAt(index));
}

/** Prints all choices: "last, always-on and always-off". */
export function printAll(): void {
  for (let index: u32 = 0; index < count; index++) {
    if (index > 0) text(index == count - 1 ? " and " : ", ");
    print(index);
  }
}

/**
 * The number of letters to add, drop or replace to turn the token into a choice (Levenshtein's distance). Of
 * a long token only the beginning is compared, because the work grows with its length and no choice is that
 * long.
 */
export function distance(token: i32, index: u32): i32 {
  const start = startOf(token);
  const length = min(lengthOf(token), COMPARED_LETTERS);
  const name = lettersOf(index);
  const columns = lengthAt(index);
  for (let column: u32 = 0; column <= columns; column++) store<u8>(row + column, column);
  for (let i: u32 = 0; i < length; i++) {
    const letter = load<u8>(start + i);
    let diagonal: u32 = load<u8>(row);
    store<u8>(row, i + 1);
    for (let column: u32 = 0; column < columns; column++) {
      const above: u32 = load<u8>(row + column + 1);
      const replaced = load<u8>(name + column) == letter ? diagonal : diagonal + 1;
      const cost = min(replaced, min(above, <u32>load<u8>(row + column)) + 1);
      store<u8>(row + column + 1, cost);
      diagonal = above;
    }
  }
  return load<u8>(row + columns);
}

/**
 * The choice that the token was probably meant to be, or -1 if none is near: the one at the smallest
 * distance, and among several the one with the longest common beginning. Near is a token that begins the
 * choice, or differs in a third of its letters: one of "off" or "help", two of "status".
 */
export function near(token: i32): i32 {
  let best = -1;
  let smallest = i32.MAX_VALUE;
  for (let index: u32 = 0; index < count; index++) {
    const length = lengthAt(index);
    const common = commonPrefix(startOf(token), lengthOf(token), lettersOf(index), length);
    const edits = distance(token, index);
    if (edits > <i32>(length + 1) / 3 && (common < 2 || common < lengthOf(token))) continue;
    const score = (edits << 7) - <i32>common;
    if (score < smallest) {
      smallest = score;
      best = index;
    }
  }
  return best;
}
