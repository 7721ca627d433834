/**
 * The sequencer as a module of its own, for a caller that must see its whole state. Each call reads inputs
 * from memory, does one thing, and writes the state to `view`. Everything that decides anything fits into a
 * key of 64 bits, from which the state can be restored.
 *
 * In a key, a timer is pending or not. `load` says which timers are due, so every key stands for any time.
 * A key leaves out what decides nothing: times that are only reported, the reason and the origin, and
 * fields that a state does not use. The random run tests that (random.ts).
 */
import { NO_DEADLINE } from "../../../../assembly/generated/abi";
import {
  COMPUTE_RAIL,
  CYCLE_OFF_MS,
  GOOD_AFTER_MS,
  RAIL_COUNT,
  RAIL_DISCHARGE_TIMEOUT_MS,
  RAIL_ENABLE,
  RAIL_POWER_GOOD,
  RAIL_POWER_GOOD_TIMEOUT_MS,
  RESET_PULSE_MS,
  RESTORE_SETTLE_MS,
  RESTORE_STAGGER_MS,
  RETRY_PAUSE_MS,
  RUN_DELAY_MS,
  SHUTDOWN_TIMEOUT_MS,
} from "../../../../assembly/generated/board";
import { Origin, Reason, State } from "../../../../assembly/generated/vocabulary";
import { adopt } from "../../../../assembly/power/adoption";
import { Debounced } from "../../../../assembly/power/debounced";
import { Halt } from "../../../../assembly/power/halt";
import { wordOf } from "../../../../assembly/power/retained-word";
import { Sequencer } from "../../../../assembly/power/sequencer";
import { Inputs } from "../../../../assembly/protection/inputs";
import { forgetAsked } from "./given";

export { askedFields, givenAddress } from "./given";
export {
  COMPUTE_RAIL,
  CYCLE_OFF_MS,
  GOOD_AFTER_MS,
  RAIL_COUNT,
  RESET_PULSE_MS,
  RESTORE_SETTLE_MS,
  RESTORE_STAGGER_MS,
  RUN_DELAY_MS,
  SHUTDOWN_TIMEOUT_MS,
};

/** The present time of a loaded state. It is late enough for every timer to have been due long ago. */
const LOADED_AT_US: u64 = 1 << 40;

/** The reason and origin of a loaded state: a number that means none in particular. */
const ANYBODY = 99;

const sequencer = new Sequencer();
/** Created after the sequencer and its parts: the stub runtime allocates upwards. */
const inputs = new Inputs();
const HEADER_BYTES: usize = 20;
const begin = changetype<usize>(sequencer);
const bytes = changetype<usize>(inputs) - HEADER_BYTES - begin;
/** The state in which a restart finds the sequencer. */
const fresh: usize = memory.data(1024, 8);
assert(bytes <= 1024);
memory.copy(fresh, begin, bytes);

let now_us: u64 = 0;

/** The words of `View` in machine.ts. */
const view = new StaticArray<i32>(40);

export function viewAddress(): usize {
  return changetype<usize>(view);
}

export function railEnable(rail: i32): u32 {
  return RAIL_ENABLE[rail];
}

export function railPowerGood(rail: i32): u32 {
  return RAIL_POWER_GOOD[rail];
}

export function railPowerGoodTimeout_ms(rail: i32): u32 {
  return RAIL_POWER_GOOD_TIMEOUT_MS[rail];
}

export function railDischargeTimeout_ms(rail: i32): u32 {
  return RAIL_DISCHARGE_TIMEOUT_MS[rail];
}

export function retryPauses(): i32 {
  return RETRY_PAUSE_MS.length;
}

export function retryPause_ms(tries: i32): u32 {
  return RETRY_PAUSE_MS[tries];
}

/** Creates a new sequencer. Call it before `begin` or `adopt`. */
export function create(policy: i32, slot: u32): void {
  memory.copy(begin, fresh, bytes);
  now_us = 0;
  sequencer.policy = policy;
  sequencer.slot = slot;
}

export function setPolicy(policy: i32): void {
  sequencer.policy = policy;
}

export function begins(wanted: bool): void {
  sequencer.begin(now_us, wanted);
  show(true);
}

