// Generated from abi/vocabulary.ts by `npm run generate`. Do not edit.

/** Where the power sequence is. */
export enum State {
  /** All rails are down. */
  Off,
  /** A rail is enabled, and its power-good is awaited. */
  RailUp,
  /** All rails are good, the compute board is still in reset. */
  RunDelay,
  /** The compute board runs. */
  On,
  /** The compute OS was asked to shut down. */
  ShuttingDown,
  /** A rail is disabled, and its power-good has not gone yet. */
  RailDown,
  /** All rails are down in the middle of a power cycle. */
  CycleOff,
  /** The compute board is held in reset for a moment, all rails are up. */
  Resetting,
  /** All rails are down, a fault is latched; MFR_FAULT_CLEAR lets the slot come up again. */
  Fault,
  /** All rails are down after a fault, the BMC will try again. */
  RetryPause,
  /** All rails are down, there is no input power. */
  NoInput,
  /** All rails are down, the policy is about to bring them up. */
  Restoring,
}

/** Values of State are below this. */
export const STATE_END: i32 = 12;

const STATE_TEXT: StaticArray<string> = [
  "off",
  "coming up",
  "coming up",
  "on",
  "shutting down",
  "going down",
  "off, on again in a moment",
  "resetting",
  "off (fault)",
  "off, to be tried again",
  "off, no input power",
  "off, about to come up",
];

export function stateText(state: State): string {
  return unchecked(STATE_TEXT[state]);
}

/** Why the power state changed. */
export enum Reason {
  /** The BMC started. */
  Start,
  /** Found so after a restart of the BMC. */
  Adopted,
  /** On was requested. */
  OnRequested,
  /** A rail reports power-good. */
  RailGood,
  /** The compute board was released from reset. */
  RunReleased,
  /** A shutdown was requested. */
  ShutdownRequested,
  /** The compute OS halted. */
  Halted,
  /** The compute OS did not halt in time. */
  ShutdownTimeout,
  /** Off was requested. */
  OffRequested,
  /** Off at once was requested. */
  ForceOffRequested,
  /** A power cycle was requested. */
  CycleRequested,
  /** The slot was off for long enough in a power cycle. */
  CycleWaited,
  /** A reset was requested. */
  ResetRequested,
  /** The reset is over. */
  ResetDone,
  /** A rail is down. */
  RailDown,
  /** A latched fault was cleared. */
  FaultCleared,
  /** The BMC tried again after a fault. */
  Retried,
  /** Input power was lost. */
  InputLost,
  /** Input power is back. */
  InputBack,
  /** A compute board was plugged in. */
  Inserted,
  /** The restore policy's wait is over. */
  Restored,
  /** No compute board to restore, or a reading that inhibits power-on. */
  NotRestored,
  /** Power-good did not come in time. */
  PowerGoodTimeout,
  /** Power-good was lost. */
  PowerGoodLost,
  /** Power-good was still there after switching off. */
  PowerGoodStuck,
  /** The compute board was pulled out. */
  Removed,
  /** Over-current, switched off at once. */
  Overcurrent,
  /** A fault limit was exceeded. */
  Limit,
}

/** Values of Reason are below this. */
export const REASON_END: i32 = 28;

const REASON_TEXT: StaticArray<string> = [
  "start",
  "as found after the restart",
  "on requested",
  "power-good",
  "released from reset",
  "shutdown requested",
  "halted",
  "did not halt in time",
  "off requested",
  "force-off requested",
  "cycle requested",
  "cycle, coming up again",
  "reset requested",
  "reset done",
  "rail down",
  "fault cleared",
  "tried again",
  "input power lost",
  "input power is back",
  "compute board inserted",
  "restored",
  "not restored",
  "power-good did not come",
  "power-good lost",
  "power-good did not go",
  "compute board removed",
  "over-current",
  "limit exceeded",
];

export function reasonText(reason: Reason): string {
  return unchecked(REASON_TEXT[reason]);
}

/** Why the slot was switched off. */
export enum FaultReason {
  /** No fault so far. */
  None,
  /** Power-good did not come in time. */
  PowerGoodTimeout,
  /** Power-good was lost. */
  PowerGoodLost,
  /** Power-good was still there after switching off. */
  PowerGoodStuck,
  /** The compute board was pulled out. */
  Removed,
  /** Over-current, switched off at once. */
  Overcurrent,
  /** A fault limit was exceeded. */
  Limit,
}

/** Values of FaultReason are below this. */
export const FAULT_REASON_END: i32 = 7;

/** Who wanted it. */
export enum Origin {
  /** The BMC itself. */
  Bmc,
  /** A person on the console. */
  Console,
  /** A controller on the SMBus. */
  Smbus,
  /** The restore policy or a retry. */
  Policy,
  /** A fault. */
  Fault,
  /** The compute board's operating system. */
  Compute,
}

/** Values of Origin are below this. */
export const ORIGIN_END: i32 = 6;

const ORIGIN_TEXT: StaticArray<string> = [
  "BMC",
  "console",
  "SMBus",
  "policy",
  "fault",
  "compute board",
];

