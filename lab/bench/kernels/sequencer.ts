/**
 * A power sequencer with scripted inputs: five rails from a table, deadlines in 64-bit microseconds,
 * latched faults. It is a small version of assembly/power/sequencer.ts, for no real board. As in real use,
 * nearly all steps have nothing to do.
 */

/** Inputs: bit n is the power-good of rail n. */
const PRESENT: u32 = 1 << 5;
const HALTED: u32 = 1 << 6;
/** Outputs: bit n is the enable of rail n. */
const COMPUTE_RUN: u32 = 1 << 5;
const SHUTDOWN_REQ: u32 = 1 << 6;

/** Rails in power-up order: enable, power-good, the milliseconds until it is up, and until it is down. */
const RAIL_COUNT: u32 = 5;
const RAIL_BYTES: u32 = 8;
const RAILS: usize = memory.data<u16>([
  0x01, 0x01, 50, 500, 0x02, 0x02, 100, 500, 0x04, 0x04, 20, 200, 0x08, 0x08, 20, 200, 0x10, 0x10, 30, 100,
]);
const ENABLE: usize = 0;
const POWER_GOOD: usize = 2;
const UP_MS: usize = 4;
const DOWN_MS: usize = 6;

const RUN_DELAY_MS: u32 = 20;
const SHUTDOWN_MS: u32 = 60000;
const DEBOUNCE_US: u64 = 10000;
const NO_DEADLINE: u64 = u64.MAX_VALUE;

enum State {
  Off,
  RailUp,
  RunDelay,
  On,
  ShuttingDown,
  RailDown,
  Fault,
}

enum Command {
  None,
  On,
  Off,
  ForceOff,
}

enum Fault {
  None,
  PowerGoodTimeout,
  PowerGoodLost,
  PowerGoodStuck,
  Removed,
}

/** Bits that a step returns in addition to the outputs that change. */
const ACTION_ENTERED: u32 = 1 << 8;
const ACTION_FAULT: u32 = 1 << 9;
const ACTION_REFUSED: u32 = 1 << 10;

/**
 * Each row: the number of steps with the same inputs, the milliseconds between them, the inputs, and a
 * command with the first step. The script: on and off again; refused without a board; a rail that does not
 * come up; a rail lost while on, while another stays up on the way down; forced off; a board pulled out.
 */
const SCRIPT_ROW_BYTES: u32 = 8;
const SCRIPT_ROWS: u32 = 51;
// biome-ignore format: rows of four
const SCRIPT: usize = memory.data<u16>([
  // on, off
  5, 100, 0x20, 0,  6, 5, 0x20, 1,  3, 2, 0x21, 0,  4, 5, 0x23, 0,  3, 1, 0x27, 0,
  2, 1, 0x2f, 0,  4, 5, 0x2f, 0,  7, 4, 0x3f, 0,  60, 10, 0x3f, 0,  30, 100, 0x3f, 2,
  3, 4, 0x7f, 0,  2, 4, 0x3f, 0,  5, 4, 0x7f, 0,  3, 5, 0x2f, 0,  2, 5, 0x27, 0,
  4, 5, 0x23, 0,  2, 5, 0x21, 0,  6, 5, 0x20, 0,
  // refused; a rail that does not come up
  2, 100, 0x00, 1,  3, 5, 0x20, 1,  30, 5, 0x21, 0,  4, 5, 0x20, 0,  5, 100, 0x20, 0,
  // a rail lost while on, with the one below it stuck
  2, 1, 0x20, 1,  2, 1, 0x21, 0,  2, 1, 0x23, 0,  2, 1, 0x27, 0,  2, 1, 0x2f, 0,
  8, 4, 0x3f, 0,  40, 10, 0x3f, 0,  1, 1, 0x37, 0,  3, 5, 0x2f, 0,  12, 30, 0x27, 0,
  3, 5, 0x23, 0,  3, 5, 0x21, 0,  6, 5, 0x20, 0,  2, 10, 0x20, 2,
  // forced off while coming up
  2, 1, 0x20, 1,  1, 1, 0x21, 3,  4, 5, 0x20, 0,
  // on, pulled out, forced off on the way down
  2, 1, 0x20, 1,  2, 1, 0x21, 0,  2, 1, 0x23, 0,  2, 1, 0x27, 0,  2, 1, 0x2f, 0,
  8, 4, 0x3f, 0,  20, 10, 0x3f, 1,  5, 4, 0x1f, 0,  2, 1, 0x0f, 3,  3, 5, 0x01, 0,
  4, 5, 0x00, 2,
]);

class Sequencer {
  now_us: u64;
  deadline_us: u64;
  /** When HALTED, or a missing board, will have lasted long enough; NO_DEADLINE while it is not asserted. */
  halted_us: u64;
  removed_us: u64;
  state: State;
  rail: u32;
  outputs: u32;
  fault: Fault;
  faultRail: u32;
}

/** In static memory like everything else; the class defines the offsets of its fields. */
const slot = changetype<Sequencer>(memory.data(56, 8));

export function prepareSequencer(): void {
  slot.now_us = 0;
  slot.rail = 0;
  slot.fault = Fault.None;
  slot.faultRail = 0;
  enter(State.Off, 0, NO_DEADLINE);
}

function enter(state: State, outputs: u32, deadline_us: u64): void {
  slot.state = state;
  slot.outputs = outputs;
  slot.deadline_us = deadline_us;
  slot.halted_us = NO_DEADLINE;
  slot.removed_us = NO_DEADLINE;
}

