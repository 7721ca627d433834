/**
 * Packs the sequencer's state into one word, which the host keeps over a restart of the BMC: the state, where
 * the way down ends, the fault, and the number of retries. adoption.ts reads the word and the output latches.
 *
 * The word is written before the outputs change. If a restart interrupts a transition, the transition is
 * completed afterwards and never reversed.
 */
import {
  LIMIT_KINDS,
  MOST_RAILS,
  NEXT_END,
  Next,
  QUANTITIES,
  REASON_END,
  Reason,
  STATE_END,
  State,
} from "../generated/vocabulary";
import { Sequencer } from "./sequencer";

const VALID: u32 = 1 << 31;
const STATE_SHIFT = 0;
const FAULT_REASON_SHIFT = 5;
const FAULT_RAIL_SHIFT = 10;
const FAULT_LIMIT_SHIFT = 13;
const NEXT_SHIFT = 19;
const TRIES_SHIFT = 22;
const HALT_ARMED: u32 = 1 << 25;
const WANTED: u32 = 1 << 26;
// Each field has room for all values.
assert(STATE_END <= 32 && REASON_END <= 32 && NEXT_END <= 8);
assert(MOST_RAILS <= 8 && QUANTITIES * LIMIT_KINDS <= 64);

/** The word for the state of the sequencer. It is never 0, because 0 means that there is no word. */
export function wordOf(sequencer: Sequencer): u32 {
  return (
    VALID |
    ((<u32>sequencer.state) << STATE_SHIFT) |
    ((<u32>sequencer.faultReason) << FAULT_REASON_SHIFT) |
    ((<u32>sequencer.faultRail) << FAULT_RAIL_SHIFT) |
    ((<u32>sequencer.faultLimit) << FAULT_LIMIT_SHIFT) |
    ((<u32>sequencer.next) << NEXT_SHIFT) |
    (sequencer.tries << TRIES_SHIFT) |
    (sequencer.halt.armed ? HALT_ARMED : 0) |
    (sequencer.wanted ? WANTED : 0)
  );
}

/** False after power-on, and usually if another firmware has used the word. */
export function isValid(word: u32): bool {
  return (word & VALID) != 0;
}

/** The state before the restart. */
export function stateIn(word: u32): State {
  return <State>((word >> STATE_SHIFT) & 0x1f);
}

/** True if HALTED was low for long enough before the restart, so that a high level counts now. */
export function isHaltArmed(word: u32): bool {
  return (word & HALT_ARMED) != 0;
}

/**
 * Restores the fault, the way down, the tries and `wanted`. adoption.ts derives the state and `halt.armed`.
 */
export function restore(sequencer: Sequencer, word: u32): void {
  sequencer.faultReason = <Reason>((word >> FAULT_REASON_SHIFT) & 0x1f);
  sequencer.faultRail = <i32>((word >> FAULT_RAIL_SHIFT) & 7);
  sequencer.faultLimit = <i32>((word >> FAULT_LIMIT_SHIFT) & 0x3f);
  sequencer.next = <Next>((word >> NEXT_SHIFT) & 7);
  sequencer.tries = (word >> TRIES_SHIFT) & 7;
  sequencer.wanted = (word & WANTED) != 0;
}
