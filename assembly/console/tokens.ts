/**
 * A command line as words: splitting, comparing, numbers, and the name a mistyped word was
 * probably meant to be.
 */
import { LINE_WORDS, NAME_BYTES } from "../capacities";
import { put } from "./output";

/** Letters of a mistyped word that are compared. Chosen: twice the longest name. */
const LONGEST_SLIP: u32 = 20;

const starts: usize = memory.data(LINE_WORDS * 4, 4);
const lengths: usize = memory.data(LINE_WORDS * 4, 4);
const row: usize = memory.data(NAME_BYTES);

/** Words in the line; may be larger than LINE_WORDS, whose words alone are kept. */
export let count: i32 = 0;

export function split(line: usize, length: u32): void {
  count = 0;
  let at: u32 = 0;
  while (at < length) {
    while (at < length && load<u8>(line + at) == 0x20) at++;
    if (at == length) return;
    const start = at;
    while (at < length && load<u8>(line + at) != 0x20) at++;
    if (count < LINE_WORDS) {
      store<usize>(starts + ((<usize>count) << 2), line + start);
      store<u32>(lengths + ((<usize>count) << 2), at - start);
    }
    count++;
  }
}

function startOf(word: i32): usize {
  return load<usize>(starts + ((<usize>word) << 2));
}

function lengthOf(word: i32): u32 {
  return load<u32>(lengths + ((<usize>word) << 2));
}

export function is(word: i32, name: string): bool {
  const length = lengthOf(word);
  if (<u32>name.length != length) return false;
  const start = startOf(word);
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(start + i) != load<u8>(changetype<usize>(name) + (i << 1))) return false;
  }
  return true;
}

/** The word as an unsigned number up to `maximum`, or -1. */
export function number(word: i32, maximum: i32): i32 {
  const start = startOf(word);
  const length = lengthOf(word);
  let value = 0;
  for (let i: u32 = 0; i < length; i++) {
    const digit = <i32>load<u8>(start + i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > maximum) return -1;
  }
  return value;
}

/** What `signedNumber` gives for a word that is none, or beyond its maximum. */
export const NOT_A_NUMBER: i32 = i32.MIN_VALUE;

/** The word as a number up to `maximum` either way, perhaps with a minus. */
export function signedNumber(word: i32, maximum: i32): i32 {
  const start = startOf(word);
  const length = lengthOf(word);
  const first: u32 = length > 1 && load<u8>(start) == 0x2d ? 1 : 0;
  let value = 0;
  for (let i = first; i < length; i++) {
    const digit = <i32>load<u8>(start + i) - 0x30;
    if (digit < 0 || digit > 9) return NOT_A_NUMBER;
    value = value * 10 + digit;
    if (value > maximum) return NOT_A_NUMBER;
  }
  return first > 0 ? -value : value;
}

/** Prints the word in quotes. The line editor lets only printable ASCII in, so it is safe as it is. */
export function quote(word: i32): void {
  put(0x22);
  const start = startOf(word);
  const length = lengthOf(word);
  for (let i: u32 = 0; i < length; i++) put(load<u8>(start + i));
  put(0x22);
}

/**
 * Letters to add, drop or replace to get from the word to `name` (Levenshtein's distance). Of a long
 * word only the beginning counts: it is no slip for any name, and the work grows with its length.
 */
export function distance(word: i32, name: string): i32 {
  const start = startOf(word);
  const length = min(lengthOf(word), LONGEST_SLIP);
  const columns = <u32>name.length;
  if (columns >= NAME_BYTES) return i32.MAX_VALUE;
  for (let column: u32 = 0; column <= columns; column++) store<u8>(row + column, <u8>column);
  for (let i: u32 = 0; i < length; i++) {
    const letter = load<u8>(start + i);
    let diagonal = load<u8>(row);
    store<u8>(row, <u8>(i + 1));
    for (let column: u32 = 0; column < columns; column++) {
      const above = load<u8>(row + column + 1);
      const same = load<u8>(changetype<usize>(name) + (column << 1)) == letter;
      const replaced = same ? diagonal : diagonal + 1;
      const cost = min(replaced, min(above, load<u8>(row + column)) + 1);
      store<u8>(row + column + 1, cost);
      diagonal = above;
    }
  }
  return load<u8>(row + columns);
}

/** Letters the word and `name` begin with in common. */
function commonPrefix(word: i32, name: string): i32 {
  const start = startOf(word);
  const length = min(lengthOf(word), <u32>name.length);
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(start + i) != load<u8>(changetype<usize>(name) + (i << 1))) return i;
  }
  return length;
}

/**
 * Which of `names` the word was probably meant to be: the nearest by letters, then by its beginning;
 * always one.
 */
export function nearest(word: i32, names: StaticArray<string>): string {
  let best = unchecked(names[0]);
  let smallest = i32.MAX_VALUE;
  for (let i = 0; i < names.length; i++) {
    const name = unchecked(names[i]);
    const score = (distance(word, name) << 7) - commonPrefix(word, name);
    if (score < smallest) {
      smallest = score;
      best = name;
    }
  }
  return best;
}
