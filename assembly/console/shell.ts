/**
 * The debug console. It takes input, runs the command of each line, and continues long answers over several
 * passes.
 *
 * The commands are in abi/console.ts. `parse` (command-line.ts) matches a line with them and returns a form,
 * whose function `run` calls.
 */

import {
  COMMAND_OUTPUT_BYTES,
  EXCESS_INPUT_BYTES,
  INPUT_BYTES,
  INPUT_BYTES_PER_PASS,
  REMOTE_INPUT_BYTES,
} from "../capacities";
import { PORT_CONSOLE, restart, uart_read } from "../generated/abi";
import { EXIT_COMMAND, Form, LINES_MAXIMUM, LogOption } from "../generated/console";
import { Answer, Command, Origin, restorePolicyText, stateText } from "../generated/vocabulary";
import * as power from "../power/power";
import * as supervision from "../protection/supervision";
import { clearExtremes } from "../sensors/sensors";
import * as settings from "../settings/settings";
import * as calibrate from "./calibrate";
import { CharCode } from "./char-code";
import { isName, lastChoice, parse, sensorNamed } from "./command-line";
import * as help from "./help";
import { beginLine, Edit, feed, lineLength, lineStart } from "./line-editor";
import * as listing from "./listing";
import { Listing } from "./listing";
import * as logView from "./log-view";
import * as notices from "./notices";
import { decimal, endLine, flush, free, key, releaseHeld, text, wrapLines } from "./output";
import * as powerView from "./power-view";
import * as report from "./report";
import { readings } from "./sensor-view";
import * as tokens from "./tokens";

const input: usize = memory.data(INPUT_BYTES + EXCESS_INPUT_BYTES);
let inputFilled: u32 = 0;
let inputUsed: u32 = 0;
/** Bytes typed during a long answer that did not fit. */
let inputLost: u32 = 0;
/** These end in the middle of a line, whose rest is still to come. */
let cutsLine: bool = false;
const remote: usize = memory.data(REMOTE_INPUT_BYTES);
let remoteFilled: u32 = 0;
assert(REMOTE_INPUT_BYTES <= INPUT_BYTES && REMOTE_INPUT_BYTES <= EXCESS_INPUT_BYTES);
let started_us: u64 = 0;

export function start(now_us: u64): void {
  started_us = now_us;
  report.banner();
  report.restartLine();
  beginLine();
  flush(); // sending takes milliseconds, during which the other parts start
}

/** One pass. True if there is more to do that needs no event. */
export function step(now_us: u64): bool {
  notices.follow(now_us);
  let more = takeInput(now_us);
  if (isBusy()) {
    more = logView.isActive() ? logView.step() : listing.step();
    if (!isBusy()) {
      ended();
      more = true; // input may have waited for the end, and no further event comes for it
    }
  }
  const drained = flush();
  return more && drained;
}

/** True while a long answer is printed. */
function isBusy(): bool {
  return logView.isActive() || listing.isActive();
}

/**
 * While a long answer is printed, input waits in the buffer. Ctrl-C alone takes effect: it ends the answer,
 * and discards what was typed before it. So input must be read even when the buffer is full. False when there
 * is no more of it.
 */
function listenForCancel(): bool {
  memory.copy(input, input + inputUsed, inputFilled - inputUsed);
  inputFilled -= inputUsed;
  inputUsed = 0;
  const typed = receive(input + inputFilled, INPUT_BYTES + EXCESS_INPUT_BYTES - inputFilled);
  inputFilled += typed;
  for (let at: u32 = 0; at < inputFilled; at++) {
    if (load<u8>(input + at) != CharCode.CTRL_C) continue;
    inputUsed = at + 1;
    inputLost = 0;
    cutsLine = false;
    if (logView.isActive()) logView.cancel();
    else listing.cancel();
    ended();
    return true;
  }
  if (inputFilled <= INPUT_BYTES) return typed > 0;
  cutsLine = !isEnter(load<u8>(input + inputFilled - 1));
  inputLost += inputFilled - INPUT_BYTES;
  inputFilled = INPUT_BYTES;
  return true;
}

function takeInput(now_us: u64): bool {
  while (isBusy()) {
    if (!listenForCancel()) return false;
  }
  for (let i: u32 = 0; i < INPUT_BYTES_PER_PASS; i++) {
    // A command waits, and its input stays in the buffer, until the queue has room for its answer.
    if (free() < COMMAND_OUTPUT_BYTES && !flush()) return false;
    if (free() < COMMAND_OUTPUT_BYTES) return true;
    if (inputUsed == inputFilled) {
      inputFilled = receive(input, INPUT_BYTES);
      inputUsed = 0;
      if (inputFilled == 0) return false;
    }
    // One command in a pass, so that power and boot log are served between two of them.
    if (take(now_us, load<u8>(input + inputUsed++))) return true;
  }
  return true;
}

/** Reads what was typed, with room for at least REMOTE_INPUT_BYTES. Returns its length. */
function receive(to: usize, room: u32): u32 {
  let length = received(to, room);
  while (cutsLine && length > 0) {
    let rest: u32 = 0;
    for (; cutsLine && rest < length; rest++) {
      const byte = load<u8>(to + rest);
      if (byte == CharCode.CTRL_C) break;
      cutsLine = !isEnter(byte);
    }
    length -= rest;
    memory.copy(to, to + rest, length);
    if (length > 0) break;
    length = received(to, room);
  }
  return length;
}

function received(to: usize, room: u32): u32 {
  const length = uart_read(PORT_CONSOLE, to, room);
  return length == 0 ? takeRemote(to) : length;
}

function isEnter(byte: u32): bool {
  return byte == CharCode.CARRIAGE_RETURN || byte == CharCode.LINE_FEED;
}

