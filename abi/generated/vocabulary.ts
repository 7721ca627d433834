// Generated from abi/vocabulary.ts by `npm run generate`. Do not edit.
// The numbers alone. A model that fuzzes or tests the logic has its own idea of the behaviour.

/** Where the power sequence is. */
export const State = {
  /** All rails are down. */
  Off: 0,
  /** A rail is enabled, and its power-good is awaited. */
  RailUp: 1,
  /** All rails are good, the compute board is still in reset. */
  RunDelay: 2,
  /** The compute board runs. */
  On: 3,
  /** The compute OS was asked to shut down. */
  ShuttingDown: 4,
  /** A rail is disabled, and its power-good has not gone yet. */
  RailDown: 5,
  /** All rails are down in the middle of a power cycle. */
  CycleOff: 6,
  /** The compute board is held in reset for a moment, all rails are up. */
  Resetting: 7,
  /** All rails are down, a fault is latched; MFR_FAULT_CLEAR lets the slot come up again. */
  Fault: 8,
  /** All rails are down after a fault, the BMC will try again. */
  RetryPause: 9,
  /** All rails are down, there is no input power. */
  NoInput: 10,
  /** All rails are down, the policy is about to bring them up. */
  Restoring: 11,
} as const;

/** Why the power state changed. */
export const Reason = {
  /** The BMC started. */
  Start: 0,
  /** Found so after a restart of the BMC. */
  Adopted: 1,
  /** On was requested. */
  OnRequested: 2,
  /** A rail reports power-good. */
  RailGood: 3,
  /** The compute board was released from reset. */
  RunReleased: 4,
  /** A shutdown was requested. */
  ShutdownRequested: 5,
  /** The compute OS halted. */
  Halted: 6,
  /** The compute OS did not halt in time. */
  ShutdownTimeout: 7,
  /** Off was requested. */
  OffRequested: 8,
  /** Off at once was requested. */
  ForceOffRequested: 9,
  /** A power cycle was requested. */
  CycleRequested: 10,
  /** The slot was off for long enough in a power cycle. */
  CycleWaited: 11,
  /** A reset was requested. */
  ResetRequested: 12,
  /** The reset is over. */
  ResetDone: 13,
  /** A rail is down. */
  RailDown: 14,
  /** A latched fault was cleared. */
  FaultCleared: 15,
  /** The BMC tried again after a fault. */
  Retried: 16,
  /** Input power was lost. */
  InputLost: 17,
  /** Input power is back. */
  InputBack: 18,
  /** A compute board was plugged in. */
  Inserted: 19,
  /** The restore policy's wait is over. */
  Restored: 20,
  /** No compute board to restore, or a reading that inhibits power-on. */
  NotRestored: 21,
  /** Power-good did not come in time. */
  PowerGoodTimeout: 22,
  /** Power-good was lost. */
  PowerGoodLost: 23,
  /** Power-good was still there after switching off. */
  PowerGoodStuck: 24,
  /** The compute board was pulled out. */
  Removed: 25,
  /** Over-current, switched off at once. */
  Overcurrent: 26,
  /** A fault limit was exceeded. */
  Limit: 27,
} as const;

/** Why the slot was switched off. */
export const FaultReason = {
  /** No fault so far. */
  None: 0,
  /** Power-good did not come in time. */
  PowerGoodTimeout: 1,
  /** Power-good was lost. */
  PowerGoodLost: 2,
  /** Power-good was still there after switching off. */
  PowerGoodStuck: 3,
  /** The compute board was pulled out. */
  Removed: 4,
  /** Over-current, switched off at once. */
  Overcurrent: 5,
  /** A fault limit was exceeded. */
  Limit: 6,
} as const;

/** Who wanted it. */
export const Origin = {
  /** The BMC itself. */
  Bmc: 0,
  /** A person on the console. */
  Console: 1,
  /** A controller on the SMBus. */
  Smbus: 2,
  /** The restore policy or a retry. */
  Policy: 3,
  /** A fault. */
  Fault: 4,
  /** The compute board's operating system. */
  Compute: 5,
} as const;

/** What a person or a controller asks of the power sequencer. */
export const Command = {
  /** Rails up in order, then release the compute board. */
  On: 1,
  /** Ask the compute OS to shut down, then rails down. */
  Off: 2,
  /** Rails down now. */
  ForceOff: 3,
  /** Rails down now, and up again. */
  Cycle: 4,
  /** Pulse the compute board's reset. */
  Reset: 5,
  /** Clear a latched fault. */
  ClearFault: 6,
} as const;

