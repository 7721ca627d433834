/**
 * The slot's power sequencer, a pure state machine.
 *
 * | state | asserted | ends with |
 * |---|---|---|
 * | Off, Fault | nothing | a command; a board plugged in under the policy always-on |
 * | RailUp n | enables 0 to n | power-good of rail n; its deadline is a fault |
 * | RunDelay | all enables | RUN_DELAY_MS, for the supplies to settle |
 * | On | all enables, COMPUTE_RUN | a command, a fault, the OS halting by itself |
 * | ShuttingDown | the same and SHUTDOWN_REQ | HALTED, or SHUTDOWN_TIMEOUT_MS |
 * | RailDown n | enables below n | power-good of rail n gone; its deadline is a fault |
 * | CycleOff, RetryPause, Restoring | nothing | their time, then the conditions for coming up |
 * | Resetting | all enables | RESET_PULSE_MS |
 * | NoInput | nothing | input power good for RESTORE_SETTLE_MS |
 *
 * Rails come up in the board's order, each enabled only once the one before reports power-good
 * within its deadline; COMPUTE_RUN is released last. They go down in reverse, COMPUTE_RUN first.
 *
 * A fault takes everything down. The sequencer tries again after growing pauses, three times. Then the fault
 * is latched, and only clearing it lets the slot come up again. A board pulled out and input power lost are
 * no faults: the slot goes off, and the restore policy decides what happens when they are back.
 *
 * After a restart of the BMC, adoption.ts finds the state again.
 *
 * `step` and `request` look at time and inputs only; power.ts carries out `outputs`.
 */
import {
  NO_DEADLINE,
  SIGNAL_COMPUTE_RUN,
  SIGNAL_HALTED,
  SIGNAL_PRESENT,
  SIGNAL_SHUTDOWN_REQ,
} from "../generated/abi";
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
} from "../generated/board";
import {
  Answer,
  Command,
  isPowered,
  isResting,
  Next,
  Origin,
  Reason,
  RestorePolicy,
  State,
} from "../generated/vocabulary";
import { Inputs } from "../protection/inputs";
import { Debounced } from "./debounced";

const US_PER_MS: u64 = 1000;
const TRIES: u32 = 3;
assert(RETRY_PAUSE_MS.length == TRIES);

/**
 * How long HALTED or a missing PRESENT must last to be believed. Both come from connectors and
 * operating systems, where milliseconds do not matter and contacts bounce. Chosen.
 */
export const DEBOUNCE_US: u64 = 10000;
/** A trip comes within two rounds and a block, some 60 us; a pass may come later. Chosen. */
export const EXPLAINED_US: u64 = 1000;
/** How long a board must be in its slot before power comes by itself: hands are still at it. Chosen. */
const INSERTED_US: u64 = 500000;
/**
 * How long power that comes by itself waits for what may pass: a contact that bounces, a rail that empties
 * slowly, heat. Chosen.
 */
const PATIENCE_US: u64 = 60000000;
/** Input power lost so often in a row makes the pauses grow. */
const SAGS_MOST: u32 = 1 + TRIES;
/** Before power comes by itself: longer than a stuck sensor takes to be found out (sensors/health.ts). */
export const RESTORING_US: u64 = 1500000;

export class Sequencer {
  state: State = State.Off;
  /** Rail a RailUp or RailDown state is about. */
  rail: i32 = 0;
  /** When this state ends at the latest, or NO_DEADLINE. */
  deadline_us: u64 = NO_DEADLINE;
  entered_us: u64 = 0;
  reason: Reason = Reason.Start;
  origin: Origin = Origin.Bmc;
  /** Output signals this state asserts. */
  outputs: u32 = 0;
  /** How long the last rail took to become good, or to go. */
  rail_us: u64 = 0;

  policy: RestorePolicy = RestorePolicy.Last;
  /** Number of the slot: who waits how long when a rack comes up. */
  slot: u32 = 0;
  /** Whether somebody wants this slot on: what the policy `last` goes by. */
  wanted: bool = false;

  /** The fault that brought the slot down: a Reason from PowerGoodTimeout on, or Start for none. */
  faultReason: Reason = Reason.Start;
  faultRail: i32 = 0;
  /** For LimitExceeded: the limit's place. */
  faultLimit: i32 = 0;
  fault_us: u64 = 0;
  /** Tries since the slot was last good. */
  tries: u32 = 0;
  /** Times in a row that input power went soon after the slot came up. */
  sags: u32 = 0;

