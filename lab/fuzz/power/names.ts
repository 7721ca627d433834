/** The sequencer's enumerations by name. `checkNames` compares them with those of the module. */

export const State = {
  Off: 0,
  RailUp: 1,
  RunDelay: 2,
  On: 3,
  ShuttingDown: 4,
  RailDown: 5,
  CycleOff: 6,
  Resetting: 7,
  Fault: 8,
  RetryPause: 9,
  NoInput: 10,
  Restoring: 11,
} as const;

export const Command = { On: 0, Off: 1, ForceOff: 2, Cycle: 3, Reset: 4, ClearFault: 5 } as const;

export const Answer = {
  Accepted: 0,
  AlreadyOn: 1,
  AlreadyOff: 2,
  Busy: 3,
  NotPresent: 4,
  Faulted: 5,
  NoInput: 6,
  Hindered: 7,
  NoFault: 8,
} as const;

export const Reason = {
  Start: 0,
  Adopted: 1,
  OnRequested: 2,
  RailGood: 3,
  RunReleased: 4,
  ShutdownRequested: 5,
  Halted: 6,
  ShutdownTimeout: 7,
  OffRequested: 8,
  ForceOffRequested: 9,
  CycleRequested: 10,
  CycleWaited: 11,
  ResetRequested: 12,
  ResetDone: 13,
  RailIsDown: 14,
  FaultCleared: 15,
  Retried: 16,
  InputLost: 17,
  InputBack: 18,
  Inserted: 19,
  Restored: 20,
  NotRestored: 21,
  PowerGoodTimeout: 22,
  PowerGoodLost: 23,
  PowerGoodStuck: 24,
  Removed: 25,
  Overcurrent: 26,
  LimitExceeded: 27,
} as const;

export const Origin = { None: 0, Console: 1, Smbus: 2, Policy: 3, Fault: 4, Compute: 5 } as const;

export const RestorePolicy = { Last: 0, AlwaysOn: 1, AlwaysOff: 2 } as const;

export const Next = { Off: 0, Cycle: 1, Retry: 2, Fault: 3, NoInput: 4 } as const;

const ENUMERATIONS = { State, Command, Answer, Reason, Origin, RestorePolicy, Next };

/** The name of a value, for messages. */
export function nameOf(enumeration: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(enumeration).find((name) => enumeration[name] === value) ?? `${value}`;
}

/** Throws an Error if the module has other names or numbers than this file. */
export function checkNames(exports: WebAssembly.Exports): void {
  const here = Object.entries(ENUMERATIONS).flatMap(([enumeration, values]) =>
    Object.entries(values).map(([name, value]) => `${enumeration}.${name} = ${value}`),
  );
  const there = Object.entries(exports)
    .filter(([name]) => name.includes("."))
    .map(([name, value]) => `${name} = ${(value as WebAssembly.Global).value}`);
  const strange = [
    ...here.filter((line) => !there.includes(line)),
    ...there.filter((line) => !here.includes(line)),
  ];
  if (strange.length > 0)
    throw new Error(`lab/fuzz/power/names.ts does not fit assembly/power/sequencer.ts: ${strange}`);
}
