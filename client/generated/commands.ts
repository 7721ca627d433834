// Generated from abi/smbus.ts by `npm run generate`. Do not edit.

/** Data bytes of a block at most. */
export const BLOCK_BYTES = 32;
/** Exponent of READ_EOUT's accumulator, in watts times samples. */
export const ENERGY_EXPONENT = -2;

/** Pages a board can have at most; MFR_RAIL says how many it has. */
export const MOST_PAGES = 4;

/** Every command by its name. Values of bits are bit numbers, fields are little-endian and in order. */
export const COMMANDS = {
  /** which rail paged commands are about, from 0 on; as many as the board has rails. FFh (all pages) is refused */
  PAGE: {
    code: 0x00,
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
  },
  /** slot power on and off, all rails in sequence. Reads 80h while rails are powered, 00h once going down or off */
  OPERATION: {
    code: 0x01,
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    values: {
      /** rails down now, without asking the compute OS */
      OFF: 0,
      /** ask the compute OS to shut down, then rails down */
      SOFT_OFF: 0x40,
      /** rails up in order, then release the compute board */
      ON: 0x80,
    },
  },
  /** always 18h: power follows OPERATION, there is no CONTROL pin. Nothing else is accepted */
  ON_OFF_CONFIG: {
    code: 0x02,
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
  },
  /** clears the status registers of the page and the common ones, and lets go of SMBALERT#. MFR_LAST_FAULT stays */
  CLEAR_FAULTS: {
    code: 0x03,
    write: "send",
  },
  /** keeps commands from being written; other values are refused */
  WRITE_PROTECT: {
    code: 0x10,
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    values: {
      /** everything can be written */
      NONE: 0,
      /** OPERATION, PAGE and ON_OFF_CONFIG can */
      ALL_BUT_CONFIG: 0x20,
      /** OPERATION and PAGE can */
      ALL_BUT_OPERATION: 0x40,
      /** only this command and CLEAR_FAULTS */
      ALL: 0x80,
    },
  },
  /** D0h: PEC, 1 MHz, SMBALERT#, linear formats */
  CAPABILITY: {
    code: 0x19,
    read: "byte",
    format: "number",
    prepared: true,
  },
  /** which status bits do not pull SMBALERT#. Written: status command code, mask. Read: a process call with the code */
  SMBALERT_MASK: {
    code: 0x1b,
    read: "call",
    write: "word",
    format: "bytes",
    fields: [
      /** 1: the bit is kept from alerting */
      { name: "mask", bytes: 1 },
    ],
    callFields: [
      /** code of the status register */
      { name: "status_command", bytes: 1 },
    ],
  },
  /** 14h: LINEAR16 with exponent -12 */
  VOUT_MODE: {
    code: 0x20,
    read: "byte",
    format: "number",
    pages: [0, 1, 2, 3],
    prepared: true,
  },
  /** output over-voltage fault */
  VOUT_OV_FAULT_LIMIT: {
    code: 0x40,
    read: "word",
    write: "word",
    format: "linear16",
    unit: "V",
    pages: [0, 1, 2, 3],
    prepared: true,
  },
  /** output over-voltage warning */
  VOUT_OV_WARN_LIMIT: {
    code: 0x42,
    read: "word",
    write: "word",
    format: "linear16",
    unit: "V",
    pages: [0, 1, 2, 3],
    prepared: true,
  },
  /** output under-voltage warning */
  VOUT_UV_WARN_LIMIT: {
    code: 0x43,
    read: "word",
    write: "word",
    format: "linear16",
    unit: "V",
    pages: [0, 1, 2, 3],
    prepared: true,
  },
  /** output under-voltage fault */
  VOUT_UV_FAULT_LIMIT: {
    code: 0x44,
    read: "word",
    write: "word",
    format: "linear16",
    unit: "V",
    pages: [0, 1, 2, 3],
    prepared: true,
  },
  /** output over-current fault */
  IOUT_OC_FAULT_LIMIT: {
    code: 0x46,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "A",
    pages: [0],
    prepared: true,
  },
  /** output over-current warning */
  IOUT_OC_WARN_LIMIT: {
    code: 0x4a,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "A",
    pages: [0],
    prepared: true,
  },
  /** over-temperature fault */
  OT_FAULT_LIMIT: {
    code: 0x4f,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "°C",
    prepared: true,
  },
  /** over-temperature warning */
  OT_WARN_LIMIT: {
    code: 0x51,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "°C",
    prepared: true,
  },
  /** under-temperature warning */
  UT_WARN_LIMIT: {
    code: 0x52,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "°C",
    prepared: true,
  },
  /** under-temperature fault */
  UT_FAULT_LIMIT: {
    code: 0x53,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "°C",
    prepared: true,
  },
  /** input over-voltage fault */
  VIN_OV_FAULT_LIMIT: {
    code: 0x55,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "V",
    prepared: true,
  },
  /** input over-voltage warning */
  VIN_OV_WARN_LIMIT: {
    code: 0x57,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "V",
    prepared: true,
  },
  /** input under-voltage warning */
  VIN_UV_WARN_LIMIT: {
    code: 0x58,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "V",
    prepared: true,
  },
  /** input under-voltage fault */
  VIN_UV_FAULT_LIMIT: {
    code: 0x59,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "V",
    prepared: true,
  },
  /** output over-power fault */
  POUT_OP_FAULT_LIMIT: {
    code: 0x68,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "W",
    pages: [0],
    prepared: true,
  },
  /** output over-power warning */
  POUT_OP_WARN_LIMIT: {
    code: 0x6a,
    read: "word",
    write: "word",
    format: "linear11",
    unit: "W",
    pages: [0],
    prepared: true,
  },
  /** the low byte of STATUS_WORD */
  STATUS_BYTE: {
    code: 0x78,
    read: "byte",
    format: "bits",
    pages: [0, 1, 2, 3],
    prepared: true,
    values: {
      /** a command came while it could not be carried out */
      BUSY: 7,
      /** this rail is not providing power */
      OFF: 6,
      /** output over-voltage fault */
      VOUT_OV_FAULT: 5,
      /** output over-current fault */
      IOUT_OC_FAULT: 4,
      /** input under-voltage fault */
      VIN_UV_FAULT: 3,
      /** STATUS_TEMPERATURE says more */
      TEMPERATURE: 2,
      /** STATUS_CML says more */
      CML: 1,
      /** something that has no bit in this byte */
      NONE_OF_THE_ABOVE: 0,
    },
  },
  /** what is wrong with this rail, and with what all rails share */
  STATUS_WORD: {
    code: 0x79,
    read: "word",
    format: "bits",
    pages: [0, 1, 2, 3],
    prepared: true,
    values: {
      /** STATUS_VOUT says more */
      VOUT: 0x0f,
      /** STATUS_IOUT says more */
      IOUT_POUT: 0x0e,
      /** STATUS_INPUT says more */
      INPUT: 0x0d,
      /** STATUS_MFR_SPECIFIC says more */
      MFR_SPECIFIC: 0x0c,
      /** this rail does not report power-good */
      "POWER_GOOD#": 0x0b,
      /** a command came while it could not be carried out */
      BUSY: 7,
      /** this rail is not providing power */
      OFF: 6,
      /** output over-voltage fault */
      VOUT_OV_FAULT: 5,
      /** output over-current fault */
      IOUT_OC_FAULT: 4,
      /** input under-voltage fault */
      VIN_UV_FAULT: 3,
      /** STATUS_TEMPERATURE says more */
      TEMPERATURE: 2,
      /** STATUS_CML says more */
      CML: 1,
      /** something that has no bit in this byte */
      NONE_OF_THE_ABOVE: 0,
    },
  },
  /** output voltage */
  STATUS_VOUT: {
    code: 0x7a,
    read: "byte",
    write: "byte",
    format: "bits",
    pages: [0, 1, 2, 3],
    prepared: true,
    values: {
      /** over-voltage fault */
      VOUT_OV_FAULT: 7,
      /** over-voltage warning */
      VOUT_OV_WARNING: 6,
      /** under-voltage warning */
      VOUT_UV_WARNING: 5,
      /** under-voltage fault */
      VOUT_UV_FAULT: 4,
      /** power-good did not come in time */
      TON_MAX_FAULT: 2,
      /** power-good was still there after switching off */
      TOFF_MAX_WARNING: 1,
    },
  },
  /** output current and power */
  STATUS_IOUT: {
    code: 0x7b,
    read: "byte",
    write: "byte",
    format: "bits",
    pages: [0],
    prepared: true,
    values: {
      /** over-current fault */
      IOUT_OC_FAULT: 7,
      /** over-current warning */
      IOUT_OC_WARNING: 5,
      /** over-power fault */
      POUT_OP_FAULT: 1,
      /** over-power warning */
      POUT_OP_WARNING: 0,
    },
  },
  /** input voltage */
  STATUS_INPUT: {
    code: 0x7c,
    read: "byte",
    write: "byte",
    format: "bits",
    prepared: true,
    values: {
      /** over-voltage fault */
      VIN_OV_FAULT: 7,
      /** over-voltage warning */
      VIN_OV_WARNING: 6,
      /** under-voltage warning */
      VIN_UV_WARNING: 5,
      /** under-voltage fault, if only for a moment: it takes the slot down */
      VIN_UV_FAULT: 4,
      /** the slot is off for want of input power */
      LOW_VIN: 3,
    },
  },
  /** temperature */
  STATUS_TEMPERATURE: {
    code: 0x7d,
    read: "byte",
    write: "byte",
    format: "bits",
    prepared: true,
    values: {
      /** over-temperature fault */
      OT_FAULT: 7,
      /** over-temperature warning */
      OT_WARNING: 6,
      /** under-temperature warning */
      UT_WARNING: 5,
      /** under-temperature fault */
      UT_FAULT: 4,
    },
  },
  /** communication, memory and logic */
  STATUS_CML: {
    code: 0x7e,
    read: "byte",
    write: "byte",
    format: "bits",
    prepared: true,
    values: {
      /** a command that is not supported, is read-only or is write-protected */
      INVALID_COMMAND: 7,
      /** data outside what is allowed, or too much or too little of it */
      INVALID_DATA: 6,
      /** a packet error check did not fit */
      PEC_FAILED: 5,
      /** a message broke off: time-out, or a write ended by a repeated START */
      OTHER_COMMUNICATION: 1,
      /** a power command could not be carried out: no compute board, no power to cycle or reset, a latched fault, no input power, or a sensor whose readings make no sense */
      OTHER_MEMORY_LOGIC: 0,
    },
  },
  /** the slot */
  STATUS_MFR_SPECIFIC: {
    code: 0x80,
    read: "byte",
    write: "byte",
    format: "bits",
    prepared: true,
    values: {
      /** a power fault took the slot down; MFR_LAST_FAULT says which */
      POWER_FAULT: 7,
      /** the compute board was pulled out under power */
      REMOVED: 6,
      /** a fault is latched: the slot stays off until MFR_FAULT_CLEAR */
      LATCHED: 5,
      /** the BMC runs no logic: only identification and state can be read, MFR_FIRMWARE says why */
      MINIMAL: 1,
      /** the BMC was restarted after a failure of its own */
      RESTARTED: 0,
    },
  },
  /** energy put out: accumulator, roll-overs and samples; the average power between two readings is the difference of the sums over that of the samples */
  READ_EOUT: {
    code: 0x87,
    read: "block",
    format: "bytes",
    pages: [0],
    prepared: true,
    fields: [
      /** LINEAR11 with exponent -2, up to 1023/4 W of samples */
      { name: "accumulator", bytes: 2 },
      /** times the accumulator passed its largest value, 1023/4 W */
      { name: "rollovers", bytes: 1 },
      /** samples summed up */
      { name: "samples", bytes: 3 },
    ],
  },
  /** input voltage */
  READ_VIN: {
    code: 0x88,
    read: "word",
    format: "linear11",
    unit: "V",
    prepared: true,
  },
  /** output voltage */
  READ_VOUT: {
    code: 0x8b,
    read: "word",
    format: "linear16",
    unit: "V",
    pages: [0, 1, 2, 3],
    prepared: true,
  },
  /** output current */
  READ_IOUT: {
    code: 0x8c,
    read: "word",
    format: "linear11",
    unit: "A",
    pages: [0],
    prepared: true,
  },
  /** temperature of the RP2040 */
  READ_TEMPERATURE_1: {
    code: 0x8d,
    read: "word",
    format: "linear11",
    unit: "°C",
    prepared: true,
  },
  /** output power */
  READ_POUT: {
    code: 0x96,
    read: "word",
    format: "linear11",
    unit: "W",
    pages: [0],
    prepared: true,
  },
  /** 33h: revision 1.3 of both parts */
  PMBUS_REVISION: {
    code: 0x98,
    read: "byte",
    format: "number",
    prepared: true,
  },
  /** who made the board */
  MFR_ID: {
    code: 0x99,
    read: "block",
    format: "text",
    prepared: true,
  },
  /** the board */
  MFR_MODEL: {
    code: 0x9a,
    read: "block",
    format: "text",
    prepared: true,
  },
  /** revision of the board */
  MFR_REVISION: {
    code: 0x9b,
    read: "block",
    format: "text",
    prepared: true,
  },
  /** the slot, by its straps */
  MFR_LOCATION: {
    code: 0x9c,
    read: "block",
    format: "text",
    prepared: true,
  },
  /** date of the board's revision, YYMMDD */
  MFR_DATE: {
    code: 0x9d,
    read: "block",
    format: "text",
    prepared: true,
  },
  /** unique number of the board's flash chip, in hexadecimal */
  MFR_SERIAL: {
    code: 0x9e,
    read: "block",
    format: "text",
    prepared: true,
  },
  /** the BMC's chip */
  IC_DEVICE_ID: {
    code: 0xad,
    read: "block",
    format: "text",
    prepared: true,
  },
  /** what the console's `power` does. Reads back through MFR_POWER_STATE */
  MFR_POWER_COMMAND: {
    code: 0xd0,
    write: "byte",
    format: "number",
    values: {
      /** rails up in order, then release the compute board */
      ON: 1,
      /** ask the compute OS to shut down, then rails down */
      OFF: 2,
      /** rails down now */
      FORCE_OFF: 3,
      /** rails down now, and up again */
      CYCLE: 4,
      /** pulse the compute board's reset */
      RESET: 5,
    },
  },
  /** where the power sequence is */
  MFR_POWER_STATE: {
    code: 0xd1,
    read: "byte",
    format: "number",
    prepared: true,
    values: {
      /** all rails are down */
      OFF: 0,
      /** a rail is enabled, and its power-good is awaited */
      RAIL_UP: 1,
      /** all rails are good, the compute board is still in reset */
      RUN_DELAY: 2,
      /** the compute board runs */
      ON: 3,
      /** the compute OS was asked to shut down */
      SHUTTING_DOWN: 4,
      /** a rail is disabled, and its power-good has not gone yet */
      RAIL_DOWN: 5,
      /** all rails are down in the middle of a power cycle */
      CYCLE_OFF: 6,
      /** the compute board is held in reset for a moment, all rails are up */
      RESETTING: 7,
      /** all rails are down, a fault is latched; MFR_FAULT_CLEAR lets the slot come up again */
      FAULT: 8,
      /** all rails are down after a fault, the BMC will try again */
      RETRY_PAUSE: 9,
      /** all rails are down, there is no input power */
      NO_INPUT: 0x0a,
      /** all rails are down, the policy is about to bring them up */
      RESTORING: 0x0b,
    },
  },
  /** how far the compute board has come, by what it prints; the last stage stays after power-off */
  MFR_BOOT_STAGE: {
    code: 0xd2,
    read: "byte",
    format: "number",
    prepared: true,
    values: {
      /** never released from reset */
      NONE: 0,
      /** released from reset, has printed nothing */
      RELEASED: 1,
      /** prints: firmware or boot loader */
      PRINTING: 2,
      /** U-Boot has announced itself */
      BOOT_LOADER: 3,
      /** a Linux kernel has announced itself */
      KERNEL: 4,
      /** it asks for a log-in */
      LOGIN: 5,
    },
  },
  /** the last power fault with its readings; CLEAR_FAULTS does not touch it, power on and off do not either */
  MFR_LAST_FAULT: {
    code: 0xd3,
    read: "block",
    format: "bytes",
    prepared: true,
    fields: [
      /** FAULT_REASON */
      { name: "reason", bytes: 1 },
      /** the page of the rail it is about; 0 if it is about all */
      { name: "page", bytes: 1 },
      /** 1 while it keeps the slot off, until MFR_FAULT_CLEAR */
      { name: "latched", bytes: 1 },
      /** 1 if the readings below are of that moment */
      { name: "measured", bytes: 1 },
      /** power faults since the BMC's start */
      { name: "count", bytes: 2 },
      /** since power-on of the BMC */
      { name: "time_us", bytes: 8 },
      /** input voltage */
      { name: "vin_mv", bytes: 2 },
      /** output voltage, page 0 */
      { name: "vout_0_mv", bytes: 2 },
      /** output voltage, page 1 */
      { name: "vout_1_mv", bytes: 2 },
      /** output current, page 0 */
      { name: "iout_ma", bytes: 2 },
      /** for LIMIT: four times the QUANTITY plus the LIMIT_KIND */
      { name: "limit", bytes: 1 },
      /** output voltage, page 2; 0 on a board without it */
      { name: "vout_2_mv", bytes: 2 },
      /** output voltage, page 3; 0 on a board without it */
      { name: "vout_3_mv", bytes: 2 },
    ],
  },
  /** which part of the boot log is kept; positions count bytes since the BMC's start */
  MFR_LOG_STATUS: {
    code: 0xd4,
    read: "block",
    format: "bytes",
    fields: [
      /** position of the oldest byte kept */
      { name: "oldest", bytes: 4 },
      /** position behind the newest byte */
      { name: "captured", bytes: 4 },
      /** bytes lost before they were captured */
      { name: "dropped", bytes: 4 },
      /** when the BMC started, in ms since its power-on */
      { name: "started_ms", bytes: 4 },
    ],
  },
  /** boot log from a position on; asking again for the same position gives the same bytes */
  MFR_LOG_READ: {
    code: 0xd5,
    read: "call",
    format: "bytes",
    fields: [
      /** where it begins: later than asked for if that is no longer kept */
      { name: "position", bytes: 4 },
      /** up to 28 bytes, none at the end */
      { name: "data", bytes: 0 },
    ],
    callFields: [
      /** where to begin */
      { name: "position", bytes: 4 },
    ],
  },
  /** typed on the BMC's debug console; what finds no room is refused as a whole (BUSY) */
  MFR_CONSOLE_INPUT: {
    code: 0xd6,
    write: "block",
    format: "bytes",
    fields: [
      /** up to 32 bytes */
      { name: "data", bytes: 0 },
    ],
  },
  /** what the debug console printed, from a position on, as MFR_LOG_READ */
  MFR_CONSOLE_OUTPUT: {
    code: 0xd7,
    read: "call",
    format: "bytes",
    fields: [
      /** where it begins: later than asked for if that is no longer kept */
      { name: "position", bytes: 4 },
      /** up to 28 bytes, none at the end */
      { name: "data", bytes: 0 },
    ],
    callFields: [
      /** where to begin */
      { name: "position", bytes: 4 },
    ],
  },
  /** typed on the compute board's serial console; what finds no room is refused as a whole (BUSY) */
  MFR_COMPUTE_INPUT: {
    code: 0xd8,
    write: "block",
    format: "bytes",
    fields: [
      /** up to 32 bytes */
      { name: "data", bytes: 0 },
    ],
  },
  /** the identify LED */
  MFR_IDENTIFY: {
    code: 0xd9,
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    values: {
      /** dark */
      OFF: 0,
      /** lit */
      ON: 1,
    },
  },
  /** name, version and contract of the firmware */
  MFR_FIRMWARE: {
    code: 0xda,
    read: "block",
    format: "text",
    prepared: true,
  },
  /** what has gone wrong on this bus since the BMC's start, each wrapping */
  MFR_COUNTERS: {
    code: 0xdb,
    read: "block",
    format: "bytes",
    fields: [
      /** writes to this address, a command each */
      { name: "transactions", bytes: 4 },
      /** times the bus stood still for 25 ms and the interface was reset */
      { name: "timeouts", bytes: 2 },
      /** writes with a wrong PEC, none of them executed */
      { name: "pec_errors", bytes: 2 },
      /** writes that ended in something else than STOP */
      { name: "abandoned", bytes: 2 },
      /** commands refused, for whatever reason */
      { name: "refused", bytes: 2 },
      /** times requests piled up until the address was no longer answered */
      { name: "busy", bytes: 2 },
      /** reads the logic did not answer in time */
      { name: "late", bytes: 2 },
      /** Alert Response Address reads won */
      { name: "alerts", bytes: 2 },
    ],
  },
  /** what the slot does when input power returns, or power to the BMC; kept over power loss */
  MFR_RESTORE_POLICY: {
    code: 0xdc,
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    values: {
      /** as it was before */
      LAST: 0,
      /** on, also when a compute board is plugged in */
      ALWAYS_ON: 1,
      /** off */
      ALWAYS_OFF: 2,
    },
  },
  /** clears a latched fault and forgets its trace, so that the slot can come up again; CLEAR_FAULTS, which Linux sends all the time, does not */
  MFR_FAULT_CLEAR: {
    code: 0xdd,
    write: "send",
  },
  /** energy put out since power-on of the BMC, restarts included */
  MFR_ENERGY: {
    code: 0xde,
    read: "block",
    format: "bytes",
    pages: [0],
    prepared: true,
    fields: [
      /** millijoules */
      { name: "energy_mj", bytes: 8 },
    ],
  },
  /** which events are kept; they are numbered since the BMC's start */
  MFR_EVENT_STATUS: {
    code: 0xdf,
    read: "block",
    format: "bytes",
    fields: [
      /** number of the oldest event kept */
      { name: "oldest", bytes: 4 },
      /** number of the next event */
      { name: "end", bytes: 4 },
    ],
  },
  /** one event of the log; the console's `events` says them in words */
  MFR_EVENT_READ: {
    code: 0xe0,
    read: "call",
    format: "bytes",
    fields: [
      /** which it is; nothing follows behind the newest */
      { name: "number", bytes: 4 },
      /** when it happened first, since power-on of the BMC */
      { name: "first_ms", bytes: 5 },
      /** when it happened last */
      { name: "last_ms", bytes: 5 },
      /** how often, 65535 at most */
      { name: "count", bytes: 2 },
      /** EVENT_KIND; what the others mean depends on it */
      { name: "kind", bytes: 1 },
      /** ORIGIN */
      { name: "origin", bytes: 1 },
      /** by kind, else 0 */
      { name: "detail", bytes: 1 },
      /** by kind, else 0 */
      { name: "subject", bytes: 1 },
      /** what was measured, signed, in thousandths */
      { name: "value", bytes: 4 },
      /** what it should have kept, signed, in thousandths */
      { name: "limit", bytes: 4 },
    ],
    callFields: [
      /** which event; later than asked for if that is gone */
      { name: "number", bytes: 4 },
    ],
  },
  /** the readings around the last fault, as codes of the converter; oldest first */
  MFR_TRACE_READ: {
    code: 0xe1,
    read: "call",
    format: "bytes",
    fields: [
      /** the first round that follows */
      { name: "round", bytes: 2 },
      /** rounds of the trace that came after the fault was noticed */
      { name: "after", bytes: 2 },
      /** from one round to the next */
      { name: "period_ns", bytes: 4 },
      /** rounds of five codes, two bytes each; none at the end, and none without a trace. Behind them, if there is a trace, four bytes: when its fault was noticed, in ms since power-on of the BMC */
      { name: "codes", bytes: 0 },
    ],
    callFields: [
      /** where to begin, 0 to 255 */
      { name: "round", bytes: 4 },
    ],
  },
  /** the rail of this page, and how many pages the board has */
  MFR_RAIL: {
    code: 0xe2,
    read: "block",
    format: "bytes",
    pages: [0, 1, 2, 3],
    prepared: true,
    fields: [
      /** pages of this board */
      { name: "pages", bytes: 1 },
      /** name of the rail in the board file, ASCII */
      { name: "name", bytes: 0 },
    ],
  },
} as const;

