/**
 * What the slot understands on the backplane's SMBus, written once: the commands of a PMBus device
 * and the slot's own beside them.
 *
 * `npm run generate` derives from it the constants and forms of the logic, the types of the client
 * and the tables of docs/smbus.md. Codes, forms and status bits are those of the PMBus specification,
 * part II (revision 1.3); the MFR_SPECIFIC codes D0h to FDh are ours to define.
 */
import { contract } from "./contract.ts";
import { MOST_PAGES } from "./quantities.ts";
import type { DataFormat, NamedValue, NumberNames, SmbusCommand } from "./smbus-schema.ts";
import { enumerations } from "./vocabulary.ts";

/**
 * A page is one of the slot's rails. Page 0 feeds the compute board; the others follow in the order their
 * rails come up. A board has as many pages as rails, and MFR_RAIL names the rail of each.
 */
const EACH_PAGE: readonly number[] = Array.from({ length: MOST_PAGES }, (_, page) => page);
/** The page of the rail whose current is measured. */
const COMPUTE_PAGE: readonly number[] = [0];

/** Data bytes of a block at most, either way: what SMBus 2 and Linux' i2c-dev allow. */
export const BLOCK_BYTES = 32;

/** Exponent of LINEAR16 here, as VOUT_MODE says: 1/4096 V, up to 15.99 V. */
export const VOUT_EXPONENT = -12;

/**
 * Fixed exponent of READ_EOUT's accumulator: quarter watts times samples. The accumulator goes up to 1023
 * of them and then rolls over.
 */
export const ENERGY_EXPONENT = -2;

/**
 * The enumerations of the vocabulary that leave the device, but for those that are the values of a command.
 */
export const numbers: readonly NumberNames[] = [
  ...enumerations.flatMap(({ wire, description, terms }) =>
    wire === undefined || wire.startsWith("MFR_") ? [] : [{ name: wire, description, values: terms }],
  ),
  {
    name: "RESET_CAUSE",
    description: "why the BMC started",
    values: contract.resetCauses,
  },
];

/** The values of a command, by its name in the vocabulary. */
function termsOf(command: string): readonly NamedValue[] {
  const found = enumerations.find(({ wire }) => wire === command);
  if (!found) throw new Error(`abi/vocabulary.ts has no enumeration for ${command}`);
  return found.terms.filter(({ internal }) => !internal);
}

const WRITE_PROTECT_ALL = 0x80;
const WRITE_PROTECT_BUT_OPERATION = 0x40;
const WRITE_PROTECT_BUT_CONFIG = 0x20;
const ALWAYS = [WRITE_PROTECT_ALL, WRITE_PROTECT_BUT_OPERATION, WRITE_PROTECT_BUT_CONFIG];
const OPERATING = [WRITE_PROTECT_BUT_OPERATION, WRITE_PROTECT_BUT_CONFIG];

function bits(...named: readonly [number, string, string][]): NamedValue[] {
  return named.map(([value, name, description]) => ({ value, name, description }));
}

/** Low byte of STATUS_WORD, which STATUS_BYTE is. */
const STATUS_LOW = bits(
  [7, "BUSY", "a command came while it could not be carried out"],
  [6, "OFF", "this rail is not providing power"],
  [5, "VOUT_OV_FAULT", "output over-voltage fault"],
  [4, "IOUT_OC_FAULT", "output over-current fault"],
  [3, "VIN_UV_FAULT", "input under-voltage fault"],
  [2, "TEMPERATURE", "STATUS_TEMPERATURE says more"],
  [1, "CML", "STATUS_CML says more"],
  [0, "NONE_OF_THE_ABOVE", "something that has no bit in this byte"],
);

const STATUS_HIGH = bits(
  [15, "VOUT", "STATUS_VOUT says more"],
  [14, "IOUT_POUT", "STATUS_IOUT says more"],
  [13, "INPUT", "STATUS_INPUT says more"],
  [12, "MFR_SPECIFIC", "STATUS_MFR_SPECIFIC says more"],
  [11, "POWER_GOOD#", "this rail does not report power-good"],
);

