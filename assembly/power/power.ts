/**
 * Carries out what the sequencer decides: drives the output signals, arms the fast paths that protect them,
 * records every transition, lights the status LED. The one place where power decisions become effects.
 *
 * It reports to the event log and the history, and knows neither the console nor the SMBus that read them.
 */
import * as bootStage from "../boot/boot-stage";
import * as history from "../events/history";
import { MOST_DETAIL, Transition } from "../events/history";
import * as log from "../events/log";
import {
  EVENT_BROWN_OUT,
  EVENT_OVERCURRENT,
  NO_DEADLINE,
  RESET_CAUSE_RUN_PIN,
  retained_read,
  retained_write,
  SIGNAL_COMPUTE_RUN,
  SIGNAL_LED_STATUS,
  SIGNAL_PRESENT,
  SIGNAL_SHUTDOWN_REQ,
  sampling_pace,
  signals_fell,
  signals_read,
  signals_write,
  TRACE_PENDING,
  TRACE_WORDS,
  trace_info,
} from "../generated/abi";
import { RAIL_COUNT, RAIL_ENABLE } from "../generated/board";
import {
  Answer,
  Command,
  EventKind,
  isBetween,
  isSettled,
  MOST_RAILS,
  Origin,
  Quantity,
  Reason,
  RestorePolicy,
  State,
} from "../generated/vocabulary";
import { Inputs } from "../protection/inputs";
import * as supervision from "../protection/supervision";
import { milliOf } from "../sensors/converter";
import { channelOf, isMeasured } from "../sensors/quantities";
import * as sensors from "../sensors/sensors";
import * as settings from "../settings/settings";
import { adopt } from "./adoption";
import * as brownOut from "./brown-out";
import { Debounced } from "./debounced";
import * as lastFault from "./last-fault";
import { wordOf } from "./retained-word";
import { DEBOUNCE_US, EXPLAINED_US, Sequencer } from "./sequencer";
import * as trip from "./trip";

const US_PER_MS: u64 = 1000;
/** A step does one transition; more than this in one pass would be a loop in the state machine. */
const STEPS_PER_PASS = 16;
/** Half a period of the blinking that shows a latched fault. Chosen: slow enough to count as idle. */
const BLINK_US: u64 = 500000;
/** Some 100 us: a trip comes within 60. */
const LOOKS_FOR_TRIP = 64;
/** Chosen: longer than a person between two commands. */
const QUIET_AFTER_US: u64 = 10000000;
/** Places among the retained words: the sequencer's memory, and the slowest power-good of each rail. */
const PLACE_SEQUENCER: u32 = 0;
const PLACE_SLOWEST: u32 = 3;
assert(RAIL_COUNT <= MOST_RAILS);

const sequencer = new Sequencer();
const inputs = new Inputs();
const trace: usize = memory.data(TRACE_WORDS * 4, 4);
const transition = new Transition();

/** The word last kept for the next life. */
let remembered: u32 = 0;
let wasPresent: bool = false;
const changedPresence = new Debounced(DEBOUNCE_US);
let isArmed: bool = false;
/** The converter may slow down as soon as a trace is complete. */
let isToRest: bool = false;

let blinkLit: bool = false;
let blink_us: u64 = NO_DEADLINE;

/**
 * Takes over what the pins show. After a restart this changes no output; after power-on the policy decides,
 * by what the slot was before (`wanted`).
 */
export function start(now_us: u64, resetCause: u32, slot: u32, policy: RestorePolicy, wanted: bool): void {
  sequencer.slot = slot;
  sequencer.policy = policy;
  inputs.tripped = trip.hasTripped();
  const isRestart = resetCause > RESET_CAUSE_RUN_PIN;
  // Watched without a break: what trips while this goes on is known before anything is driven.
  if (isRestart && !inputs.tripped && (signals_read() & allEnables()) != 0) arm();
  // Signals before trips: what lets go of them in between is then seen to have tripped.
  inputs.signals = signals_read();
  const hasMissed = trip.takeMissed();
  inputs.tripped = inputs.tripped || hasMissed || trip.hasTripped();
  wasPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
  log.note(now_us, EventKind.Started, Origin.Bmc, resetCause, 0);
  if (isRestart) adopt(sequencer, now_us, inputs, retained_read(PLACE_SEQUENCER));
  else sequencer.begin(now_us, wanted);
  inputs.tripped = false;
  lastFault.adopt(sequencer);
  recordTransition();
  if (sequencer.outputs != 0) arm();
  else disarm();
  drive();
  supervise(now_us, false);
}

export function state(): State {
  return sequencer.state;
}

export function entered_us(): u64 {
  return sequencer.entered_us;
}

/** Off for good: nothing is lost if the logic stands still for a moment. */
export function isQuiet(now_us: u64): bool {
  return isSettled(sequencer.state) && now_us - sequencer.entered_us >= QUIET_AFTER_US;
}

