/**
 * The console's line editor: insertion anywhere, the usual control keys, arrow keys, a short
 * history. Only printable ASCII ever enters the line, with a question mark for each character beyond
 * it; everything else is a key or a bell, so any bytes of any length are harmless.
 */
import { HISTORY_LINES, LINE_BYTES } from "../capacities";
import { decimal, endLine, put, text } from "./output";

const line: usize = memory.data(LINE_BYTES);
const history: usize = memory.data(LINE_BYTES * HISTORY_LINES);
const historyLengths: usize = memory.data(HISTORY_LINES * 4, 4);

let length: u32 = 0;
let cursor: u32 = 0;
/** How far back in the history the line shown is; 0 is the line being written. */
let recalled: i32 = 0;
let remembered: i32 = 0;
let lastWasReturn: bool = false;
/** False from Enter until the next prompt, while a command prints. */
let editing: bool = false;

/** Where in an escape sequence the input is. */
enum Escape {
  None,
  Started,
  /** After ESC [ or ESC O, collecting a parameter. */
  Parameter,
}
let escapePhase: Escape = Escape.None;
let parameter: u32 = 0;

const BELL: u32 = 7;
const BACKSPACE: u32 = 8;
const QUESTION_MARK: u32 = 0x3f;

/** What a byte did to the line. */
export enum Edit {
  None,
  /** The line is complete: `lineStart`, `lineLength`. Call `beginLine` when done with it. */
  Enter,
  /** Ctrl-C: whatever runs should stop. */
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

/** Takes the prompt and the line off the screen, so that something can be printed there. */
export function clearLine(): void {
  if (!editing) return;
  text("\r\x1b[K");
}

/** Puts prompt, line and cursor back. */
export function redrawLine(): void {
  if (!editing) return;
  text("bmc> ");
  for (let i: u32 = 0; i < length; i++) put(load<u8>(line + i));
  moveLeft(length - cursor);
}

export function feed(byte: u32): Edit {
  const afterReturn = lastWasReturn;
  lastWasReturn = byte == 0x0d;
  if (escapePhase != Escape.None) {
    feedEscape(byte);
    return Edit.None;
  }
  if (byte >= 0x20 && byte < 0x7f) {
    insert(byte);
    return Edit.None;
  }
  switch (byte) {
    case 0x0a: // line feed: Enter, unless it only ends a CR LF
      if (afterReturn) return Edit.None;
      return enterLine();
    case 0x0d:
      return enterLine();
    case 0x03: // Ctrl-C
      text("^C");
      endLine();
      return Edit.Cancel;
    case 0x1b:
      escapePhase = Escape.Started;
      return Edit.None;
    default:
      // One for each character beyond ASCII: without it the rest might mean something else.
      if (byte >= 0xc0) insert(QUESTION_MARK);
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

function control(byte: u32): void {
  switch (byte) {
    case 0x08:
    case 0x7f: // Backspace, Delete key of many terminals
      if (cursor > 0) removeRange(cursor - 1, cursor);
      else put(BELL);
      break;
    case 0x01: // Ctrl-A
      moveTo(0);
      break;
    case 0x02: // Ctrl-B
      if (cursor > 0) moveTo(cursor - 1);
      break;
    case 0x04: // Ctrl-D
      if (cursor < length) removeRange(cursor, cursor + 1);
      break;
    case 0x05: // Ctrl-E
      moveTo(length);
      break;
    case 0x06: // Ctrl-F
      if (cursor < length) moveTo(cursor + 1);
      break;
    case 0x0b: // Ctrl-K
      removeRange(cursor, length);
      break;
    case 0x0c: // Ctrl-L
      text("\x1b[2J\x1b[H");
      redrawLine();
      break;
    case 0x0e: // Ctrl-N
      recall(recalled - 1);
      break;
    case 0x10: // Ctrl-P
      recall(recalled + 1);
      break;
    case 0x15: // Ctrl-U
      removeRange(0, cursor);
      break;
    case 0x17: // Ctrl-W
      removeRange(wordStart(), cursor);
      break;
    case 0x00: // sent by breaks and by some terminals on connection
      break;
    default:
      put(BELL);
  }
}

/** ESC [ A and its kind (ECMA-48 control sequences); unknown ones are swallowed whole. */
function feedEscape(byte: u32): void {
  if (escapePhase == Escape.Started) {
    escapePhase = byte == 0x5b || byte == 0x4f ? Escape.Parameter : Escape.None;
    parameter = 0;
    return;
  }
  if (byte >= 0x30 && byte <= 0x3f) {
    if (byte <= 0x39 && parameter < 1000) parameter = parameter * 10 + (byte - 0x30);
    return;
  }
  if (byte >= 0x20 && byte < 0x30) return;
  escapePhase = Escape.None;
  switch (byte) {
    case 0x41: // A, up
      recall(recalled + 1);
      break;
    case 0x42: // B, down
      recall(recalled - 1);
      break;
    case 0x43: // C, right
      if (cursor < length) moveTo(cursor + 1);
      break;
    case 0x44: // D, left
      if (cursor > 0) moveTo(cursor - 1);
      break;
    case 0x46: // F, end
      moveTo(length);
      break;
    case 0x48: // H, home
      moveTo(0);
      break;
    case 0x7e: // ~ after a number
      if (parameter == 3 && cursor < length) removeRange(cursor, cursor + 1);
      else if (parameter == 1 || parameter == 7) moveTo(0);
      else if (parameter == 4 || parameter == 8) moveTo(length);
      break;
    default:
      break;
  }
}

function insert(byte: u32): void {
  if (length == LINE_BYTES) {
    put(BELL);
    return;
  }
  memory.copy(line + cursor + 1, line + cursor, length - cursor);
  store<u8>(line + cursor, byte);
  length++;
  cursor++;
  put(byte);
  if (cursor < length) redrawTail();
}

function removeRange(from: u32, to: u32): void {
  if (from == to) return;
  memory.copy(line + from, line + to, length - to);
  moveTo(from);
  length -= to - from;
  redrawTail();
}

/** Prints what stands behind the cursor, clears what stood there before, and returns. */
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
    put(BACKSPACE);
    return;
  }
  text("\x1b[");
  decimal(columns);
  put(0x44);
}

function wordStart(): u32 {
  let position = cursor;
  while (position > 0 && load<u8>(line + position - 1) == 0x20) position--;
  while (position > 0 && load<u8>(line + position - 1) != 0x20) position--;
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
    put(BELL);
    return;
  }
  moveTo(0);
  recalled = back;
  length = back == 0 ? 0 : load<u32>(historyLengths + ((back - 1) << 2));
  if (back > 0) memory.copy(line, history + (back - 1) * LINE_BYTES, length);
  redrawTail();
  moveTo(length);
}