/** Read from the table; what is written as ones is cleared (PMBus 1.2, part II, 10.2.4). */
function status(
  code: number,
  name: string,
  description: string,
  values: NamedValue[],
  pages?: readonly number[],
) {
  const more = pages ? { pages } : {};
  return {
    code,
    name,
    description,
    read: "byte",
    write: "byte",
    format: "bits",
    values,
    prepared: true,
    ...more,
  } as const;
}

type Unit = NonNullable<SmbusCommand["unit"]>;

function reading(code: number, name: string, unit: Unit, description: string, pages?: readonly number[]) {
  const format: DataFormat = /^(READ_)?VOUT/.test(name) ? "linear16" : "linear11";
  return {
    code,
    name,
    description,
    read: "word",
    format,
    unit,
    prepared: true,
    ...(pages ? { pages } : {}),
  } as const;
}

function limit(code: number, name: string, unit: Unit, description: string, pages?: readonly number[]) {
  return { ...reading(code, name, unit, description, pages), write: "word" } as const;
}

function text(code: number, name: string, description: string) {
  return { code, name, description, read: "block", format: "text", prepared: true } as const;
}

/** What was printed, by position: reading it takes nothing away. */
function stream(code: number, name: string, description: string) {
  return {
    code,
    name,
    description,
    read: "call",
    format: "bytes",
    callFields: [{ name: "position", bytes: 4, description: "where to begin" }],
    fields: [
      {
        name: "position",
        bytes: 4,
        description: "where it begins: later than asked for if that is no longer kept",
      },
      { name: "data", bytes: 0, description: "up to 28 bytes, none at the end" },
    ],
  } as const;
}

/** Bytes for a console, all or none of them. */
function typed(code: number, name: string, where: string) {
  return {
    code,
    name,
    description: `${where}; what finds no room is refused as a whole (BUSY)`,
    write: "block",
    format: "bytes",
    fields: [{ name: "data", bytes: 0, description: "up to 32 bytes" }],
  } as const;
}

