/**
 * Carries out what the sequencer decides: drives the output signals, tells the console, lights
 * the status LED. The one place where power decisions become effects.
 */
import * as bootStage from "./boot-stage";
import {
  NO_DEADLINE,
  retained_read,
  retained_write,
  SIGNAL_COMPUTE_RUN,
  SIGNAL_LED_STATUS,
  SIGNAL_SHUTDOWN_REQ,
  signals_fell,
  signals_read,
  signals_write,
} from "./generated/abi";
import { RAIL_COUNT, RAIL_ENABLE, RAIL_NAME, RAIL_POWER_GOOD_TIMEOUT_MS } from "./generated/board";
import { beginNotice, endNotice } from "./notice";
import { decimal, text } from "./output";
import { sample, v3v3_mv, v5_mv, vin_mv } from "./sensors";
import { Answer, Command, Reason, Sequencer, State } from "./sequencer";

/** A step does one transition; more than this in one pass would be a loop in the state machine. */
const STEPS_PER_PASS = 16;
/** Half a period of the blinking that shows a latched fault. Chosen: slow enough to count as idle. */
const BLINK_US: u64 = 500000;

const sequencer = new Sequencer();

// What the converter said at the moment of the latched fault.
let fault_vin_mv: u32 = 0;
let fault_v5_mv: u32 = 0;
let fault_v3v3_mv: u32 = 0;
let lastReason: Reason = Reason.Start;
let lastRail: i32 = 0;
let lastFaultAt_us: u64 = 0;
let faults: u32 = 0;
let reportedFault: Reason = Reason.Start;
/** False for a fault adopted from before a restart: its readings are gone. */
let faultMeasured: bool = false;
/** The word last kept for the next life. */
let remembered: u32 = 0;
let rememberedHaltArmed: bool = false;

let blinkLit: bool = false;
let blink_us: u64 = NO_DEADLINE;

/** Takes over what the pins show. After a restart this changes no output. */
export function start(now_us: u64): void {
  sequencer.adopt(now_us, signals_read(), retained_read());
  reportedFault = sequencer.faultReason;
  faultMeasured = false;
  if (isFaulted()) {
    lastReason = sequencer.faultReason;
    lastRail = sequencer.faultRail;
  }
  if (sequencer.reason == Reason.Adopted) announce(now_us);
  drive();
}

export function state(): State {
  return sequencer.state;
}

export function entered_us(): u64 {
  return sequencer.entered_us;
}

/** When `step` wants to be called again. */
export function deadline_us(): u64 {
  return min(sequencer.nextDeadline_us(), blink_us);
}

export function request(now_us: u64, command: Command): Answer {
  const before = sequencer.entered_us;
  const stateBefore = sequencer.state;
  const answer = sequencer.request(now_us, command, signals_read());
  if (sequencer.state != stateBefore || sequencer.entered_us != before) transitioned(now_us);
  return answer;
}

export function step(now_us: u64): void {
  const fell = signals_fell();
  for (let i = 0; i < STEPS_PER_PASS; i++) {
    if (!sequencer.step(now_us, signals_read(), i == 0 ? fell : 0)) break;
    transitioned(now_us);
  }
  if (sequencer.haltArmed != rememberedHaltArmed) remember();
  blink(now_us);
}

function transitioned(now_us: u64): void {
  drive();
  if (sequencer.faultReason != Reason.Start && reportedFault == Reason.Start) {
    // After the outputs: the readings may wait, the rails may not.
    sample();
    fault_vin_mv = vin_mv();
    fault_v5_mv = v5_mv();
    fault_v3v3_mv = v3v3_mv();
    faultMeasured = true;
    noteFault();
  }
  const isReleased = sequencer.reason == Reason.RunReleased || sequencer.reason == Reason.ResetDone;
  if (isReleased) bootStage.released();
  announce(now_us);
  reportedFault = sequencer.faultReason;
}

/** The record of the last fault, which the next `power on` does not clear. */
function noteFault(): void {
  lastReason = sequencer.faultReason;
  lastRail = sequencer.faultRail;
  lastFaultAt_us = sequencer.fault_us;
  faults++;
}

function drive(): void {
  remember(); // before the outputs: a restart between the two completes the transition
  // First the reset: going down, the compute board stops before its supply does. Going up,
  // COMPUTE_RUN is released in a state of its own, with all rails enabled long before.
  signals_write(SIGNAL_COMPUTE_RUN | SIGNAL_SHUTDOWN_REQ, sequencer.outputs);
  let enables: u32 = 0;
  for (let rail = 0; rail < RAIL_COUNT; rail++) enables |= unchecked(RAIL_ENABLE[rail]);
  signals_write(enables, sequencer.outputs);
  light(sequencer.state == State.On);
  blink_us = sequencer.state == State.Fault ? 0 : NO_DEADLINE;
}