export type CommandName = keyof typeof COMMANDS;

/** What numbers in the fields of blocks mean. */
export const NUMBERS = {
  /** why the power state changed */
  POWER_REASON: {
    /** the BMC started */
    START: 0,
    /** found so after a restart of the BMC */
    ADOPTED: 1,
    /** on was requested */
    ON_REQUESTED: 2,
    /** a rail reports power-good */
    RAIL_GOOD: 3,
    /** the compute board was released from reset */
    RUN_RELEASED: 4,
    /** a shutdown was requested */
    SHUTDOWN_REQUESTED: 5,
    /** the compute OS halted */
    HALTED: 6,
    /** the compute OS did not halt in time */
    SHUTDOWN_TIMEOUT: 7,
    /** off was requested */
    OFF_REQUESTED: 8,
    /** off at once was requested */
    FORCE_OFF_REQUESTED: 9,
    /** a power cycle was requested */
    CYCLE_REQUESTED: 0x0a,
    /** the slot was off for long enough in a power cycle */
    CYCLE_WAITED: 0x0b,
    /** a reset was requested */
    RESET_REQUESTED: 0x0c,
    /** the reset is over */
    RESET_DONE: 0x0d,
    /** a rail is down */
    RAIL_DOWN: 0x0e,
    /** a latched fault was cleared */
    FAULT_CLEARED: 0x0f,
    /** the BMC tried again after a fault */
    RETRIED: 0x10,
    /** input power was lost */
    INPUT_LOST: 0x11,
    /** input power is back */
    INPUT_BACK: 0x12,
    /** a compute board was plugged in */
    INSERTED: 0x13,
    /** the restore policy's wait is over */
    RESTORED: 0x14,
    /** no compute board to restore, or a reading that inhibits power-on */
    NOT_RESTORED: 0x15,
    /** power-good did not come in time */
    POWER_GOOD_TIMEOUT: 0x16,
    /** power-good was lost */
    POWER_GOOD_LOST: 0x17,
    /** power-good was still there after switching off */
    POWER_GOOD_STUCK: 0x18,
    /** the compute board was pulled out */
    REMOVED: 0x19,
    /** over-current, switched off at once */
    OVERCURRENT: 0x1a,
    /** a fault limit was exceeded */
    LIMIT: 0x1b,
  },
  /** why the slot was switched off */
  FAULT_REASON: {
    /** no fault so far */
    NONE: 0,
    /** power-good did not come in time */
    POWER_GOOD_TIMEOUT: 1,
    /** power-good was lost */
    POWER_GOOD_LOST: 2,
    /** power-good was still there after switching off */
    POWER_GOOD_STUCK: 3,
    /** the compute board was pulled out */
    REMOVED: 4,
    /** over-current, switched off at once */
    OVERCURRENT: 5,
    /** a fault limit was exceeded */
    LIMIT: 6,
  },
  /** who wanted it */
  ORIGIN: {
    /** the BMC itself */
    BMC: 0,
    /** a person on the console */
    CONSOLE: 1,
    /** a controller on the SMBus */
    SMBUS: 2,
    /** the restore policy or a retry */
    POLICY: 3,
    /** a fault */
    FAULT: 4,
    /** the compute board's operating system */
    COMPUTE: 5,
  },
  /** what an event is about */
  EVENT_KIND: {
    /** no event */
    NONE: 0,
    /** the power state changed: detail is the POWER_REASON, subject the MFR_POWER_STATE */
    POWER: 1,
    /** a power fault: detail is the FAULT_REASON, subject the page or, for LIMIT, the limit; value is the reading */
    FAULT: 2,
    /** a latched fault was cleared */
    FAULT_CLEARED: 3,
    /** a warning limit is exceeded: subject is the limit */
    WARNING: 4,
    /** a warning limit is no longer exceeded: subject is the limit */
    WARNING_OVER: 5,
    /** another verdict on a sensor: detail is its SENSOR_HEALTH, subject the QUANTITY */
    SENSOR: 6,
    /** input power was lost: value is VIN */
    INPUT_LOST: 7,
    /** input power is back: value is VIN */
    INPUT_BACK: 8,
    /** a compute board was plugged in */
    INSERTED: 9,
    /** the compute board was pulled out */
    REMOVED: 0x0a,
    /** the BMC started: detail is the RESET_CAUSE */
    STARTED: 0x0b,
    /** the restore policy was set: detail is the MFR_RESTORE_POLICY */
    POLICY: 0x0c,
    /** a sensor was calibrated: subject is the QUANTITY */
    CALIBRATED: 0x0d,
    /** the power monitor: detail is its MONITOR_STATE, subject 1 while it deviates from the converter */
    MONITOR: 0x0e,
  },
  /** a measured quantity */
  QUANTITY: {
    /** input voltage, mV */
    VIN: 0,
    /** output voltage of page 0, mV */
    VOUT_0: 1,
    /** output voltage of page 1, mV */
    VOUT_1: 2,
    /** output current of page 0, mA */
    IOUT: 3,
    /** output power of page 0, computed from voltage and current, mW */
    POUT: 4,
    /** temperature of the RP2040's die, mdeg */
    TEMPERATURE: 5,
    /** output voltage of page 2, mV */
    VOUT_2: 6,
    /** output voltage of page 3, mV */
    VOUT_3: 7,
  },
  /** added to four times the QUANTITY it is a limit */
  LIMIT_KIND: {
    /** fault above */
    HIGH_FAULT: 0,
    /** warning above */
    HIGH_WARNING: 1,
    /** warning below */
    LOW_WARNING: 2,
    /** fault below */
    LOW_FAULT: 3,
  },
  /** the verdict on a sensor */
  SENSOR_HEALTH: {
    /** its readings count */
    GOOD: 0,
    /** it shows nothing where something must be */
    SHORTED: 1,
    /** it shows full scale, or something where nothing can be */
    OPEN: 2,
    /** it shows no noise at all */
    STUCK: 3,
    /** the converter brings no samples */
    SILENT: 4,
    /** it works: its rail has a voltage while it is off, from outside the slot */
    FED: 5,
  },
  /** the power monitor on the sensor bus, a second source of power readings */
  MONITOR_STATE: {
    /** this board has none */
    NOT_FITTED: 0,
    /** the BMC is looking for it */
    PROBING: 1,
    /** it answers and measures */
    OK: 2,
    /** it does not answer */
    ABSENT: 3,
    /** it answers or holds the bus, but gives no reading */
    FAILED: 4,
    /** another chip answers at its address */
    WRONG_DEVICE: 5,
  },
  /** why the BMC started */
  RESET_CAUSE: {
    /** supply came up */
    POWER_ON: 0,
    /** reset button */
    RUN_PIN: 1,
    /** the logic called `restart` */
    REQUESTED: 2,
    /** watchdog: no completed pass through the logic in time */
    HANG: 3,
    /** the logic trapped; detail is a trap kind */
    TRAP: 4,
    /** HardFault; detail is the program counter */
    HARD_FAULT: 5,
    /** the native stack ran into its guard */
    STACK_OVERFLOW: 6,
  },
} as const;
