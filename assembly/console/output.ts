/**
 * The console's output: a queue of bytes in front of the host's transmit queue, and the formatting functions
 * that all printing uses. Printing never blocks. Bytes that do not fit are dropped and counted.
 *
 * This file also holds which part of the console the terminal shows, because notices must not disturb it.
 */

import { HELD_BYTES, LINE_COLUMNS, OUTPUT_BYTES } from "../capacities";
import { PORT_CONSOLE, uart_write } from "../generated/abi";
import { CharCode } from "./char-code";

/** The part of the console that the terminal shows. Those from LOG on print the boot log. */
export enum Terminal {
  /** The line editor, or the answer of a command. */
  LINE,
  /** A list that is printed over several passes (listing.ts). */
  LISTING,
  /** The boot log (log-view.ts). */
  LOG,
  /** The boot log, byte by byte as it came. */
  RAW_LOG,
}

const MASK: u32 = OUTPUT_BYTES - 1;
const queue: usize = memory.data(OUTPUT_BYTES);
const held: usize = memory.data(HELD_BYTES);

// Counts of bytes put and sent. They wrap, and their difference is the fill level.
let head: u32 = 0;
let tail: u32 = 0;
let heldBytes: u32 = 0;
/** The ring has been filled once, so that all of it is readable. */
let keptAll: bool = false;
let holding: bool = false;

/** Spaces before the rest of a line that was too long. */
const HANGING_INDENT: u32 = 4;
/** A line is not broken in its beginning: the key of a report, or the time of an event. */
const UNBROKEN_COLUMNS: u32 = 13;

/** Lines that are too long are broken. `lineBegin` is then the position of the line's first byte. */
let wrapping: bool = false;
let lineBegin: u32 = 0;

/** Changed by `setTerminal`. */
export let terminal: Terminal = Terminal.LINE;

/** Bytes dropped since start because the queue was full. */
export let droppedBytes: u32 = 0;

/** Called by the part that takes the terminal over, and with LINE when it is done. */
export function setTerminal(part: Terminal): void {
  terminal = part;
}

/** Bytes that still fit into the queue. */
export function free(): u32 {
  return OUTPUT_BYTES - (head - tail);
}

/** Bytes printed since start. The count wraps. The last OUTPUT_BYTES of them stay readable. */
export function printed(): u32 {
  return head;
}

/** Number of printed bytes that are still readable. */
export function printedKept(): u32 {
  return keptAll ? OUTPUT_BYTES : head;
}

/** A printed byte. Its position is between `printed() - printedKept()` and `printed()`. */
export function printedAt(position: u32): u32 {
  return load<u8>(queue + (position & MASK));
}

export function put(byte: u32): void {
  if (holding) {
    if (heldBytes == HELD_BYTES) {
      droppedBytes++;
      return;
    }
    store<u8>(held + heldBytes, byte);
    heldBytes++;
    return;
  }
  if (head - tail == OUTPUT_BYTES) {
    droppedBytes++;
    return;
  }
  store<u8>(queue + (head & MASK), byte);
  head++;
  if (head >= OUTPUT_BYTES) keptAll = true;
  if (byte == CharCode.LINE_FEED && wrapping) breakLine();
}

/**
 * From wrapLines(true) on, a line over LINE_COLUMNS is broken at spaces when it ends. The terminal would
 * break it in the middle of a word. Call it only at the beginning of a line, and print no more than the queue
 * holds. Returns the setting before. The boot log and the line that is being typed are never broken.
 */
export function wrapLines(on: bool): bool {
  const before = wrapping;
  wrapping = on;
  lineBegin = head;
  return before;
}

