/** The words that the sequencer and all who deal with it use: states, commands, reasons, origins. */
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
  /** Off after a fault, to be tried again. */
  RetryPause,
  /** Off, and nothing to come up with. */
  NoInput,
  /** Input power is back, or a board is: the slot waits for its turn to come up. */
  Restoring,
}

export enum Command {
  On,
  Off,
  ForceOff,
  Cycle,
  Reset,
  ClearFault,
}

/** What became of a command. */
export enum Answer {
  Accepted,
  AlreadyOn,
  AlreadyOff,
  /** Going up or down; ask again later. */
  Busy,
  NotPresent,
  /** A fault is latched and must be cleared first. */
  Faulted,
  NoInput,
  /** A sensor reads nonsense, so that nobody could protect the slot; or a fault limit is exceeded already. */
  Hindered,
  NoFault,
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
  Retried,
  InputLost,
  InputBack,
  Inserted,
  Restored,
  /** What keeps a slot from coming up by itself: no board, a sensor that reads nonsense, a limit exceeded. */
  NotRestored,
  /** Faults from here on; Removed is none that is latched. */
  PowerGoodTimeout,
  PowerGoodLost,
  PowerGoodStuck,
  Removed,
  Overcurrent,
  LimitExceeded,
}

/** Who wanted it. What follows from a command has the command's origin. */
export enum Origin {
  None,
  Console,
  Smbus,
  Policy,
  Fault,
  /** The operating system on the compute board. */
  Compute,
}

/** What happens when input power returns. */
export enum RestorePolicy {
  Last,
  AlwaysOn,
  AlwaysOff,
}

/** Where the way down ends. */
export enum Next {
  Off,
  Cycle,
  Retry,
  Fault,
  NoInput,
}
