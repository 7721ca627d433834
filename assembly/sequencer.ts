/**
 * The slot's power sequencer, a pure state machine.
 *
 * Rails come up in the board's order, each enabled only once the one before reports power-good
 * within its deadline; COMPUTE_RUN is released last. They go down in reverse, COMPUTE_RUN first.
 * A power-good that does not come, or goes away, takes everything down and latches the rail and
 * the reason until somebody asks for power on or off again. After a restart of the BMC the state
 * is adopted from what the outputs say and what was remembered; no output changes for it, and
 * where the two leave a doubt the slot goes down rather than up.
 *
 * `step` and `request` look at time and inputs only; power.ts carries out `outputs`.
 */
import {
  NO_DEADLINE,
  SIGNAL_COMPUTE_RUN,
  SIGNAL_HALTED,
  SIGNAL_PRESENT,
  SIGNAL_SHUTDOWN_REQ,
} from "./generated/abi";
import {
  CYCLE_OFF_MS,
  RAIL_COUNT,
  RAIL_DISCHARGE_TIMEOUT_MS,
  RAIL_ENABLE,
  RAIL_POWER_GOOD,
  RAIL_POWER_GOOD_TIMEOUT_MS,
  RESET_PULSE_MS,
  RUN_DELAY_MS,
  SHUTDOWN_TIMEOUT_MS,
} from "./generated/board";

export enum State {
  Off,
  /** Rail `rail` is enabled and its power-good awaited. */
  RailUp,
  /** All rails good, the compute board still in reset. */
  RunDelay,
  On,
  /** The compute OS was asked to shut down. */
  ShuttingDown,
  /** Rail `rail` is disabled and its power-good awaited to go. */
  RailDown,
  /** Rails down in the middle of a power cycle. */
  CycleOff,
  /** Rails on, COMPUTE_RUN low for a while. */
  Resetting,
  /** Off, with a fault latched. */
  Fault,
}

export enum Command {
  On,
  Off,
  ForceOff,
  Cycle,
  Reset,
}

/** What became of a command. */
export enum Answer {
  Accepted,
  AlreadyOn,
  AlreadyOff,
  /** Going up or down; ask again later. */
  Busy,
  NotPresent,
}

/** Why the last transition happened. */
export enum Reason {
  Start,
  Adopted,
  OnRequested,
  RailGood,
  RunReleased,
  ShutdownRequested,
  Halted,
  ShutdownTimeout,
  OffRequested,
  ForceOffRequested,
  CycleRequested,
  CycleWaited,
  ResetRequested,
  ResetDone,
  RailIsDown,
  FaultCleared,
  /** Faults from here on. */
  PowerGoodTimeout,
  PowerGoodLost,
  PowerGoodStuck,
  Removed,
}

const MICROSECONDS: u64 = 1000;

/**
 * How long HALTED or a missing PRESENT must last to be believed. Both come from connectors and
 * operating systems, where milliseconds do not matter and contacts bounce. Chosen.
 */
const DEBOUNCE_US: u64 = 10000;

/** Fields of the word that is remembered over a restart; see `memory`. */
const MEMORY_VALID: u32 = 1 << 31;
const MEMORY_STATE_SHIFT = 0;
const MEMORY_FAULT_REASON_SHIFT = 8;
const MEMORY_FAULT_RAIL_SHIFT = 16;
const MEMORY_CYCLING: u32 = 1 << 20;
const MEMORY_HALT_ARMED: u32 = 1 << 21;

/** An input believed only after it has been asserted for DEBOUNCE_US without a break. */
class Debounced {
  /** When it will be believed; NO_DEADLINE while it is not asserted, and once it is believed. */
  due_us: u64 = NO_DEADLINE;
  private confirmed: bool = false;

  forget(): void {
    this.due_us = NO_DEADLINE;
    this.confirmed = false;
  }

  isConfirmed(now_us: u64, asserted: bool): bool {
    if (!asserted) {
      this.forget();
    } else if (!this.confirmed) {
      if (this.due_us == NO_DEADLINE) this.due_us = now_us + DEBOUNCE_US;
      if (now_us >= this.due_us) {
        this.due_us = NO_DEADLINE;
        this.confirmed = true;
      }
    }
    return this.confirmed;
  }
}