/** What became of a command. */
export const Answer = {
  /** The sequencer carries it out. */
  Accepted: 0,
  /** The slot is on already. */
  AlreadyOn: 1,
  /** The slot is off already. */
  AlreadyOff: 2,
  /** The slot is going up or down: ask again later. */
  Busy: 3,
  /** There is no compute board in the slot. */
  NotPresent: 4,
  /** A fault is latched and must be cleared first. */
  Faulted: 5,
  /** There is no input power. */
  NoInput: 6,
  /** A sensor that protection needs reads nonsense, or a fault limit is exceeded already. */
  Inhibited: 7,
  /** There is no latched fault to clear. */
  NoFault: 8,
} as const;

/** Where the way down ends. */
export const Next = {
  /** Off. */
  Off: 0,
  /** Off for the time of a power cycle, then up again. */
  Cycle: 1,
  /** The pause before another try. */
  Retry: 2,
  /** Off with a latched fault. */
  Fault: 3,
  /** Off until input power is back. */
  NoInput: 4,
} as const;

/** What the slot does when power returns. */
export const RestorePolicy = {
  /** As it was before. */
  Last: 0,
  /** On, also when a compute board is plugged in. */
  AlwaysOn: 1,
  /** Off. */
  AlwaysOff: 2,
} as const;

/** How far the compute board has come, by what it prints. */
export const BootStage = {
  /** Never released from reset. */
  None: 0,
  /** Released from reset, has printed nothing. */
  Released: 1,
  /** Prints: firmware or boot loader. */
  Printing: 2,
  /** U-Boot has announced itself. */
  BootLoader: 3,
  /** A Linux kernel has announced itself. */
  Kernel: 4,
  /** It asks for a log-in. */
  Login: 5,
} as const;

/** What an event is about. */
export const EventKind = {
  /** No event. */
  None: 0,
  /** The power state changed: detail is the POWER_REASON, subject the MFR_POWER_STATE. */
  Power: 1,
  /** A power fault: detail is the FAULT_REASON, subject the page or, for LIMIT, the limit; value is the reading. */
  Fault: 2,
  /** A latched fault was cleared. */
  FaultCleared: 3,
  /** A warning limit is exceeded: subject is the limit. */
  Warning: 4,
  /** A warning limit is no longer exceeded: subject is the limit. */
  WarningOver: 5,
  /** Another verdict on a sensor: detail is its SENSOR_HEALTH, subject the QUANTITY. */
  Sensor: 6,
  /** Input power was lost: value is VIN. */
  InputLost: 7,
  /** Input power is back: value is VIN. */
  InputBack: 8,
  /** A compute board was plugged in. */
  Inserted: 9,
  /** The compute board was pulled out. */
  Removed: 10,
  /** The BMC started: detail is the RESET_CAUSE. */
  Started: 11,
  /** The restore policy was set: detail is the MFR_RESTORE_POLICY. */
  Policy: 12,
  /** A sensor was calibrated: subject is the QUANTITY. */
  Calibrated: 13,
  /** The power monitor: detail is its MONITOR_STATE, subject 1 while it deviates from the converter. */
  Monitor: 14,
} as const;

/** A measured quantity. */
export const Quantity = {
  /** Input voltage, mV. */
  Vin: 0,
  /** Output voltage of page 0, mV. */
  Vout0: 1,
  /** Output voltage of page 1, mV. */
  Vout1: 2,
  /** Output current of page 0, mA. */
  Iout: 3,
  /** Output power of page 0, computed from voltage and current, mW. */
  Pout: 4,
  /** Temperature of the RP2040's die, mdeg. */
  Temperature: 5,
  /** Output voltage of page 2, mV. */
  Vout2: 6,
  /** Output voltage of page 3, mV. */
  Vout3: 7,
} as const;

/** Added to four times the QUANTITY it is a limit. */
export const LimitKind = {
  /** Fault above. */
  HighFault: 0,
  /** Warning above. */
  HighWarning: 1,
  /** Warning below. */
  LowWarning: 2,
  /** Fault below. */
  LowFault: 3,
} as const;

