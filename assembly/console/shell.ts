/**
 * The debug console's commands: what a line means, who may run it and what is said when it
 * cannot be. Whatever could hurt needs --yes; whatever is not understood gets one line that
 * names the nearest thing that would be.
 */
import {
  COMMAND_OUTPUT_BYTES,
  INPUT_BYTES,
  INPUT_BYTES_PER_PASS,
  LINE_WORDS,
  REMOTE_INPUT_BYTES,
} from "../capacities";
import { PORT_CONSOLE, restart, uart_read } from "../generated/abi";
import { Answer, Command, Origin, stateText } from "../generated/vocabulary";
import * as power from "../power/power";
import * as supervision from "../protection/supervision";
import { clearExtremes } from "../sensors/sensors";
import * as calibrate from "./calibrate";
import { beginLine, Edit, feed, lineLength, lineStart } from "./line-editor";
import * as listing from "./listing";
import { Listing } from "./listing";
import * as logView from "./log-view";
import * as notices from "./notices";
import { endLine, flush, free, releaseHeld, text } from "./output";
import * as policy from "./policy";
import * as powerView from "./power-view";
import * as report from "./report";
import { readings } from "./sensor-view";
import * as words from "./tokens";

const COMMANDS: StaticArray<string> = [
  "help",
  "status",
  "power",
  "log",
  "sensors",
  "fault",
  "events",
  "calibrate",
  "policy",
  "version",
  "uptime",
  "reboot",
];
const POWER_VERBS: StaticArray<string> = ["on", "off", "force-off", "cycle", "reset"];
const LOG_OPTIONS: StaticArray<string> = ["-n", "-f", "--raw"];
const FAULT_VERBS: StaticArray<string> = ["trace", "clear"];
const SENSORS_OPTIONS: StaticArray<string> = ["--clear"];
const CONFIRMATIONS: StaticArray<string> = ["--yes"];
const MAXIMUM_LINES = 100000;

const input: usize = memory.data(INPUT_BYTES);
let inputFilled: u32 = 0;
let inputUsed: u32 = 0;
const remote: usize = memory.data(REMOTE_INPUT_BYTES);
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
  notices.follow(now_us);
  let more = takeInput(now_us);
  if (isBusy()) {
    const wantsMore = logView.isActive() ? logView.step() : listing.step();
    if (!isBusy()) ended();
    more = more || wantsMore;
  }
  const drained = flush();
  return more && drained;
}

/** A long answer is under way. */
function isBusy(): bool {
  return logView.isActive() || listing.isActive();
}

/** While a list is printed what is typed waits, but for Ctrl-C: it ends the list, and what came before it. */
function listenForCancel(): void {
  if (inputUsed == inputFilled) {
    inputFilled = uart_read(PORT_CONSOLE, input, INPUT_BYTES);
    inputUsed = 0;
  }
  for (let at = inputUsed; at < inputFilled; at++) {
    if (load<u8>(input + at) != 0x03) continue;
    inputUsed = at + 1;
    listing.cancel();
    ended();
    return;
  }
}

function takeInput(now_us: u64): bool {
  if (listing.isActive()) {
    listenForCancel();
    if (listing.isActive()) return false;
  }
  for (let i: u32 = 0; i < INPUT_BYTES_PER_PASS; i++) {
    // A command that could not print its answer waits; its bytes stay where they are. Not so while
    // a log runs: it may keep the queue full for ever, and Ctrl-C must be heard then most of all.
    if (!isBusy()) {
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
      if (!isBusy()) beginLine();
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
    runSensors();
  } else if (words.is(0, "fault")) {
    runFault(now_us);
  } else if (words.is(0, "events")) {
    if (alone()) listing.begin(Listing.Events);
  } else if (words.is(0, "calibrate")) {
    runCalibrate(now_us);
  } else if (words.is(0, "policy")) {
    runPolicy(now_us);
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
    listing.begin(Listing.History);
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
  const given = power.request(now_us, command, Origin.Console);
  notices.follow(now_us); // above the answer
  const isForOn = command == Command.Cycle || command == Command.Reset;
  if (isForOn && given == Answer.AlreadyOff) {
    text("error: nothing to do that with: the slot is ");
    text(stateText(power.state()));
    endLine();
  } else {
    answer(given);
  }
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
      text(stateText(power.state()));
      text(", try again when that is done\r\n");
      break;
    case Answer.NotPresent:
      text("error: no compute board in the slot\r\n");
      break;
    case Answer.Faulted:
      text("error: a fault is latched, see `fault`; `fault clear` lets the slot come up again\r\n");
      break;
    case Answer.NoInput:
      text("error: no input power, see `sensors`\r\n");
      break;
    case Answer.Inhibited:
      if (supervision.isBeyond()) text("error: a fault limit is exceeded, see `sensors`\r\n");
      else text("error: a sensor reads nonsense, see `sensors`; when it is mended: `fault clear`\r\n");
      break;
    case Answer.NoFault:
      text("no fault is latched\r\n");
      break;
    default:
      break;
  }
}

function runSensors(): void {
  if (words.count == 1) {
    readings();
  } else if (!words.is(1, "--clear")) {
    unknown("option", 1, SENSORS_OPTIONS);
  } else if (words.count > 2) {
    text("error: nothing may follow --clear\r\n");
  } else {
    clearExtremes();
  }
}

function runFault(now_us: u64): void {
  if (words.count == 1) {
    powerView.fault();
  } else if (words.count > 2) {
    text("error: nothing may follow ");
    words.quote(1);
    endLine();
  } else if (words.is(1, "trace")) {
    if (powerView.traceHeading()) listing.begin(Listing.Trace);
  } else if (words.is(1, "clear")) {
    const given = power.request(now_us, Command.ClearFault, Origin.Console);
    notices.follow(now_us);
    answer(given);
  } else {
    unknown("word", 1, FAULT_VERBS);
  }
}

function runCalibrate(now_us: u64): void {
  if (words.count == 1) {
    calibrate.showCalibration();
    return;
  }
  const quantity = calibrate.sensorNamed(1);
  if (quantity < 0) {
    unknown("sensor", 1, calibrate.SENSOR_NAMES);
    return;
  }
  if (words.count == 3 && words.is(2, "--reset")) {
    calibrate.resetCalibration(now_us, quantity);
    return;
  }
  const milli = words.count == 3 ? words.signedNumber(2, calibrate.mostOf(quantity)) : words.NOT_A_NUMBER;
  if (milli == words.NOT_A_NUMBER || milli < calibrate.leastOf(quantity)) calibrate.refuseValue(quantity);
  else calibrate.calibrate(now_us, quantity, milli);
}

function runPolicy(now_us: u64): void {
  if (words.count == 1) {
    policy.show();
    return;
  }
  for (let named = 0; named < policy.NAMES.length; named++) {
    if (!words.is(1, unchecked(policy.NAMES[named]))) continue;
    if (words.count > 2) text("error: nothing may follow the policy\r\n");
    else power.setPolicy(now_us, named, Origin.Console);
    return;
  }
  text("error: unknown policy ");
  words.quote(1);
  text(", there are last, always-on and always-off\r\n");
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