  /** Where the way down ends. */
  next: Next = Next.Off;
  /** HALTED counts only after it has been seen low: a board may boot with the line high. */
  haltArmed: bool = false;
  private halted: Debounced = new Debounced(DEBOUNCE_US);
  private removed: Debounced = new Debounced(DEBOUNCE_US);
  private inserted: Debounced = new Debounced(INSERTED_US);
  private absent: Debounced = new Debounced(INSERTED_US);
  private inputBack: Debounced = new Debounced(<u64>RESTORE_SETTLE_MS * US_PER_MS);
  private inputGone: Debounced = new Debounced(DEBOUNCE_US);
  /** No board was there while the slot was off: the next one is a new one. */
  private emptied: bool = false;
  /** It is time to come up, and something is waited for that speaks against it. */
  waiting: bool = false;

  /** When `step` must be called again at the latest, or NO_DEADLINE. */
  nextDeadline_us(): u64 {
    const contacts = min(this.inserted.due_us, this.absent.due_us);
    const input = min(this.inputBack.due_us, this.inputGone.due_us);
    const board = min(this.halted.due_us, this.removed.due_us);
    return min(min(this.deadline_us, contacts), min(input, board));
  }

  /** A fault that only `ClearFault` removes. */
  isLatched(): bool {
    return this.state == State.Fault || (this.state == State.RailDown && this.next == Next.Fault);
  }

  /** Power came to the BMC itself: nothing is enabled, the policy decides. `wanted` is the slot before. */
  begin(now_us: u64, wanted: bool): void {
    this.wanted = wanted;
    this.origin = Origin.Policy;
    if (this.isToBeRestored()) this.enterRestoring(now_us, Reason.Start);
    else this.enterOff(now_us, Reason.Start);
  }

  request(now_us: u64, command: Command, inputs: Inputs, origin: Origin): Answer {
    switch (command) {
      case Command.On:
        return this.requestOn(now_us, inputs, origin);
      case Command.Off:
        return this.requestOff(now_us, origin);
      case Command.ForceOff:
        return this.requestForceOff(now_us, origin);
      case Command.ClearFault: {
        if (!this.isLatched()) return Answer.NoFault;
        this.origin = origin;
        this.tries = 0;
        this.next = Next.Off;
        this.clearFault();
        if (this.state == State.Fault) this.enterOff(now_us, Reason.FaultCleared);
        return Answer.Accepted;
      }
      default: {
        if (isResting(this.state)) return Answer.AlreadyOff;
        if (this.state != State.On) return Answer.Busy;
        this.origin = origin;
        if (command == Command.Cycle) {
          this.goDown(now_us, Reason.CycleRequested, Next.Cycle);
        } else {
          this.enterResetting(now_us, Reason.ResetRequested);
        }
        return Answer.Accepted;
      }
    }
  }

  private requestOn(now_us: u64, inputs: Inputs, origin: Origin): Answer {
    if (this.state == State.On) return Answer.AlreadyOn;
    if (this.isLatched()) return Answer.Faulted;
    if (!isResting(this.state)) return Answer.Busy;
    if (!(inputs.signals & SIGNAL_PRESENT)) return Answer.NotPresent;
    if (inputs.inhibited) return Answer.Inhibited; // first: a sensor may be why input power seems gone
    if (this.state == State.NoInput || !inputs.inputGood) return Answer.NoInput;
    this.origin = origin;
    this.wanted = true;
    this.tries = this.sags = 0;
    this.comeUp(now_us, Reason.OnRequested);
    return Answer.Accepted;
  }

  private requestOff(now_us: u64, origin: Origin): Answer {
    switch (this.state) {
      case State.Off:
      case State.Fault: {
        this.wanted = false;
        return Answer.AlreadyOff;
      }
      case State.On: {
        this.want(false, origin);
        this.enterShuttingDown(now_us, Reason.ShutdownRequested);
        return Answer.Accepted;
      }
      case State.ShuttingDown: {
        this.wanted = false;
        return Answer.Busy;
      }
      case State.RailDown:
        return this.stayDown(origin);
      default: {
        // No operating system is up that could be asked.
        this.want(false, origin);
        this.abandon(now_us, Reason.OffRequested);
        return Answer.Accepted;
      }
    }
  }

