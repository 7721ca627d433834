/** The states that may follow each state, and their reasons: all transitions that exist. */
import { Command, Reason, State } from "../../../../abi/generated/vocabulary.ts";
import { FAULTS } from "./meaning.ts";

type Table = { readonly [from: number]: { readonly [to: number]: readonly number[] } };

/** What takes power away wherever there is some. */
const TAKES_DOWN = [Reason.PowerGoodLost, Reason.Overcurrent, Reason.Limit, Reason.InputLost, Reason.Removed];

/** Transitions by time and inputs. */
export const STEPS: Table = {
  [State.Off]: { [State.Restoring]: [Reason.Inserted], [State.NoInput]: [Reason.InputLost] },
  [State.RailUp]: {
    [State.RailUp]: [Reason.RailGood],
    [State.RunDelay]: [Reason.RailGood],
    [State.RailDown]: [...TAKES_DOWN, Reason.PowerGoodTimeout],
  },
  [State.RunDelay]: { [State.On]: [Reason.RunReleased], [State.RailDown]: TAKES_DOWN },
  [State.On]: { [State.RailDown]: [...TAKES_DOWN, Reason.Halted] },
  [State.ShuttingDown]: { [State.RailDown]: [...TAKES_DOWN, Reason.Halted, Reason.ShutdownTimeout] },
  [State.RailDown]: {
    [State.RailDown]: [Reason.RailDown],
    [State.Off]: [Reason.RailDown],
    [State.CycleOff]: [Reason.RailDown],
    [State.RetryPause]: [Reason.RailDown],
    [State.NoInput]: [Reason.RailDown],
    [State.Fault]: FAULTS,
  },
  [State.CycleOff]: {
    [State.RailUp]: [Reason.CycleWaited],
    [State.Off]: [Reason.Removed, Reason.NotRestored],
    [State.NoInput]: [Reason.InputLost],
  },
  [State.Resetting]: { [State.On]: [Reason.ResetDone], [State.RailDown]: TAKES_DOWN },
  [State.Fault]: {},
  [State.RetryPause]: {
    [State.RailUp]: [Reason.Retried],
    [State.Off]: [Reason.NotRestored, Reason.Removed],
    [State.NoInput]: [Reason.InputLost],
    [State.Fault]: [Reason.NotRestored],
  },
  [State.NoInput]: { [State.Restoring]: [Reason.InputBack], [State.Off]: [Reason.InputBack] },
  [State.Restoring]: {
    [State.RailUp]: [Reason.Restored],
    [State.Off]: [Reason.NotRestored, Reason.Removed],
    [State.NoInput]: [Reason.InputLost],
  },
};

/** The reasons of the policy: no command was given at that moment. */
export const REASONS_OF_POLICY: readonly number[] = [
  Reason.Retried,
  Reason.InputLost,
  Reason.InputBack,
  Reason.Inserted,
  Reason.Restored,
  Reason.NotRestored,
  Reason.Removed,
];

/** The reason that each command gives. */
export const REQUESTED: Readonly<Record<number, number>> = {
  [Command.On]: Reason.OnRequested,
  [Command.Off]: Reason.OffRequested,
  [Command.ForceOff]: Reason.ForceOffRequested,
  [Command.Cycle]: Reason.CycleRequested,
  [Command.Reset]: Reason.ResetRequested,
  [Command.ClearFault]: Reason.FaultCleared,
};

const GOES_OFF = [State.RetryPause, State.Restoring, State.CycleOff].map(
  (from) => [from, State.Off] as const,
);

/** Transitions by command: from, to. Their reasons are those of `REQUESTED`, except when the OS is asked. */
export const REQUESTS: { readonly [command: number]: readonly (readonly [number, number])[] } = {
  [Command.On]: [State.Off, State.RetryPause, State.Restoring].map((from) => [from, State.RailUp] as const),
  [Command.Off]: [
    [State.On, State.ShuttingDown],
    ...[State.RailUp, State.RunDelay, State.Resetting].map((from) => [from, State.RailDown] as const),
    ...GOES_OFF,
  ],
  [Command.ForceOff]: [
    ...[State.RailUp, State.RunDelay, State.Resetting, State.On, State.ShuttingDown].map(
      (from) => [from, State.RailDown] as const,
    ),
    ...GOES_OFF,
  ],
  [Command.Cycle]: [[State.On, State.RailDown]],
  [Command.Reset]: [[State.On, State.Resetting]],
  [Command.ClearFault]: [[State.Fault, State.Off]],
};