export function originText(origin: Origin): string {
  return unchecked(ORIGIN_TEXT[origin]);
}

/** What a person or a controller asks of the power sequencer. */
export enum Command {
  /** Rails up in order, then release the compute board. */
  On = 1,
  /** Ask the compute OS to shut down, then rails down. */
  Off = 2,
  /** Rails down now. */
  ForceOff = 3,
  /** Rails down now, and up again. */
  Cycle = 4,
  /** Pulse the compute board's reset. */
  Reset = 5,
  /** Clear a latched fault. */
  ClearFault = 6,
}

/** Values of Command are below this. */
export const COMMAND_END: i32 = 7;

/** What became of a command. */
export enum Answer {
  /** The sequencer carries it out. */
  Accepted,
  /** The slot is on already. */
  AlreadyOn,
  /** The slot is off already. */
  AlreadyOff,
  /** The slot is going up or down: ask again later. */
  Busy,
  /** There is no compute board in the slot. */
  NotPresent,
  /** A fault is latched and must be cleared first. */
  Faulted,
  /** There is no input power. */
  NoInput,
  /** A sensor that protection needs reads nonsense, or a fault limit is exceeded already. */
  Inhibited,
  /** There is no latched fault to clear. */
  NoFault,
}

/** Values of Answer are below this. */
export const ANSWER_END: i32 = 9;

/** Where the way down ends. */
export enum Next {
  /** Off. */
  Off,
  /** Off for the time of a power cycle, then up again. */
  Cycle,
  /** The pause before another try. */
  Retry,
  /** Off with a latched fault. */
  Fault,
  /** Off until input power is back. */
  NoInput,
}

/** Values of Next are below this. */
export const NEXT_END: i32 = 5;

/** What the slot does when power returns. */
export enum RestorePolicy {
  /** As it was before. */
  Last,
  /** On, also when a compute board is plugged in. */
  AlwaysOn,
  /** Off. */
  AlwaysOff,
}

/** Values of RestorePolicy are below this. */
export const RESTORE_POLICY_END: i32 = 3;

const RESTORE_POLICY_TEXT: StaticArray<string> = [
  "last",
  "always-on",
  "always-off",
];

export function restorePolicyText(restorePolicy: RestorePolicy): string {
  return unchecked(RESTORE_POLICY_TEXT[restorePolicy]);
}

/** How far the compute board has come, by what it prints. */
export enum BootStage {
  /** Never released from reset. */
  None,
  /** Released from reset, has printed nothing. */
  Released,
  /** Prints: firmware or boot loader. */
  Printing,
  /** U-Boot has announced itself. */
  BootLoader,
  /** A Linux kernel has announced itself. */
  Kernel,
  /** It asks for a log-in. */
  Login,
}

/** Values of BootStage are below this. */
export const BOOT_STAGE_END: i32 = 6;

/** What an event is about. */
export enum EventKind {
  /** No event. */
  None,
  /** The power state changed: detail is the POWER_REASON, subject the MFR_POWER_STATE. */
  Power,
  /** A power fault: detail is the FAULT_REASON, subject the page or, for LIMIT, the limit; value is the reading. */
  Fault,
  /** A latched fault was cleared. */
  FaultCleared,
  /** A warning limit is exceeded: subject is the limit. */
  Warning,
  /** A warning limit is no longer exceeded: subject is the limit. */
  WarningOver,
  /** Another verdict on a sensor: detail is its SENSOR_HEALTH, subject the QUANTITY. */
  Sensor,
  /** Input power was lost: value is VIN. */
  InputLost,
  /** Input power is back: value is VIN. */
  InputBack,
  /** A compute board was plugged in. */
  Inserted,
  /** The compute board was pulled out. */
  Removed,
  /** The BMC started: detail is the RESET_CAUSE. */
  Started,
  /** The restore policy was set: detail is the MFR_RESTORE_POLICY. */
  Policy,
  /** A sensor was calibrated: subject is the QUANTITY. */
  Calibrated,
  /** The power monitor: detail is its MONITOR_STATE, subject 1 while it deviates from the converter. */
  Monitor,
}

/** Values of EventKind are below this. */
export const EVENT_KIND_END: i32 = 15;

/** A measured quantity. */
export enum Quantity {
  /** Input voltage, mV. */
  Vin,
  /** Output voltage of page 0, mV. */
  Vout0,
  /** Output voltage of page 1, mV. */
  Vout1,
  /** Output current of page 0, mA. */
  Iout,
  /** Output power of page 0, computed from voltage and current, mW. */
  Pout,
  /** Temperature of the RP2040's die, mdeg. */
  Temperature,
  /** Output voltage of page 2, mV. */
  Vout2,
  /** Output voltage of page 3, mV. */
  Vout3,
}

/** Values of Quantity are below this. */
export const QUANTITY_END: i32 = 8;