  private requestForceOff(now_us: u64, origin: Origin): Answer {
    if (this.state == State.Off || this.state == State.Fault) {
      this.wanted = false;
      return Answer.AlreadyOff;
    }
    if (this.state == State.RailDown) return this.stayDown(origin);
    this.want(false, origin);
    this.abandon(now_us, Reason.ForceOffRequested);
    return Answer.Accepted;
  }

  private want(wanted: bool, origin: Origin): void {
    this.wanted = wanted;
    this.origin = origin;
  }

  /** Already on its way down: it only stays there, unless a fault is to be latched. */
  private stayDown(origin: Origin): Answer {
    this.wanted = false;
    if (this.next != Next.Cycle && this.next != Next.Retry) return Answer.Busy;
    this.origin = origin;
    this.next = Next.Off;
    this.clearFault();
    return Answer.Accepted;
  }

  /** Off from any state but those that are off already. */
  private abandon(now_us: u64, reason: Reason): void {
    this.clearFault();
    if (this.state == State.NoInput) return; // there is nothing to go off with
    if (isResting(this.state)) this.enterOff(now_us, reason);
    else this.goDown(now_us, reason, Next.Off);
  }

  /**
   * One transition at most; true when there was one, and the caller then steps again with `fell` and
   * `tripped` cleared.
   */
  step(now_us: u64, inputs: Inputs): bool {
    const late = now_us >= this.deadline_us;
    if (isResting(this.state)) return this.stepResting(now_us, inputs, late);
    const isHalted = this.seesHalted(now_us, inputs.signals);
    const isRemoved = this.removed.isConfirmed(now_us, !(inputs.signals & SIGNAL_PRESENT));
    if (this.state != State.RailDown && this.checkFaults(now_us, inputs, isRemoved)) return true;
    switch (this.state) {
      case State.RailUp:
        return this.stepRailUp(now_us, inputs.signals, late);
      case State.On:
        return this.stepOn(now_us, late, isHalted);
      case State.ShuttingDown: {
        if (!late && !isHalted) return false;
        this.goDown(now_us, isHalted ? Reason.Halted : Reason.ShutdownTimeout, Next.Off);
        return true;
      }
      case State.RailDown:
        return this.stepRailDown(now_us, inputs.signals, late);
      case State.CycleOff: {
        if (!late && !this.waiting) return false;
        const isPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
        return this.comeBack(now_us, inputs, late, false, isPresent, Reason.CycleWaited);
      }
      default: {
        // RunDelay and Resetting: all rails are up, and COMPUTE_RUN is released when the time is over.
        if (!late) return false;
        this.enterOn(now_us, this.state == State.RunDelay ? Reason.RunReleased : Reason.ResetDone);
        return true;
      }
    }
  }

  /** HALTED has been high for long enough, and was low before: a board may boot with the line high. */
  private seesHalted(now_us: u64, signals: u32): bool {
    const isHigh = (signals & SIGNAL_HALTED) != 0;
    const isRunning = this.state == State.On || this.state == State.ShuttingDown;
    if (isRunning && !isHigh) this.haltArmed = true;
    return this.halted.isConfirmed(now_us, isPowered(this.state) && isHigh) && this.haltArmed;
  }

  private stepRailUp(now_us: u64, signals: u32, late: bool): bool {
    if (signals & unchecked(RAIL_POWER_GOOD[this.rail])) {
      this.rail_us = now_us - this.entered_us;
      if (++this.rail == RAIL_COUNT) this.enterRunDelay(now_us, Reason.RailGood);
      else this.enterRailUp(now_us, Reason.RailGood);
      return true;
    }
    if (!late) return false;
    this.fail(now_us, Reason.PowerGoodTimeout, this.rail, 0);
    return true;
  }

  private stepOn(now_us: u64, late: bool, isHalted: bool): bool {
    if (late) {
      this.tries = this.sags = 0;
      this.deadline_us = NO_DEADLINE;
    }
    if (!isHalted) return false;
    this.want(false, Origin.Compute);
    this.goDown(now_us, Reason.Halted, Next.Off);
    return true;
  }

