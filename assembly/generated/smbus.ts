// Generated from abi/smbus.ts by `npm run generate`. Do not edit.

/** data bytes of a block at most */
export const BLOCK_BYTES: u32 = 32;
/** of LINEAR16 */
export const VOUT_EXPONENT: i32 = -12;
/** of READ_EOUT's accumulator */
export const ENERGY_EXPONENT: i32 = -2;

// Forms of a command, in place: bits 0 to 2 what a read brings, 3 to 5 what a write takes, 6 and 7 pages.
export const READ_NONE: u32 = 0x00;
export const READ_BYTE: u32 = 0x01;
export const READ_WORD: u32 = 0x02;
export const READ_BLOCK: u32 = 0x03;
export const READ_CALL: u32 = 0x04;
export const READ_MASK: u32 = 0x07;
export const WRITE_NONE: u32 = 0x00;
export const WRITE_SEND: u32 = 0x08;
export const WRITE_BYTE: u32 = 0x10;
export const WRITE_WORD: u32 = 0x18;
export const WRITE_BLOCK: u32 = 0x20;
export const WRITE_MASK: u32 = 0x38;
export const PAGES_COMMON: u32 = 0x00;
export const PAGES_0: u32 = 0x40;
export const PAGES_EACH: u32 = 0x80;
export const PAGES_MASK: u32 = 0xc0;

