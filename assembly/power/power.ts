/**
 * Carries out what the sequencer decides. This file drives the output signals, arms the fast protection
 * paths, records every transition and drives the status LED. No other file changes the power outputs.
 *
 * This file writes to the event log and the history. The console reads both, the SMBus reads the event
 * log; this file knows neither.
 */
import * as bootLog from "../boot/boot-log";
import * as bootStage from "../boot/boot-stage";
import * as history from "../events/history";
import { MAXIMUM_DETAIL, Transition } from "../events/history";
import * as log from "../events/log";
import {
  EVENT_BROWN_OUT,
  EVENT_OVERCURRENT,
  NO_DEADLINE,
  RESET_CAUSE_RUN_PIN,
  RETAINED_SEQUENCER,
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
import { DEBOUNCE_US, Sequencer, TRIP_REPORT_US } from "./sequencer";
import * as trip from "./trip";

const US_PER_MS: u64 = 1000;
/** Each step makes one transition at most. More steps in one pass would mean a loop in the state machine. */
const STEPS_PER_PASS = 16;
/** Half a period of the LED's blinking after a latched fault. Our choice: so slow that it costs no time. */
const BLINK_US: u64 = 500000;
/** These polls take about 100 us. A trip comes within 80 us. */
const TRIP_POLLS = 64;
/** Our choice: longer than the time between two commands that a user types. */
const QUIET_AFTER_US: u64 = 10000000;
/** Index of the retained word with the slowest power-good time of the first rail. */
const RETAINED_SLOWEST_GOOD: u32 = 3;
assert(RAIL_COUNT <= MOST_RAILS);

const sequencer = new Sequencer();
const inputs = new Inputs();
const trace: usize = memory.data(TRACE_WORDS * 4, 4);
const transition = new Transition();

/** The sequencer's word as it was last written to the host. */
let retained: u32 = 0;
/** Position in the boot log behind what the compute board had printed at the last step. */
let printedUpTo: u64 = 0;
let wasPresent: bool = false;
const changedPresence = new Debounced(DEBOUNCE_US);
let isArmed: bool = false;
/** The slot is off, and the converter is to slow down once the trace is complete. */
let isSlowDownDue: bool = false;
let ledLit: bool = false;
let blink_us: u64 = NO_DEADLINE;

/**
 * Starts the power logic. After a restart of the BMC it takes over the outputs as they are. After power-on
 * the restore policy decides whether the slot comes up; `wanted` is true if the slot was to be on before the
 * outage. `resetCause` is a RESET_CAUSE, `slot` the slot's number from 0 to 15.
 */
export function start(now_us: u64, resetCause: u32, slot: u32, policy: RestorePolicy, wanted: bool): void {
  sequencer.slot = slot;
  sequencer.policy = policy;
  inputs.tripped = trip.hasTripped();
  const isRestart = resetCause > RESET_CAUSE_RUN_PIN;
  // Over-current protection must have no gap: it is armed here, before any output is driven.
  if (isRestart && !inputs.tripped && (signals_read() & allEnables()) != 0) arm();
  // Signals are read before trips. If a trip changes them in between, the trip is still seen.
  inputs.signals = signals_read();
  const hasMissed = trip.takeMissed();
  inputs.tripped = inputs.tripped || hasMissed || trip.hasTripped();
  wasPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
  log.record(now_us, EventKind.Started, Origin.Bmc, resetCause, 0);
  if (isRestart) adopt(sequencer, now_us, inputs, retained_read(RETAINED_SEQUENCER));
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

/** True while the slot is off and stays off, so that the logic may stand still for a moment. */
export function isQuiet(now_us: u64): bool {
  return isSettled(sequencer.state) && now_us - sequencer.entered_us >= QUIET_AFTER_US;
}

/** True if the slot is to be on. The settings keep this over a power failure. */
export function isWanted(): bool {
  return sequencer.wanted;
}

/** Sets the restore policy. It takes effect at once, and the settings keep it over a power failure. */
export function setPolicy(now_us: u64, policy: RestorePolicy, origin: Origin): void {
  settings.setRestorePolicy(policy);
  sequencer.policy = policy;
  log.record(now_us, EventKind.Policy, origin, policy, 0);
}

/** When `step` must be called again at the latest, or NO_DEADLINE. */
export function deadline_us(): u64 {
  const states_us = min(sequencer.nextDeadline_us(), changedPresence.due_us);
  return min(min(states_us, blink_us), supervision.deadline_us());
}

/** Carries out a command, or says in its answer why it cannot. */
export function request(now_us: u64, command: Command, origin: Origin): Answer {
  const before = sequencer.entered_us;
  const stateBefore = sequencer.state;
  inputs.signals = signals_read();
  const latched = sequencer.isLatched();
  let answer = sequencer.request(now_us, command, inputs, origin);
  if (command == Command.ClearFault) lastFault.clearTrace();
  const isSensorCleared = command == Command.ClearFault && supervision.clearSensorFaults(now_us, inputs);
  if (isSensorCleared) answer = Answer.Accepted;
  if (latched && !sequencer.isLatched()) log.record(now_us, EventKind.FaultCleared, origin, 0, 0);
  if (sequencer.state != stateBefore || sequencer.entered_us != before) transitioned(now_us);
  else retainState();
  return answer;
}

/** One pass: reads the inputs, supervises them, and makes the transitions that are due. */
export function step(now_us: u64, events: u32): void {
  const fell = signals_fell();
  inputs.signals = signals_read();
  inputs.fell = <u32>fell;
  inputs.fellFirst = <u32>(fell >> 32);
  // A trip can come after the events of this pass were taken. Fallen signals show that there may be one.
  inputs.tripped = ((events & EVENT_OVERCURRENT) != 0 || fell != 0) && trip.hasTripped();
  inputs.tripped = trip.takeMissed() || inputs.tripped;
  if (inputs.tripped) attributeToTrip(now_us);
  inputs.printed = bootLog.printed != printedUpTo;
  printedUpTo = bootLog.printed;
  const brownedOut = (events & EVENT_BROWN_OUT) != 0;
  if (brownedOut) brownOut.setTriggered();
  supervise(now_us, brownedOut);
  brownOut.rearm(isArmed);
  logPresence(now_us);
  for (let i = 0; i < STEPS_PER_PASS; i++) {
    if (!sequencer.step(now_us, inputs)) break;
    transitioned(now_us);
    inputs.fell = inputs.fellFirst = 0;
    inputs.tripped = inputs.printed = false;
    inputs.limit = -1;
    inputs.signals = signals_read();
  }
  if (isSlowDownDue) slowDown(now_us);
  retainState(); // some of it changes without a transition
  blink(now_us);
}

function supervise(now_us: u64, brownedOut: bool): void {
  const outputs = sequencer.outputs;
  supervision.step(now_us, sequencer.state, sequencer.entered_us, outputs, brownedOut, inputs);
}

/** Logs that a board was inserted or removed, without the bounces of its contacts. */
function logPresence(now_us: u64): void {
  const isPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
  if (!changedPresence.isConfirmed(now_us, isPresent != wasPresent)) return;
  changedPresence.forget();
  wasPresent = isPresent;
  log.record(now_us, isPresent ? EventKind.Inserted : EventKind.Removed, Origin.Bmc, 0, 0);
}

function transitioned(now_us: u64): void {
  if (sequencer.outputs != 0 && !isArmed) {
    trip.hasTripped(); // discards a trip from the time when the slot was off
    arm();
  }
  drive();
  pollForTrip();
  supervision.beginWindow(now_us);
  if (sequencer.reason == Reason.InputLost)
    log.record(now_us, EventKind.InputLost, Origin.Bmc, 0, 0, lowestVin());
  if (sequencer.reason == Reason.InputBack)
    log.record(now_us, EventKind.InputBack, Origin.Bmc, 0, 0, windowVin());
  logTransition();
  // The readings are taken after the outputs are driven, because switching off must not wait for them.
  lastFault.record(now_us, sequencer);
  // The fast paths stay armed until the last rail is down, because a trip may explain its fault.
  if (sequencer.outputs == 0 && sequencer.state != State.RailDown) disarm();
  const isReleased = sequencer.reason == Reason.RunReleased || sequencer.reason == Reason.ResetDone;
  if (isReleased) bootStage.released();
  recordTransition();
}

/**
 * Waits up to 100 us for a trip after a rail's power-good fell. A short circuit can pull power-good down
 * before the converter measures its current. Waiting does no harm, since all outputs are off, and the fault
 * is then recorded once and with its true reason.
 */
function pollForTrip(): void {
  if (sequencer.reason != Reason.PowerGoodLost || !isMeasured(Quantity.Iout)) return;
  for (let look = 0; look < TRIP_POLLS; look++) {
    if (!trip.hasTripped()) continue;
    sequencer.attributeToTrip(trip.tripped_us());
    return;
  }
}

function windowVin(): i32 {
  return sensors.windowOf(Quantity.Vin);
}

/** The lowest sample of the window in mV. A short dip hardly changes the mean. */
function lowestVin(): i32 {
  const channel = channelOf(Quantity.Vin);
  return channel < 0 ? 0 : milliOf(Quantity.Vin, <i32>sensors.windowMinimum(channel) * 16);
}

function logTransition(): void {
  const state = sequencer.state;
  const reason = sequencer.reason;
  if (!isBetween(state)) log.record(sequencer.entered_us, EventKind.Power, sequencer.origin, reason, state);
  if (reason != Reason.RailGood) return;
  // `sequencer.rail` is already the next rail, so the one that has just become good is the one before.
  const good = state == State.RailUp ? sequencer.rail - 1 : RAIL_COUNT - 1;
  const slowest_us = max(slowestGood_us(good), <u32>sequencer.rail_us);
  retained_write(RETAINED_SLOWEST_GOOD + good, slowest_us);
}

/** Writes the transition into the history. */
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
  if (sequencer.reason == Reason.RailGood) return <u32>min<u64>(sequencer.rail_us, MAXIMUM_DETAIL);
  if (sequencer.reason == Reason.Retried) return sequencer.tries;
  const isPause = sequencer.state == State.RetryPause || sequencer.state == State.Restoring;
  return isPause ? <u32>((sequencer.deadline_us - sequencer.entered_us) / US_PER_MS) : 0;
}

/**
 * The longest time in us that a rail has taken to become good since power-on of the BMC; 0 if it never did.
 */
export function slowestGood_us(rail: i32): u32 {
  return retained_read(RETAINED_SLOWEST_GOOD + rail);
}

/** Corrects a fault that was recorded as a lost power-good before the trip that caused it was noticed. */
function attributeToTrip(now_us: u64): void {
  if (!sequencer.attributeToTrip(trip.tripped_us())) return;
  lastFault.attributeToTrip(now_us, sequencer);
  retainState();
}

// ------------------------------------------------------------------- outputs

function drive(): void {
  retainState(); // before the outputs, so that a restart between the two completes the transition
  // COMPUTE_RUN changes before the enables. So the compute board is in reset before it loses its supply. On
  // the way up the order does not matter: COMPUTE_RUN has a state of its own, after all rails are enabled.
  signals_write(SIGNAL_COMPUTE_RUN | SIGNAL_SHUTDOWN_REQ, sequencer.outputs);
  signals_write(allEnables(), sequencer.outputs);
  setLed(sequencer.state == State.On);
  blink_us = sequencer.state == State.Fault ? 0 : NO_DEADLINE;
}

function allEnables(): u32 {
  let enables: u32 = 0;
  for (let rail = 0; rail < RAIL_COUNT; rail++) enables |= unchecked(RAIL_ENABLE[rail]);
  return enables;
}

/** Arms the fast paths and sets the converter to full pace. Called before the first rail is enabled. */
function arm(): void {
  // Never on the way down: arming would release the outputs that a trip holds off.
  if (isArmed || sequencer.state == State.RailDown) return;
  isArmed = true;
  isSlowDownDue = false;
  setPace(1);
  trip.arm();
  brownOut.arm();
}

/** After a change of calibration: the fast paths compare converter codes, which must be computed again. */
export function calibrationChanged(): void {
  if (!isArmed || trip.hasTripped()) return;
  trip.arm();
  brownOut.arm();
}

/** After a change of a limit: the fast path that compares with it must use the new value. */
export function limitChanged(limit: i32): void {
  if (isArmed && brownOut.watches(limit)) brownOut.arm();
}

/** After everything is off: `slowDown` may disarm the fast paths and slow the converter down. */
function disarm(): void {
  isArmed = false;
  isSlowDownDue = true;
}

/**
 * Disarms the fast paths and slows the converter down. It waits until the trace is complete, and until a trip
 * that explains the last fault must have been seen.
 */
function slowDown(now_us: u64): void {
  if (now_us - sequencer.entered_us < TRIP_REPORT_US) return;
  trace_info(trace);
  if (load<u32>(trace + (TRACE_PENDING << 2)) != 0) return;
  isSlowDownDue = false;
  if (trip.hasTripped()) attributeToTrip(now_us); // disarming erases the trip before its event is handled
  lastFault.dropStrayTrace();
  trip.disarm();
  brownOut.disarm();
  setPace(0);
}

/** Changes the converter's pace. Rounds up to now are taken first, since they count at the old pace. */
function setPace(fast: u32): void {
  sensors.take(false);
  sensors.beginReading();
  sampling_pace(fast);
}

/** Writes the sequencer's word for a restart, if it has changed. A call of the host costs time. */
function retainState(): void {
  const word = wordOf(sequencer);
  if (word == retained) return;
  retained = word;
  retained_write(RETAINED_SEQUENCER, word);
}

function setLed(lit: bool): void {
  ledLit = lit;
  signals_write(SIGNAL_LED_STATUS, lit ? SIGNAL_LED_STATUS : 0);
}

function blink(now_us: u64): void {
  if (now_us < blink_us) return;
  setLed(!ledLit);
  blink_us = now_us + BLINK_US;
}

export function isFaulted(): bool {
  return sequencer.faultReason != Reason.Start;
}

export function isLatched(): bool {
  return sequencer.isLatched();
}

/** True while an automatic power-on waits for a cause that inhibits it, such as a sensor fault, to end. */
export function isWaiting(): bool {
  return sequencer.waiting;
}

/** Automatic retries since the slot was last good. */
export function tries(): u32 {
  return sequencer.tries;
}
