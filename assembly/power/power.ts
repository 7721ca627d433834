/**
 * Carries out what the sequencer decides: drives the output signals, arms what protects them, records every
 * transition, lights the status LED. The one place where power decisions become effects; what is said
 * about them on the console is in power-words.ts.
 */
import * as bootStage from "../boot/boot-stage";
import { announceFault, announceTransition, announceWaiting } from "../console/power-words";
import * as history from "../events/history";
import * as log from "../events/log";
import {
  brownout_arm,
  EVENT_BROWN_OUT,
  EVENT_OVERCURRENT,
  NO_DEADLINE,
  overcurrent_arm,
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
  TRIP_AT_US_HIGH,
  TRIP_AT_US_LOW,
  TRIP_CODE,
  TRIP_TRIPPED,
  TRIP_TRIPS,
  TRIP_WORDS,
  trace_clear,
  trace_freeze,
  trace_info,
  trip_read,
} from "../generated/abi";
import {
  BROWN_OUT_US,
  COMPUTE_RAIL,
  NO_LIMIT,
  OVERCURRENT_MA,
  OVERCURRENT_ROUNDS,
  RAIL_COUNT,
  RAIL_ENABLE,
  RAIL_QUANTITY,
} from "../generated/board";
import {
  Answer,
  Command,
  EventKind,
  Health,
  isBetween,
  isSettled,
  LIMIT_KINDS,
  LimitKind,
  MOST_RAILS,
  Origin,
  QUANTITIES,
  Quantity,
  Reason,
  RestorePolicy,
  State,
} from "../generated/vocabulary";
import * as supervision from "../protection/supervision";
import { codeOf, milliOf, milliOfCode } from "../sensors/converter";
import { channelOf, isMeasured } from "../sensors/quantities";
import * as sensors from "../sensors/sensors";
import { Debounced } from "./debounced";
import { DEBOUNCE_US, EXPLAINED_US, Inputs, Sequencer } from "./sequencer";

/** A step does one transition; more than this in one pass would be a loop in the state machine. */
const STEPS_PER_PASS = 16;
/** Half a period of the blinking that shows a latched fault. Chosen: slow enough to count as idle. */
const BLINK_US: u64 = 500000;
/** Between two rounds that the converter's host looks at, with five channels; a little less with fewer. */
const ROUND_US: u32 = 160;
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
const trip: usize = memory.data(TRIP_WORDS * 4, 4);
const trace: usize = memory.data(TRACE_WORDS * 4, 4);

/** The last fault, which clearing does not forget. */
let lastReason: Reason = Reason.Start;
let lastRail: i32 = 0;
let lastLimit: i32 = 0;
let lastFaultAt_us: u64 = 0;
let faults: u32 = 0;
/** One more with each fault, and with each that turns out to be another. */
let changes: u32 = 0;
/** Readings at that moment, by quantity; false for a fault from before a restart: they are gone. */
const faultReadings: StaticArray<i32> = [0, 0, 0, 0, 0, 0, 0, 0];
assert(faultReadings.length == QUANTITIES);
let faultMeasured: bool = false;
/** Whether there is a trace since it was last cleared, and of which moment. */
let hasTrace: bool = false;
let traceAt_us: u64 = 0;
/** The fault told last, so that each is told once. */
let toldFault: Reason = Reason.Start;
let toldAt_us: u64 = 0;