// Command codes.
/** which rail paged commands are about, from 0 on; as many as the board has rails. FFh (all pages) is refused */
export const CODE_PAGE: u32 = 0x00;
/** slot power on and off, all rails in sequence. Reads 80h while rails are powered, 00h once going down or off */
export const CODE_OPERATION: u32 = 0x01;
/** always 18h: power follows OPERATION, there is no CONTROL pin. Nothing else is accepted */
export const CODE_ON_OFF_CONFIG: u32 = 0x02;
/** clears the status registers of the page and the common ones, and lets go of SMBALERT#. MFR_LAST_FAULT stays */
export const CODE_CLEAR_FAULTS: u32 = 0x03;
/** keeps commands from being written; other values are refused */
export const CODE_WRITE_PROTECT: u32 = 0x10;
/** D0h: PEC, 1 MHz, SMBALERT#, linear formats */
export const CODE_CAPABILITY: u32 = 0x19;
/** which status bits do not pull SMBALERT#. Written: status command code, mask. Read: a process call with the code */
export const CODE_SMBALERT_MASK: u32 = 0x1b;
/** 14h: LINEAR16 with exponent -12 */
export const CODE_VOUT_MODE: u32 = 0x20;
/** output over-voltage fault */
export const CODE_VOUT_OV_FAULT_LIMIT: u32 = 0x40;
/** output over-voltage warning */
export const CODE_VOUT_OV_WARN_LIMIT: u32 = 0x42;
/** output under-voltage warning */
export const CODE_VOUT_UV_WARN_LIMIT: u32 = 0x43;
/** output under-voltage fault */
export const CODE_VOUT_UV_FAULT_LIMIT: u32 = 0x44;
/** output over-current fault */
export const CODE_IOUT_OC_FAULT_LIMIT: u32 = 0x46;
/** output over-current warning */
export const CODE_IOUT_OC_WARN_LIMIT: u32 = 0x4a;
/** over-temperature fault */
export const CODE_OT_FAULT_LIMIT: u32 = 0x4f;
/** over-temperature warning */
export const CODE_OT_WARN_LIMIT: u32 = 0x51;
/** under-temperature warning */
export const CODE_UT_WARN_LIMIT: u32 = 0x52;
/** under-temperature fault */
export const CODE_UT_FAULT_LIMIT: u32 = 0x53;
/** input over-voltage fault */
export const CODE_VIN_OV_FAULT_LIMIT: u32 = 0x55;
/** input over-voltage warning */
export const CODE_VIN_OV_WARN_LIMIT: u32 = 0x57;
/** input under-voltage warning */
export const CODE_VIN_UV_WARN_LIMIT: u32 = 0x58;
/** input under-voltage fault */
export const CODE_VIN_UV_FAULT_LIMIT: u32 = 0x59;
/** output over-power fault */
export const CODE_POUT_OP_FAULT_LIMIT: u32 = 0x68;
/** output over-power warning */
export const CODE_POUT_OP_WARN_LIMIT: u32 = 0x6a;
/** the low byte of STATUS_WORD */
export const CODE_STATUS_BYTE: u32 = 0x78;
/** what is wrong with this rail, and with what all rails share */
export const CODE_STATUS_WORD: u32 = 0x79;
/** output voltage */
export const CODE_STATUS_VOUT: u32 = 0x7a;
/** output current and power */
export const CODE_STATUS_IOUT: u32 = 0x7b;
/** input voltage */
export const CODE_STATUS_INPUT: u32 = 0x7c;
/** temperature */
export const CODE_STATUS_TEMPERATURE: u32 = 0x7d;
/** communication, memory and logic */
export const CODE_STATUS_CML: u32 = 0x7e;
/** the slot */
export const CODE_STATUS_MFR_SPECIFIC: u32 = 0x80;
/** energy put out: accumulator, roll-overs and samples; the average power between two readings is the difference of the sums over that of the samples */
export const CODE_READ_EOUT: u32 = 0x87;
/** input voltage */
export const CODE_READ_VIN: u32 = 0x88;
/** output voltage */
export const CODE_READ_VOUT: u32 = 0x8b;
/** output current */
export const CODE_READ_IOUT: u32 = 0x8c;
/** temperature of the RP2040 */
export const CODE_READ_TEMPERATURE_1: u32 = 0x8d;
/** output power */
export const CODE_READ_POUT: u32 = 0x96;
/** 33h: revision 1.3 of both parts */
export const CODE_PMBUS_REVISION: u32 = 0x98;
/** who made the board */
export const CODE_MFR_ID: u32 = 0x99;
/** the board */
export const CODE_MFR_MODEL: u32 = 0x9a;
/** revision of the board */
export const CODE_MFR_REVISION: u32 = 0x9b;
/** the slot, by its straps */
export const CODE_MFR_LOCATION: u32 = 0x9c;
/** date of the board's revision, YYMMDD */
export const CODE_MFR_DATE: u32 = 0x9d;
/** unique number of the board's flash chip, in hexadecimal */
export const CODE_MFR_SERIAL: u32 = 0x9e;
/** the BMC's chip */
export const CODE_IC_DEVICE_ID: u32 = 0xad;
/** what the console's `power` does. Reads back through MFR_POWER_STATE */
export const CODE_MFR_POWER_COMMAND: u32 = 0xd0;
/** where the power sequence is */
export const CODE_MFR_POWER_STATE: u32 = 0xd1;
/** how far the compute board has come, by what it prints; the last stage stays after power-off */
export const CODE_MFR_BOOT_STAGE: u32 = 0xd2;
/** the last power fault with its readings; CLEAR_FAULTS does not touch it, power on and off do not either */
export const CODE_MFR_LAST_FAULT: u32 = 0xd3;
/** which part of the boot log is kept; positions count bytes since the BMC's start */
export const CODE_MFR_LOG_STATUS: u32 = 0xd4;
/** boot log from a position on; asking again for the same position gives the same bytes */
export const CODE_MFR_LOG_READ: u32 = 0xd5;
/** typed on the BMC's debug console; what finds no room is refused as a whole (BUSY) */
export const CODE_MFR_CONSOLE_INPUT: u32 = 0xd6;
/** what the debug console printed, from a position on, as MFR_LOG_READ */
export const CODE_MFR_CONSOLE_OUTPUT: u32 = 0xd7;
/** typed on the compute board's serial console; what finds no room is refused as a whole (BUSY) */
export const CODE_MFR_COMPUTE_INPUT: u32 = 0xd8;
/** the identify LED */
export const CODE_MFR_IDENTIFY: u32 = 0xd9;
/** name, version and contract of the firmware */
export const CODE_MFR_FIRMWARE: u32 = 0xda;
/** what has gone wrong on this bus since the BMC's start, each wrapping */
export const CODE_MFR_COUNTERS: u32 = 0xdb;
/** what the slot does when input power returns, or power to the BMC; kept over power loss */
export const CODE_MFR_RESTORE_POLICY: u32 = 0xdc;
/** clears a latched fault and forgets its trace, so that the slot can come up again; CLEAR_FAULTS, which Linux sends all the time, does not */
export const CODE_MFR_FAULT_CLEAR: u32 = 0xdd;
/** energy put out since power-on of the BMC, restarts included */
export const CODE_MFR_ENERGY: u32 = 0xde;
/** which events are kept; they are numbered since the BMC's start */
export const CODE_MFR_EVENT_STATUS: u32 = 0xdf;
/** one event of the log; the console's `events` says them in words */
export const CODE_MFR_EVENT_READ: u32 = 0xe0;
/** the readings around the last fault, as codes of the converter; oldest first */
export const CODE_MFR_TRACE_READ: u32 = 0xe1;
/** the rail of this page, and how many pages the board has */
export const CODE_MFR_RAIL: u32 = 0xe2;

