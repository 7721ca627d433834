/**
 * The history: the last POWER_HISTORY_ENTRIES transitions of the power sequencer, each with its time, state,
 * reason and origin. The history has every transition. The event log has fewer kinds and reaches further
 * back.
 *
 * The power logic writes here and knows no reader. Readers keep an index of their own: the console's notices
 * print the new transitions that a person wants to know, and the `power` command lists all.
 */
import { POWER_HISTORY_ENTRIES } from "../capacities";
import { Origin, Reason, State } from "../generated/vocabulary";

const ENTRY_BYTES: u32 = 16;
const TIME_US = 0;
const STATE = 8;
const REASON = 9;
const ORIGIN = 10;
const RAIL = 11;
const DETAIL = 12;

/** The largest detail. It shares a word with the count of faults. */
export const MAXIMUM_DETAIL: u32 = 0xffffff;

const entries: usize = memory.data(POWER_HISTORY_ENTRIES * ENTRY_BYTES, 8);
let total: u32 = 0;

/** One transition, filled by its writer and copied by `record`. */
export class Transition {
  time_us: u64 = 0;
  state: State = State.Off;
  reason: Reason = Reason.Start;
  origin: Origin = Origin.Bmc;
  rail: i32 = 0;
  /**
   * Up to MAXIMUM_DETAIL, and by state and reason: the time in us that a rail took to become good, the length
   * of a pause in ms, or the number of a retry.
   */
  detail: u32 = 0;
  /** Number of faults recorded before this transition, so that a reader can put both in order. */
  faults: u32 = 0;
}

/** Index of the next transition, counted since the start of the BMC. */
export function end(): u32 {
  return total;
}

/** Index of the oldest transition that is kept. */
export function oldest(): u32 {
  return total > POWER_HISTORY_ENTRIES ? total - POWER_HISTORY_ENTRIES : 0;
}

function at(index: u32): usize {
  return entries + (index % POWER_HISTORY_ENTRIES) * ENTRY_BYTES;
}

/** Appends a copy of the transition. */
export function record(transition: Transition): void {
  const entry = at(total);
  store<u64>(entry + TIME_US, transition.time_us);
  store<u8>(entry + STATE, <u8>transition.state);
  store<u8>(entry + REASON, <u8>transition.reason);
  store<u8>(entry + ORIGIN, <u8>transition.origin);
  store<u8>(entry + RAIL, <u8>transition.rail);
  store<u32>(entry + DETAIL, (min(transition.detail, MAXIMUM_DETAIL) << 8) | (transition.faults & 0xff));
  total++;
}

export function time_us(index: u32): u64 {
  return load<u64>(at(index) + TIME_US);
}

export function stateOf(index: u32): State {
  return load<u8>(at(index) + STATE);
}

export function reasonOf(index: u32): Reason {
  return load<u8>(at(index) + REASON);
}

export function originOf(index: u32): Origin {
  return load<u8>(at(index) + ORIGIN);
}

export function railOf(index: u32): i32 {
  return load<u8>(at(index) + RAIL);
}

export function detailOf(index: u32): u32 {
  return load<u32>(at(index) + DETAIL) >> 8;
}

/** The lowest eight bits of `Transition.faults`. */
export function faultsAt(index: u32): u32 {
  return load<u8>(at(index) + DETAIL);
}