  /**
   * A short takes the output down faster than the converter is looked at: then power-good goes first, and the
   * trip that follows is what explains it, however late it is heard of. True if the fault is another one now.
   */
  explain(tripped_us: u64): bool {
    if (this.faultReason != Reason.PowerGoodLost || this.faultRail != COMPUTE_RAIL) return false;
    if (tripped_us > this.fault_us + EXPLAINED_US) return false;
    this.faultReason = Reason.Overcurrent;
    if (this.reason == Reason.PowerGoodLost) this.reason = Reason.Overcurrent;
    return true;
  }

  /** Off, in one of the ways there are. */
  private stepResting(now_us: u64, inputs: Inputs, late: bool): bool {
    const isPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
    const isInserted = this.inserted.isConfirmed(now_us, isPresent);
    if (this.absent.isConfirmed(now_us, !isPresent)) this.forgetBoard();
    if (this.state == State.NoInput) {
      if (!this.inputBack.isConfirmed(now_us, inputs.inputGood)) return false;
      this.inputBack.forget();
      this.origin = Origin.Policy;
      if (this.isToBeRestored()) this.enterRestoring(now_us, Reason.InputBack);
      else this.enterOff(now_us, Reason.InputBack);
      return true;
    }
    // A latched fault outlasts everything, and a slot whose input is gone has nothing else to wait for.
    if (this.state != State.Fault && this.inputGone.isConfirmed(now_us, inputs.inputLost)) {
      this.origin = Origin.Policy;
      this.enterNoInput(now_us, Reason.InputLost);
      return true;
    }
    switch (this.state) {
      case State.Off: {
        if (!isInserted || !this.emptied) return false;
        this.emptied = false;
        if (this.policy != RestorePolicy.AlwaysOn) return false;
        this.origin = Origin.Policy;
        this.tries = this.sags = 0;
        this.enterRestoring(now_us, Reason.Inserted);
        return true;
      }
      case State.RetryPause: {
        if (!late && !this.waiting && !this.emptied) return false;
        return this.comeBack(now_us, inputs, late, this.emptied, isInserted, Reason.Retried);
      }
      case State.Restoring: {
        // Without a board nobody's turn comes; one that has just come is still in somebody's hands.
        const isEmpty = this.emptied && !isPresent;
        if (!late && !this.waiting && !isEmpty) return false;
        const isOver = isEmpty || !this.isToBeRestored(); // the policy may be another one meanwhile
        return this.comeBack(now_us, inputs, late, isOver, isInserted, Reason.Restored);
      }
      default:
        return false;
    }
  }

  private stepRailDown(now_us: u64, signals: u32, late: bool): bool {
    const stillGood = (signals & unchecked(RAIL_POWER_GOOD[this.rail])) != 0;
    if (stillGood && !late) return false;
    this.rail_us = now_us - this.entered_us;
    // A rail that will not go down is worth a fault, but no reason to leave the others up.
    if (stillGood) {
      this.origin = Origin.Fault;
      this.recordFault(now_us, Reason.PowerGoodStuck, this.rail, 0);
      this.next = Next.Fault;
    }
    if (this.rail > 0) {
      this.rail--;
      this.enterRailDown(now_us, Reason.RailDown);
    } else {
      this.enterNext(now_us, this.next == Next.Fault ? this.faultReason : Reason.RailDown);
    }
    return true;
  }

  /** All rails are down: what the way down was for. */
  enterNext(now_us: u64, reason: Reason): void {
    const next = this.next;
    this.next = Next.Off;
    switch (next) {
      case Next.Cycle: {
        this.next = next;
        this.enter(now_us, State.CycleOff, reason, 0, now_us + <u64>CYCLE_OFF_MS * US_PER_MS);
        return;
      }
      case Next.Retry: {
        this.next = next;
        const pause_ms = unchecked(RETRY_PAUSE_MS[min(this.tries, TRIES - 1)]);
        this.enter(now_us, State.RetryPause, reason, 0, now_us + <u64>pause_ms * US_PER_MS);
        return;
      }
      case Next.Fault: {
        this.next = next;
        this.wanted = false; // nor after an outage of the BMC itself, but where the policy is always on
        this.enter(now_us, State.Fault, reason, 0, NO_DEADLINE);
        return;
      }
      case Next.NoInput: {
        this.enterNoInput(now_us, reason);
        return;
      }
      default: {
        this.clearFault();
        this.enterOff(now_us, reason);
      }
    }
  }