export const commands: readonly SmbusCommand[] = [
  {
    code: 0x00,
    name: "PAGE",
    description:
      "which rail paged commands are about, from 0 on; as many as the board has rails. FFh (all pages) is refused",
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    writableUnder: OPERATING,
  },
  {
    code: 0x01,
    name: "OPERATION",
    description:
      "slot power on and off, all rails in sequence. Reads 80h while rails are powered, 00h once going down or off",
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    writableUnder: OPERATING,
    values: [
      { value: 0x00, name: "OFF", description: "rails down now, without asking the compute OS" },
      { value: 0x40, name: "SOFT_OFF", description: "ask the compute OS to shut down, then rails down" },
      { value: 0x80, name: "ON", description: "rails up in order, then release the compute board" },
    ],
  },
  {
    code: 0x02,
    name: "ON_OFF_CONFIG",
    description: "always 18h: power follows OPERATION, there is no CONTROL pin. Nothing else is accepted",
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    writableUnder: [WRITE_PROTECT_BUT_CONFIG],
  },
  {
    code: 0x03,
    name: "CLEAR_FAULTS",
    description:
      "clears the status registers of the page and the common ones, and lets go of SMBALERT#. MFR_LAST_FAULT stays",
    write: "send",
    writableUnder: ALWAYS,
  },
  {
    code: 0x10,
    name: "WRITE_PROTECT",
    description: "keeps commands from being written; other values are refused",
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    writableUnder: ALWAYS,
    values: [
      { value: 0x00, name: "NONE", description: "everything can be written" },
      {
        value: WRITE_PROTECT_BUT_CONFIG,
        name: "ALL_BUT_CONFIG",
        description: "OPERATION, PAGE and ON_OFF_CONFIG can",
      },
      {
        value: WRITE_PROTECT_BUT_OPERATION,
        name: "ALL_BUT_OPERATION",
        description: "OPERATION and PAGE can",
      },
      { value: WRITE_PROTECT_ALL, name: "ALL", description: "only this command and CLEAR_FAULTS" },
    ],
  },
  {
    code: 0x19,
    name: "CAPABILITY",
    description: "D0h: PEC, 1 MHz, SMBALERT#, linear formats",
    read: "byte",
    format: "number",
    prepared: true,
  },
  {
    code: 0x1b,
    name: "SMBALERT_MASK",
    description:
      "which status bits do not pull SMBALERT#. Written: status command code, mask. Read: a process call with the code",
    read: "call",
    write: "word",
    format: "bytes",
    callFields: [{ name: "status_command", bytes: 1, description: "code of the status register" }],
    fields: [{ name: "mask", bytes: 1, description: "1: the bit is kept from alerting" }],
  },
  {
    code: 0x20,
    name: "VOUT_MODE",
    description: "14h: LINEAR16 with exponent -12",
    read: "byte",
    format: "number",
    prepared: true,
    pages: EACH_PAGE,
  },
  limit(0x40, "VOUT_OV_FAULT_LIMIT", "V", "output over-voltage fault", EACH_PAGE),
  limit(0x42, "VOUT_OV_WARN_LIMIT", "V", "output over-voltage warning", EACH_PAGE),
  limit(0x43, "VOUT_UV_WARN_LIMIT", "V", "output under-voltage warning", EACH_PAGE),
  limit(0x44, "VOUT_UV_FAULT_LIMIT", "V", "output under-voltage fault", EACH_PAGE),
  limit(0x46, "IOUT_OC_FAULT_LIMIT", "A", "output over-current fault", COMPUTE_PAGE),
  limit(0x4a, "IOUT_OC_WARN_LIMIT", "A", "output over-current warning", COMPUTE_PAGE),
  limit(0x4f, "OT_FAULT_LIMIT", "°C", "over-temperature fault"),
  limit(0x51, "OT_WARN_LIMIT", "°C", "over-temperature warning"),
  limit(0x52, "UT_WARN_LIMIT", "°C", "under-temperature warning"),
  limit(0x53, "UT_FAULT_LIMIT", "°C", "under-temperature fault"),
  limit(0x55, "VIN_OV_FAULT_LIMIT", "V", "input over-voltage fault"),
  limit(0x57, "VIN_OV_WARN_LIMIT", "V", "input over-voltage warning"),
  limit(0x58, "VIN_UV_WARN_LIMIT", "V", "input under-voltage warning"),
  limit(0x59, "VIN_UV_FAULT_LIMIT", "V", "input under-voltage fault"),
  limit(0x68, "POUT_OP_FAULT_LIMIT", "W", "output over-power fault", COMPUTE_PAGE),
  limit(0x6a, "POUT_OP_WARN_LIMIT", "W", "output over-power warning", COMPUTE_PAGE),
  {
    code: 0x78,
    name: "STATUS_BYTE",
    description: "the low byte of STATUS_WORD",
    read: "byte",
    format: "bits",
    values: STATUS_LOW,
    prepared: true,
    pages: EACH_PAGE,
  },
  {
    code: 0x79,
    name: "STATUS_WORD",
    description: "what is wrong with this rail, and with what all rails share",
    read: "word",
    format: "bits",
    values: [...STATUS_HIGH, ...STATUS_LOW],
    prepared: true,
    pages: EACH_PAGE,
  },
  status(
    0x7a,
    "STATUS_VOUT",
    "output voltage",
    bits(
      [7, "VOUT_OV_FAULT", "over-voltage fault"],
      [6, "VOUT_OV_WARNING", "over-voltage warning"],
      [5, "VOUT_UV_WARNING", "under-voltage warning"],
      [4, "VOUT_UV_FAULT", "under-voltage fault"],
      [2, "TON_MAX_FAULT", "power-good did not come in time"],
      [1, "TOFF_MAX_WARNING", "power-good was still there after switching off"],
    ),
    EACH_PAGE,
  ),
  status(
    0x7b,
    "STATUS_IOUT",
    "output current and power",
    bits(
      [7, "IOUT_OC_FAULT", "over-current fault"],
      [5, "IOUT_OC_WARNING", "over-current warning"],
      [1, "POUT_OP_FAULT", "over-power fault"],
      [0, "POUT_OP_WARNING", "over-power warning"],
    ),
    COMPUTE_PAGE,
  ),
  status(
    0x7c,
    "STATUS_INPUT",
    "input voltage",
    bits(
      [7, "VIN_OV_FAULT", "over-voltage fault"],
      [6, "VIN_OV_WARNING", "over-voltage warning"],
      [5, "VIN_UV_WARNING", "under-voltage warning"],
      [4, "VIN_UV_FAULT", "under-voltage fault, if only for a moment: it takes the slot down"],
      [3, "LOW_VIN", "the slot is off for want of input power"],
    ),
  ),
  status(
    0x7d,
    "STATUS_TEMPERATURE",
    "temperature",
    bits(
      [7, "OT_FAULT", "over-temperature fault"],
      [6, "OT_WARNING", "over-temperature warning"],
      [5, "UT_WARNING", "under-temperature warning"],
      [4, "UT_FAULT", "under-temperature fault"],
    ),
  ),
  status(
    0x7e,
    "STATUS_CML",
    "communication, memory and logic",
    bits(
      [7, "INVALID_COMMAND", "a command that is not supported, is read-only or is write-protected"],
      [6, "INVALID_DATA", "data outside what is allowed, or too much or too little of it"],
      [5, "PEC_FAILED", "a packet error check did not fit"],
      [1, "OTHER_COMMUNICATION", "a message broke off: time-out, or a write ended by a repeated START"],
      [
        0,
        "OTHER_MEMORY_LOGIC",
        "a power command could not be carried out: no compute board, no power to cycle or reset, a latched fault, no input power, or a sensor whose readings make no sense",
      ],
    ),
  ),
  status(
    0x80,
    "STATUS_MFR_SPECIFIC",
    "the slot",
    bits(
      [7, "POWER_FAULT", "a power fault took the slot down; MFR_LAST_FAULT says which"],
      [6, "REMOVED", "the compute board was pulled out under power"],
      [5, "LATCHED", "a fault is latched: the slot stays off until MFR_FAULT_CLEAR"],
      [
        1,
        "MINIMAL",
        "the BMC runs no logic: only identification and state can be read, MFR_FIRMWARE says why",
      ],
      [0, "RESTARTED", "the BMC was restarted after a failure of its own"],
    ),
  ),
  {
    code: 0x87,
    name: "READ_EOUT",
    description:
      "energy put out: accumulator, roll-overs and samples; the average power between two readings is the difference of the sums over that of the samples",
    read: "block",
    format: "bytes",
    prepared: true,
    pages: COMPUTE_PAGE,
    fields: [
      { name: "accumulator", bytes: 2, description: "LINEAR11 with exponent -2, up to 1023/4 W of samples" },
      {
        name: "rollovers",
        bytes: 1,
        description: "times the accumulator passed its largest value, 1023/4 W",
      },
      { name: "samples", bytes: 3, description: "samples summed up" },
    ],
  },
  reading(0x88, "READ_VIN", "V", "input voltage"),
  reading(0x8b, "READ_VOUT", "V", "output voltage", EACH_PAGE),
  reading(0x8c, "READ_IOUT", "A", "output current", COMPUTE_PAGE),
  reading(0x8d, "READ_TEMPERATURE_1", "°C", "temperature of the RP2040"),
  reading(0x96, "READ_POUT", "W", "output power", COMPUTE_PAGE),
  {
    code: 0x98,
    name: "PMBUS_REVISION",
    description: "33h: revision 1.3 of both parts",
    read: "byte",
    format: "number",
    prepared: true,
  },
  text(0x99, "MFR_ID", "who made the board"),
  text(0x9a, "MFR_MODEL", "the board"),
  text(0x9b, "MFR_REVISION", "revision of the board"),
  text(0x9c, "MFR_LOCATION", "the slot, by its straps"),
  text(0x9d, "MFR_DATE", "date of the board's revision, YYMMDD"),
  text(0x9e, "MFR_SERIAL", "unique number of the board's flash chip, in hexadecimal"),
  text(0xad, "IC_DEVICE_ID", "the BMC's chip"),
  {
    code: 0xd0,
    name: "MFR_POWER_COMMAND",
    description: "what the console's `power` does. Reads back through MFR_POWER_STATE",
    write: "byte",
    format: "number",
    values: termsOf("MFR_POWER_COMMAND"),
  },
  {
    code: 0xd1,
    name: "MFR_POWER_STATE",
    description: "where the power sequence is",
    read: "byte",
    format: "number",
    prepared: true,
    values: termsOf("MFR_POWER_STATE"),
  },
  {
    code: 0xd2,
    name: "MFR_BOOT_STAGE",
    description:
      "how far the compute board has come, by what it prints; the last stage stays after power-off",
    read: "byte",
    format: "number",
    prepared: true,
    values: termsOf("MFR_BOOT_STAGE"),
  },
  {
    code: 0xd3,
    name: "MFR_LAST_FAULT",
    description:
      "the last power fault with its readings; CLEAR_FAULTS does not touch it, power on and off do not either",
    read: "block",
    format: "bytes",
    prepared: true,
    fields: [
      { name: "reason", bytes: 1, description: "FAULT_REASON" },
      { name: "page", bytes: 1, description: "the page of the rail it is about; 0 if it is about all" },
      { name: "latched", bytes: 1, description: "1 while it keeps the slot off, until MFR_FAULT_CLEAR" },
      { name: "measured", bytes: 1, description: "1 if the readings below are of that moment" },
      { name: "count", bytes: 2, description: "power faults since the BMC's start" },
      { name: "time_us", bytes: 8, description: "since power-on of the BMC" },
      { name: "vin_mv", bytes: 2, description: "input voltage" },
      { name: "vout_0_mv", bytes: 2, description: "output voltage, page 0" },
      { name: "vout_1_mv", bytes: 2, description: "output voltage, page 1" },
      { name: "iout_ma", bytes: 2, description: "output current, page 0" },
      {
        name: "limit",
        bytes: 1,
        description: "for LIMIT: four times the QUANTITY plus the LIMIT_KIND",
      },
      { name: "vout_2_mv", bytes: 2, description: "output voltage, page 2; 0 on a board without it" },
      { name: "vout_3_mv", bytes: 2, description: "output voltage, page 3; 0 on a board without it" },
    ],
  },
  {
    code: 0xd4,
    name: "MFR_LOG_STATUS",
    description: "which part of the boot log is kept; positions count bytes since the BMC's start",
    read: "block",
    format: "bytes",
    fields: [
      { name: "oldest", bytes: 4, description: "position of the oldest byte kept" },
      { name: "captured", bytes: 4, description: "position behind the newest byte" },
      { name: "dropped", bytes: 4, description: "bytes lost before they were captured" },
      { name: "started_ms", bytes: 4, description: "when the BMC started, in ms since its power-on" },
    ],
  },
  stream(
    0xd5,
    "MFR_LOG_READ",
    "boot log from a position on; asking again for the same position gives the same bytes",
  ),
  typed(0xd6, "MFR_CONSOLE_INPUT", "typed on the BMC's debug console"),
  stream(0xd7, "MFR_CONSOLE_OUTPUT", "what the debug console printed, from a position on, as MFR_LOG_READ"),
  typed(0xd8, "MFR_COMPUTE_INPUT", "typed on the compute board's serial console"),
  {
    code: 0xd9,
    name: "MFR_IDENTIFY",
    description: "the identify LED",
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    values: [
      { value: 0, name: "OFF", description: "dark" },
      { value: 1, name: "ON", description: "lit" },
    ],
  },
  text(0xda, "MFR_FIRMWARE", "name, version and contract of the firmware"),
  {
    code: 0xdb,
    name: "MFR_COUNTERS",
    description: "what has gone wrong on this bus since the BMC's start, each wrapping",
    read: "block",
    format: "bytes",
    fields: [
      { name: "transactions", bytes: 4, description: "writes to this address, a command each" },
      {
        name: "timeouts",
        bytes: 2,
        description: "times the bus stood still for 25 ms and the interface was reset",
      },
      { name: "pec_errors", bytes: 2, description: "writes with a wrong PEC, none of them executed" },
      { name: "abandoned", bytes: 2, description: "writes that ended in something else than STOP" },
      { name: "refused", bytes: 2, description: "commands refused, for whatever reason" },
      {
        name: "busy",
        bytes: 2,
        description: "times requests piled up until the address was no longer answered",
      },
      { name: "late", bytes: 2, description: "reads the logic did not answer in time" },
      { name: "alerts", bytes: 2, description: "Alert Response Address reads won" },
    ],
  },
  {
    code: 0xdc,
    name: "MFR_RESTORE_POLICY",
    description: "what the slot does when input power returns, or power to the BMC; kept over power loss",
    read: "byte",
    write: "byte",
    format: "number",
    prepared: true,
    values: termsOf("MFR_RESTORE_POLICY"),
  },
  {
    code: 0xdd,
    name: "MFR_FAULT_CLEAR",
    description:
      "clears a latched fault and forgets its trace, so that the slot can come up again; CLEAR_FAULTS, which Linux sends all the time, does not",
    write: "send",
  },
  {
    code: 0xde,
    name: "MFR_ENERGY",
    description: "energy put out since power-on of the BMC, restarts included",
    read: "block",
    format: "bytes",
    prepared: true,
    pages: COMPUTE_PAGE,
    fields: [{ name: "energy_mj", bytes: 8, description: "millijoules" }],
  },
  {
    code: 0xdf,
    name: "MFR_EVENT_STATUS",
    description: "which events are kept; they are numbered since the BMC's start",
    read: "block",
    format: "bytes",
    fields: [
      { name: "oldest", bytes: 4, description: "number of the oldest event kept" },
      { name: "end", bytes: 4, description: "number of the next event" },
    ],
  },
  {
    code: 0xe0,
    name: "MFR_EVENT_READ",
    description: "one event of the log; the console's `events` says them in words",
    read: "call",
    format: "bytes",
    callFields: [
      { name: "number", bytes: 4, description: "which event; later than asked for if that is gone" },
    ],
    fields: [
      { name: "number", bytes: 4, description: "which it is; nothing follows behind the newest" },
      { name: "first_ms", bytes: 5, description: "when it happened first, since power-on of the BMC" },
      { name: "last_ms", bytes: 5, description: "when it happened last" },
      { name: "count", bytes: 2, description: "how often, 65535 at most" },
      { name: "kind", bytes: 1, description: "EVENT_KIND; what the others mean depends on it" },
      { name: "origin", bytes: 1, description: "ORIGIN" },
      { name: "detail", bytes: 1, description: "by kind, else 0" },
      { name: "subject", bytes: 1, description: "by kind, else 0" },
      { name: "value", bytes: 4, description: "what was measured, signed, in thousandths" },
      { name: "limit", bytes: 4, description: "what it should have kept, signed, in thousandths" },
    ],
  },
  {
    code: 0xe1,
    name: "MFR_TRACE_READ",
    description: "the readings around the last fault, as codes of the converter; oldest first",
    read: "call",
    format: "bytes",
    callFields: [{ name: "round", bytes: 4, description: "where to begin, 0 to 255" }],
    fields: [
      { name: "round", bytes: 2, description: "the first round that follows" },
      { name: "after", bytes: 2, description: "rounds of the trace that came after the fault was noticed" },
      { name: "period_ns", bytes: 4, description: "from one round to the next" },
      {
        name: "codes",
        bytes: 0,
        description:
          "rounds of five codes, two bytes each; none at the end, and none without a trace. Behind them, if there is a trace, four bytes: when its fault was noticed, in ms since power-on of the BMC",
      },
    ],
  },
  {
    code: 0xe2,
    name: "MFR_RAIL",
    description: "the rail of this page, and how many pages the board has",
    read: "block",
    format: "bytes",
    prepared: true,
    pages: EACH_PAGE,
    fields: [
      { name: "pages", bytes: 1, description: "pages of this board" },
      { name: "name", bytes: 0, description: "name of the rail in the board file, ASCII" },
    ],
  },
];
