/**
 * The slot's power sequencer, a state machine without side effects: `step` and `request` use the time and the
 * inputs alone, and power.ts carries out `outputs`.
 *
 * | state | asserted outputs | ends with |
 * |---|---|---|
 * | Off, Fault | nothing | a command; or, in Off under the policy always-on, an inserted board |
 * | RailUp n | enables 0 to n | power-good of rail n; a timeout is a fault |
 * | RunDelay | all enables | RUN_DELAY_MS, for the supplies to settle |
 * | On | all enables, COMPUTE_RUN | a command, a fault, or HALTED when the OS halts by itself |
 * | ShuttingDown | as in On, and SHUTDOWN_REQ | HALTED, or SHUTDOWN_TIMEOUT_MS |
 * | RailDown n | enables below n | power-good of rail n gone; a timeout is a fault unless the rail is fed |
 * | CycleOff, RetryPause, Restoring | nothing | their time, and the conditions for power-on |
 * | Resetting | all enables | RESET_PULSE_MS |
 * | NoInput | nothing | input power good for RESTORE_SETTLE_MS |
 *
 * The rails come up in the board's order. Each is enabled once the rail before it has reported power-good;
 * COMPUTE_RUN is asserted last. The rails go down in reverse order, after COMPUTE_RUN.
 *
 * A fault switches everything off. The sequencer then retries three times, after growing pauses. If the
 * retries fail, it latches the fault, and a user must clear the fault before the slot can come up again.
 * Removal of the board and loss of input power are no faults. The slot goes off, and the restore policy
 * decides whether it comes up again when the board or the input power is back.
 *
 * After a restart of the BMC, adoption.ts finds the state again.
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
import { Halt } from "./halt";

const US_PER_MS: u64 = 1000;
/** Retries after a fault, before it is latched. */
const TRIES: u32 = 3;
assert(RETRY_PAUSE_MS.length == TRIES);

/**
 * How long PRESENT must be missing before it counts. Our choice: the contacts of connectors bounce for some
 * milliseconds.
 */
export const DEBOUNCE_US: u64 = 10000;
/**
 * A trip up to this long after a lost power-good is its cause. A trip comes within 80 us: four rounds of the
 * converter, and the time until the interrupt handles them. Our choice: more than that, since a pass may be
 * late.
 */
export const TRIP_REPORT_US: u64 = 1000;
/**
 * A board must be in its slot for this long before automatic power-on. Our choice: it is plugged in by hand.
 */
const INSERTED_US: u64 = 500000;
/**
 * An automatic power-on waits this long for whatever inhibits it: a bouncing contact, a rail that discharges
 * slowly, heat. Our choice: such causes are over within a minute.
 */
const WAIT_US: u64 = 60000000;
/** The pauses grow with each loss of input power in a row, up to this number of losses. */
const MAXIMUM_SAGS: u32 = 1 + TRIES;
/**
 * Pause before an automatic power-on. It is longer than the detection of a stuck sensor (sensors/health.ts).
 */
export const RESTORING_US: u64 = 1500000;

export class Sequencer {
  state: State = State.Off;
  /** The rail that RailUp or RailDown waits for. */
  rail: i32 = 0;
  /** When this state ends at the latest, or NO_DEADLINE. Times are in microseconds since power-on. */
  deadline_us: u64 = NO_DEADLINE;
  entered_us: u64 = 0;
  reason: Reason = Reason.Start;
  origin: Origin = Origin.Bmc;
  /** The output signals that this state asserts. */
  outputs: u32 = 0;
  /** How long the last rail took until power-good came, or went. */
  rail_us: u64 = 0;

  policy: RestorePolicy = RestorePolicy.Last;
  /** Number of the slot, 0 to 15. It delays automatic power-on, so that a rack's slots start one by one. */
  slot: u32 = 0;
  /** The slot is to be on, by the last decision about it. The policy `last` restores this. */
  wanted: bool = false;

  /** The fault that brought the slot down: a Reason from PowerGoodTimeout on, or Start for none. */
  faultReason: Reason = Reason.Start;
  faultRail: i32 = 0;
  /** For Reason.Limit, the index of the limit (see protection.ts). */
  faultLimit: i32 = 0;
  fault_us: u64 = 0;
  /** Retries since the slot last ran for GOOD_AFTER_MS. */
  tries: u32 = 0;
  /** Losses of input power in a row, each soon after the slot came up. */
  sags: u32 = 0;