// OPERATION.
/** rails down now, without asking the compute OS */
export const OPERATION_OFF: u32 = 0;
/** ask the compute OS to shut down, then rails down */
export const OPERATION_SOFT_OFF: u32 = 0x40;
/** rails up in order, then release the compute board */
export const OPERATION_ON: u32 = 0x80;

// WRITE_PROTECT.
/** everything can be written */
export const WRITE_PROTECT_NONE: u32 = 0;
/** OPERATION, PAGE and ON_OFF_CONFIG can */
export const WRITE_PROTECT_ALL_BUT_CONFIG: u32 = 0x20;
/** OPERATION and PAGE can */
export const WRITE_PROTECT_ALL_BUT_OPERATION: u32 = 0x40;
/** only this command and CLEAR_FAULTS */
export const WRITE_PROTECT_ALL: u32 = 0x80;

// SMBALERT_MASK.
/** bytes of its block */
export const SMBALERT_MASK_BYTES: u32 = 1;
/** bytes a process call sends */
export const SMBALERT_MASK_CALL_BYTES: u32 = 1;

// STATUS_BYTE, bits as masks.
/** a command came while it could not be carried out */
export const STATUS_BYTE_BUSY: u32 = 0x80;
/** this rail is not providing power */
export const STATUS_BYTE_OFF: u32 = 0x40;
/** output over-voltage fault */
export const STATUS_BYTE_VOUT_OV_FAULT: u32 = 0x20;
/** output over-current fault */
export const STATUS_BYTE_IOUT_OC_FAULT: u32 = 0x10;
/** input under-voltage fault */
export const STATUS_BYTE_VIN_UV_FAULT: u32 = 0x08;
/** STATUS_TEMPERATURE says more */
export const STATUS_BYTE_TEMPERATURE: u32 = 0x04;
/** STATUS_CML says more */
export const STATUS_BYTE_CML: u32 = 0x02;
/** something that has no bit in this byte */
export const STATUS_BYTE_NONE_OF_THE_ABOVE: u32 = 0x01;

