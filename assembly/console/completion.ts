/**
 * Completion of the token at the cursor. This file finds the choices that begin with its letters. On Tab the
 * line editor asks for them and changes the line.
 */
import * as choices from "./choices";
import { collectNext } from "./command-line";
import { endLine, text } from "./output";
import * as tokens from "./tokens";

/** Our choice: eight commands take about 60 of a terminal's 80 columns. */
const NAMES_PER_LINE: u32 = 8;

/**
 * Finds the choices for the token from `start` to `end`. They follow from the tokens before it, and begin
 * with its letters.
 */
export function find(line: usize, start: u32, end: u32): void {
  tokens.split(line, start);
  collectNext(line + start, end - start);
}

/** Number of choices found. */
export function count(): u32 {
  return choices.count;
}

/**
 * Number of letters with which all choices found begin; there must be one. An option is completed only once
 * its hyphen is typed, because Tab alone must never put --yes into the line.
 */
export function commonLength(typed: u32): u32 {
  return typed == 0 && choices.isOption(0) ? 0 : choices.commonLength();
}

/** A letter of the first choice found. */
export function letterAt(index: u32): i32 {
  return load<u8>(choices.lettersOf(0) + index);
}

/** Prints the choices found on lines of their own. */
export function list(): void {
  endLine();
  for (let index: u32 = 0; index < choices.count; index++) {
    if (index > 0) text(index % NAMES_PER_LINE == 0 ? "\r\n" : "  ");
    choices.print(index);
  }
  endLine();
}