export class Sequencer {
  state: State = State.Off;
  /** Rail a RailUp or RailDown state is about. */
  rail: i32 = 0;
  /** When this state ends at the latest, or NO_DEADLINE. */
  deadline_us: u64 = NO_DEADLINE;
  entered_us: u64 = 0;
  reason: Reason = Reason.Start;
  /** Output signals this state asserts. */
  outputs: u32 = 0;
  /** How long the last rail took to become good, or to go. */
  rail_us: u64 = 0;

  /** The latched fault: a Reason from PowerGoodTimeout on, or Start for none. */
  faultReason: Reason = Reason.Start;
  faultRail: i32 = 0;
  fault_us: u64 = 0;

  /** Whether the way down ends in coming up again. */
  private cycling: bool = false;
  /** HALTED counts only after it has been seen low: a board may boot with the line high. */
  haltArmed: bool = false;
  private halted: Debounced = new Debounced();
  private removed: Debounced = new Debounced();

  /** When `step` must be called again at the latest, or NO_DEADLINE. */
  nextDeadline_us(): u64 {
    return min(this.deadline_us, min(this.halted.due_us, this.removed.due_us));
  }

  /** What `adopt` wants to know after a restart, in one word; never 0. */
  memory(): u32 {
    return (
      MEMORY_VALID |
      ((<u32>this.state) << MEMORY_STATE_SHIFT) |
      ((<u32>this.faultReason) << MEMORY_FAULT_REASON_SHIFT) |
      ((<u32>this.faultRail) << MEMORY_FAULT_RAIL_SHIFT) |
      (this.cycling ? MEMORY_CYCLING : 0) |
      (this.haltArmed ? MEMORY_HALT_ARMED : 0)
    );
  }

  /**
   * Takes over after a restart: `signals` are levels and output latches, `memory` the word of the
   * last life, or 0. The latches say how far the rails are, the memory where they were going; it
   * is kept before the outputs follow, so a transition cut short is completed, never turned round.
   */
  adopt(now_us: u64, signals: u32, memory: u32 = 0): void {
    const known = (memory & MEMORY_VALID) != 0;
    const before: State = known ? <State>((memory >> MEMORY_STATE_SHIFT) & 0xff) : State.RailDown;
    if (known) {
      this.faultReason = <Reason>((memory >> MEMORY_FAULT_REASON_SHIFT) & 0xff);
      this.faultRail = <i32>((memory >> MEMORY_FAULT_RAIL_SHIFT) & 0xf);
      this.cycling = (memory & MEMORY_CYCLING) != 0;
    }
    const isReleased = (signals & SIGNAL_COMPUTE_RUN) != 0;
    let enabled = 0;
    while (enabled < RAIL_COUNT && signals & unchecked(RAIL_ENABLE[enabled])) enabled++;
    if (enabled == 0) {
      this.adoptOff(now_us, before);
    } else if (!(known && before == State.RailDown) && isReleased && enabled == RAIL_COUNT) {
      // Whatever a rail did meanwhile, the next step sees it and blames it.
      if (signals & SIGNAL_SHUTDOWN_REQ) this.enterShuttingDown(now_us, Reason.Adopted);
      else this.enterOn(now_us, Reason.Adopted);
      this.haltArmed = (memory & MEMORY_HALT_ARMED) != 0;
    } else if (before == State.RailUp && !isReleased) {
      this.rail = enabled - 1;
      this.enterRailUp(now_us, Reason.Adopted);
    } else if (before == State.Resetting && enabled == RAIL_COUNT) {
      this.enterAllRails(now_us, State.Resetting, Reason.Adopted, RESET_PULSE_MS);
    } else if ((before == State.RunDelay || before == State.On) && enabled == RAIL_COUNT) {
      this.enterAllRails(now_us, State.RunDelay, Reason.Adopted, RUN_DELAY_MS);
    } else {
      // On the way down, or nobody knows: the rail above the last one enabled is the one awaited.
      this.rail = min(enabled, RAIL_COUNT - 1);
      this.enterRailDown(now_us, Reason.Adopted);
    }
  }

  private adoptOff(now_us: u64, before: State): void {
    if (this.faultReason != Reason.Start) {
      this.cycling = false;
      this.enter(now_us, State.Fault, Reason.Adopted, 0, NO_DEADLINE);
    } else if (this.cycling && (before == State.CycleOff || before == State.RailDown)) {
      this.enterCycleOff(now_us, Reason.Adopted);
    } else {
      this.cycling = false;
      this.enter(now_us, State.Off, Reason.Start, 0, NO_DEADLINE);
    }
  }