// STATUS_WORD, bits as masks.
/** STATUS_VOUT says more */
export const STATUS_WORD_VOUT: u32 = 0x8000;
/** STATUS_IOUT says more */
export const STATUS_WORD_IOUT_POUT: u32 = 0x4000;
/** STATUS_INPUT says more */
export const STATUS_WORD_INPUT: u32 = 0x2000;
/** STATUS_MFR_SPECIFIC says more */
export const STATUS_WORD_MFR_SPECIFIC: u32 = 0x1000;
/** this rail does not report power-good */
export const STATUS_WORD_POWER_GOOD_N: u32 = 0x0800;
/** a command came while it could not be carried out */
export const STATUS_WORD_BUSY: u32 = 0x0080;
/** this rail is not providing power */
export const STATUS_WORD_OFF: u32 = 0x0040;
/** output over-voltage fault */
export const STATUS_WORD_VOUT_OV_FAULT: u32 = 0x0020;
/** output over-current fault */
export const STATUS_WORD_IOUT_OC_FAULT: u32 = 0x0010;
/** input under-voltage fault */
export const STATUS_WORD_VIN_UV_FAULT: u32 = 0x0008;
/** STATUS_TEMPERATURE says more */
export const STATUS_WORD_TEMPERATURE: u32 = 0x0004;
/** STATUS_CML says more */
export const STATUS_WORD_CML: u32 = 0x0002;
/** something that has no bit in this byte */
export const STATUS_WORD_NONE_OF_THE_ABOVE: u32 = 0x0001;

// STATUS_VOUT, bits as masks.
/** over-voltage fault */
export const STATUS_VOUT_VOUT_OV_FAULT: u32 = 0x80;
/** over-voltage warning */
export const STATUS_VOUT_VOUT_OV_WARNING: u32 = 0x40;
/** under-voltage warning */
export const STATUS_VOUT_VOUT_UV_WARNING: u32 = 0x20;
/** under-voltage fault */
export const STATUS_VOUT_VOUT_UV_FAULT: u32 = 0x10;
/** power-good did not come in time */
export const STATUS_VOUT_TON_MAX_FAULT: u32 = 0x04;
/** power-good was still there after switching off */
export const STATUS_VOUT_TOFF_MAX_WARNING: u32 = 0x02;

// STATUS_IOUT, bits as masks.
/** over-current fault */
export const STATUS_IOUT_IOUT_OC_FAULT: u32 = 0x80;
/** over-current warning */
export const STATUS_IOUT_IOUT_OC_WARNING: u32 = 0x20;
/** over-power fault */
export const STATUS_IOUT_POUT_OP_FAULT: u32 = 0x02;
/** over-power warning */
export const STATUS_IOUT_POUT_OP_WARNING: u32 = 0x01;

// STATUS_INPUT, bits as masks.
/** over-voltage fault */
export const STATUS_INPUT_VIN_OV_FAULT: u32 = 0x80;
/** over-voltage warning */
export const STATUS_INPUT_VIN_OV_WARNING: u32 = 0x40;
/** under-voltage warning */
export const STATUS_INPUT_VIN_UV_WARNING: u32 = 0x20;
/** under-voltage fault, if only for a moment: it takes the slot down */
export const STATUS_INPUT_VIN_UV_FAULT: u32 = 0x10;
/** the slot is off for want of input power */
export const STATUS_INPUT_LOW_VIN: u32 = 0x08;

// STATUS_TEMPERATURE, bits as masks.
/** over-temperature fault */
export const STATUS_TEMPERATURE_OT_FAULT: u32 = 0x80;
/** over-temperature warning */
export const STATUS_TEMPERATURE_OT_WARNING: u32 = 0x40;
/** under-temperature warning */
export const STATUS_TEMPERATURE_UT_WARNING: u32 = 0x20;
/** under-temperature fault */
export const STATUS_TEMPERATURE_UT_FAULT: u32 = 0x10;

// STATUS_CML, bits as masks.
/** a command that is not supported, is read-only or is write-protected */
export const STATUS_CML_INVALID_COMMAND: u32 = 0x80;
/** data outside what is allowed, or too much or too little of it */
export const STATUS_CML_INVALID_DATA: u32 = 0x40;
/** a packet error check did not fit */
export const STATUS_CML_PEC_FAILED: u32 = 0x20;
/** a message broke off: time-out, or a write ended by a repeated START */
export const STATUS_CML_OTHER_COMMUNICATION: u32 = 0x02;
/** a power command could not be carried out: no compute board, no power to cycle or reset, a latched fault, no input power, or a sensor whose readings make no sense */
export const STATUS_CML_OTHER_MEMORY_LOGIC: u32 = 0x01;

