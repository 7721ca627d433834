/**
 * The invariants of a restart of the BMC at any moment. The outputs are latched as they were, and a
 * retained word describes the state before, or there is no such word.
 */

import { Next, Origin, Reason, State } from "../../../../abi/generated/vocabulary.ts";
import { Signal } from "../../../../simulator/generated/abi.ts";
import {
  enables,
  type Invariant,
  isDown,
  isPowered,
  lasts_us,
  RESTORING_US,
  type Transition,
} from "./meaning.ts";

/**
 * `before` is the retained state. It may be ahead of the latches, because it is retained before they
 * follow.
 */
export interface Restart extends Transition {
  readonly isKnown: boolean;
}

/** The outputs had followed the retained state, and the fast path has released none of them. */
function isWhole({ before, inputs, isKnown }: Restart): boolean {
  return isKnown && before.outputs === inputs.latches && !inputs.isTripped;
}

/** The fast path has tripped, and that has not been reported yet. */
function isNews({ before, inputs, isKnown }: Restart): boolean {
  return isKnown && inputs.isTripped && isPowered(before);
}

/** The state in which the way down ends. */
const END: Readonly<Record<number, number>> = {
  [Next.Off]: State.Off,
  [Next.Cycle]: State.CycleOff,
  [Next.Retry]: State.RetryPause,
  [Next.Fault]: State.Fault,
  [Next.NoInput]: State.NoInput,
};

export const OF_A_RESTART: readonly Invariant<Restart>[] = [
  {
    name: "what is taken up lasts as if it began, and long enough to find out a sensor before power comes",
    holds: ({ after, timing }) => {
      const lasts = lasts_us(after, timing);
      const isPause = after.state === State.RetryPause || after.state === State.CycleOff;
      return after.deadline_us === (isPause ? Math.max(lasts, RESTORING_US) : lasts);
    },
  },
  {
    name: "a restart in a state that is settled changes no output and no state",
    holds: (restart) => {
      const { before, after } = restart;
      if (!isWhole(restart)) return true;
      // If nothing is enabled any more, the way down is over.
      const isOver = before.state === State.RailDown && before.rail === 0;
      const expected = isOver ? END[before.next] : before.state;
      return (
        after.outputs === before.outputs &&
        after.state === expected &&
        (isOver || after.rail === before.rail || !hasRail(after.state))
      );
    },
  },
  {
    name: "what is wanted, tried, latched and blamed outlives a restart",
    holds: (restart) => {
      const { before, after, isKnown } = restart;
      if (!isKnown || isNews(restart)) return true;
      return (
        after.wanted === (before.wanted && after.state !== State.Fault) &&
        after.tries === before.tries &&
        after.latched === before.latched &&
        // A fault on the way to off is over when off is reached.
        after.faultReason === (after.state === State.Off ? Reason.Start : before.faultReason) &&
        (after.faultReason === 0 ||
          (after.faultRail === before.faultRail && after.faultLimit === before.faultLimit)) &&
        (after.state !== State.RailDown || after.next === before.next) &&
        (after.state !== State.On || after.haltArmed === before.haltArmed)
      );
    },
  },
  {
    name: "a transition cut short is completed, never turned round",
    holds: (restart) => {
      const { before, after, inputs, isKnown } = restart;
      if (!isKnown || inputs.isTripped || before.outputs === inputs.latches) return true;
      switch (before.state) {
        case State.RailUp:
          return after.state === State.RailUp && after.rail <= before.rail;
        // COMPUTE_RUN is released after its delay, as if the rails had just become good.
        case State.On:
          return after.state === State.RunDelay;
        case State.RailDown:
          return after.state === State.RailDown || after.state === END[before.next];
        default:
          return after.state === before.state;
      }
    },
  },
  {
    name: "nothing is enabled that was not, but by a transition up that was cut short",
    holds: ({ before, after, inputs, isKnown }) => {
      const more = after.outputs & ~inputs.latches;
      if (more === 0) return true;
      return isKnown && !inputs.isTripped && (more & ~before.outputs) === 0 && isPowered(before);
    },
  },
  {
    name: "an over-current while the BMC restarts is a fault like any other",
    holds: (restart) => {
      const { before, after, timing } = restart;
      if (!isNews(restart)) return true;
      return (
        after.state === State.RailDown &&
        after.faultReason === Reason.Overcurrent &&
        after.faultRail === timing.computeRail &&
        after.origin === Origin.Fault &&
        after.next ===
          (before.state === State.ShuttingDown
            ? Next.Off
            : after.tries < timing.retryPause_us.length
              ? Next.Retry
              : Next.Fault)
      );
    },
  },
  {
    name: "with nothing known, what runs is left alone, and anything else goes down",
    holds: ({ after, inputs, timing, isKnown }) => {
      if (isKnown) return true;
      const runs = enables(timing, timing.rails) | Signal.COMPUTE_RUN;
      const isAsked = (inputs.latches & Signal.SHUTDOWN_REQ) !== 0;
      if ((inputs.latches & runs) === runs && !inputs.isTripped)
        return after.outputs === inputs.latches && after.wanted !== isAsked && after.tries === 0;
      return after.state === State.RailDown || isDown(after);
    },
  },
  {
    name: "an over-current is blamed and latched if nothing else is known",
    holds: ({ after, inputs, isKnown }) =>
      isKnown || !inputs.isTripped || (after.latched && after.faultReason === Reason.Overcurrent),
  },
  {
    name: "what was adopted says so",
    holds: (restart) => {
      const { after } = restart;
      if (isNews(restart)) return true;
      const isOrigin = after.origin === Origin.Bmc || after.faultReason === Reason.Overcurrent;
      return (
        isOrigin &&
        (after.reason === Reason.Adopted || (after.state === State.Off && after.reason === Reason.Start))
      );
    },
  },
];

function hasRail(state: number): boolean {
  return state === State.RailUp || state === State.RailDown;
}
