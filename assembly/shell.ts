/**
 * The debug console's commands: what a line means, who may run it and what is said when it
 * cannot be. Whatever could hurt needs --yes; whatever is not understood gets one line that
 * names the nearest thing that would be.
 */
import { PORT_CONSOLE, restart, uart_read } from "./generated/abi";
import {
  COMMAND_OUTPUT_BYTES,
  INPUT_BYTES,
  INPUT_BYTES_PER_PASS,
  LINE_WORDS,
  REMOTE_INPUT_BYTES,
} from "./limits";
import { beginLine, Edit, feed, lineLength, lineStart } from "./line-editor";
import * as logView from "./log-view";
import { endLine, flush, free, releaseHeld, text } from "./output";
import * as power from "./power";
import * as report from "./report";
import { Answer, Command } from "./sequencer";
import * as words from "./words";

const COMMANDS: StaticArray<string> = [
  "help",
  "status",
  "power",
  "log",
  "sensors",
  "version",
  "uptime",
  "reboot",
];
const POWER_VERBS: StaticArray<string> = ["on", "off", "force-off", "cycle", "reset"];
const LOG_OPTIONS: StaticArray<string> = ["-n", "-f", "--raw"];
const CONFIRMATIONS: StaticArray<string> = ["--yes"];
const MAXIMUM_LINES = 100000;

const input: usize = memory.data(64);
let inputFilled: u32 = 0;
let inputUsed: u32 = 0;
const remote: usize = memory.data(64);
let remoteFilled: u32 = 0;
assert(REMOTE_INPUT_BYTES <= INPUT_BYTES);
let started_us: u64 = 0;

export function start(now_us: u64): void {
  started_us = now_us;
  report.banner();
  report.restartLine();
  beginLine();
  flush(); // the line takes milliseconds for this, in which the rest can start
}

/** Reads, runs and prints what can be now. True if there is more to do without waiting for an event. */
export function step(now_us: u64): bool {
  let more = takeInput(now_us);
  if (logView.isActive()) {
    const wantsMore = logView.step();
    if (!logView.isActive()) ended();
    more = more || wantsMore;
  }
  const drained = flush();
  return more && drained;
}

function takeInput(now_us: u64): bool {
  for (let i: u32 = 0; i < INPUT_BYTES_PER_PASS; i++) {
    // A command that could not print its answer waits; its bytes stay where they are. Not so while
    // a log runs: it may keep the queue full for ever, and Ctrl-C must be heard then most of all.
    if (!logView.isActive()) {
      if (free() < COMMAND_OUTPUT_BYTES && !flush()) return false;
      if (free() < COMMAND_OUTPUT_BYTES) return true;
    }
    if (inputUsed == inputFilled) {
      inputFilled = uart_read(PORT_CONSOLE, input, INPUT_BYTES);
      if (inputFilled == 0) inputFilled = takeRemote();
      inputUsed = 0;
      if (inputFilled == 0) return false;
    }
    // One command a pass: between two of them power and boot log get their turn.
    if (take(now_us, load<u8>(input + inputUsed++))) return true;
  }
  return true;
}

/** Input over the SMBus, as if typed: all of it, or nothing and false while there is no room. */
export function typeRemotely(bytes: usize, length: u32): bool {
  if (length > REMOTE_INPUT_BYTES - remoteFilled) return false;
  memory.copy(remote + remoteFilled, bytes, length);
  remoteFilled += length;
  return true;
}

/** Everything typed remotely into the input buffer, which is as large. */
function takeRemote(): u32 {
  const length = remoteFilled;
  memory.copy(input, remote, length);
  remoteFilled = 0;
  return length;
}

/** True if the byte completed a command. */
function take(now_us: u64, byte: u32): bool {
  if (logView.isActive()) {
    // Only Ctrl-C means anything while a log runs; echoes would mix into it.
    if (byte != 0x03) return false;
    logView.cancel();
    ended();
    return true;
  }
  switch (feed(byte)) {
    case Edit.Enter:
      words.split(lineStart(), lineLength());
      if (words.count > 0) run(now_us);
      if (!logView.isActive()) beginLine();
      return true;
    case Edit.Cancel:
      beginLine();
      return false;
    default:
      return false;
  }
}