/** Returns the enables of the first `count` rails. */
function enables(count: u32): u32 {
  let mask: u32 = 0;
  for (let rail: u32 = 0; rail < count; rail++) mask |= load<u16>(RAILS + rail * RAIL_BYTES, ENABLE);
  return mask;
}

function after(wait_ms: u32): u64 {
  return slot.now_us + <u64>(wait_ms * 1000);
}

function enterRailUp(rail: u32): void {
  slot.rail = rail;
  enter(State.RailUp, enables(rail + 1), after(load<u16>(RAILS + rail * RAIL_BYTES, UP_MS)));
}

function enterRailDown(rail: u32): void {
  slot.rail = rail;
  enter(State.RailDown, enables(rail), after(load<u16>(RAILS + rail * RAIL_BYTES, DOWN_MS)));
}

function goDown(): void {
  enterRailDown(slot.state == State.RailUp ? slot.rail : RAIL_COUNT - 1);
}

/** Latches a fault. Only the first one is kept. */
function latch(fault: Fault, rail: u32): void {
  if (slot.fault != Fault.None) return;
  slot.fault = fault;
  slot.faultRail = rail;
}

function request(command: Command, signals: u32): bool {
  const isOff = slot.state == State.Off || slot.state == State.Fault;
  switch (command) {
    case Command.On:
      if (!isOff || !(signals & PRESENT)) return false;
      slot.fault = Fault.None;
      enterRailUp(0);
      return true;
    case Command.Off:
      if (slot.state == State.On) {
        enter(State.ShuttingDown, slot.outputs | SHUTDOWN_REQ, after(SHUTDOWN_MS));
        return true;
      }
      if (slot.state != State.Fault) return false;
      slot.fault = Fault.None;
      enter(State.Off, 0, NO_DEADLINE);
      return true;
    default:
      if (isOff || slot.state == State.RailDown) return false;
      goDown();
      return true;
  }
}

/**
 * Returns when an input that is asserted now will have lasted long enough, or NO_DEADLINE if it is not
 * asserted.
 */
function debounced(due_us: u64, asserted: bool): u64 {
  if (!asserted) return NO_DEADLINE;
  return due_us == NO_DEADLINE ? slot.now_us + DEBOUNCE_US : due_us;
}

/** Checks that the rails of this state are good, and that the board is in its slot. */
function checkFaults(signals: u32): bool {
  const expected = slot.state == State.RailUp ? slot.rail : RAIL_COUNT;
  for (let rail: u32 = 0; rail < expected; rail++) {
    if (!(signals & load<u16>(RAILS + rail * RAIL_BYTES, POWER_GOOD))) {
      latch(Fault.PowerGoodLost, rail);
      goDown();
      return true;
    }
  }
  if (slot.now_us < slot.removed_us) return false;
  latch(Fault.Removed, slot.rail);
  goDown();
  return true;
}

/** Makes at most one transition. Returns true if it made one. */
function advance(signals: u32): bool {
  if (slot.state == State.Off || slot.state == State.Fault) return false;
  const late = slot.now_us >= slot.deadline_us;
  if (slot.state != State.RailDown) {
    slot.halted_us = debounced(slot.halted_us, (signals & HALTED) != 0);
    slot.removed_us = debounced(slot.removed_us, !(signals & PRESENT));
    if (checkFaults(signals)) return true;
  }
  const isGood = (signals & load<u16>(RAILS + slot.rail * RAIL_BYTES, POWER_GOOD)) != 0;
  switch (slot.state) {
    case State.RailUp:
      if (isGood) {
        if (slot.rail + 1 < RAIL_COUNT) enterRailUp(slot.rail + 1);
        else enter(State.RunDelay, slot.outputs, after(RUN_DELAY_MS));
        return true;
      }
      if (!late) return false;
      latch(Fault.PowerGoodTimeout, slot.rail);
      goDown();
      return true;
    case State.RunDelay:
      if (!late) return false;
      enter(State.On, slot.outputs | COMPUTE_RUN, NO_DEADLINE);
      return true;
    case State.On:
    case State.ShuttingDown:
      if (!late && slot.now_us < slot.halted_us) return false;
      goDown();
      return true;
    default:
      if (isGood && !late) return false;
      if (isGood) latch(Fault.PowerGoodStuck, slot.rail);
      if (slot.rail > 0) enterRailDown(slot.rail - 1);
      else enter(slot.fault == Fault.None ? State.Off : State.Fault, 0, NO_DEADLINE);
      return true;
  }
}

/**
 * Makes one pass: executes the command if there is one, then a transition. Returns what the caller has to
 * do.
 */
function step(signals: u32, command: Command): u32 {
  const before = slot.outputs;
  const faultBefore = slot.fault;
  let actions: u32 = 0;
  if (command != Command.None && !request(command, signals)) actions |= ACTION_REFUSED;
  if (advance(signals)) actions |= ACTION_ENTERED;
  if (slot.fault != faultBefore) actions |= ACTION_FAULT;
  return actions | (slot.outputs ^ before);
}

export function sequencer(): u32 {
  let sum: u32 = 0;
  for (let row = SCRIPT, end = SCRIPT + SCRIPT_ROWS * SCRIPT_ROW_BYTES; row != end; row += SCRIPT_ROW_BYTES) {
    const delta_us: u64 = <u64>load<u16>(row, 2) * 1000;
    const signals: u32 = load<u16>(row, 4);
    let command: Command = load<u16>(row, 6);
    for (let left: u32 = load<u16>(row); left != 0; left--) {
      slot.now_us += delta_us;
      sum = sum * 31 + step(signals, command);
      command = Command.None;
    }
    sum = sum * 31 + ((slot.state << 16) | (slot.fault << 8) | slot.faultRail);
  }
  return sum;
}
