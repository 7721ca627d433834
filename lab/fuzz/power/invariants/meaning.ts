/**
 * The purpose of the sequencer's states, as functions for the invariants. It is written from what a slot
 * must do, not from the sequencer: what may be asserted when, how long that may last, and what is to be
 * blamed.
 *
 * Inputs are read through `Inputs`, which records which ones were read.
 */

import { Reason, State } from "../../../../abi/generated/vocabulary.ts";
import { Signal } from "../../../../simulator/generated/abi.ts";
import { Input, type Inputs } from "../inputs.ts";
import type { Life, Timing } from "../machine.ts";

export interface Transition {
  readonly timing: Timing;
  readonly inputs: Inputs;
  /** The state before the call. */
  readonly before: Life;
  readonly after: Life;
}

export interface Invariant<Kind extends Transition = Transition> {
  readonly name: string;
  holds(transition: Kind): boolean;
}

/** The slot number of every sequencer in these tests. */
export const SLOT = 3;
/** The delay before power comes by itself (sequencer.ts). */
export const RESTORING_US = 1_500_000;
/** Power that comes by itself waits this long for conditions that inhibit it and may pass (sequencer.ts). */
export const PATIENCE_US = 60_000_000;
/** The longest debouncing, except that of input power: of HALTED, if the OS was not asked (halt.ts). */
export const DEBOUNCE_US = 2_000_000;

/** One bit for each of these numbers. */
const bits = (numbers: readonly number[]) => numbers.reduce((mask, number) => mask | (1 << number), 0);

const DOWN = bits([State.Off, State.Fault, State.RetryPause, State.NoInput, State.Restoring]);
/** States in which rails are enabled and are meant to stay so. */
const POWERED = bits([State.RailUp, State.RunDelay, State.On, State.ShuttingDown, State.Resetting]);
/** States that last until an event or a command ends them. */
export const ENDLESS: readonly number[] = [State.Off, State.Fault, State.NoInput, State.On];

export const isDown = ({ state }: Life) => ((DOWN >> state) & 1) !== 0;
export const isPowered = ({ state }: Life) => ((POWERED >> state) & 1) !== 0;
/** Nothing is enabled, and nothing is meant to be. */
export const isAtRest = (life: Life) => isDown(life) || life.state === State.CycleOff;

/** The reasons that are faults. A new reason is none unless it is listed here. */
export const FAULTS: readonly number[] = [
  Reason.PowerGoodTimeout,
  Reason.PowerGoodLost,
  Reason.PowerGoodStuck,
  Reason.Overcurrent,
  Reason.Limit,
];
const FAULT_BITS = bits(FAULTS);

export function isFault(reason: number): boolean {
  return ((FAULT_BITS >> reason) & 1) !== 0;
}

export function enables(timing: Timing, count: number): number {
  return timing.enable.slice(0, count).reduce((mask, enable) => mask | enable, 0);
}

/** Returns what a state may assert, according to its purpose. */
export function outputsOf({ state, rail }: Life, timing: Timing): number {
  switch (state) {
    case State.RailUp:
      return enables(timing, rail + 1);
    case State.RailDown:
      return enables(timing, rail);
    case State.RunDelay:
    case State.Resetting:
      return enables(timing, timing.rails);
    case State.On:
      return enables(timing, timing.rails) | Signal.COMPUTE_RUN;
    case State.ShuttingDown:
      return enables(timing, timing.rails) | Signal.COMPUTE_RUN | Signal.SHUTDOWN_REQ;
    default:
      return 0;
  }
}

/** Returns how long a state may last from its beginning; -1 if it has no limit. */
export function lasts_us({ state, rail, tries, sags }: Life, timing: Timing): number {
  switch (state) {
    case State.RailUp:
      return timing.powerGoodTimeout_us[rail] as number;
    case State.RailDown:
      return timing.dischargeTimeout_us[rail] as number;
    case State.RunDelay:
      return timing.runDelay_us;
    case State.Resetting:
      return timing.resetPulse_us;
    case State.ShuttingDown:
      return timing.shutdownTimeout_us;
    case State.CycleOff:
      return timing.cycleOff_us;
    case State.RetryPause:
      return timing.retryPause_us[tries] as number;
    case State.Restoring:
      return RESTORING_US + SLOT * timing.stagger_us + pauseAfterSags_us(sags, timing);
    case State.On:
      return tries > 0 || sags > 0 ? timing.goodAfter_us : -1;
    default:
      return -1;
  }
}

/** Input power that has failed more than once in a row gets the pauses of a fault. */
function pauseAfterSags_us(sags: number, { retryPause_us }: Timing): number {
  return sags > 1 ? (retryPause_us[Math.min(sags - 2, retryPause_us.length - 1)] as number) : 0;
}

/** Returns the number of rails that must be good in a state, counted from the first. */
function expectedGood({ state, rail }: Life, timing: Timing): number {
  return state === State.RailUp ? rail : timing.rails;
}

/** Returns the first rail to fail of those that must be good, or -1. */
export function firstToFail(before: Life, inputs: Inputs, timing: Timing): number {
  // Loops, because the walk comes here a hundred million times.
  const rails = expectedGood(before, timing);
  for (let rail = 0; rail < rails; rail++) if (inputs.fellFirst(rail)) return rail;
  for (let rail = 0; rail < rails; rail++) if (inputs.hasFallen(rail) || !inputs.isGood(rail)) return rail;
  return -1;
}

/** Returns whether a condition requires a powered slot to go down. */
export function mustGoDown({ before, inputs, timing }: Transition): boolean {
  if (inputs.isTripped || inputs.input === Input.Lost) return true;
  return firstToFail(before, inputs, timing) >= 0 || inputs.limitRail !== null;
}

/** Returns whether this call has made a fault of this rail the reason. */
export function blames({ reason, faultReason, faultRail }: Life, why: number, rail: number): boolean {
  return reason === why && faultReason === why && faultRail === rail;
}