/** The word last kept for the next life. */
let remembered: u32 = 0;
let wasPresent: bool = false;
const changedPresence = new Debounced(DEBOUNCE_US);
let isArmed: bool = false;
/** Trips since power-on of the BMC, as far as anybody has looked, and one while the slot was being armed. */
let tripsSeen: u32 = 0;
let hasMissedTrip: bool = false;
let wasWaiting: bool = false;
/** The host raises it once for each time it is armed. */
let isBrownOutSpent: bool = false;
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
  inputs.tripped = hasTripped();
  const isRestart = resetCause > RESET_CAUSE_RUN_PIN;
  // Watched without a break: what trips while this goes on is known before anything is driven.
  if (isRestart && !inputs.tripped && (signals_read() & allEnables()) != 0) arm();
  // Signals before trips: what lets go of them in between is then seen to have tripped.
  inputs.signals = signals_read();
  const hasMissed = takeMissedTrip();
  inputs.tripped = inputs.tripped || hasMissed || hasTripped();
  wasPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
  log.note(now_us, EventKind.Started, Origin.Bmc, resetCause, 0);
  if (isRestart) sequencer.adopt(now_us, inputs, retained_read(PLACE_SEQUENCER));
  else sequencer.begin(now_us, wanted);
  inputs.tripped = false;
  if (sequencer.faultReason != Reason.Start) {
    lastReason = sequencer.faultReason;
    lastRail = sequencer.faultRail;
    lastLimit = sequencer.faultLimit;
    toldFault = lastReason;
  }
  noteTransition();
  if (sequencer.reason == Reason.Adopted) announceTransition(now_us, sequencer, false);
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

export function setPolicy(now_us: u64, policy: RestorePolicy, origin: Origin): void {
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
  if (command == Command.ClearFault) clearTrace();
  if (command == Command.ClearFault && supervision.mend(now_us, inputs)) answer = Answer.Accepted;
  if (latched && !sequencer.isLatched()) log.note(now_us, EventKind.FaultCleared, origin, 0, 0);
  if (sequencer.state != stateBefore || sequencer.entered_us != before) transitioned(now_us);
  else remember();
  return answer;
}

function clearTrace(): void {
  trace_clear();
  hasTrace = false;
}

export function step(now_us: u64, events: u32): void {
  const fell = signals_fell();
  inputs.signals = signals_read();
  inputs.fell = <u32>fell;
  inputs.fellFirst = <u32>(fell >> 32);
  // A trip that takes signals down can come between the events of this pass and its signals.
  inputs.tripped = ((events & EVENT_OVERCURRENT) != 0 || fell != 0) && hasTripped();
  inputs.tripped = takeMissedTrip() || inputs.tripped;
  if (inputs.tripped) explain(now_us);
  if (events & EVENT_BROWN_OUT) isBrownOutSpent = true;
  supervise(now_us, (events & EVENT_BROWN_OUT) != 0);
  if (isBrownOutSpent) rearmBrownOut();
  notePresence(now_us);
  for (let i = 0; i < STEPS_PER_PASS; i++) {
    if (!sequencer.step(now_us, inputs)) break;
    transitioned(now_us);
    inputs.fell = inputs.fellFirst = 0;
    inputs.tripped = false;
    inputs.limit = -1;
    inputs.signals = signals_read();
  }
  if (sequencer.waiting && !wasWaiting) announceWaiting(now_us);
  wasWaiting = sequencer.waiting;
  if (isToRest) rest(now_us);
  remember(); // what changes without a transition
  blink(now_us);
}

function supervise(now_us: u64, brownedOut: bool): void {
  const outputs = sequencer.outputs;
  supervision.step(now_us, sequencer.state, sequencer.entered_us, outputs, brownedOut, inputs);
}

function hasTripped(): bool {
  trip_read(trip);
  tripsSeen = load<u32>(trip + (TRIP_TRIPS << 2));
  return load<u32>(trip + (TRIP_TRIPPED << 2)) != 0;
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
    hasTripped(); // what tripped while the slot was off is nobody's fault
    arm();
  }
  drive();
  awaitTrip();
  supervision.beginWindow(now_us);
  if (sequencer.reason == Reason.InputLost)
    log.note(now_us, EventKind.InputLost, Origin.Bmc, 0, 0, lowestVin());
  if (sequencer.reason == Reason.InputBack)
    log.note(now_us, EventKind.InputBack, Origin.Bmc, 0, 0, windowVin());
  noteTransition();
  const isNewFault =
    sequencer.faultReason != Reason.Start &&
    (sequencer.faultReason != toldFault || sequencer.fault_us != toldAt_us);
  const isRemoval = sequencer.reason == Reason.Removed;
  // After the outputs: the readings may wait, the rails may not.
  if (isNewFault || isRemoval) noteFault(now_us);
  // After that, and not while a rail still goes down: a trip may be what explains why.
  if (sequencer.outputs == 0 && sequencer.state != State.RailDown) disarm();
  if (isNewFault) announceFault(now_us);
  const isReleased = sequencer.reason == Reason.RunReleased || sequencer.reason == Reason.ResetDone;
  if (isReleased) bootStage.released();
  announceTransition(now_us, sequencer, isNewFault);
  toldFault = sequencer.faultReason;
  toldAt_us = sequencer.fault_us;
}