  /** Everything that takes a slot down that is up, the first cause first. */
  private checkFaults(now_us: u64, inputs: Inputs, isRemoved: bool): bool {
    if (inputs.tripped && this.state != State.CycleOff) {
      this.fail(now_us, Reason.Overcurrent, COMPUTE_RAIL, 0);
      return true;
    }
    // Before the rails: they fail because of it.
    if (inputs.inputLost) {
      this.origin = Origin.Policy;
      if (isPowered(this.state) && this.sags < SAGS_MOST) this.sags++;
      this.goDown(now_us, Reason.InputLost, Next.NoInput);
      return true;
    }
    const rail = this.firstRailLost(inputs);
    if (rail >= 0) {
      this.fail(now_us, Reason.PowerGoodLost, rail, 0);
      return true;
    }
    if (inputs.limit >= 0 && this.state != State.CycleOff) {
      this.fail(now_us, Reason.Limit, inputs.limitRail < 0 ? 0 : inputs.limitRail, inputs.limit);
      return true;
    }
    if (!isRemoved) return false;
    this.origin = Origin.Policy;
    this.forgetBoard();
    this.goDown(now_us, Reason.Removed, Next.Off);
    return true;
  }

  /** The board has gone, and with it what was wanted of it. The next one is a new one. */
  private forgetBoard(): void {
    this.emptied = true;
    this.tries = 0;
    if (this.policy != RestorePolicy.AlwaysOn) this.wanted = false;
  }

  /** The rail that must be good in this state and was the first to fail, or -1. */
  private firstRailLost(inputs: Inputs): i32 {
    let expected = RAIL_COUNT;
    if (this.state == State.RailUp) expected = this.rail;
    else if (this.state == State.CycleOff) expected = 0;
    let lost = -1;
    for (let rail = 0; rail < expected; rail++) {
      const powerGood = unchecked(RAIL_POWER_GOOD[rail]);
      if (inputs.fellFirst & powerGood) return rail;
      if (lost < 0 && (!(inputs.signals & powerGood) || inputs.fell & powerGood)) lost = rail;
    }
    return lost;
  }

  private fail(now_us: u64, reason: Reason, rail: i32, limit: i32): void {
    this.origin = Origin.Fault;
    this.recordFault(now_us, reason, rail, limit);
    this.goDown(now_us, reason, this.afterFault(reason, this.state));
  }

  afterFault(reason: Reason, state: State): Next {
    if (state == State.ShuttingDown) return Next.Off; // where it was going anyway
    return reason != Reason.PowerGoodStuck && this.tries < TRIES ? Next.Retry : Next.Fault;
  }

  /** The first fault is the one kept: what follows while going down is its consequence. */
  recordFault(now_us: u64, reason: Reason, rail: i32, limit: i32): void {
    if (this.faultReason != Reason.Start) return;
    this.faultReason = reason;
    this.faultRail = rail;
    this.faultLimit = limit;
    this.fault_us = now_us;
  }

  clearFault(): void {
    this.faultReason = Reason.Start;
  }

  private isToBeRestored(): bool {
    return this.policy == RestorePolicy.AlwaysOn || (this.policy == RestorePolicy.Last && this.wanted);
  }

  /**
   * It is time to come up by itself. What speaks against it and may pass is waited for, not if `isOver`.
   * `isThere`: a board that has been there for long enough. True if there was a transition.
   */
  private comeBack(
    now_us: u64,
    inputs: Inputs,
    late: bool,
    isOver: bool,
    isThere: bool,
    reason: Reason,
  ): bool {
    // A sensor that reads nonsense may be why input power seems gone.
    if (!isOver && (inputs.inputGood || inputs.inhibited)) {
      if (isThere && !inputs.inhibited) {
        if (this.state != State.CycleOff) this.origin = Origin.Policy; // a cycle is still whose it was
        this.wanted = true;
        if (this.state == State.RetryPause) this.tries++;
        this.comeUp(now_us, reason);
        return true;
      }
      if (!this.waiting) {
        this.waiting = true;
        this.deadline_us = now_us + PATIENCE_US;
        return false;
      }
      if (!late) return false;
    }
    this.origin = Origin.Policy;
    if (!inputs.inputGood) {
      this.enterNoInput(now_us, Reason.InputLost);
    } else if (this.state == State.RetryPause && isThere && !isOver) {
      this.next = Next.Fault;
      this.enterNext(now_us, Reason.NotRestored);
    } else {
      this.clearFault();
      if (!isThere) this.emptied = true; // once its contacts have settled it is a new one
      this.enterOff(now_us, Reason.NotRestored);
    }
    return true;
  }