  /** What follows when all rails are down. */
  next: Next = Next.Off;
  readonly halt: Halt = new Halt();
  private removed: Debounced = new Debounced(DEBOUNCE_US);
  private inserted: Debounced = new Debounced(INSERTED_US);
  private absent: Debounced = new Debounced(INSERTED_US);
  private inputBack: Debounced = new Debounced(<u64>RESTORE_SETTLE_MS * US_PER_MS);
  private inputGone: Debounced = new Debounced(DEBOUNCE_US);
  /** The slot was empty while it was off, so the next board counts as a new one. */
  private wasEmpty: bool = false;
  /** An automatic power-on is due, but something inhibits it, and the sequencer waits until it ends. */
  waiting: bool = false;

  /** When `step` must be called again at the latest, or NO_DEADLINE. */
  nextDeadline_us(): u64 {
    const contacts = min(this.inserted.due_us, this.absent.due_us);
    const input = min(this.inputBack.due_us, this.inputGone.due_us);
    const board = min(this.halt.due_us(), this.removed.due_us);
    return min(min(this.deadline_us, contacts), min(input, board));
  }

  /** A fault is latched, or will be when the rails are down. Only `ClearFault` removes it. */
  isLatched(): bool {
    return this.state == State.Fault || (this.state == State.RailDown && this.next == Next.Fault);
  }

  /** After power-on of the BMC the policy decides. `wanted`: the slot was to be on before the outage. */
  begin(now_us: u64, wanted: bool): void {
    this.wanted = wanted;
    this.origin = Origin.Policy;
    if (this.isToBeRestored()) this.enterRestoring(now_us, Reason.Start);
    else this.enterOff(now_us, Reason.Start);
  }