export function adopts(memory: u32): void {
  forgetAsked();
  adopt(sequencer, now_us, inputs, memory);
  show(true);
}

export function request(command: i32, origin: i32): i32 {
  forgetAsked();
  const state = sequencer.state;
  const entered_us = sequencer.entered_us;
  const answer = sequencer.request(now_us, command, inputs, origin);
  show(sequencer.state != state || sequencer.entered_us != entered_us);
  return answer;
}

export function step(): bool {
  forgetAsked();
  const moved = sequencer.step(now_us, inputs);
  show(moved);
  return moved;
}

/** The fast path reports its trip `ago_us` after the fault. */
export function explains(ago_us: u32): bool {
  sequencer.fault_us = now_us - ago_us;
  const explained = sequencer.attributeToTrip(now_us);
  show(false);
  return explained;
}

export function advance(by_us: u32): void {
  now_us += by_us;
}

/** Longer than any timer, and the largest value a view can show. */
const LONGEST_US: u64 = 1 << 30;

/** Returns microseconds from now, -1 for never. A timer that is due gives 0, or less than -1. */
function fromNow(due_us: u64): i32 {
  if (due_us == NO_DEADLINE) return -1;
  if (due_us >= now_us) return <i32>min(due_us - now_us, LONGEST_US);
  return -2 - <i32>min(now_us - due_us, LONGEST_US);
}

/** Writes the `view` of a state that was just loaded. */
export function shows(): void {
  show(false);
}

function show(moved: bool): void {
  view[0] = moved ? 1 : 0;
  view[1] = sequencer.state;
  view[2] = sequencer.rail;
  view[3] = nextOf();
  view[4] = sequencer.tries;
  view[5] = sequencer.faultReason;
  view[6] = sequencer.faultRail;
  view[7] = sequencer.faultLimit;
  view[8] = sequencer.wanted ? 1 : 0;
  view[9] = sequencer.policy;
  view[10] = sequencer.halt.armed ? 1 : 0;
  view[11] = isEmptied() ? 1 : 0;
  view[12] = sequencer.outputs;
  view[13] = sequencer.reason;
  view[14] = sequencer.origin;
  view[15] = fromNow(sequencer.deadline_us);
  view[16] = fromNow(sequencer.nextDeadline_us());
  view[17] = wordOf(sequencer);
  view[18] = sequencer.isLatched() ? 1 : 0;
  view[19] = <i32>sequencer.rail_us;
  const key = keyOf();
  view[20] = <i32>key;
  view[21] = <i32>(key >> 32);
  let confirmed = 0;
  for (let timer = 0; timer < TIMERS; timer++) {
    const debounced = timerOf(timer);
    view[22 + timer] = fromNow(debounced.due_us);
    if (debounced.confirmed) confirmed |= 1 << timer;
  }
  view[30] = confirmed;
  view[31] = sequencer.sags;
  view[32] = isWaiting() ? 1 : 0;
}

// ------------------------------------------------------------------- keys

/** The fields of a key in bits, the first field lowest. */
const STATE_BITS = 4;
const RAIL_BITS = 2;
const NEXT_BITS = 3;
const TRIES_BITS = 3;
const REASON_BITS = 5;
const LIMIT_BITS = 5;
const POLICY_BITS = 2;

let packed: u64 = 0;
let place: u32 = 0;

function put(value: u32, bits: u32): void {
  assert(value < 1 << bits);
  packed |= (<u64>value) << place;
  place += bits;
}

function get(bits: u32): u32 {
  const value = <u32>(packed >> place) & ((1 << bits) - 1);
  place += bits;
  return value;
}