function ended(): void {
  releaseHeld();
  beginLine();
}

function run(now_us: u64): void {
  if (words.count > LINE_WORDS) {
    text("error: too many words\r\n");
  } else if (words.is(0, "help")) {
    if (alone()) report.help();
  } else if (words.is(0, "status")) {
    if (alone()) report.status(now_us);
  } else if (words.is(0, "power")) {
    runPower(now_us);
  } else if (words.is(0, "log")) {
    runLog();
  } else if (words.is(0, "sensors")) {
    if (alone()) report.readings();
  } else if (words.is(0, "version")) {
    if (alone()) report.version();
  } else if (words.is(0, "uptime")) {
    if (alone()) report.uptime(now_us, started_us);
  } else if (words.is(0, "reboot")) {
    if (!confirmed(1)) return;
    text("restarting the BMC; the compute board keeps its power\r\n");
    restart();
  } else {
    unknown("command", 0, COMMANDS);
  }
}

/** Says that a word is not understood and which one would be. */
function unknown(kind: string, word: i32, names: StaticArray<string>): void {
  text("error: unknown ");
  text(kind);
  text(" ");
  words.quote(word);
  text(', did you mean "');
  text(words.nearest(word, names));
  text('"?\r\n');
}

/** For commands that take no further word. */
function alone(): bool {
  if (words.count == 1) return true;
  text("error: nothing may follow ");
  words.quote(0);
  endLine();
  return false;
}

/** True if the word at `index` is --yes and the last; otherwise says what is missing. */
function confirmed(index: i32): bool {
  if (words.count == index) {
    text("error: this needs --yes at the end\r\n");
    return false;
  }
  if (!words.is(index, "--yes")) {
    unknown("option", index, CONFIRMATIONS);
    return false;
  }
  if (words.count == index + 1) return true;
  text("error: nothing may follow --yes\r\n");
  return false;
}

function runPower(now_us: u64): void {
  if (words.count == 1) {
    text("error: power needs one of on, off, force-off, cycle, reset\r\n");
    return;
  }
  let command = Command.On;
  if (words.is(1, "on")) {
    if (words.count > 2 && !confirmed(2)) return;
  } else {
    if (words.is(1, "off")) command = Command.Off;
    else if (words.is(1, "force-off")) command = Command.ForceOff;
    else if (words.is(1, "cycle")) command = Command.Cycle;
    else if (words.is(1, "reset")) command = Command.Reset;
    else {
      unknown("power command", 1, POWER_VERBS);
      return;
    }
    if (!confirmed(2)) return;
  }
  answer(power.request(now_us, command));
}

function answer(given: Answer): void {
  switch (given) {
    case Answer.AlreadyOn:
      text("already on\r\n");
      break;
    case Answer.AlreadyOff:
      text("already off\r\n");
      break;
    case Answer.Busy:
      text("error: ");
      text(power.stateText());
      text(", try again when that is done\r\n");
      break;
    case Answer.NotPresent:
      text("error: no compute board in the slot\r\n");
      break;
    default:
      break;
  }
}

function runLog(): void {
  let lines = 0;
  let follow = false;
  let raw = false;
  for (let word = 1; word < words.count; word++) {
    if (words.is(word, "-f")) {
      follow = true;
    } else if (words.is(word, "--raw")) {
      raw = true;
    } else if (words.is(word, "-n")) {
      lines = ++word < words.count ? words.number(word, MAXIMUM_LINES) : -1;
      if (lines <= 0) {
        text("error: -n needs a number of lines, 1 to 100000\r\n");
        return;
      }
    } else {
      unknown("option", word, LOG_OPTIONS);
      return;
    }
  }
  logView.begin(lines, follow, raw);
}
