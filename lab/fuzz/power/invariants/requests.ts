/** The invariants of commands, in whatever state they come. */

import { Answer, Command, Next, Reason, State } from "../../../../abi/generated/vocabulary.ts";
import { Input } from "../inputs.ts";
import { type Invariant, isDown, type Transition } from "./meaning.ts";
import { LASTS } from "./states.ts";
import { REQUESTED, REQUESTS } from "./transitions.ts";

export interface Request extends Transition {
  readonly command: number;
  readonly origin: number;
  readonly answer: number;
}

const MEANS_OFF: readonly number[] = [Command.Off, Command.ForceOff];

export const OF_A_REQUEST: readonly Invariant<Request>[] = [
  LASTS,
  {
    name: "nothing is enabled while a fault is latched",
    holds: ({ before, after }) => !before.latched || (after.outputs & ~before.outputs) === 0,
  },
  {
    name: "a command makes a transition that it is for, with its reason and the origin of who gave it",
    holds: ({ before, after, command, origin }) => {
      if (!after.moved) return true;
      const isAsked = command === Command.Off && before.state === State.On;
      return (
        (REQUESTS[command] ?? []).some(([from, to]) => from === before.state && to === after.state) &&
        after.reason === (isAsked ? Reason.ShutdownRequested : REQUESTED[command]) &&
        after.origin === origin
      );
    },
  },
  {
    name: "a command that is refused changes nothing, but that off is wanted",
    holds: ({ before, after, command, answer }) =>
      answer === Answer.Accepted ||
      (!after.moved &&
        after.state === before.state &&
        after.next === before.next &&
        after.outputs === before.outputs &&
        after.tries === before.tries &&
        after.faultReason === before.faultReason &&
        after.origin === before.origin &&
        after.deadline_us === before.deadline_us &&
        (after.wanted === before.wanted || (MEANS_OFF.includes(command) && !after.wanted))),
  },
  {
    name: "on is accepted only with a board, input power, sensors that make sense, and no latched fault",
    holds: ({ before, inputs, command, answer }) =>
      command !== Command.On ||
      answer !== Answer.Accepted ||
      (isDown(before) &&
        !before.latched &&
        inputs.isPresent &&
        inputs.input === Input.Good &&
        !inputs.isInhibited),
  },
  {
    name: "on, accepted, starts with the first rail, all tries, and no memory of a fault",
    holds: ({ after, command, answer }) =>
      command !== Command.On ||
      answer !== Answer.Accepted ||
      (after.state === State.RailUp && after.rail === 0 && after.tries === 0 && after.faultReason === 0),
  },
  {
    name: "on is refused with the reason why",
    holds: ({ before, inputs, command, answer }) => {
      if (command !== Command.On) return true;
      switch (answer) {
        case Answer.AlreadyOn:
          return before.state === State.On;
        case Answer.Faulted:
          return before.latched;
        case Answer.Busy:
          return !isDown(before) && before.state !== State.On;
        case Answer.NotPresent:
          return !inputs.isPresent;
        case Answer.NoInput:
          return before.state === State.NoInput || inputs.input !== Input.Good;
        case Answer.Inhibited:
          return inputs.isInhibited;
        default:
          return answer === Answer.Accepted;
      }
    },
  },
  {
    name: "a command for on or off takes effect on what is wanted, whatever the answer",
    holds: ({ before, after, command, answer }) => {
      if (MEANS_OFF.includes(command)) return !after.wanted;
      if (command === Command.On && answer === Answer.Accepted) return after.wanted;
      return after.wanted === before.wanted;
    },
  },
  {
    name: "after off nothing comes up again by itself, and power is on its way down or the OS asked",
    holds: ({ before, after, command }) => {
      if (!MEANS_OFF.includes(command)) return true;
      if (after.state === State.RailDown) return after.next !== Next.Cycle && after.next !== Next.Retry;
      if (after.state === State.ShuttingDown) return command === Command.Off;
      return (
        isDown(after) &&
        after.state !== State.RetryPause &&
        after.state !== State.Restoring &&
        after.outputs <= before.outputs
      );
    },
  },
  {
    name: "a latched fault is cleared by the command that clears it, and by no other",
    holds: ({ before, after, command, answer }) =>
      command === Command.ClearFault
        ? !after.latched && (answer === Answer.Accepted) === before.latched
        : after.latched === before.latched,
  },
  {
    name: "clearing a fault switches nothing on",
    holds: ({ before, after, command }) =>
      command !== Command.ClearFault ||
      (after.outputs === before.outputs && (!before.latched || after.tries === 0)),
  },
  {
    name: "a cycle and a reset are for a slot that is on",
    holds: ({ before, after, command, answer }) => {
      if (command !== Command.Cycle && command !== Command.Reset) return true;
      if (answer !== Answer.Accepted) return answer === (isDown(before) ? Answer.AlreadyOff : Answer.Busy);
      return before.state === State.On && (command === Command.Reset || after.next === Next.Cycle);
    },
  },
];