/** Breaks the line that has just ended as often as needed. A line with a longer word stays as it is. */
function breakLine(): void {
  let begin = lineBegin;
  while (head - begin > LINE_COLUMNS + 2) {
    let length = LINE_COLUMNS;
    while (length > UNBROKEN_COLUMNS && printedAt(begin + length) != CharCode.SPACE) length--;
    // A line end and the indent take the place of the space.
    if (length == UNBROKEN_COLUMNS || free() <= HANGING_INDENT) break;
    begin += length;
    const rest = head - begin - 1;
    for (let i = rest; i > 0; i--) place(begin + i + HANGING_INDENT + 1, printedAt(begin + i));
    place(begin, CharCode.CARRIAGE_RETURN);
    place(begin + 1, CharCode.LINE_FEED);
    for (let i: u32 = 2; i < HANGING_INDENT + 2; i++) place(begin + i, CharCode.SPACE);
    head += HANGING_INDENT + 1;
    begin += 2;
  }
  if (head >= OUTPUT_BYTES) keptAll = true;
  lineBegin = head;
}

function place(position: u32, byte: u32): void {
  store<u8>(queue + (position & MASK), byte);
}

/** From hold(true) to hold(false) all output goes into a separate buffer. `releaseHeld` prints it later. */
export function hold(on: bool): void {
  holding = on;
}

export function releaseHeld(): void {
  wrapLines(true);
  for (let i: u32 = 0; i < heldBytes; i++) put(load<u8>(held + i));
  wrapLines(false);
  heldBytes = 0;
}

/** Passes as many bytes to the host as it accepts. True if the queue is then empty. */
export function flush(): bool {
  while (head != tail) {
    const offset = tail & MASK;
    const length = min(head - tail, OUTPUT_BYTES - offset);
    const taken = uart_write(PORT_CONSOLE, queue + offset, length);
    tail += taken;
    if (taken < length) return false;
  }
  return true;
}

/** Prints a string, which must be ASCII. */
export function text(value: string): void {
  const start = changetype<usize>(value);
  const end = start + ((<usize>value.length) << 1);
  for (let at = start; at < end; at += 2) put(load<u8>(at));
}

/** Prints ASCII letters. */
export function letters(start: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i++) put(load<u8>(start + i));
}

export function endLine(): void {
  put(CharCode.CARRIAGE_RETURN);
  put(CharCode.LINE_FEED);
}

/** Prints `value` in decimal, right-aligned to `width` columns. */
export function decimal(value: u64, width: i32 = 0): void {
  let divisor: u64 = 1;
  let digits = 1;
  while (value / divisor >= 10) {
    divisor *= 10;
    digits++;
  }
  for (; digits < width; digits++) put(CharCode.SPACE);
  for (; divisor != 0; divisor /= 10) put(CharCode.DIGIT_0 + <u32>((value / divisor) % 10));
}

/** Prints a signed `value` in decimal, right-aligned to `width` columns. */
export function signed(value: i32, width: i32 = 0): void {
  if (value >= 0) {
    decimal(<u64>value, width);
    return;
  }
  let digits = 1;
  for (let rest = -(<i64>value); rest >= 10; rest /= 10) digits++;
  for (; digits + 1 < width; digits++) put(CharCode.SPACE);
  put(CharCode.HYPHEN);
  decimal(<u64>-(<i64>value));
}

/** Prints a number in hexadecimal with 0x in front. */
export function hexadecimal(value: u32, digits: i32 = 8): void {
  text("0x");
  for (let shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    put(digit < 10 ? CharCode.DIGIT_0 + digit : CharCode.LOWER_A - 10 + digit);
  }
}

/** Prints microseconds as seconds with three decimals, right-aligned like a kernel timestamp. */
export function seconds(time_us: u64, width: i32 = 0): void {
  const milliseconds = <u32>((time_us / 1000) % 1000);
  decimal(time_us / 1000000, width > 4 ? width - 4 : 0);
  put(CharCode.FULL_STOP);
  if (milliseconds < 100) put(CharCode.DIGIT_0);
  if (milliseconds < 10) put(CharCode.DIGIT_0);
  decimal(milliseconds);
}

/** Starts a line of a report: prints the key and spaces, so that the values of all lines are aligned. */
export function key(name: string): void {
  text(name);
  for (let column = name.length; column < 13; column++) put(CharCode.SPACE);
}
