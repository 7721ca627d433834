/**
 * The console's line editor, with the usual control keys, arrow keys, a short history, and completion on Tab.
 * Only printable ASCII enters the line. A question mark stands for each character beyond ASCII. Any other
 * byte is a key, or rings the bell. So no input can do harm, whatever its bytes or length.
 */
import { HISTORY_LINES, LINE_BYTES } from "../capacities";
import { CharCode } from "./char-code";
import * as completion from "./completion";
import { decimal, endLine, put, text } from "./output";

const line: usize = memory.data(LINE_BYTES);
const history: usize = memory.data(LINE_BYTES * HISTORY_LINES);
const historyLengths: usize = memory.data(HISTORY_LINES * 4, 4);

let length: u32 = 0;
let cursor: u32 = 0;
/** Which line of the history is shown, counted back from the newest. 0 is the line that is being typed. */
let recalled: i32 = 0;
/** Number of lines in the history. */
let remembered: i32 = 0;
/** The byte before. After a CR, an LF is no second Enter; after a Tab, a Tab is the second one. */
let previous: i32 = CharCode.NULL;
/** True from the prompt until Enter. False while a command prints. */
let editing: bool = false;

/** The part of an escape sequence that comes next. */
enum Escape {
  None,
  Started,
  /** After ESC [ or ESC O, collecting a parameter. */
  Parameter,
}
let escapePhase: Escape = Escape.None;
let parameter: i32 = 0;

/** The smallest byte that begins a character beyond ASCII in UTF-8. */
const FIRST_OF_CHARACTER: i32 = 0xc0;

/** The effect of a byte on the line. */
export enum Edit {
  None,
  /** The line is complete. `lineStart` and `lineLength` give it. Call `beginLine` after the command. */
  Enter,
  /** Ctrl-C: a running command should stop. */
  Cancel,
}

export function lineStart(): usize {
  return line;
}

export function lineLength(): u32 {
  return length;
}

/** Prompts for a new line. */
export function beginLine(): void {
  length = 0;
  cursor = 0;
  recalled = 0;
  editing = true;
  text("bmc> ");
}

/** Clears prompt and line from the screen, so that a notice can be printed there. */
export function clearLine(): void {
  if (!editing) return;
  text("\r\x1b[K");
}

/** Prints prompt and line again, and moves the cursor back to its position. */
export function redrawLine(): void {
  if (!editing) return;
  text("bmc> ");
  for (let i: u32 = 0; i < length; i++) put(load<u8>(line + i));
  moveLeft(length - cursor);
}

/** Takes one byte of input. */
export function feed(byte: i32): Edit {
  const before = previous;
  previous = byte;
  if (escapePhase != Escape.None) {
    feedEscape(byte);
    return Edit.None;
  }
  if (byte >= CharCode.SPACE && byte < CharCode.DELETE) {
    insert(byte);
    return Edit.None;
  }
  switch (byte) {
    case CharCode.LINE_FEED: // Enter, unless it is the end of CR LF
      if (before == CharCode.CARRIAGE_RETURN) return Edit.None;
      return enterLine();
    case CharCode.CARRIAGE_RETURN:
      return enterLine();
    case CharCode.TAB:
      complete(before == CharCode.TAB);
      return Edit.None;
    case CharCode.CTRL_C:
      text("^C");
      endLine();
      return Edit.Cancel;
    case CharCode.ESCAPE:
      escapePhase = Escape.Started;
      return Edit.None;
    default:
      // One question mark for each character beyond ASCII. If it were dropped, another command could remain.
      if (byte >= FIRST_OF_CHARACTER) insert(CharCode.QUESTION_MARK);
      else control(byte);
      return Edit.None;
  }
}

function enterLine(): Edit {
  editing = false;
  endLine();
  remember();
  return Edit.Enter;
}

function control(byte: i32): void {
  switch (byte) {
    case CharCode.BACKSPACE:
    case CharCode.DELETE: // sent by the Backspace key of many terminals
      if (cursor > 0) removeRange(cursor - 1, cursor);
      else put(CharCode.BELL);
      break;
    case CharCode.CTRL_A:
      moveTo(0);
      break;
    case CharCode.CTRL_B:
      if (cursor > 0) moveTo(cursor - 1);
      break;
    case CharCode.CTRL_D:
      if (cursor < length) removeRange(cursor, cursor + 1);
      break;
    case CharCode.CTRL_E:
      moveTo(length);
      break;
    case CharCode.CTRL_F:
      if (cursor < length) moveTo(cursor + 1);
      break;
    case CharCode.CTRL_K:
      removeRange(cursor, length);
      break;
    case CharCode.CTRL_L:
      text("\x1b[2J\x1b[H");
      redrawLine();
      break;
    case CharCode.CTRL_N:
      recall(recalled - 1);
      break;
    case CharCode.CTRL_P:
      recall(recalled + 1);
      break;
    case CharCode.CTRL_U:
      removeRange(0, cursor);
      break;
    case CharCode.CTRL_W:
      removeRange(wordStart(), cursor);
      break;
    case CharCode.NULL:
      break;
    default:
      put(CharCode.BELL);
  }
}