/** Added to four times the QUANTITY it is a limit. */
export enum LimitKind {
  /** Fault above. */
  HighFault,
  /** Warning above. */
  HighWarning,
  /** Warning below. */
  LowWarning,
  /** Fault below. */
  LowFault,
}

/** Values of LimitKind are below this. */
export const LIMIT_KIND_END: i32 = 4;

/** The verdict on a sensor. */
export enum Health {
  /** Its readings count. */
  Good,
  /** It shows nothing where something must be. */
  Shorted,
  /** It shows full scale, or something where nothing can be. */
  Open,
  /** It shows no noise at all. */
  Stuck,
  /** The converter brings no samples. */
  Silent,
  /** It works: its rail has a voltage while it is off, from outside the slot. */
  Fed,
}

/** Values of Health are below this. */
export const HEALTH_END: i32 = 6;

const HEALTH_TEXT: StaticArray<string> = [
  "good",
  "shorted",
  "open",
  "stuck",
  "silent",
  "fed from outside",
];

export function healthText(health: Health): string {
  return unchecked(HEALTH_TEXT[health]);
}

/** The power monitor on the sensor bus, a second source of power readings. */
export enum MonitorState {
  /** This board has none. */
  NotFitted,
  /** The BMC is looking for it. */
  Probing,
  /** It answers and measures. */
  Ok,
  /** It does not answer. */
  Absent,
  /** It answers or holds the bus, but gives no reading. */
  Failed,
  /** Another chip answers at its address. */
  WrongDevice,
}

/** Values of MonitorState are below this. */
export const MONITOR_STATE_END: i32 = 6;

const MONITOR_STATE_TEXT: StaticArray<string> = [
  "not fitted",
  "looked for",
  "found",
  "absent",
  "failed",
  "is another chip",
];

export function monitorStateText(monitorState: MonitorState): string {
  return unchecked(MONITOR_STATE_TEXT[monitorState]);
}

// What a power state is: one bit for each state.

/** RailUp, RunDelay, On, ShuttingDown, Resetting. */
export function isPowered(state: State): bool {
  return ((0x09e >> <u32>state) & 1) != 0;
}

/** On, ShuttingDown, Resetting. */
export function isOn(state: State): bool {
  return ((0x098 >> <u32>state) & 1) != 0;
}

/** Off, CycleOff, Fault, RetryPause, NoInput, Restoring. */
export function isOff(state: State): bool {
  return ((0xf41 >> <u32>state) & 1) != 0;
}

/** Off, Fault, RetryPause, NoInput, Restoring. */
export function isResting(state: State): bool {
  return ((0xf01 >> <u32>state) & 1) != 0;
}

/** Off, Fault. */
export function isSettled(state: State): bool {
  return ((0x101 >> <u32>state) & 1) != 0;
}

/** RailUp, RunDelay, RailDown. */
export function isBetween(state: State): bool {
  return ((0x026 >> <u32>state) & 1) != 0;
}

/** RailUp, RunDelay. */
export function isComingUp(state: State): bool {
  return ((0x006 >> <u32>state) & 1) != 0;
}

/** ShuttingDown, RailDown. */
export function isGoingDown(state: State): bool {
  return ((0x030 >> <u32>state) & 1) != 0;
}

/** FaultReason of each Reason; 0 for a reason that is no fault. */
export const FAULT_OF_REASON: StaticArray<u8> = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6];

export const QUANTITIES: i32 = 8;
export const LIMIT_KINDS: i32 = 4;
/** Rails a board can have at most: each has a page, signals and an output voltage. */
export const MOST_RAILS: i32 = 4;
/** The output voltage of each page. */
export const VOUT_OF_PAGE: StaticArray<u8> = [1, 2, 6, 7];
/** Page of each quantity; -1 for a quantity that all pages share. */
export const QUANTITY_PAGE: StaticArray<i8> = [-1, 0, 1, 0, 0, -1, 2, 3];
/** Unit of each quantity, of which readings are integers. */
export const QUANTITY_UNIT: StaticArray<string> = ["mV", "mV", "mV", "mA", "mW", "mdeg", "mV", "mV"];
/** PMBus command that reads each quantity. */
export const QUANTITY_READ: StaticArray<u8> = [136, 139, 139, 140, 150, 141, 139, 139];
/** Status register of each quantity. */
export const QUANTITY_STATUS: StaticArray<u8> = [124, 122, 122, 123, 123, 125, 122, 122];
/** PMBus command of each limit; 0 where PMBus offers none. */
export const LIMIT_CODE: StaticArray<u8> = [85, 87, 88, 89, 64, 66, 67, 68, 64, 66, 67, 68, 70, 74, 0, 0, 104, 106, 0, 0, 79, 81, 82, 83, 64, 66, 67, 68, 64, 66, 67, 68];
/** Bit of the quantity's status register for each limit. */
export const LIMIT_STATUS: StaticArray<u8> = [128, 64, 32, 16, 128, 64, 32, 16, 128, 64, 32, 16, 128, 32, 0, 0, 2, 1, 0, 0, 128, 64, 32, 16, 128, 64, 32, 16, 128, 64, 32, 16];