// STATUS_MFR_SPECIFIC, bits as masks.
/** a power fault took the slot down; MFR_LAST_FAULT says which */
export const STATUS_MFR_SPECIFIC_POWER_FAULT: u32 = 0x80;
/** the compute board was pulled out under power */
export const STATUS_MFR_SPECIFIC_REMOVED: u32 = 0x40;
/** a fault is latched: the slot stays off until MFR_FAULT_CLEAR */
export const STATUS_MFR_SPECIFIC_LATCHED: u32 = 0x20;
/** the BMC runs no logic: only identification and state can be read, MFR_FIRMWARE says why */
export const STATUS_MFR_SPECIFIC_MINIMAL: u32 = 0x02;
/** the BMC was restarted after a failure of its own */
export const STATUS_MFR_SPECIFIC_RESTARTED: u32 = 0x01;

// READ_EOUT.
/** bytes of its block */
export const READ_EOUT_BYTES: u32 = 6;

// MFR_LAST_FAULT.
/** bytes of its block */
export const MFR_LAST_FAULT_BYTES: u32 = 27;

// MFR_LOG_STATUS.
/** bytes of its block */
export const MFR_LOG_STATUS_BYTES: u32 = 16;

// MFR_LOG_READ.
/** bytes a process call sends */
export const MFR_LOG_READ_CALL_BYTES: u32 = 4;

// MFR_CONSOLE_OUTPUT.
/** bytes a process call sends */
export const MFR_CONSOLE_OUTPUT_CALL_BYTES: u32 = 4;

// MFR_IDENTIFY.
/** dark */
export const MFR_IDENTIFY_OFF: u32 = 0;
/** lit */
export const MFR_IDENTIFY_ON: u32 = 1;

// MFR_COUNTERS.
/** bytes of its block */
export const MFR_COUNTERS_BYTES: u32 = 18;

// MFR_ENERGY.
/** bytes of its block */
export const MFR_ENERGY_BYTES: u32 = 8;

// MFR_EVENT_STATUS.
/** bytes of its block */
export const MFR_EVENT_STATUS_BYTES: u32 = 8;

// MFR_EVENT_READ.
/** bytes of its block */
export const MFR_EVENT_READ_BYTES: u32 = 28;
/** bytes a process call sends */
export const MFR_EVENT_READ_CALL_BYTES: u32 = 4;

// MFR_TRACE_READ.
/** bytes a process call sends */
export const MFR_TRACE_READ_CALL_BYTES: u32 = 4;

/** Form of every code; 0 is no command. */
export const COMMAND_FORMS: StaticArray<u8> = [
  0x11, 0x11, 0x11, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x00,
  0x81, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x9a, 0x00, 0x9a, 0x9a, 0x9a, 0x00, 0x5a, 0x00, 0x00, 0x00, 0x5a, 0x00, 0x00, 0x00, 0x00, 0x1a,
  0x00, 0x1a, 0x1a, 0x1a, 0x00, 0x1a, 0x00, 0x1a, 0x1a, 0x1a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5a, 0x00, 0x5a, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x81, 0x82, 0x91, 0x51, 0x11, 0x11, 0x11, 0x00,
  0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x43, 0x02, 0x00, 0x00, 0x82, 0x42, 0x02, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x42, 0x00, 0x01, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x10, 0x01, 0x01, 0x03, 0x03, 0x04, 0x20, 0x04, 0x20, 0x11, 0x03, 0x03, 0x11, 0x08, 0x43, 0x03,
  0x04, 0x04, 0x83, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
];

/** Values of WRITE_PROTECT under which a code can be written all the same, as one mask. */
export const WRITABLE_UNDER: StaticArray<u8> = [
  0x60, 0x60, 0x20, 0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0xe0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
];