  /** Carries out a command. The answer says why it was refused, if it was. */
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
    // Checked before the input, because a faulty sensor can make input power seem lost.
    if (inputs.inhibited) return Answer.Inhibited;
    if (this.state == State.NoInput || !inputs.inputGood) return Answer.NoInput;
    this.want(true, origin);
    this.tries = this.sags = 0;
    this.comeUp(now_us, Reason.OnRequested);
    return Answer.Accepted;
  }

  private requestOff(now_us: u64, origin: Origin): Answer {
    switch (this.state) {
      case State.Off:
      case State.Fault:
        return this.stayOffAsAsked();
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
        // No operating system is running that could shut down.
        this.want(false, origin);
        this.abandon(now_us, Reason.OffRequested);
        return Answer.Accepted;
      }
    }
  }

  private requestForceOff(now_us: u64, origin: Origin): Answer {
    if (this.state == State.Off || this.state == State.Fault) return this.stayOffAsAsked();
    if (this.state == State.RailDown) return this.stayDown(origin);
    this.want(false, origin);
    this.abandon(now_us, Reason.ForceOffRequested);
    return Answer.Accepted;
  }

  private want(wanted: bool, origin: Origin): void {
    this.wanted = wanted;
    this.origin = origin;
  }

  private stayOffAsAsked(): Answer {
    this.wanted = false;
    return Answer.AlreadyOff;
  }

  /** The slot is already going down. From now on it stays off, unless a fault is to be latched. */
  private stayDown(origin: Origin): Answer {
    this.wanted = false;
    if (this.next != Next.Cycle && this.next != Next.Retry) return Answer.Busy;
    this.origin = origin;
    this.next = Next.Off;
    this.clearFault();
    return Answer.Accepted;
  }

  /** Switches off without a shutdown of the operating system. */
  private abandon(now_us: u64, reason: Reason): void {
    this.clearFault();
    if (this.state == State.NoInput) return; // off already, and waits here until the input is back
    if (isResting(this.state)) this.enterOff(now_us, reason);
    else this.goDown(now_us, reason, Next.Off);
  }

  /**
   * Makes one transition at most. True if it made one. The caller then clears `fell`, `fellFirst`, `tripped`,
   * `limit` and `printed` of the inputs, and calls `step` again.
   */
  step(now_us: u64, inputs: Inputs): bool {
    const late = now_us >= this.deadline_us;
    if (isResting(this.state)) return this.stepResting(now_us, inputs, late);
    const isHalted = this.seesHalted(now_us, inputs);
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
        return this.stepRailDown(now_us, inputs, late);
      case State.CycleOff: {
        if (!late && !this.waiting) return false;
        const isPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
        return this.powerOnAgain(now_us, inputs, isPresent, Reason.CycleWaited);
      }
      default: {
        // In RunDelay and Resetting all rails are up. COMPUTE_RUN is asserted when their time is over.
        if (!late) return false;
        this.enterOn(now_us, this.state == State.RunDelay ? Reason.RunReleased : Reason.ResetDone);
        return true;
      }
    }
  }

  private seesHalted(now_us: u64, inputs: Inputs): bool {
    const isAsked = this.state == State.ShuttingDown;
    if (this.state != State.On && !isAsked) return false;
    return this.halt.isHalted(now_us, (inputs.signals & SIGNAL_HALTED) != 0, isAsked, inputs.printed);
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
   * Changes a recorded loss of power-good into an over-current fault, if the trip at `tripped_us` caused it.
   * A short circuit pulls power-good down before the converter measures the current, and so the trip is
   * noticed later than its effect. True if the fault was changed.
   */
  attributeToTrip(tripped_us: u64): bool {
    if (this.faultReason != Reason.PowerGoodLost || this.faultRail != COMPUTE_RAIL) return false;
    if (tripped_us > this.fault_us + TRIP_REPORT_US) return false;
    this.faultReason = Reason.Overcurrent;
    if (this.reason == Reason.PowerGoodLost) this.reason = Reason.Overcurrent;
    return true;
  }

  /** The states in which everything is off. */
  private stepResting(now_us: u64, inputs: Inputs, late: bool): bool {
    const isPresent = (inputs.signals & SIGNAL_PRESENT) != 0;
    const isInserted = this.inserted.isConfirmed(now_us, isPresent);
    if (this.absent.isConfirmed(now_us, !isPresent)) this.forgetBoard();
    if (this.state == State.NoInput) return this.stepNoInput(now_us, inputs.inputGood);
    // A latched fault stays latched when input power is lost. Every other state gives way to NoInput.
    if (this.state != State.Fault && this.inputGone.isConfirmed(now_us, inputs.inputLost)) {
      this.origin = Origin.Policy;
      this.enterNoInput(now_us, Reason.InputLost);
      return true;
    }
    switch (this.state) {
      case State.Off:
        return isInserted && this.wasEmpty && this.boardInserted(now_us);
      case State.RetryPause: {
        if (this.wasEmpty) return this.stayOff(now_us, inputs, isInserted);
        if (!late && !this.waiting) return false;
        return this.powerOnAgain(now_us, inputs, isInserted, Reason.Retried);
      }
      case State.Restoring: {
        // An empty slot has nothing to power. A board that has just been inserted may still be moved by hand.
        const isEmpty = this.wasEmpty && !isPresent;
        if (!late && !this.waiting && !isEmpty) return false;
        // The policy may have changed since this state was entered.
        if (isEmpty || !this.isToBeRestored()) return this.stayOff(now_us, inputs, isInserted);
        return this.powerOnAgain(now_us, inputs, isInserted, Reason.Restored);
      }
      default:
        return false;
    }
  }

  private stepNoInput(now_us: u64, isInputGood: bool): bool {
    if (!this.inputBack.isConfirmed(now_us, isInputGood)) return false;
    this.inputBack.forget();
    this.origin = Origin.Policy;
    if (this.isToBeRestored()) this.enterRestoring(now_us, Reason.InputBack);
    else this.enterOff(now_us, Reason.InputBack);
    return true;
  }

  /** A new board is in the slot while it is off. The policy always-on powers it on. */
  private boardInserted(now_us: u64): bool {
    this.wasEmpty = false;
    if (this.policy != RestorePolicy.AlwaysOn) return false;
    this.origin = Origin.Policy;
    this.tries = this.sags = 0;
    this.enterRestoring(now_us, Reason.Inserted);
    return true;
  }

  private stepRailDown(now_us: u64, inputs: Inputs, late: bool): bool {
    const powerGood = inputs.signals & unchecked(RAIL_POWER_GOOD[this.rail]);
    if (powerGood != 0 && !late) return false;
    this.rail_us = now_us - this.entered_us;
    // A rail that does not go down is a fault, but the other rails are still switched off. It is none if the
    // supply is off and the board feeds the rail from outside.
    if ((powerGood & ~inputs.fed) != 0) {
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

  /** All rails are down: enters the state that `next` names. */
  enterNext(now_us: u64, reason: Reason): void {
    switch (this.next) {
      case Next.Cycle: {
        this.enter(now_us, State.CycleOff, reason, 0, now_us + <u64>CYCLE_OFF_MS * US_PER_MS);
        return;
      }
      case Next.Retry: {
        const pause_ms = unchecked(RETRY_PAUSE_MS[min(this.tries, TRIES - 1)]);
        this.enter(now_us, State.RetryPause, reason, 0, now_us + <u64>pause_ms * US_PER_MS);
        return;
      }
      case Next.Fault: {
        this.wanted = false; // the policy `last` must not power on after an outage of the BMC
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

  /** Everything that switches a powered slot off. Causes are checked before their consequences. */
  private checkFaults(now_us: u64, inputs: Inputs, isRemoved: bool): bool {
    if (inputs.tripped && this.state != State.CycleOff) {
      this.fail(now_us, Reason.Overcurrent, COMPUTE_RAIL, 0);
      return true;
    }
    // Checked before the rails, since they fail when the input does.
    if (inputs.inputLost) {
      this.origin = Origin.Policy;
      if (isPowered(this.state) && this.sags < MAXIMUM_SAGS) this.sags++;
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

  /** The board is gone. Retries and the wish to be on belonged to it; the next board counts as a new one. */
  private forgetBoard(): void {
    this.wasEmpty = true;
    this.tries = 0;
    if (this.policy != RestorePolicy.AlwaysOn) this.wanted = false;
  }

  /** The first rail to fail of those that must be good in this state, or -1. */
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

  /** What follows a fault in a state, once the rails are down: another try, or a latched fault. */
  afterFault(reason: Reason, state: State): Next {
    if (state == State.ShuttingDown) return Next.Off; // the slot was going off anyway
    return reason != Reason.PowerGoodStuck && this.tries < TRIES ? Next.Retry : Next.Fault;
  }

  /** Records a fault. The first one is kept: faults that follow on the way down are its consequences. */
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
   * Powers on without a command, or waits while something inhibits that. `isBoardReady`: a board is in the
   * slot, and has been there for long enough. True if there was a transition.
   */
  private powerOnAgain(now_us: u64, inputs: Inputs, isBoardReady: bool, reason: Reason): bool {
    // A faulty sensor can make input power seem lost.
    if (!inputs.inputGood && !inputs.inhibited) return this.stayOff(now_us, inputs, isBoardReady);
    if (isBoardReady && !inputs.inhibited) {
      // A power cycle keeps the origin of its command.
      if (this.state != State.CycleOff) this.origin = Origin.Policy;
      this.wanted = true;
      if (this.state == State.RetryPause) this.tries++;
      this.comeUp(now_us, reason);
      return true;
    }
    if (!this.waiting) {
      this.waiting = true;
      this.deadline_us = now_us + WAIT_US;
      return false;
    }
    return now_us >= this.deadline_us && this.stayOff(now_us, inputs, isBoardReady);
  }

  /** Gives up an automatic power-on. Always a transition, so that it returns true. */
  private stayOff(now_us: u64, inputs: Inputs, isBoardReady: bool): bool {
    this.origin = Origin.Policy;
    if (!inputs.inputGood) {
      this.enterNoInput(now_us, Reason.InputLost);
    } else if (this.state == State.RetryPause && isBoardReady && !this.wasEmpty) {
      this.next = Next.Fault;
      this.enterNext(now_us, Reason.NotRestored);
    } else {
      this.clearFault();
      if (!isBoardReady) this.wasEmpty = true; // a board whose contacts settle later counts as a new one
      this.enterOff(now_us, Reason.NotRestored);
    }
    return true;
  }

  private comeUp(now_us: u64, reason: Reason): void {
    this.clearFault();
    this.wasEmpty = false;
    this.next = Next.Off;
    this.rail = 0;
    this.enterRailUp(now_us, reason);
  }

  private goDown(now_us: u64, reason: Reason, next: Next): void {
    this.next = next;
    // In CycleOff all rails are down already.
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
    this.inputGone.forget(); // this state does not look at it, and its deadline must not wake the logic
    this.enter(now_us, State.NoInput, reason, 0, NO_DEADLINE);
  }

  enterRestoring(now_us: u64, reason: Reason): void {
    const turn_us = <u64>RESTORE_STAGGER_MS * this.slot * US_PER_MS;
    // An input that fails under load would make the slot come up again and again, so the pauses grow.
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
    this.halt.disarm();
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
      this.removed.forget();
    } else {
      this.inserted.forget();
      this.absent.forget();
      this.inputGone.forget();
    }
    if (state != State.On && state != State.ShuttingDown) this.halt.forget();
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
