/**
 * Completion of the word at the cursor: finds the words of the commands that begin like it. On Tab the line
 * editor asks for them and changes the line.
 */
import * as choices from "./choices";
import { collectNext } from "./command-line";
import { endLine, text } from "./output";
import * as tokens from "./tokens";

/** Our choice: eight commands take about 60 of a terminal's 80 columns. */
const NAMES_PER_LINE: u32 = 8;

/**
 * Finds the words that may stand from `start` on, by the words before, and begin with what is there up to
 * `end`.
 */
export function find(line: usize, start: u32, end: u32): void {
  tokens.split(line, start);
  collectNext(line + start, end - start);
}

/** Words found. */
export function count(): u32 {
  return choices.count;
}

/**
 * Letters with which all words found begin; there must be one. An option is completed only from its hyphen
 * on: Tab alone must never put --yes into the line.
 */
export function commonLength(typed: u32): u32 {
  return typed == 0 && choices.isOption(0) ? 0 : choices.commonLength();
}

/** A letter of the first word found. */
export function letterAt(index: u32): i32 {
  return load<u8>(choices.lettersOf(0) + index);
}

/** Prints the words found on lines of their own. */
export function list(): void {
  endLine();
  for (let index: u32 = 0; index < choices.count; index++) {
    if (index > 0) text(index % NAMES_PER_LINE == 0 ? "\r\n" : "  ");
    choices.print(index);
  }
  endLine();
}