  private comeUp(now_us: u64, reason: Reason): void {
    this.clearFault();
    this.emptied = false;
    this.next = Next.Off;
    this.rail = 0;
    this.enterRailUp(now_us, reason);
  }

  private goDown(now_us: u64, reason: Reason, next: Next): void {
    this.next = next;
    // From CycleOff nothing is enabled any more.
    if (this.state == State.CycleOff) {
      this.enterNext(now_us, reason);
      return;
    }
    if (this.state != State.RailUp) this.rail = RAIL_COUNT - 1;
    this.enterRailDown(now_us, reason);
  }

  enterOff(now_us: u64, reason: Reason): void {
    this.next = Next.Off;
    this.enter(now_us, State.Off, reason, 0, NO_DEADLINE);
  }

  enterNoInput(now_us: u64, reason: Reason): void {
    this.next = Next.Off;
    this.clearFault();
    this.inputGone.forget(); // nobody waits for it here
    this.enter(now_us, State.NoInput, reason, 0, NO_DEADLINE);
  }

  enterRestoring(now_us: u64, reason: Reason): void {
    const turn_us = <u64>RESTORE_STAGGER_MS * this.slot * US_PER_MS;
    // An input that gives way under the load would let the slot come up again and again.
    const pause_ms = this.sags > 1 ? unchecked(RETRY_PAUSE_MS[min(this.sags - 2, TRIES - 1)]) : 0;
    const pause_us = <u64>pause_ms * US_PER_MS;
    this.enter(now_us, State.Restoring, reason, 0, now_us + RESTORING_US + turn_us + pause_us);
  }

  enterRailUp(now_us: u64, reason: Reason): void {
    const timeout_us = <u64>unchecked(RAIL_POWER_GOOD_TIMEOUT_MS[this.rail]) * US_PER_MS;
    this.enter(now_us, State.RailUp, reason, enables(this.rail + 1), now_us + timeout_us);
  }

  enterRailDown(now_us: u64, reason: Reason): void {
    const timeout_us = <u64>unchecked(RAIL_DISCHARGE_TIMEOUT_MS[this.rail]) * US_PER_MS;
    this.enter(now_us, State.RailDown, reason, enables(this.rail), now_us + timeout_us);
  }

  enterRunDelay(now_us: u64, reason: Reason): void {
    this.enter(now_us, State.RunDelay, reason, enables(RAIL_COUNT), now_us + <u64>RUN_DELAY_MS * US_PER_MS);
  }

  enterResetting(now_us: u64, reason: Reason): void {
    this.enter(
      now_us,
      State.Resetting,
      reason,
      enables(RAIL_COUNT),
      now_us + <u64>RESET_PULSE_MS * US_PER_MS,
    );
  }

  enterOn(now_us: u64, reason: Reason): void {
    this.haltArmed = false;
    const good_us = now_us + <u64>GOOD_AFTER_MS * US_PER_MS;
    const deadline_us = this.tries > 0 || this.sags > 0 ? good_us : NO_DEADLINE;
    this.enter(now_us, State.On, reason, enables(RAIL_COUNT) | SIGNAL_COMPUTE_RUN, deadline_us);
  }

  enterShuttingDown(now_us: u64, reason: Reason): void {
    const outputs = enables(RAIL_COUNT) | SIGNAL_COMPUTE_RUN | SIGNAL_SHUTDOWN_REQ;
    const deadline_us = now_us + <u64>SHUTDOWN_TIMEOUT_MS * US_PER_MS;
    this.enter(now_us, State.ShuttingDown, reason, outputs, deadline_us);
  }

  private enter(now_us: u64, state: State, reason: Reason, outputs: u32, deadline_us: u64): void {
    if (outputs == 0) {
      this.halted.forget();
      this.removed.forget();
    } else {
      this.inserted.forget();
      this.absent.forget();
      this.inputGone.forget();
    }
    this.waiting = false;
    this.state = state;
    this.reason = reason;
    this.outputs = outputs;
    this.deadline_us = deadline_us;
    this.entered_us = now_us;
  }
}

/** Enable signals of the first `count` rails. */
function enables(count: i32): u32 {
  let mask: u32 = 0;
  for (let rail = 0; rail < count; rail++) mask |= unchecked(RAIL_ENABLE[rail]);
  return mask;
}
