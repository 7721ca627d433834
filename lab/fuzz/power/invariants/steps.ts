/** The invariants of every step, whatever the inputs and whatever is due. */

import { Next, Origin, Reason, RestorePolicy, State } from "../../../../abi/generated/vocabulary.ts";
import { Signal } from "../../../../simulator/generated/abi.ts";
import { Input } from "../inputs.ts";
import { type Life, Timer } from "../machine.ts";
import {
  blames,
  DEBOUNCE_US,
  firstToFail,
  type Invariant,
  isAtRest,
  isDown,
  isFault,
  isPowered,
  mustGoDown,
  PATIENCE_US,
  type Transition,
} from "./meaning.ts";
import { LASTS } from "./states.ts";
import { REASONS_OF_POLICY, STEPS } from "./transitions.ts";

export const OF_A_STEP: readonly Invariant[] = [
  LASTS,
  {
    name: "nothing is enabled while a fault is latched",
    holds: ({ before, after }) => !before.latched || (after.outputs & ~before.outputs) === 0,
  },
  {
    name: "a transition is one that there is, with a reason that belongs to it",
    holds: ({ before, after }) =>
      !after.moved || (STEPS[before.state]?.[after.state]?.includes(after.reason) ?? false),
  },
  {
    name: "a transition has the origin that belongs to its reason",
    holds: (transition) => !transition.after.moved || transition.after.origin === originOf(transition),
  },
  {
    name: "without a transition no report and no output changes",
    holds: ({ before, after }) =>
      after.moved ||
      (after.state === before.state &&
        after.rail === before.rail &&
        after.next === before.next &&
        after.outputs === before.outputs &&
        after.reason === before.reason &&
        after.origin === before.origin &&
        after.faultReason === before.faultReason),
  },
  {
    name: "a deadline that has come ends the state, or was the one after which all tries are back",
    holds: ({ before, after }) =>
      !before.isLate ||
      after.moved ||
      (after.state === State.On && after.deadline_us === -1 && after.tries === 0 && after.sags === 0) ||
      (!before.waiting && after.waiting && after.deadline_us === PATIENCE_US),
  },
  {
    name: "after a step that did nothing, the next one is wanted later",
    holds: ({ after }) => after.moved || after.nextDeadline_us === -1 || after.nextDeadline_us > 0,
  },
  {
    name: "no wait is longer than the state's, the debouncing's or input power's",
    holds: ({ after, timing }) =>
      after.moved ||
      after.deadline_us !== -1 ||
      after.nextDeadline_us <= Math.max(DEBOUNCE_US, timing.settle_us),
  },
  {
    name: "a rail is enabled only when those before it are good",
    holds: ({ before, after, inputs, timing }) => {
      const enabled = after.outputs & ~before.outputs;
      if (enabled === 0) return true;
      return timing.enable.every((enable, rail) => {
        if (!(enabled & enable)) return true;
        for (let lower = 0; lower < rail; lower++) if (!inputs.isGood(lower)) return false;
        return true;
      });
    },
  },
  {
    name: "a rail counts as good when it is",
    holds: ({ before, after, inputs }) =>
      !after.moved || after.reason !== Reason.RailGood || inputs.isGood(before.rail),
  },
  {
    name: "COMPUTE_RUN is released only when all rails are good and none has wavered",
    holds: ({ before, after, inputs, timing }) =>
      !(after.outputs & ~before.outputs & Signal.COMPUTE_RUN) || firstToFail(before, inputs, timing) < 0,
  },
  {
    name: "nothing is enabled while something is wrong",
    holds: (transition) => {
      const { before, after } = transition;
      if ((after.outputs & ~before.outputs) === 0) return true;
      return isAtRest(before) ? transition.inputs.input !== Input.Lost : !mustGoDown(transition);
    },
  },
  {
    name: "power comes by itself only with a board there, input power good, and sensors that make sense",
    holds: ({ before, after, inputs }) =>
      !isAtRest(before) ||
      after.outputs === 0 ||
      (inputs.isPresent && inputs.input === Input.Good && !inputs.isInhibited),
  },
  {
    name: "power comes by itself only to a board that has been there for a while",
    holds: ({ before, after }) => !isDown(before) || after.outputs === 0 || before.isBelieved(Timer.inserted),
  },
  {
    name: "what is wrong takes power down at once",
    holds: (transition) =>
      !isPowered(transition.before) || !mustGoDown(transition) || transition.after.state === State.RailDown,
  },
  {
    name: "the first cause is the one that is blamed",
    holds: ({ before, after, inputs, timing }) => {
      if (!isPowered(before) || after.state !== State.RailDown) return true;
      if (inputs.isTripped) return blames(after, Reason.Overcurrent, timing.computeRail);
      if (inputs.input === Input.Lost) return after.next === Next.NoInput && after.faultReason === 0;
      const lost = firstToFail(before, inputs, timing);
      if (lost >= 0) return blames(after, Reason.PowerGoodLost, lost);
      const limited = inputs.limitRail;
      if (limited !== null) return blames(after, Reason.Limit, Math.max(0, limited));
      return !isFault(after.reason) || blames(after, Reason.PowerGoodTimeout, before.rail);
    },
  },
  {
    name: "a time-out of power-good is one",
    holds: ({ before, after, inputs }) =>
      !after.moved ||
      after.reason !== Reason.PowerGoodTimeout ||
      before.state !== State.RailUp ||
      (before.isLate && !inputs.isGood(before.rail)),
  },
  {
    name: "what waits has a time, and waits for something that speaks against coming up",
    holds: ({ before, after, inputs }) => {
      if (!after.waiting) return true;
      if (!before.waiting && (!before.isLate || after.deadline_us !== PATIENCE_US)) return false;
      return inputs.isInhibited || !inputs.isPresent || !after.isBelieved(Timer.inserted);
    },
  },
  {
    name: "a fault is tried again as often as there are pauses, then latched; not if the slot was to go off",
    holds: ({ before, after, timing }) => {
      if (isFault(before.faultReason) || !isFault(after.faultReason)) return true;
      if (before.state === State.ShuttingDown) return after.next === Next.Off;
      const isTried =
        after.faultReason !== Reason.PowerGoodStuck && after.tries < timing.retryPause_us.length;
      return after.next === (isTried ? Next.Retry : Next.Fault);
    },
  },
  {
    name: "the first fault is kept",
    holds: ({ before, after }) =>
      before.faultReason === 0 ||
      after.faultReason === 0 ||
      (before.faultReason === after.faultReason &&
        before.faultRail === after.faultRail &&
        before.faultLimit === after.faultLimit),
  },
  {
    name: "no step ends a latched fault",
    holds: ({ before, after }) => !before.latched || after.latched,
  },
  {
    name: "a try is counted when it is made, and forgotten when the slot was good for long or a board is new",
    holds: ({ before, after }) => {
      if (after.tries === before.tries) return true;
      if (after.reason === Reason.Retried) return after.moved && after.tries === before.tries + 1;
      const isLongGood = before.state === State.On && before.isLate;
      const isNew = after.emptied || (after.moved && after.reason === Reason.Inserted);
      return after.tries === 0 && (isLongGood || isNew);
    },
  },
  {
    name: "each try counts",
    holds: ({ before, after }) =>
      !after.moved || after.reason !== Reason.Retried || after.tries === before.tries + 1,
  },
  {
    name: "a rail is let go of only when the one above is no longer good, or at its deadline",
    holds: ({ before, after, inputs }) =>
      before.state !== State.RailDown || !after.moved || before.isLate || !inputs.isGood(before.rail),
  },
  {
    name: "going down never turns round",
    holds: ({ before, after }) => before.state !== State.RailDown || (after.outputs & ~before.outputs) === 0,
  },
  {
    name: "a rail that stays good when it is off is a latched fault, unless it is fed from outside",
    holds: ({ before, after, inputs }) =>
      before.state !== State.RailDown ||
      !before.isLate ||
      !inputs.isGood(before.rail) ||
      (inputs.isFed(before.rail) ? after.latched === before.latched : after.latched),
  },
  {
    name: "a board that is gone for long enough takes its power down",
    holds: ({ before, after, inputs }) =>
      !(isPowered(before) || before.state === State.CycleOff) ||
      !before.isBelieved(Timer.removed) ||
      inputs.isPresent ||
      (after.moved && !isPowered(after)),
  },
  {
    name: "a board counts as removed only after its debounce time",
    holds: ({ before, after, inputs }) =>
      !after.moved ||
      after.reason !== Reason.Removed ||
      (!inputs.isPresent &&
        (before.isBelieved(Timer.removed) || (isDown(before) && before.isBelieved(Timer.absent)))),
  },
  {
    name: "HALTED counts only after it was low for a while in a board that runs",
    holds: ({ before, after, inputs }) =>
      !after.haltArmed ||
      before.haltArmed ||
      (isRunning(before) && !inputs.isHalted && before.isBelieved(Timer.haltLow)),
  },
  {
    name: "an OS has halted if HALTED counts, is high for a while, for longer unasked, and the board is silent",
    holds: ({ before, after, inputs }) =>
      !after.moved ||
      after.reason !== Reason.Halted ||
      (inputs.isHalted &&
        before.haltArmed &&
        before.isBelieved(Timer.haltSteady) &&
        !inputs.hasPrinted &&
        (before.state === State.ShuttingDown || before.isBelieved(Timer.haltLasting))),
  },
  {
    name: "a board that prints long after HALTED rose is one that boots: HALTED counts no longer",
    holds: ({ before, after, inputs }) =>
      !isRunning(before) ||
      !before.isConfirmed(Timer.haltSteady) ||
      !inputs.isHalted ||
      !inputs.hasPrinted ||
      after.state === State.RailDown ||
      !after.haltArmed,
  },
  {
    name: "an OS that has halted loses its power",
    holds: ({ before, after, inputs }) =>
      !isRunning(before) ||
      !before.haltArmed ||
      !before.isBelieved(Timer.haltSteady) ||
      !(before.state === State.ShuttingDown || before.isBelieved(Timer.haltLasting)) ||
      !inputs.isHalted ||
      inputs.hasPrinted ||
      after.state === State.RailDown,
  },
  {
    name: "shutting down ends with the OS halted, the time over, or something wrong",
    holds: (transition) => {
      const { before, after } = transition;
      if (before.state !== State.ShuttingDown || !after.moved) return true;
      if (after.reason === Reason.ShutdownTimeout) return before.isLate;
      return after.reason === Reason.Halted || after.reason === Reason.Removed || mustGoDown(transition);
    },
  },
  {
    name: "what is wanted changes with what comes up by itself, a halted OS, a latched fault, a board that goes",
    holds: ({ before, after, inputs }) => {
      if (after.wanted === before.wanted) return true;
      if (after.wanted) return isAtRest(before) && after.state === State.RailUp;
      if (after.moved && (after.reason === Reason.Halted || after.state === State.Fault)) return true;
      return !inputs.isPresent && after.policy !== RestorePolicy.AlwaysOn;
    },
  },
  {
    name: "what has halted or gone is wanted no longer, but for a new board where the policy is always on",
    holds: ({ before, after, inputs }) => {
      if (after.moved && after.reason === Reason.Halted) return !after.wanted;
      const hasGone = isDown(before) && before.isBelieved(Timer.absent) && !inputs.isPresent;
      const isRemoved = after.moved && after.reason === Reason.Removed;
      return !(hasGone || isRemoved) || !after.wanted || after.policy === RestorePolicy.AlwaysOn;
    },
  },
  {
    name: "what came up by itself is wanted",
    holds: ({ before, after }) => !(isAtRest(before) && after.state === State.RailUp) || after.wanted,
  },
  {
    name: "input power that goes is counted while there is power, until the slot was good for long",
    holds: ({ before, after }) => {
      if (after.moved && after.reason === Reason.InputLost && isPowered(before))
        return after.sags === before.sags + 1 || (after.sags === before.sags && after.sags > 1);
      if (after.sags === before.sags) return true;
      const isLongGood = before.state === State.On && before.isLate;
      return after.sags === 0 && (isLongGood || (after.moved && after.reason === Reason.Inserted));
    },
  },
  {
    name: "a policy that has changed meanwhile is the one that counts",
    holds: ({ before, after }) =>
      before.state !== State.Restoring ||
      after.state !== State.RailUp ||
      before.policy === RestorePolicy.AlwaysOn ||
      (before.policy === RestorePolicy.Last && before.wanted),
  },
  {
    name: "a board that was just let go of its reset has said nothing yet",
    holds: ({ after }) => !after.moved || after.state !== State.On || !after.haltArmed,
  },
  {
    name: "input power lost is believed at once where there is power, after a while where there is none",
    holds: ({ before, after, inputs }) =>
      !isDown(before) ||
      before.state === State.Fault ||
      before.state === State.NoInput ||
      !before.isBelieved(Timer.inputGone) ||
      inputs.input !== Input.Lost ||
      after.state === State.NoInput,
  },
  {
    name: "when input power is back the policy decides",
    holds: ({ before, after, inputs }) => {
      if (before.state !== State.NoInput || !after.moved) return true;
      if (after.reason !== Reason.InputBack) return true;
      if (!before.isBelieved(Timer.inputBack) || inputs.input !== Input.Good) return false;
      const isOn =
        after.policy === RestorePolicy.AlwaysOn || (after.policy === RestorePolicy.Last && after.wanted);
      return after.state === (isOn ? State.Restoring : State.Off);
    },
  },
  {
    name: "a new board comes up by itself only where the policy is always on",
    holds: ({ before, after, inputs }) =>
      before.state !== State.Off ||
      after.state !== State.Restoring ||
      (after.policy === RestorePolicy.AlwaysOn && before.emptied && inputs.isPresent && after.tries === 0),
  },
];

/** The compute OS may run. */
function isRunning({ state }: Life): boolean {
  return state === State.On || state === State.ShuttingDown;
}

/** Returns the origin of a step's reason. A step that only continues keeps the origin it had. */
function originOf({ before, after, inputs }: Transition): number {
  const staysGood = before.state === State.RailDown && before.isLate && inputs.isGood(before.rail);
  const isStuck = staysGood && !inputs.isFed(before.rail);
  if (isStuck || (isFault(after.reason) && after.faultReason !== before.faultReason)) return Origin.Fault;
  if (REASONS_OF_POLICY.includes(after.reason)) return Origin.Policy;
  if (after.reason === Reason.Halted && before.state === State.On) return Origin.Compute;
  return before.origin;
}