  request(now_us: u64, command: Command, signals: u32): Answer {
    const isOff = this.state == State.Off || this.state == State.Fault;
    switch (command) {
      case Command.On: {
        if (this.state == State.On) return Answer.AlreadyOn;
        if (!isOff) return Answer.Busy;
        if (!(signals & SIGNAL_PRESENT)) return Answer.NotPresent;
        this.clearFault();
        this.rail = 0;
        this.enterRailUp(now_us, Reason.OnRequested);
        return Answer.Accepted;
      }
      case Command.Off: {
        if (this.state == State.Off) return Answer.AlreadyOff;
        if (this.state == State.Fault) {
          this.clearFault();
          this.enter(now_us, State.Off, Reason.FaultCleared, 0, NO_DEADLINE);
        } else if (this.state == State.On) {
          this.enterShuttingDown(now_us, Reason.ShutdownRequested);
        } else if (this.state == State.ShuttingDown || this.state == State.RailDown) {
          // Already on its way; asked for in the middle of a cycle it stays off.
          const wasCycling = this.cycling;
          this.cycling = false;
          return wasCycling ? Answer.Accepted : Answer.Busy;
        } else {
          // No operating system is up that could be asked.
          this.cycling = false;
          this.goDown(now_us, Reason.OffRequested);
        }
        return Answer.Accepted;
      }
      case Command.ForceOff: {
        if (isOff) return Answer.AlreadyOff;
        const wasCycling = this.cycling;
        this.cycling = false;
        if (this.state == State.RailDown) return wasCycling ? Answer.Accepted : Answer.Busy;
        this.goDown(now_us, Reason.ForceOffRequested);
        return Answer.Accepted;
      }
      case Command.Cycle: {
        if (isOff) return Answer.AlreadyOff;
        if (this.state != State.On) return Answer.Busy;
        this.cycling = true;
        this.goDown(now_us, Reason.CycleRequested);
        return Answer.Accepted;
      }
      default: {
        if (isOff) return Answer.AlreadyOff;
        if (this.state != State.On) return Answer.Busy;
        this.enterAllRails(now_us, State.Resetting, Reason.ResetRequested, RESET_PULSE_MS);
        return Answer.Accepted;
      }
    }
  }