/** Keeps what a restart must know, and only when it has changed: an import is not cheap. */
function remember(): void {
  rememberedHaltArmed = sequencer.haltArmed;
  const memory = sequencer.memory();
  if (memory == remembered) return;
  remembered = memory;
  retained_write(memory);
}

function light(lit: bool): void {
  blinkLit = lit;
  signals_write(SIGNAL_LED_STATUS, lit ? SIGNAL_LED_STATUS : 0);
}

function blink(now_us: u64): void {
  if (now_us < blink_us) return;
  light(!blinkLit);
  blink_us = now_us + BLINK_US;
}

/** One line on the console for each transition that a person would want to know of. */
function announce(now_us: u64): void {
  const reason = sequencer.reason;
  if (reason == Reason.Adopted) {
    beginNotice(now_us);
    text("power: ");
    text(stateText());
    text(", as found after the restart");
    endNotice();
    return;
  }
  if (sequencer.faultReason != Reason.Start && reportedFault == Reason.Start) {
    beginNotice(now_us);
    text("power: fault: ");
    faultText();
    endNotice();
  }
  if (reason == Reason.RailIsDown && sequencer.state == State.RailDown) return;
  if (sequencer.state == State.RailUp && reason != Reason.RailGood) return;
  if (sequencer.state == State.RailDown && reason >= Reason.PowerGoodTimeout) return;
  beginNotice(now_us);
  text("power: ");
  switch (sequencer.state) {
    case State.RailUp:
      railGoodText(sequencer.rail - 1);
      break;
    case State.RunDelay:
      railGoodText(RAIL_COUNT - 1);
      break;
    case State.On:
      text("on");
      break;
    case State.ShuttingDown:
      text("shutdown requested");
      break;
    case State.RailDown:
      text(goingDownText(reason));
      break;
    case State.CycleOff:
      text("off, on again in a moment");
      break;
    case State.Resetting:
      text("compute board in reset");
      break;
    case State.Fault:
      text("off (fault)");
      break;
    default:
      text(reason == Reason.FaultCleared ? "off (fault cleared)" : "off");
  }
  endNotice();
}

function railGoodText(rail: i32): void {
  text(unchecked(RAIL_NAME[rail]));
  text(" good after ");
  decimal((sequencer.rail_us + 500) / 1000);
  text(" ms");
}

function goingDownText(reason: Reason): string {
  switch (reason) {
    case Reason.Halted:
      return "halted, going down";
    case Reason.ShutdownTimeout:
      return "the compute board did not halt in time, going down";
    case Reason.CycleRequested:
      return "cycle, going down";
    default:
      return "going down";
  }
}

/** The latched fault in words, or "none". */
export function faultText(): void {
  const reason = sequencer.faultReason;
  if (reason == Reason.Start) {
    text("none");
    return;
  }
  if (reason == Reason.Removed) {
    text("compute board removed");
  } else {
    text(unchecked(RAIL_NAME[sequencer.faultRail]));
    if (reason == Reason.PowerGoodTimeout) {
      text(" power-good did not come within ");
      decimal(unchecked(RAIL_POWER_GOOD_TIMEOUT_MS[sequencer.faultRail]));
      text(" ms");
    } else if (reason == Reason.PowerGoodLost) {
      text(" power-good lost");
    } else {
      text(" power-good still there after switching off");
    }
  }
  if (!faultMeasured) return;
  text(" (VIN ");
  decimal(fault_vin_mv);
  text(", V5 ");
  decimal(fault_v5_mv);
  text(", V3V3 ");
  decimal(fault_v3v3_mv);
  text(" mV)");
}

/** Faults since start, and the last of them: a Reason from PowerGoodTimeout on, or Start for none. */
export function faultCount(): u32 {
  return faults;
}

export function lastFaultReason(): Reason {
  return lastReason;
}

export function lastFaultRail(): i32 {
  return lastRail;
}

export function lastFault_us(): u64 {
  return lastFaultAt_us;
}

/** Whether the voltages below are of that moment: those of a fault before a restart are lost. */
export function lastFaultMeasured(): bool {
  return faultMeasured;
}

export function lastFaultVin_mv(): u32 {
  return fault_vin_mv;
}

export function lastFaultV5_mv(): u32 {
  return fault_v5_mv;
}

export function lastFaultV3v3_mv(): u32 {
  return fault_v3v3_mv;
}

export function fault_us(): u64 {
  return sequencer.fault_us;
}

export function isFaulted(): bool {
  return sequencer.faultReason != Reason.Start;
}

/** The state in one word or two, for `status`. */
export function stateText(): string {
  switch (sequencer.state) {
    case State.Off:
      return "off";
    case State.RailUp:
    case State.RunDelay:
      return "coming up";
    case State.On:
      return "on";
    case State.ShuttingDown:
      return "shutting down";
    case State.RailDown:
      return "going down";
    case State.CycleOff:
      return "off, on again in a moment";
    case State.Resetting:
      return "resetting";
    default:
      return "off (fault)";
  }
}
