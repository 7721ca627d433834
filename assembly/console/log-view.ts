/**
 * The `log` command. Printing the boot log takes longer than one pass may take. So this file keeps a position
 * and continues from there whenever the console has room.
 */
import * as bootLog from "../boot/boot-log";
import { LOG_BYTES_PER_PASS } from "../capacities";
import { PORT_CONSOLE, uart_write } from "../generated/abi";
import { CharCode } from "./char-code";
import { decimal, endLine, flush, free, put, setTerminal, Terminal, terminal, text } from "./output";

enum Phase {
  /** Searching backwards for the beginning of the last lines. */
  Searching,
  Printing,
}

let phase: Phase = Phase.Printing;
/** Goes on with new bytes until Ctrl-C. */
let follow: bool = false;
let position: u64 = 0;
/** The position at which `log` ends without `-f`: the end of the log when the command was entered. */
let end: u64 = 0;
let linesWanted: u32 = 0;
/** Bytes overwritten before they could be printed. */
let missed: u64 = 0;
let lastPrinted: u32 = CharCode.LINE_FEED;

export function isActive(): bool {
  return terminal >= Terminal.LOG;
}

/** Begins to print the last `lines` lines, or everything kept if that is 0. `exact` prints the raw bytes. */
export function begin(lines: u32, following: bool, exact: bool): void {
  follow = following;
  setTerminal(exact ? Terminal.RAW_LOG : Terminal.LOG);
  linesWanted = lines;
  missed = 0;
  lastPrinted = CharCode.LINE_FEED;
  end = bootLog.captured;
  position = lines == 0 ? bootLog.oldest() : end;
  phase = lines == 0 ? Phase.Printing : Phase.Searching;
  if (lines == 0) begun();
}

/** Stops printing, after Ctrl-C. */
export function cancel(): void {
  if (isActive()) finish();
}

/**
 * Searches or prints the next part. True if it wants to continue as soon as the console has room, without
 * waiting for an event.
 */
export function step(): bool {
  if (phase == Phase.Searching) {
    search();
    return true;
  }
  return terminal == Terminal.RAW_LOG ? copy() : print();
}

function begun(): void {
  if (terminal != Terminal.RAW_LOG) return;
  text("raw log from byte ");
  decimal(position);
  endLine();
}

/** Moves `position` back over line ends until enough lines follow it. */
function search(): void {
  const oldest = bootLog.oldest();
  for (let i: u32 = 0; i < LOG_BYTES_PER_PASS; i++) {
    if (position <= oldest) {
      position = oldest;
      break;
    }
    // A line end at the very end of the log does not begin another line.
    if (bootLog.byteAt(position - 1) == CharCode.LINE_FEED && position != end) {
      linesWanted--;
      if (linesWanted == 0) break;
    }
    position--;
    if (i == LOG_BYTES_PER_PASS - 1) return;
  }
  phase = Phase.Printing;
  begun();
}

function limit(): u64 {
  return follow ? bootLog.captured : end;
}

function skipOverwritten(): void {
  const oldest = bootLog.oldest();
  if (position >= oldest) return;
  missed += oldest - position;
  position = oldest;
}

/** Copies bytes exactly as they came, from the ring directly to the host. */
function copy(): bool {
  if (!flush()) return false;
  for (;;) {
    skipOverwritten();
    if (position >= limit()) break;
    const length = min(bootLog.contiguousFrom(position), <u32>(limit() - position));
    const taken = uart_write(PORT_CONSOLE, bootLog.addressOf(position), length);
    position += taken;
    if (taken < length) return false;
  }
  if (!follow) finish();
  return false;
}

/** Prints bytes without control characters, so that a compute board cannot control the user's terminal. */
function print(): bool {
  skipOverwritten();
  for (let i: u32 = 0; i < LOG_BYTES_PER_PASS; i++) {
    if (position >= limit()) {
      if (!follow) finish();
      return false;
    }
    // Room for this byte, which may take two, and for the closing lines.
    if (free() < 128) return true;
    const byte = bootLog.byteAt(position);
    position++;
    printSafely(byte);
  }
  return true;
}

function printSafely(byte: i32): void {
  if (byte == CharCode.CARRIAGE_RETURN) return;
  if (byte == CharCode.LINE_FEED) endLine();
  else
    put(
      (byte >= CharCode.SPACE && byte < CharCode.DELETE) || byte == CharCode.TAB ? byte : CharCode.FULL_STOP,
    );
  lastPrinted = byte;
}

function finish(): void {
  const wasRaw = terminal == Terminal.RAW_LOG;
  setTerminal(Terminal.LINE);
  if (wasRaw) {
    endLine();
    text("raw log to byte ");
    decimal(position);
    text(", ");
    decimal(<u64>bootLog.dropped() + missed);
    text(" dropped");
    endLine();
    return;
  }
  if (lastPrinted != CharCode.LINE_FEED) endLine();
  if (missed == 0) return;
  text("(");
  decimal(missed);
  text(" bytes were overwritten before they could be shown)");
  endLine();
}
