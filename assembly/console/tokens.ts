/**
 * Splits a command line into tokens at its spaces. Compares tokens, reads numbers from them and prints them.
 */
import { LINE_TOKENS } from "../capacities";
import { CharCode } from "./char-code";
import { letters, put, text } from "./output";

const starts: usize = memory.data(LINE_TOKENS * 4, 4);
const lengths: usize = memory.data(LINE_TOKENS * 4, 4);

/** Number of tokens in the line. It may be more than LINE_TOKENS, but only so many are stored. */
export let count: i32 = 0;

/** Splits the line. The tokens stay in its memory. */
export function split(line: usize, length: u32): void {
  count = 0;
  let at: u32 = 0;
  while (at < length) {
    while (at < length && load<u8>(line + at) == CharCode.SPACE) at++;
    if (at == length) return;
    const start = at;
    while (at < length && load<u8>(line + at) != CharCode.SPACE) at++;
    if (count < LINE_TOKENS) {
      store<usize>(starts + ((<usize>count) << 2), line + start);
      store<u32>(lengths + ((<usize>count) << 2), at - start);
    }
    count++;
  }
}

export function startOf(token: i32): usize {
  return load<usize>(starts + ((<usize>token) << 2));
}

export function lengthOf(token: i32): u32 {
  return load<u32>(lengths + ((<usize>token) << 2));
}

/**
 * True if the token has exactly these letters. `shift` is 0 for letters of one byte, 1 for those of a string,
 * which have two.
 */
export function equals(token: i32, letters: usize, length: u32, shift: u32): bool {
  if (lengthOf(token) != length) return false;
  const start = startOf(token);
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(start + i) != load<u8>(letters + (i << shift))) return false;
  }
  return true;
}

/** True for "-n" as for "--raw", but not for "-5". */
export function isOption(token: i32): bool {
  return isDashed(token) && lengthOf(token) > 1 && <u32>load<u8>(startOf(token) + 1) - CharCode.DIGIT_0 > 9;
}

function isDashed(token: i32): bool {
  return load<u8>(startOf(token)) == CharCode.HYPHEN;
}

/** The token as an unsigned number up to `maximum`, or -1. */
export function number(token: i32, maximum: i32): i32 {
  const value = digits(token, 0, maximum);
  return value == NOT_A_NUMBER ? -1 : value;
}

/** The result of `signedNumber` if the token is no number, or too large. */
export const NOT_A_NUMBER: i32 = i32.MIN_VALUE;

/** The token as a number from -`maximum` to `maximum`, or NOT_A_NUMBER. */
export function signedNumber(token: i32, maximum: i32): i32 {
  if (!isDashed(token) || lengthOf(token) == 1) return digits(token, 0, maximum);
  const value = digits(token, 1, maximum);
  return value == NOT_A_NUMBER ? value : -value;
}

function digits(token: i32, first: u32, maximum: i32): i32 {
  const start = startOf(token);
  const length = lengthOf(token);
  let value = 0;
  for (let i = first; i < length; i++) {
    const digit = <i32>load<u8>(start + i) - CharCode.DIGIT_0;
    if (digit < 0 || digit > 9) return NOT_A_NUMBER;
    value = value * 10 + digit;
    if (value > maximum) return NOT_A_NUMBER;
  }
  return value;
}

/** Letters of a token that a message quotes. Our choice: more than any name has. */
const QUOTED_LETTERS: u32 = 24;

/** Prints the token in quotes. The line editor lets only printable ASCII in, so it is safe as it is. */
export function quote(token: i32): void {
  put(CharCode.QUOTATION_MARK);
  letters(startOf(token), min(lengthOf(token), QUOTED_LETTERS));
  if (lengthOf(token) > QUOTED_LETTERS) text("...");
  put(CharCode.QUOTATION_MARK);
}

export function print(token: i32): void {
  letters(startOf(token), lengthOf(token));
}
