/** The invariants of every state, and of every call of any kind. */

import { Next, Reason, State } from "../../../../abi/generated/vocabulary.ts";
import { Signal } from "../../../../simulator/generated/abi.ts";
import { ENDLESS, type Invariant, isFault, isPowered, lasts_us, outputsOf } from "./meaning.ts";

const COMES_BACK: readonly number[] = [State.CycleOff, State.RetryPause, State.Restoring];

/** Checked once for each state. */
export const OF_A_STATE: readonly Invariant[] = [
  {
    name: "outputs are what the state is for",
    holds: ({ after, timing }) => after.outputs === outputsOf(after, timing),
  },
  {
    name: "no rail without the one before it, COMPUTE_RUN only with all, SHUTDOWN_REQ only with COMPUTE_RUN",
    holds: ({ after: { outputs }, timing }) => {
      const line = [...timing.enable, Signal.COMPUTE_RUN, Signal.SHUTDOWN_REQ];
      return line.every(
        (signal, at) => !(outputs & signal) || at === 0 || outputs & (line[at - 1] as number),
      );
    },
  },
  {
    name: "SHUTDOWN_REQ only while shutting down",
    holds: ({ after }) => !(after.outputs & Signal.SHUTDOWN_REQ) || after.state === State.ShuttingDown,
  },
  {
    name: "every state has a deadline but those that wait for an event or a command",
    holds: ({ after }) => ENDLESS.includes(after.state) || after.deadline_us !== -1,
  },
  {
    name: "a fault is on record where one is latched or tried again, and nowhere else",
    holds: ({ after: { state, next, faultReason } }) => {
      const isConcerned = state === State.RailDown || state === State.Fault || state === State.RetryPause;
      const isOnRecord = isConcerned && (next === Next.Retry || next === Next.Fault);
      // A fault while the slot was going off anyway.
      if (state === State.RailDown && next === Next.Off && isFault(faultReason)) return true;
      return isOnRecord ? isFault(faultReason) : faultReason === Reason.Start;
    },
  },
  {
    name: "latched means Fault, or going down to it",
    holds: ({ after }) =>
      after.latched ===
      (after.state === State.Fault || (after.state === State.RailDown && after.next === Next.Fault)),
  },
  {
    name: "where the way down ends fits the state",
    holds: ({ after: { state, next } }) => {
      if (state === State.RailDown) return true;
      if (state === State.CycleOff) return next === Next.Cycle;
      if (state === State.RetryPause) return next === Next.Retry;
      return next === (state === State.Fault ? Next.Fault : Next.Off);
    },
  },
  {
    name: "there are as many tries as pauses",
    holds: ({ after: { state, tries }, timing: { retryPause_us } }) =>
      state === State.RetryPause ? tries < retryPause_us.length : tries <= retryPause_us.length,
  },
  {
    name: "a latched slot is not wanted on: it does not come up by itself even after an outage of the BMC",
    holds: ({ after }) => after.state !== State.Fault || !after.wanted,
  },
  {
    name: "only power that comes by itself waits",
    holds: ({ after: { state, waiting } }) => !waiting || COMES_BACK.includes(state),
  },
  { name: "the memory of a life is never nothing", holds: ({ after }) => after.memory !== 0 },
  {
    name: "a powered slot has no memory of having been empty",
    holds: ({ after }) => !isPowered(after) || !after.emptied,
  },
];

export const LASTS: Invariant = {
  name: "a state just entered lasts as long as the board file says",
  holds: ({ after, timing }) => !after.moved || after.deadline_us === lasts_us(after, timing),
};

export const ALWAYS: readonly Invariant[] = [
  {
    name: "only the user changes the policy",
    holds: ({ before, after }) => before.policy === after.policy,
  },
];