/**
 * Where power-good fell first, the trip that explains it comes within the next rounds: everything is off by
 * now, and a fault is better told once and by its name.
 */
function awaitTrip(): void {
  if (sequencer.reason != Reason.PowerGoodLost || !isMeasured(Quantity.Iout)) return;
  for (let look = 0; look < LOOKS_FOR_TRIP; look++) {
    if (!hasTripped()) continue;
    sequencer.explain(tripped_us());
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

function noteTransition(): void {
  const entered_us = sequencer.entered_us;
  const state = sequencer.state;
  const reason = sequencer.reason;
  const origin = sequencer.origin;
  const rail = sequencer.rail;
  history.note(entered_us, state, reason, origin, rail);
  if (!isBetween(state)) log.note(entered_us, EventKind.Power, origin, reason, state);
  if (reason != Reason.RailGood) return;
  // The rail that has just become good: the one before the next, or the last of all.
  const good = state == State.RailUp ? rail - 1 : RAIL_COUNT - 1;
  const slowest_us = max(slowestGood_us(good), <u32>sequencer.rail_us);
  retained_write(PLACE_SLOWEST + good, slowest_us);
}

/** The longest a rail has taken to become good since power-on of the BMC, 0 if it never came up. */
export function slowestGood_us(rail: i32): u32 {
  return retained_read(PLACE_SLOWEST + rail);
}

/** The record of the last fault with what was measured, and its trace. A removal is on record as well. */
function noteFault(now_us: u64): void {
  const isFault = sequencer.faultReason != Reason.Start;
  lastReason = isFault ? sequencer.faultReason : sequencer.reason;
  lastRail = isFault ? sequencer.faultRail : COMPUTE_RAIL;
  lastLimit = isFault ? sequencer.faultLimit : 0;
  lastFaultAt_us = isFault ? sequencer.fault_us : now_us;
  faults++;
  changes++;
  sensors.take(false);
  for (let quantity = 0; quantity < QUANTITIES; quantity++) {
    faultReadings[quantity] = sensors.windowOf(quantity);
  }
  faultMeasured = true;
  // A mean says little about what lasted for microseconds.
  if (lastReason == Reason.Overcurrent && hasTripped()) {
    faultReadings[Quantity.Iout] = tripCurrent_ma();
  }
  if (!isFault) return;
  if (!hasTrace) traceAt_us = lastFaultAt_us;
  hasTrace = true;
  trace_freeze(); // the first one is kept until the fault is cleared
  const isLimit = lastReason == Reason.Limit;
  const subject = isLimit ? lastLimit : lastRail;
  let quantity: i32 = unchecked(RAIL_QUANTITY[lastRail]);
  if (isLimit) quantity = lastLimit / LIMIT_KINDS;
  else if (lastReason == Reason.Overcurrent) quantity = Quantity.Iout;
  const limit = isLimit ? supervision.protection.limit(lastLimit) : 0;
  log.note(
    now_us,
    EventKind.Fault,
    Origin.Fault,
    lastReason,
    subject,
    quantity < 0 ? 0 : faultReading(quantity),
    limit,
  );
}

/** A trip that is heard of after what it did to its rail has been told. */
function explain(now_us: u64): void {
  if (!sequencer.explain(tripped_us())) return;
  changes++;
  lastReason = sequencer.faultReason;
  toldFault = lastReason;
  faultReadings[Quantity.Iout] = tripCurrent_ma();
  log.note(now_us, EventKind.Fault, Origin.Fault, lastReason, lastRail, faultReading(Quantity.Iout), 0);
  announceFault(now_us);
  remember();
}

function tripped_us(): u64 {
  return ((<u64>load<u32>(trip + (TRIP_AT_US_HIGH << 2))) << 32) | load<u32>(trip + (TRIP_AT_US_LOW << 2));
}

function tripCurrent_ma(): i32 {
  return milliOfCode(Quantity.Iout, load<u32>(trip + (TRIP_CODE << 2)));
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
  armOvercurrent();
  armBrownOut();
}

/** Arming lets go of what has tripped since somebody looked; the count of trips tells of it all the same. */
function armOvercurrent(): void {
  if (!isMeasured(Quantity.Iout)) return;
  const before = tripsSeen;
  const supply = SIGNAL_COMPUTE_RUN | unchecked(RAIL_ENABLE[COMPUTE_RAIL]);
  overcurrent_arm(
    channelOf(Quantity.Iout),
    codeOf(Quantity.Iout, OVERCURRENT_MA),
    OVERCURRENT_ROUNDS,
    supply,
  );
  hasTripped();
  hasMissedTrip = tripsSeen != before;
}

/** Whether that has happened, once. */
function takeMissedTrip(): bool {
  const hasMissed = hasMissedTrip;
  hasMissedTrip = false;
  return hasMissed;
}

/** Another calibration: the fast paths go by codes, and those are others now. */
export function calibrationChanged(): void {
  if (!isArmed || hasTripped()) return;
  armOvercurrent();
  armBrownOut();
}

function armBrownOut(): void {
  if (!isMeasured(Quantity.Vin)) return;
  const limit_mv = supervision.protection.limit(Quantity.Vin * LIMIT_KINDS + LimitKind.LowFault);
  const code = limit_mv == NO_LIMIT ? 0 : codeOf(Quantity.Vin, limit_mv);
  brownout_arm(channelOf(Quantity.Vin), code, BROWN_OUT_US / ROUND_US);
}

/** One that told of a sensor nobody believes has changed nothing, and must not have been the last. */
function rearmBrownOut(): void {
  if (isArmed) {
    const limit_mv = supervision.protection.limit(Quantity.Vin * LIMIT_KINDS + LimitKind.LowFault);
    const isBelieved = supervision.healthOf(Quantity.Vin) == Health.Good;
    if (!isBelieved || sensors.windowOf(Quantity.Vin) < limit_mv) return;
    armBrownOut();
  }
  isBrownOutSpent = false;
}

/** Somebody has set another limit: the fast path that goes by one must not keep the old one. */
export function limitChanged(place: i32): void {
  if (isArmed && place == Quantity.Vin * LIMIT_KINDS + LimitKind.LowFault) armBrownOut();
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
  if (hasTripped()) explain(now_us); // its event is still to come, and would find nothing
  if (!hasTrace) trace_clear(); // a trip on the way down is nobody's fault
  if (isMeasured(Quantity.Iout)) overcurrent_arm(channelOf(Quantity.Iout), 0, 0, 0);
  if (isMeasured(Quantity.Vin)) brownout_arm(channelOf(Quantity.Vin), 0, 0);
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
  const memory = sequencer.memory();
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

// ------------------------------------------------------------------- the last fault

/** Faults since start, removals included, and the last of them: a Reason, or Start for none. */
export function faultCount(): u32 {
  return faults;
}

/** Another number whenever there is something new to be told of the last fault. */
export function faultChanges(): u32 {
  return changes;
}

export function lastFaultReason(): Reason {
  return lastReason;
}

export function lastFaultRail(): i32 {
  return lastRail;
}

/** The limit's place, for LimitExceeded. */
export function lastFaultLimit(): i32 {
  return lastLimit;
}

/** When the fault was noticed that the trace is about. */
export function trace_us(): u64 {
  return traceAt_us;
}

export function lastFault_us(): u64 {
  return lastFaultAt_us;
}

/** Whether the readings are of that moment: those of a fault before a restart are lost. */
export function lastFaultMeasured(): bool {
  return faultMeasured;
}

export function faultReading(quantity: i32): i32 {
  return unchecked(faultReadings[quantity]);
}

export function isFaulted(): bool {
  return sequencer.faultReason != Reason.Start;
}

export function isLatched(): bool {
  return sequencer.isLatched();
}

export function tries(): u32 {
  return sequencer.tries;
}
