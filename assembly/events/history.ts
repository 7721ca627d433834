/**
 * Every transition of the power sequencer, the last POWER_HISTORY_ENTRIES of them: when, into which state,
 * for which reason, and who wanted it. The event log keeps what matters longer; here is all of it.
 */
import { POWER_HISTORY_ENTRIES } from "../capacities";

const ENTRY_BYTES: u32 = 16;
const TIME_US = 0;
const STATE = 8;
const REASON = 9;
const ORIGIN = 10;
const RAIL = 11;

const entries: usize = memory.data(POWER_HISTORY_ENTRIES * ENTRY_BYTES, 8);
let total: u32 = 0;

export function end(): u32 {
  return total;
}

export function oldest(): u32 {
  return total > POWER_HISTORY_ENTRIES ? total - POWER_HISTORY_ENTRIES : 0;
}

function at(index: u32): usize {
  return entries + (index % POWER_HISTORY_ENTRIES) * ENTRY_BYTES;
}

export function note(time_us: u64, state: u32, reason: u32, origin: u32, rail: u32): void {
  const entry = at(total);
  store<u64>(entry + TIME_US, time_us);
  store<u8>(entry + STATE, <u8>state);
  store<u8>(entry + REASON, <u8>reason);
  store<u8>(entry + ORIGIN, <u8>origin);
  store<u8>(entry + RAIL, <u8>rail);
  total++;
}

export function time_us(index: u32): u64 {
  return load<u64>(at(index) + TIME_US);
}

export function stateOf(index: u32): u32 {
  return load<u8>(at(index) + STATE);
}

export function reasonOf(index: u32): u32 {
  return load<u8>(at(index) + REASON);
}

export function originOf(index: u32): u32 {
  return load<u8>(at(index) + ORIGIN);
}

export function railOf(index: u32): u32 {
  return load<u8>(at(index) + RAIL);
}