/** The verdict on a sensor. */
export const Health = {
  /** Its readings count. */
  Good: 0,
  /** It shows nothing where something must be. */
  Shorted: 1,
  /** It shows full scale, or something where nothing can be. */
  Open: 2,
  /** It shows no noise at all. */
  Stuck: 3,
  /** The converter brings no samples. */
  Silent: 4,
  /** It works: its rail has a voltage while it is off, from outside the slot. */
  Fed: 5,
} as const;

/** The power monitor on the sensor bus, a second source of power readings. */
export const MonitorState = {
  /** This board has none. */
  NotFitted: 0,
  /** The BMC is looking for it. */
  Probing: 1,
  /** It answers and measures. */
  Ok: 2,
  /** It does not answer. */
  Absent: 3,
  /** It answers or holds the bus, but gives no reading. */
  Failed: 4,
  /** Another chip answers at its address. */
  WrongDevice: 5,
} as const;

/** Codes of the SMBus commands. */
export const Code = {
  PAGE: 0x00,
  OPERATION: 0x01,
  ON_OFF_CONFIG: 0x02,
  CLEAR_FAULTS: 0x03,
  WRITE_PROTECT: 0x10,
  CAPABILITY: 0x19,
  SMBALERT_MASK: 0x1b,
  VOUT_MODE: 0x20,
  VOUT_OV_FAULT_LIMIT: 0x40,
  VOUT_OV_WARN_LIMIT: 0x42,
  VOUT_UV_WARN_LIMIT: 0x43,
  VOUT_UV_FAULT_LIMIT: 0x44,
  IOUT_OC_FAULT_LIMIT: 0x46,
  IOUT_OC_WARN_LIMIT: 0x4a,
  OT_FAULT_LIMIT: 0x4f,
  OT_WARN_LIMIT: 0x51,
  UT_WARN_LIMIT: 0x52,
  UT_FAULT_LIMIT: 0x53,
  VIN_OV_FAULT_LIMIT: 0x55,
  VIN_OV_WARN_LIMIT: 0x57,
  VIN_UV_WARN_LIMIT: 0x58,
  VIN_UV_FAULT_LIMIT: 0x59,
  POUT_OP_FAULT_LIMIT: 0x68,
  POUT_OP_WARN_LIMIT: 0x6a,
  STATUS_BYTE: 0x78,
  STATUS_WORD: 0x79,
  STATUS_VOUT: 0x7a,
  STATUS_IOUT: 0x7b,
  STATUS_INPUT: 0x7c,
  STATUS_TEMPERATURE: 0x7d,
  STATUS_CML: 0x7e,
  STATUS_MFR_SPECIFIC: 0x80,
  READ_EOUT: 0x87,
  READ_VIN: 0x88,
  READ_VOUT: 0x8b,
  READ_IOUT: 0x8c,
  READ_TEMPERATURE_1: 0x8d,
  READ_POUT: 0x96,
  PMBUS_REVISION: 0x98,
  MFR_ID: 0x99,
  MFR_MODEL: 0x9a,
  MFR_REVISION: 0x9b,
  MFR_LOCATION: 0x9c,
  MFR_DATE: 0x9d,
  MFR_SERIAL: 0x9e,
  IC_DEVICE_ID: 0xad,
  MFR_POWER_COMMAND: 0xd0,
  MFR_POWER_STATE: 0xd1,
  MFR_BOOT_STAGE: 0xd2,
  MFR_LAST_FAULT: 0xd3,
  MFR_LOG_STATUS: 0xd4,
  MFR_LOG_READ: 0xd5,
  MFR_CONSOLE_INPUT: 0xd6,
  MFR_CONSOLE_OUTPUT: 0xd7,
  MFR_COMPUTE_INPUT: 0xd8,
  MFR_IDENTIFY: 0xd9,
  MFR_FIRMWARE: 0xda,
  MFR_COUNTERS: 0xdb,
  MFR_RESTORE_POLICY: 0xdc,
  MFR_FAULT_CLEAR: 0xdd,
  MFR_ENERGY: 0xde,
  MFR_EVENT_STATUS: 0xdf,
  MFR_EVENT_READ: 0xe0,
  MFR_TRACE_READ: 0xe1,
  MFR_RAIL: 0xe2,
} as const;

/** Bits of STATUS_CML, as masks. */
export const Cml = {
  INVALID_COMMAND: 0x80,
  INVALID_DATA: 0x40,
  PEC_FAILED: 0x20,
  OTHER_COMMUNICATION: 0x02,
  OTHER_MEMORY_LOGIC: 0x01,
} as const;