function keyOf(): u64 {
  const state = sequencer.state;
  const hasRail = state == State.RailUp || state == State.RailDown;
  const hasFault = sequencer.faultReason != Reason.Start;
  const isRunning = state == State.On || state == State.ShuttingDown;
  packed = 0;
  place = 0;
  put(state, STATE_BITS);
  put(hasRail ? sequencer.rail : 0, RAIL_BITS);
  put(nextOf(), NEXT_BITS);
  put(sequencer.tries, TRIES_BITS);
  put(sequencer.faultReason, REASON_BITS);
  put(hasFault ? sequencer.faultRail : 0, RAIL_BITS);
  put(hasFault ? sequencer.faultLimit : 0, LIMIT_BITS);
  put(sequencer.policy, POLICY_BITS);
  put(sequencer.wanted ? 1 : 0, 1);
  put(isRunning && sequencer.halt.armed ? 1 : 0, 1);
  put(isEmptied() ? 1 : 0, 1);
  put(sequencer.sags, TRIES_BITS);
  put(isWaiting() ? 1 : 0, 1);
  put(sequencer.deadline_us != NO_DEADLINE ? 1 : 0, 1);
  for (let timer = 0; timer < TIMERS; timer++) {
    const debounced = timerOf(timer);
    put(debounced.due_us != NO_DEADLINE ? 1 : 0, 1);
    put(debounced.confirmed ? 1 : 0, 1);
  }
  return packed;
}

/**
 * Loads the state of a key. `times` has two bits for the deadline and for each debounced input in turn: 0:
 * not due yet, 1: due right now, 2: due earlier.
 */
export function loadKey(low: u32, high: u32, outputs: u32, times: u32): void {
  now_us = LOADED_AT_US;
  packed = ((<u64>high) << 32) | low;
  place = 0;
  sequencer.state = get(STATE_BITS);
  sequencer.rail = get(RAIL_BITS);
  store<i32>(begin, get(NEXT_BITS), offsetof<Sequencer>("next"));
  sequencer.tries = get(TRIES_BITS);
  sequencer.faultReason = get(REASON_BITS);
  sequencer.faultRail = get(RAIL_BITS);
  sequencer.faultLimit = get(LIMIT_BITS);
  sequencer.policy = get(POLICY_BITS);
  sequencer.wanted = get(1) != 0;
  sequencer.halt.armed = get(1) != 0;
  store<bool>(begin, get(1) != 0, offsetof<Sequencer>("wasEmpty"));
  sequencer.sags = get(TRIES_BITS);
  store<bool>(begin, get(1) != 0, offsetof<Sequencer>("waiting"));
  sequencer.deadline_us = get(1) ? dueAt(times) : NO_DEADLINE;
  sequencer.entered_us = now_us - 5;
  sequencer.outputs = outputs;
  sequencer.origin = <Origin>ANYBODY;
  sequencer.reason = <Reason>ANYBODY;
  for (let timer = 0; timer < TIMERS; timer++) {
    const debounced = timerOf(timer);
    times >>= 2;
    debounced.due_us = get(1) ? dueAt(times) : NO_DEADLINE;
    debounced.confirmed = get(1) != 0;
  }
}

function dueAt(times: u32): u64 {
  return now_us + 1 - (times & 3);
}

// ------------------------------------------------------------------- access to private fields

const TIMERS = 8;

function timerOf(timer: i32): Debounced {
  const halt = changetype<usize>(sequencer.halt);
  switch (timer) {
    case 0:
      return changetype<Debounced>(load<usize>(halt, offsetof<Halt>("low")));
    case 1:
      return changetype<Debounced>(load<usize>(halt, offsetof<Halt>("steady")));
    case 2:
      return changetype<Debounced>(load<usize>(halt, offsetof<Halt>("lasting")));
    case 3:
      return changetype<Debounced>(load<usize>(begin, offsetof<Sequencer>("removed")));
    case 4:
      return changetype<Debounced>(load<usize>(begin, offsetof<Sequencer>("inserted")));
    case 5:
      return changetype<Debounced>(load<usize>(begin, offsetof<Sequencer>("absent")));
    case 6:
      return changetype<Debounced>(load<usize>(begin, offsetof<Sequencer>("inputBack")));
    default:
      return changetype<Debounced>(load<usize>(begin, offsetof<Sequencer>("inputGone")));
  }
}

function nextOf(): i32 {
  return load<i32>(begin, offsetof<Sequencer>("next"));
}

function isEmptied(): bool {
  return load<bool>(begin, offsetof<Sequencer>("wasEmpty"));
}

function isWaiting(): bool {
  return load<bool>(begin, offsetof<Sequencer>("waiting"));
}