/** Takes a byte of a control sequence like ESC [ A (ECMA-48). Unknown sequences have no effect. */
function feedEscape(byte: i32): void {
  if (escapePhase == Escape.Started) {
    escapePhase = byte == CharCode.OPEN_BRACKET || byte == CharCode.UPPER_O ? Escape.Parameter : Escape.None;
    parameter = 0;
    return;
  }
  if (byte >= CharCode.DIGIT_0 && byte <= CharCode.QUESTION_MARK) {
    if (byte <= CharCode.DIGIT_9 && parameter < 1000) parameter = parameter * 10 + (byte - CharCode.DIGIT_0);
    return;
  }
  if (byte >= CharCode.SPACE && byte < CharCode.DIGIT_0) return;
  escapePhase = Escape.None;
  switch (byte) {
    case CharCode.UPPER_A: // up
      recall(recalled + 1);
      break;
    case CharCode.UPPER_B: // down
      recall(recalled - 1);
      break;
    case CharCode.UPPER_C: // right
      if (cursor < length) moveTo(cursor + 1);
      break;
    case CharCode.UPPER_D: // left
      if (cursor > 0) moveTo(cursor - 1);
      break;
    case CharCode.UPPER_F: // end
      moveTo(length);
      break;
    case CharCode.UPPER_H: // home
      moveTo(0);
      break;
    case CharCode.TILDE: // after a number
      if (parameter == 3 && cursor < length) removeRange(cursor, cursor + 1);
      else if (parameter == 1 || parameter == 7) moveTo(0);
      else if (parameter == 4 || parameter == 8) moveTo(length);
      break;
    default:
      break;
  }
}

function insert(byte: i32): void {
  if (length == LINE_BYTES) {
    put(CharCode.BELL);
    return;
  }
  memory.copy(line + cursor + 1, line + cursor, length - cursor);
  store<u8>(line + cursor, byte);
  length++;
  cursor++;
  put(byte);
  if (cursor < length) redrawTail();
}

/**
 * Completes the token at the cursor as far as all choices are the same. If there is only one, it also adds a
 * space. If no letter can be added, the first Tab rings the bell, and the second one (`again`) lists the
 * choices.
 */
function complete(again: bool): void {
  let start = cursor;
  while (start > 0 && load<u8>(line + start - 1) != CharCode.SPACE) start--;
  let end = cursor;
  while (end < length && load<u8>(line + end) != CharCode.SPACE) end++;
  completion.find(line, start, end);
  const found = completion.count();
  const typed = end - start;
  const common = found > 0 ? completion.commonLength(typed) : 0;
  const whole = found == 1 && common > 0;
  if (whole || common > typed) {
    if (common - typed > LINE_BYTES - length) {
      put(CharCode.BELL);
      return;
    }
    moveTo(end);
    for (let i = typed; i < common; i++) insert(completion.letterAt(i));
    if (whole && cursor == length) insert(CharCode.SPACE);
  } else if (found > 0 && again) {
    completion.list();
    redrawLine();
  } else {
    put(CharCode.BELL);
  }
}

function removeRange(from: u32, to: u32): void {
  if (from == to) return;
  memory.copy(line + from, line + to, length - to);
  moveTo(from);
  length -= to - from;
  redrawTail();
}

/** Prints the line from the cursor on, clears the rest of the screen's line, and moves the cursor back. */
function redrawTail(): void {
  for (let i = cursor; i < length; i++) put(load<u8>(line + i));
  text("\x1b[K");
  moveLeft(length - cursor);
}

function moveTo(position: u32): void {
  if (position < cursor) {
    moveLeft(cursor - position);
  } else {
    for (let i = cursor; i < position; i++) put(load<u8>(line + i));
  }
  cursor = position;
}

function moveLeft(columns: u32): void {
  if (columns == 0) return;
  if (columns == 1) {
    put(CharCode.BACKSPACE);
    return;
  }
  text("\x1b[");
  decimal(columns);
  put(CharCode.UPPER_D);
}

function wordStart(): u32 {
  let position = cursor;
  while (position > 0 && load<u8>(line + position - 1) == CharCode.SPACE) position--;
  while (position > 0 && load<u8>(line + position - 1) != CharCode.SPACE) position--;
  return position;
}

function remember(): void {
  if (length == 0) return;
  memory.copy(history + LINE_BYTES, history, LINE_BYTES * (HISTORY_LINES - 1));
  memory.copy(historyLengths + 4, historyLengths, 4 * (HISTORY_LINES - 1));
  memory.copy(history, line, length);
  store<u32>(historyLengths, length);
  if (remembered < HISTORY_LINES) remembered++;
}

/** Shows the line entered `back` lines ago; 0 is an empty line. */
function recall(back: i32): void {
  if (back < 0 || back > remembered) {
    put(CharCode.BELL);
    return;
  }
  moveTo(0);
  recalled = back;
  length = back == 0 ? 0 : load<u32>(historyLengths + ((back - 1) << 2));
  if (back > 0) memory.copy(line, history + (back - 1) * LINE_BYTES, length);
  redrawTail();
  moveTo(length);
}
