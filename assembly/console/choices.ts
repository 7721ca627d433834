/**
 * The words that may stand at one position of a command line: collected from the graph of commands, then
 * searched for the one that a mistyped token was meant to be, or completed.
 */
import { CHOICE_BYTES, CHOICES } from "../capacities";
import { LONGEST_NAME_BYTES } from "../generated/console";
import { CharCode } from "./char-code";
import { letters, text } from "./output";
import { lengthOf, startOf } from "./tokens";

/** Letters of a mistyped token that are compared. Our choice: more than the longest name has. */
const COMPARED_LETTERS: u32 = 20;

const names: usize = memory.data(CHOICES * CHOICE_BYTES);
const lengths: usize = memory.data(CHOICES);
const row: usize = memory.data(CHOICE_BYTES + 1);
assert(LONGEST_NAME_BYTES <= CHOICE_BYTES);

export let count: u32 = 0;
let prefix: usize = 0;
let prefixLength: u32 = 0;

/** From now on, words that begin with these letters are kept. */
export function clear(start: usize, length: u32): void {
  count = 0;
  prefix = start;
  prefixLength = length;
}

/** Adds a word. `shift` is 0 for letters of one byte, 1 for those of a string, which have two. */
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

/** How many letters all choices begin with alike; there must be one. */
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

/** "last, always-on and always-off" */
export function printAll(): void {
  for (let index: u32 = 0; index < count; index++) {
    if (index > 0) text(index == count - 1 ? " and " : ", ");
    print(index);
  }
}

/**
 * Letters to add, drop or replace to get from the token to a choice (Levenshtein's distance). Of a long token
 * only the beginning counts: it is no slip for any name, and the work grows with its length.
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
 * The choice that the token was probably meant to be: the nearest by letters, then by its beginning. There
 * must be one.
 */
export function nearest(token: i32): u32 {
  let best: u32 = 0;
  let smallest = i32.MAX_VALUE;
  for (let index: u32 = 0; index < count; index++) {
    const common = commonPrefix(startOf(token), lengthOf(token), lettersOf(index), lengthAt(index));
    const score = (distance(token, index) << 7) - <i32>common;
    if (score < smallest) {
      smallest = score;
      best = index;
    }
  }
  return best;
}
