/**
 * Invariants for a trip of the fast path that is reported after the power-good it took down: the fault gets
 * the right reason, and nothing else changes.
 */
import { Reason } from "../../../../abi/generated/vocabulary.ts";
import type { Invariant, Transition } from "./meaning.ts";

/** A trip explains a fault for this long after it (sequencer.ts). */
export const EXPLAINED_US = 1000;

function changesNothingElse({ before, after }: Transition): boolean {
  return (
    after.state === before.state &&
    after.rail === before.rail &&
    after.next === before.next &&
    after.tries === before.tries &&
    after.outputs === before.outputs &&
    after.wanted === before.wanted &&
    after.latched === before.latched &&
    after.reason === before.reason &&
    after.origin === before.origin &&
    after.deadline_us === before.deadline_us &&
    after.faultRail === before.faultRail
  );
}

export const OF_AN_EXPLANATION: readonly Invariant[] = [
  { name: "an explanation changes the name of the fault at most", holds: changesNothingElse },
  {
    name: "a trip explains why the compute rail's power-good was lost, and no other fault",
    holds: ({ before, after, timing }) => {
      const isOfCompute = before.faultRail === timing.computeRail;
      const isLost = before.faultReason === Reason.PowerGoodLost && isOfCompute;
      return after.faultReason === (isLost ? Reason.Overcurrent : before.faultReason);
    },
  },
];

/** The same for a trip that is reported too late. */
export const UNEXPLAINED: readonly Invariant[] = [
  {
    name: "a trip that is heard of late explains nothing",
    holds: (transition) =>
      changesNothingElse(transition) && transition.after.faultReason === transition.before.faultReason,
  },
];