/** Whether somebody wants the slot on: what a power failure must not make forgotten. */
export function isWanted(): bool {
  return sequencer.wanted;
}

/** Takes effect at once, and is kept over power loss. */
export function setPolicy(now_us: u64, policy: RestorePolicy, origin: Origin): void {
  settings.setRestorePolicy(policy);
  sequencer.policy = policy;
  log.note(now_us, EventKind.Policy, origin, policy, 0);
}

/** When `step` wants to be called again. */
export function deadline_us(): u64 {
  const states_us = min(sequencer.nextDeadline_us(), changedPresence.due_us);
  return min(min(states_us, blink_us), supervision.deadline_us());
}

export function request(now_us: u64, command: Command, origin: Origin): Answer {
  const before = sequencer.entered_us;
  const stateBefore = sequencer.state;
  inputs.signals = signals_read();
  const latched = sequencer.isLatched();
  let answer = sequencer.request(now_us, command, inputs, origin);
  if (command == Command.ClearFault) lastFault.clearTrace();
  if (command == Command.ClearFault && supervision.mend(now_us, inputs)) answer = Answer.Accepted;
  if (latched && !sequencer.isLatched()) log.note(now_us, EventKind.FaultCleared, origin, 0, 0);
  if (sequencer.state != stateBefore || sequencer.entered_us != before) transitioned(now_us);
  else remember();
  return answer;
}

export function step(now_us: u64, events: u32): void {
  const fell = signals_fell();
  inputs.signals = signals_read();
  inputs.fell = <u32>fell;
  inputs.fellFirst = <u32>(fell >> 32);
  // A trip that takes signals down can come between the events of this pass and its signals.
  inputs.tripped = ((events & EVENT_OVERCURRENT) != 0 || fell != 0) && trip.hasTripped();
  inputs.tripped = trip.takeMissed() || inputs.tripped;
  if (inputs.tripped) explain(now_us);
  const brownedOut = (events & EVENT_BROWN_OUT) != 0;
  if (brownedOut) brownOut.spend();
  supervise(now_us, brownedOut);
  brownOut.rearm(isArmed);
  notePresence(now_us);
  for (let i = 0; i < STEPS_PER_PASS; i++) {
    if (!sequencer.step(now_us, inputs)) break;
    transitioned(now_us);
    inputs.fell = inputs.fellFirst = 0;
    inputs.tripped = false;
    inputs.limit = -1;
    inputs.signals = signals_read();
  }
  if (isToRest) rest(now_us);
  remember(); // what changes without a transition
  blink(now_us);
}

function supervise(now_us: u64, brownedOut: bool): void {
  const outputs = sequencer.outputs;
  supervision.step(now_us, sequencer.state, sequencer.entered_us, outputs, brownedOut, inputs);
}

/** The log is for boards that come and go, not for each bounce of their contacts. */
function notePresence(now_us: u64): void {
  const isPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
  if (!changedPresence.isConfirmed(now_us, isPresent != wasPresent)) return;
  changedPresence.forget();
  wasPresent = isPresent;
  log.note(now_us, isPresent ? EventKind.Inserted : EventKind.Removed, Origin.Bmc, 0, 0);
}

function transitioned(now_us: u64): void {
  if (sequencer.outputs != 0 && !isArmed) {
    trip.hasTripped(); // what tripped while the slot was off is nobody's fault
    arm();
  }
  drive();
  awaitTrip();
  supervision.beginWindow(now_us);
  if (sequencer.reason == Reason.InputLost)
    log.note(now_us, EventKind.InputLost, Origin.Bmc, 0, 0, lowestVin());
  if (sequencer.reason == Reason.InputBack)
    log.note(now_us, EventKind.InputBack, Origin.Bmc, 0, 0, windowVin());
  logTransition();
  // After the outputs: the readings may wait, the rails may not.
  lastFault.note(now_us, sequencer);
  // After that, and not while a rail still goes down: a trip may be what explains why.
  if (sequencer.outputs == 0 && sequencer.state != State.RailDown) disarm();
  const isReleased = sequencer.reason == Reason.RunReleased || sequencer.reason == Reason.ResetDone;
  if (isReleased) bootStage.released();
  recordTransition();
}

/**
 * Where power-good fell first, the trip that explains it comes within the next rounds: everything is off by
 * now, and a fault is better told once and by its name.
 */
function awaitTrip(): void {
  if (sequencer.reason != Reason.PowerGoodLost || !isMeasured(Quantity.Iout)) return;
  for (let look = 0; look < LOOKS_FOR_TRIP; look++) {
    if (!trip.hasTripped()) continue;
    sequencer.explain(trip.tripped_us());
    return;
  }
}

function windowVin(): i32 {
  return sensors.windowOf(Quantity.Vin);
}

/** What a moment of the window has shown: the mean may still be well. */
function lowestVin(): i32 {
  const channel = channelOf(Quantity.Vin);
  return channel < 0 ? 0 : milliOf(Quantity.Vin, <i32>sensors.windowMinimum(channel) * 16);
}

