/**
 * Finds the sequencer's state again after a restart of the BMC. The host leaves every output as it is during
 * a restart. The output latches show which rails are enabled, and the retained word holds the state before.
 *
 * A restart by itself changes no output, and a board that runs keeps running. If latches and retained word
 * contradict each other, the sequencer switches the slot off, because off is the safe direction.
 */
import { NO_DEADLINE, SIGNAL_COMPUTE_RUN, SIGNAL_SHUTDOWN_REQ } from "../generated/abi";
import { COMPUTE_RAIL, RAIL_COUNT, RAIL_ENABLE } from "../generated/board";
import { isPowered, Next, Origin, Reason, State } from "../generated/vocabulary";
import { Inputs } from "../protection/inputs";
import { isHaltArmed, isValid, restore, stateIn } from "./retained-word";
import { RESTORING_US, Sequencer } from "./sequencer";

/**
 * Puts the sequencer into the state that it had before the restart. `inputs.signals` are the levels of the
 * inputs and the latches of the outputs. `word` is the retained word, or 0 if there is none.
 */
export function adopt(sequencer: Sequencer, now_us: u64, inputs: Inputs, word: u32): void {
  const isKnown = isValid(word);
  const before: State = isKnown ? stateIn(word) : State.RailDown;
  sequencer.origin = Origin.Bmc;
  if (isKnown) restore(sequencer, word);
  const enabled = enabledRails(inputs.signals);
  // A trip during the restart counts as a fault if the slot was powered then.
  if (inputs.tripped && (!isKnown || isPowered(before))) {
    adoptTrip(sequencer, now_us, isKnown ? sequencer.afterFault(Reason.Overcurrent, before) : Next.Fault);
    goDownFrom(sequencer, now_us, enabled);
    return;
  }
  const isReleased = (inputs.signals & SIGNAL_COMPUTE_RUN) != 0;
  const wasGoingDown = isKnown && before == State.RailDown;
  if (enabled == 0) {
    adoptOff(sequencer, now_us, before);
  } else if (before == State.Resetting && enabled == RAIL_COUNT) {
    sequencer.enterResetting(now_us, Reason.Adopted);
  } else if (!wasGoingDown && isReleased && enabled == RAIL_COUNT) {
    // If a rail failed during the restart, the next step reports that fault.
    const isAsked = before == State.ShuttingDown || (inputs.signals & SIGNAL_SHUTDOWN_REQ) != 0;
    adoptOn(sequencer, now_us, isAsked);
    sequencer.halt.armed = isHaltArmed(word);
    if (!isKnown) sequencer.wanted = !isAsked;
  } else if (before == State.RailUp && !isReleased) {
    sequencer.rail = enabled - 1;
    sequencer.enterRailUp(now_us, Reason.Adopted);
  } else if ((before == State.RunDelay || before == State.On) && enabled == RAIL_COUNT) {
    sequencer.enterRunDelay(now_us, Reason.Adopted);
  } else {
    // Going down, or unknown. The rail above the last enabled one is the next whose power-good must fall.
    goDownFrom(sequencer, now_us, enabled);
  }
}

/** Number of rails, from the first on, whose enables are asserted without a gap. */
function enabledRails(signals: u32): i32 {
  let enabled = 0;
  while (enabled < RAIL_COUNT && signals & unchecked(RAIL_ENABLE[enabled])) enabled++;
  return enabled;
}

function adoptTrip(sequencer: Sequencer, now_us: u64, next: Next): void {
  sequencer.origin = Origin.Fault;
  sequencer.recordFault(now_us, Reason.Overcurrent, COMPUTE_RAIL, 0);
  sequencer.next = next;
}

function goDownFrom(sequencer: Sequencer, now_us: u64, enabled: i32): void {
  sequencer.rail = min(enabled, RAIL_COUNT - 1);
  sequencer.enterRailDown(now_us, Reason.Adopted);
}

function adoptOn(sequencer: Sequencer, now_us: u64, isAsked: bool): void {
  if (isAsked) sequencer.enterShuttingDown(now_us, Reason.Adopted);
  else sequencer.enterOn(now_us, Reason.Adopted);
}

function adoptOff(sequencer: Sequencer, now_us: u64, before: State): void {
  switch (before) {
    case State.RailUp: {
      // The restart came between the decision to power on and the first enable.
      sequencer.rail = 0;
      sequencer.enterRailUp(now_us, Reason.Adopted);
      return;
    }
    case State.RailDown:
    case State.CycleOff:
    case State.RetryPause:
    case State.Fault: {
      sequencer.enterNext(now_us, Reason.Adopted);
      // Automatic power-on waits until the sensors have shown again that they are not stuck.
      if (sequencer.deadline_us == NO_DEADLINE) return;
      sequencer.deadline_us = max(sequencer.deadline_us, now_us + RESTORING_US);
      return;
    }
    case State.NoInput: {
      sequencer.enterNoInput(now_us, Reason.Adopted);
      return;
    }
    case State.Restoring: {
      sequencer.enterRestoring(now_us, Reason.Adopted);
      return;
    }
    default: {
      sequencer.clearFault();
      sequencer.enterOff(now_us, Reason.Start);
    }
  }
}