  /**
   * One transition at most; true when there was one, and the caller then steps again.
   * `signals` are the levels now, `fell` the inputs that went away since the last step, however short.
   */
  step(now_us: u64, signals: u32, fell: u32): bool {
    // Off is where a slot may spend weeks: nothing to look at, so that idle time costs nothing.
    if (this.state == State.Off || this.state == State.Fault) return false;
    const late = now_us >= this.deadline_us;
    const isUp = this.state != State.RailDown;
    const isHalted = this.halted.isConfirmed(now_us, isUp && (signals & SIGNAL_HALTED) != 0);
    const isRemoved = this.removed.isConfirmed(now_us, isUp && !(signals & SIGNAL_PRESENT));
    if (isUp && this.checkFaults(now_us, signals, fell, isRemoved)) return true;
    switch (this.state) {
      case State.RailUp: {
        if (signals & unchecked(RAIL_POWER_GOOD[this.rail])) {
          this.rail_us = now_us - this.entered_us;
          if (++this.rail == RAIL_COUNT) {
            this.enterAllRails(now_us, State.RunDelay, Reason.RailGood, RUN_DELAY_MS);
          } else {
            this.enterRailUp(now_us, Reason.RailGood);
          }
          return true;
        }
        if (!late) return false;
        this.fail(now_us, Reason.PowerGoodTimeout, this.rail);
        return true;
      }
      case State.RunDelay: {
        if (!late) return false;
        this.enterOn(now_us, Reason.RunReleased);
        return true;
      }
      case State.On: {
        if (!(signals & SIGNAL_HALTED)) this.haltArmed = true;
        if (!isHalted || !this.haltArmed) return false;
        this.goDown(now_us, Reason.Halted);
        return true;
      }
      case State.ShuttingDown: {
        if (!late && !isHalted) return false;
        this.goDown(now_us, isHalted ? Reason.Halted : Reason.ShutdownTimeout);
        return true;
      }
      case State.RailDown:
        return this.stepRailDown(now_us, signals, late);
      case State.CycleOff: {
        if (!late) return false;
        this.cycling = false;
        this.rail = 0;
        this.enterRailUp(now_us, Reason.CycleWaited);
        return true;
      }
      case State.Resetting: {
        if (!late) return false;
        this.enterOn(now_us, Reason.ResetDone);
        return true;
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
    if (stillGood) this.latch(now_us, Reason.PowerGoodStuck, this.rail);
    if (this.rail > 0) {
      this.rail--;
      this.enterRailDown(now_us, Reason.RailIsDown);
    } else if (this.faultReason != Reason.Start) {
      this.cycling = false;
      this.enter(now_us, State.Fault, this.faultReason, 0, NO_DEADLINE);
    } else if (this.cycling) {
      this.enterCycleOff(now_us, Reason.RailIsDown);
    } else {
      this.enter(now_us, State.Off, Reason.RailIsDown, 0, NO_DEADLINE);
    }
    return true;
  }

  /** Rails that must be good in this state, and the compute board in its slot. */
  private checkFaults(now_us: u64, signals: u32, fell: u32, isRemoved: bool): bool {
    let expected = RAIL_COUNT;
    if (this.state == State.RailUp) expected = this.rail;
    else if (this.state == State.CycleOff) expected = 0;
    for (let rail = 0; rail < expected; rail++) {
      const powerGood = unchecked(RAIL_POWER_GOOD[rail]);
      if (!(signals & powerGood) || fell & powerGood) {
        this.fail(now_us, Reason.PowerGoodLost, rail);
        return true;
      }
    }
    if (!isRemoved) return false;
    this.fail(now_us, Reason.Removed, expected > 0 ? expected - 1 : 0);
    return true;
  }

  private fail(now_us: u64, reason: Reason, rail: i32): void {
    this.latch(now_us, reason, rail);
    this.goDown(now_us, reason);
  }

  /** The first fault is the one kept: what follows while going down is its consequence. */
  private latch(now_us: u64, reason: Reason, rail: i32): void {
    if (this.faultReason != Reason.Start) return;
    this.faultReason = reason;
    this.faultRail = rail;
    this.fault_us = now_us;
  }

  private clearFault(): void {
    this.faultReason = Reason.Start;
  }

  private goDown(now_us: u64, reason: Reason): void {
    // From CycleOff nothing is enabled any more.
    if (this.state == State.CycleOff) {
      this.cycling = false;
      const end = this.faultReason == Reason.Start ? State.Off : State.Fault;
      this.enter(now_us, end, reason, 0, NO_DEADLINE);
      return;
    }
    if (this.state != State.RailUp) this.rail = RAIL_COUNT - 1;
    this.enterRailDown(now_us, reason);
  }

  private enterRailUp(now_us: u64, reason: Reason): void {
    const timeout_us = <u64>unchecked(RAIL_POWER_GOOD_TIMEOUT_MS[this.rail]) * MICROSECONDS;
    this.enter(now_us, State.RailUp, reason, enables(this.rail + 1), now_us + timeout_us);
  }

  private enterRailDown(now_us: u64, reason: Reason): void {
    const timeout_us = <u64>unchecked(RAIL_DISCHARGE_TIMEOUT_MS[this.rail]) * MICROSECONDS;
    this.enter(now_us, State.RailDown, reason, enables(this.rail), now_us + timeout_us);
  }

  /** All rails enabled, the compute board in reset, for `wait_ms`. */
  private enterAllRails(now_us: u64, state: State, reason: Reason, wait_ms: u32): void {
    this.enter(now_us, state, reason, enables(RAIL_COUNT), now_us + <u64>wait_ms * MICROSECONDS);
  }

  private enterCycleOff(now_us: u64, reason: Reason): void {
    this.enter(now_us, State.CycleOff, reason, 0, now_us + <u64>CYCLE_OFF_MS * MICROSECONDS);
  }

  private enterOn(now_us: u64, reason: Reason): void {
    this.haltArmed = false;
    this.enter(now_us, State.On, reason, enables(RAIL_COUNT) | SIGNAL_COMPUTE_RUN, NO_DEADLINE);
  }

  private enterShuttingDown(now_us: u64, reason: Reason): void {
    const outputs = enables(RAIL_COUNT) | SIGNAL_COMPUTE_RUN | SIGNAL_SHUTDOWN_REQ;
    const deadline_us = now_us + <u64>SHUTDOWN_TIMEOUT_MS * MICROSECONDS;
    this.enter(now_us, State.ShuttingDown, reason, outputs, deadline_us);
  }

  private enter(now_us: u64, state: State, reason: Reason, outputs: u32, deadline_us: u64): void {
    if (outputs == 0) {
      this.halted.forget();
      this.removed.forget();
    }
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