function logTransition(): void {
  const state = sequencer.state;
  const reason = sequencer.reason;
  if (!isBetween(state)) log.note(sequencer.entered_us, EventKind.Power, sequencer.origin, reason, state);
  if (reason != Reason.RailGood) return;
  // The rail that has just become good: the one before the next, or the last of all.
  const good = state == State.RailUp ? sequencer.rail - 1 : RAIL_COUNT - 1;
  const slowest_us = max(slowestGood_us(good), <u32>sequencer.rail_us);
  retained_write(PLACE_SLOWEST + good, slowest_us);
}

/** Into the history, for everyone who follows it. */
function recordTransition(): void {
  transition.time_us = sequencer.entered_us;
  transition.state = sequencer.state;
  transition.reason = sequencer.reason;
  transition.origin = sequencer.origin;
  transition.rail = sequencer.rail;
  transition.detail = detailOfTransition();
  transition.faults = lastFault.events;
  history.record(transition);
}

function detailOfTransition(): u32 {
  if (sequencer.reason == Reason.RailGood) return <u32>min<u64>(sequencer.rail_us, MOST_DETAIL);
  if (sequencer.reason == Reason.Retried) return sequencer.tries;
  const isPause = sequencer.state == State.RetryPause || sequencer.state == State.Restoring;
  return isPause ? <u32>((sequencer.deadline_us - sequencer.entered_us) / US_PER_MS) : 0;
}

/** The longest a rail has taken to become good since power-on of the BMC, 0 if it never came up. */
export function slowestGood_us(rail: i32): u32 {
  return retained_read(PLACE_SLOWEST + rail);
}

/** A trip that is noticed after its effect on the rail has been recorded. */
function explain(now_us: u64): void {
  if (!sequencer.explain(trip.tripped_us())) return;
  lastFault.explain(now_us, sequencer);
  remember();
}

// ------------------------------------------------------------------- outputs

function drive(): void {
  remember(); // before the outputs: a restart between the two completes the transition
  // First the reset: going down, the compute board stops before its supply does. Going up,
  // COMPUTE_RUN is released in a state of its own, with all rails enabled long before.
  signals_write(SIGNAL_COMPUTE_RUN | SIGNAL_SHUTDOWN_REQ, sequencer.outputs);
  signals_write(allEnables(), sequencer.outputs);
  light(sequencer.state == State.On);
  blink_us = sequencer.state == State.Fault ? 0 : NO_DEADLINE;
}

function allEnables(): u32 {
  let enables: u32 = 0;
  for (let rail = 0; rail < RAIL_COUNT; rail++) enables |= unchecked(RAIL_ENABLE[rail]);
  return enables;
}

/** Before the first rail is enabled: the converter at full pace, the fast paths watching. */
function arm(): void {
  // On the way down nothing is armed that was not: arming would let go of what a trip holds.
  if (isArmed || sequencer.state == State.RailDown) return;
  isArmed = true;
  isToRest = false;
  setPace(1);
  trip.arm();
  brownOut.arm();
}

/** Another calibration: the fast paths go by codes, and those are others now. */
export function calibrationChanged(): void {
  if (!isArmed || trip.hasTripped()) return;
  trip.arm();
  brownOut.arm();
}

/** A limit was set: the fast path that goes by it must not keep the old one. */
export function limitChanged(limit: i32): void {
  if (isArmed && brownOut.watches(limit)) brownOut.arm();
}

/** Everything is off: the converter may rest, and a trip has done its work. */
function disarm(): void {
  isArmed = false;
  isToRest = true;
}

/** Only once the trace of what has just happened is complete, and a trip that explains it was heard of. */
function rest(now_us: u64): void {
  if (now_us - sequencer.entered_us < EXPLAINED_US) return;
  trace_info(trace);
  if (load<u32>(trace + (TRACE_PENDING << 2)) != 0) return;
  isToRest = false;
  if (trip.hasTripped()) explain(now_us); // its event is still to come, and would find nothing
  lastFault.dropStrayTrace();
  trip.disarm();
  brownOut.disarm();
  setPace(0);
}

/** What has come so far is counted at the pace it came at. */
function setPace(fast: u32): void {
  sensors.take(false);
  sensors.beginReading();
  sampling_pace(fast);
}

/** Keeps what a restart must know, and only when it has changed: an import is not cheap. */
function remember(): void {
  const memory = wordOf(sequencer);
  if (memory == remembered) return;
  remembered = memory;
  retained_write(PLACE_SEQUENCER, memory);
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

export function isFaulted(): bool {
  return sequencer.faultReason != Reason.Start;
}

export function isLatched(): bool {
  return sequencer.isLatched();
}

/** It is time to come up by itself, and something inhibits power-on that may pass. */
export function isWaiting(): bool {
  return sequencer.waiting;
}

export function tries(): u32 {
  return sequencer.tries;
}