/** Takes input over the SMBus as if it were typed. False, without taking any, if not all of it fits. */
export function typeRemotely(bytes: usize, length: u32): bool {
  if (length > REMOTE_INPUT_BYTES - remoteFilled) return false;
  memory.copy(remote + remoteFilled, bytes, length);
  remoteFilled += length;
  return true;
}

/** Moves the input over the SMBus to this place in the input buffer, which has room. Returns its length. */
function takeRemote(to: usize): u32 {
  const length = remoteFilled;
  memory.copy(to, remote, length);
  remoteFilled = 0;
  return length;
}

/** True if the byte completed a command. */
function take(now_us: u64, byte: u32): bool {
  switch (feed(byte)) {
    case Edit.Enter:
      tokens.split(lineStart(), lineLength());
      wrapLines(true);
      if (tokens.count > 0) run(now_us);
      wrapLines(false);
      if (!isBusy()) beginLine();
      return true;
    case Edit.Cancel:
      beginLine();
      return false;
    default:
      return false;
  }
}

/** After a long answer: prints the notices held back, and a prompt. Then the input that waits is taken. */
function ended(): void {
  releaseHeld();
  if (inputLost > 0) {
    text("warning: ");
    decimal(inputLost);
    text(" characters typed during the answer did not fit; their lines are dropped\r\n");
    inputLost = 0;
    // The head of one line and the tail of another would make a command that was never typed.
    while (inputFilled > inputUsed && !isEnter(load<u8>(input + inputFilled - 1))) inputFilled--;
  }
  beginLine();
}

function run(now_us: u64): void {
  const form = parse();
  switch (form) {
    case Form.Help:
    case Form.HelpCommand:
    case Form.Exit:
      showHelp(form);
      break;
    case Form.Status:
      report.status(now_us);
      break;
    case Form.Power:
      listing.begin(Listing.History);
      break;
    case Form.PowerOn:
      request(now_us, Command.On);
      break;
    case Form.PowerOff:
      request(now_us, Command.Off);
      break;
    case Form.PowerForceOff:
      request(now_us, Command.ForceOff);
      break;
    case Form.PowerCycle:
      request(now_us, Command.Cycle);
      break;
    case Form.PowerReset:
      request(now_us, Command.Reset);
      break;
    case Form.Fault:
      powerView.fault();
      break;
    case Form.FaultTrace:
      if (powerView.traceHeading()) listing.begin(Listing.Trace);
      break;
    case Form.FaultClear:
      request(now_us, Command.ClearFault);
      break;
    case Form.Events:
      listing.begin(Listing.Events);
      break;
    case Form.Log:
      beginLog();
      break;
    case Form.Sensors:
      readings();
      break;
    case Form.SensorsClear:
      clearExtremes();
      break;
    case Form.Calibrate:
      calibrate.showCalibration();
      break;
    case Form.CalibrateSensorReading:
      calibrateSensor(now_us);
      break;
    case Form.CalibrateSensorReset:
      calibrate.resetCalibration(now_us, sensorNamed(1));
      break;
    case Form.Policy:
      showPolicy();
      break;
    case Form.PolicyRestorePolicy:
      power.setPolicy(now_us, lastChoice, Origin.Console);
      report.unsavedNote(now_us);
      break;
    case Form.Version:
      report.version();
      break;
    case Form.Uptime:
      report.uptime(now_us, started_us);
      break;
    case Form.Reboot:
      reboot(now_us);
      break;
    default: // refused, and `parse` has printed why
      break;
  }
}

function showHelp(form: Form): void {
  if (form == Form.Help) help.list();
  else if (form == Form.HelpCommand) help.explain(lastChoice);
  else help.explanation(EXIT_COMMAND);
}

function request(now_us: u64, command: Command): void {
  const given = power.request(now_us, command, Origin.Console);
  notices.follow(now_us); // so that the notices come before the answer
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
      if (supervision.isFaultLimitExceeded()) text("error: a fault limit is exceeded, see `sensors`\r\n");
      else {
        text("error: a sensor reads nonsense, see `sensors`; after its repair, `fault clear`\r\n");
        text("if its rail is fed from outside (HDMI, USB, PoE), `fault clear` too\r\n");
      }
      break;
    case Answer.NoFault:
      text("no fault is latched\r\n");
      break;
    default:
      break;
  }
}

/** Checks the value, whose range depends on the sensor, and takes the point. */
function calibrateSensor(now_us: u64): void {
  const quantity = sensorNamed(1);
  const largest = calibrate.largestValueOf(quantity);
  const milli = tokens.count > 2 ? tokens.signedNumber(2, largest) : tokens.NOT_A_NUMBER;
  if (milli == tokens.NOT_A_NUMBER || milli < calibrate.smallestValueOf(quantity))
    calibrate.refuseValue(quantity);
  else calibrate.calibrate(now_us, quantity, milli);
  report.unsavedNote(now_us);
}

/** Restarts the BMC. Settings that were accepted are saved first, even if they should wait. */
function reboot(now_us: u64): void {
  settings.setPowerWanted(power.isWanted());
  if (!settings.save(now_us, true)) text("warning: flash does not take the last settings, they are lost\r\n");
  text("restarting the BMC; the compute board keeps its power\r\n");
  restart();
}

function showPolicy(): void {
  key("policy");
  text(restorePolicyText(settings.restorePolicy()));
  endLine();
}

function beginLog(): void {
  let lines = 0;
  let follow = false;
  let raw = false;
  for (let token = 1; token < tokens.count; token++) {
    if (isName(token, LogOption.F)) follow = true;
    else if (isName(token, LogOption.Raw)) raw = true;
    else lines = tokens.number(++token, LINES_MAXIMUM);
  }
  logView.begin(lines, follow, raw);
}
