/**
 * The contract between the native host and the logic, written once.
 *
 * `npm run generate` derives from it: the AssemblyScript externs, the C header, the glue with every bounds
 * check for each engine, and the TypeScript types of the Node host.
 * A golden test (test/abi) pins every name and number: changing one is a new version.
 *
 * Events go in through `handle`, effects come out through the imports. Nothing here may
 * grow chatty: under an interpreter an import costs hundreds of cycles, so blocks move, not bytes.
 */

import type { Export, Import, NamedNumber, Pointer, RecordLayout, Signal } from "./contract-schema.ts";

const bytes = (length: string, direction: "in" | "out"): Pointer => ({
  kind: "pointer",
  length,
  elementBytes: 1,
  direction,
});

/** The SMBus calls. */
const SMBUS = {
  /** 4 bytes, then code, count, 32 data bytes, PEC, and one more byte in which an excess shows. */
  requestBytes: 40,
  /** Count, data and PEC. */
  responseBytes: 34,
  /** One to a rail, and a board has four rails at most. */
  pages: 4,
  /** PAGE: the one command the host knows (PMBus part II, 11.10). */
  pageCommand: 0x00,
  /** Requests that may wait, and how many of these places are kept for what one message may add. */
  requests: 16,
  requestsKept: 2,
  /** Prepared responses that are longer than a word and its PEC, for each page that a board has. */
  longResponsesPerPage: 13,
} as const;

/** Sizes of the converter's records. */
const SAMPLING = {
  channels: 5,
  /** Rounds of a kept trace: one code of each channel a round. */
  traceRounds: 256,
  /** Full scale of linear codes: 4092 steps of one and four of ten (erratum RP2040-E11). */
  linearCodes: 4132,
} as const;

/** Words that survive a restart of the BMC. */
const RETAINED_WORDS = 8;
/** The most one transfer on the sensor bus writes and reads. */
const I2C = { writeBytes: 8, readBytes: 32 } as const;
/** The part of flash that is the logic's: its size, what is erased at once, what is programmed at once. */
const FLASH = { regionBytes: 16_384, sectorBytes: 4096, pageBytes: 256 } as const;

export const contract = {
  version: 6,

  /** Module name of every import below; AssemblyScript's own `abort` comes from "env". */
  module: "host",

  /** The linear memory both sides agree on: whole pages, so that its end is the same in every engine. */
  memory: { exportName: "memory", bytes: 2 * 64 * 1024 },

  /** `handle` returns this when the logic waits for nothing but events. */
  noDeadline: 0xffff_ffff_ffff_ffffn,

  events: [
    { name: "TIMER", value: 1 << 0, description: "the deadline that `handle` or `start` returned has come" },
    { name: "INPUTS", value: 1 << 1, description: "an input signal changed" },
    { name: "COMPUTE_RX", value: 1 << 2, description: "bytes from the compute board's console are waiting" },
    { name: "CONSOLE_RX", value: 1 << 3, description: "bytes from the debug console are waiting" },
    { name: "CONSOLE_TX", value: 1 << 4, description: "the debug console, full before, takes bytes again" },
    { name: "SMBUS", value: 1 << 5, description: "requests from the SMBus are waiting" },
    {
      name: "OVERCURRENT",
      value: 1 << 7,
      description: "the armed over-current limit was exceeded and its outputs were let go",
    },
    { name: "BROWN_OUT", value: 1 << 8, description: "the armed brown-out limit was undershot" },
    { name: "I2C", value: 1 << 6, description: "the transfer on the sensor bus is over" },
  ] satisfies readonly NamedNumber[],

  /**
   * Bit numbers in the signal words. A signal is a meaning, not a level: the board file says
   * which GPIO carries it and whether asserted is high or low, and the host translates.
   */
  signals: [
    { name: "LED_STATUS", value: 0, direction: "out", description: "status LED lit" },
    { name: "LED_IDENTIFY", value: 1, direction: "out", description: "identify LED lit" },
    { name: "EN_RAIL_0", value: 2, direction: "out", description: "first rail to come up enabled" },
    { name: "EN_RAIL_1", value: 3, direction: "out", description: "second rail enabled" },
    { name: "COMPUTE_RUN", value: 4, direction: "out", description: "compute board released from reset" },
    { name: "SHUTDOWN_REQ", value: 5, direction: "out", description: "compute OS asked to shut down" },
    { name: "SMBALERT", value: 6, direction: "out", description: "SMBALERT# pulled" },
    { name: "PG_RAIL_0", value: 8, direction: "in", description: "first rail reports power-good" },
    { name: "PG_RAIL_1", value: 9, direction: "in", description: "second rail reports power-good" },
    { name: "PRESENT", value: 10, direction: "in", description: "compute board plugged in" },
    { name: "HALTED", value: 11, direction: "in", description: "compute OS has halted" },
    { name: "SLOT_ID0", value: 12, direction: "in", description: "slot number strap, bit 0" },
    { name: "SLOT_ID1", value: 13, direction: "in", description: "slot number strap, bit 1" },
    { name: "SLOT_ID2", value: 14, direction: "in", description: "slot number strap, bit 2" },
    { name: "SLOT_ID3", value: 15, direction: "in", description: "slot number strap, bit 3" },
    { name: "EN_RAIL_2", value: 16, direction: "out", description: "third rail enabled" },
    { name: "EN_RAIL_3", value: 17, direction: "out", description: "fourth rail enabled" },
    { name: "PG_RAIL_2", value: 18, direction: "in", description: "third rail reports power-good" },
    { name: "PG_RAIL_3", value: 19, direction: "in", description: "fourth rail reports power-good" },
  ] satisfies readonly Signal[],

  /** Converter channels, in the order of a round. Channel 4 is the RP2040's own sensor. */
  adcChannels: [
    { name: "ADC0", value: 0, description: "GPIO26" },
    { name: "ADC1", value: 1, description: "GPIO27" },
    { name: "ADC2", value: 2, description: "GPIO28" },
    { name: "ADC3", value: 3, description: "GPIO29" },
    { name: "TEMPERATURE", value: 4, description: "RP2040 temperature sensor" },
  ] satisfies readonly NamedNumber[],

  ports: [
    { name: "COMPUTE", value: 0, description: "UART0, the compute board's serial console" },
    { name: "CONSOLE", value: 1, description: "UART1, the debug console of the BMC" },
  ] satisfies readonly NamedNumber[],

  /**
   * What `smbus_take` hands over. Byte 0 is the kind, byte 1 the number of bytes the controller wrote, byte 2
   * and 3 a number for `smbus_answer`, and from byte 4 on come the bytes, the command code first. Address and
   * R/W bits are left out, a PEC is not.
   */
  smbusRequests: [
    { name: "WRITE", value: 1, description: "a message that wrote, ended by STOP" },
    {
      name: "READ",
      value: 2,
      description: "the controller wrote these bytes and now reads: SCL is held until `smbus_answer`",
    },
    {
      name: "BROKEN_OFF",
      value: 3,
      description: "a message that wrote and then broke off: not to be executed",
    },
    {
      name: "ALERT_ANSWERED",
      value: 4,
      description: "the Alert Response Address was won, SMBALERT# let go of; no bytes",
    },
  ] satisfies readonly NamedNumber[],

  smbus: SMBUS,
  sampling: SAMPLING,
  /** `sequencer` is the word with the power sequencer's state: the host clears it when it switches off. */
  retained: { words: RETAINED_WORDS, sequencer: 0 },

  i2c: I2C,

  /** First byte of what `i2c_take` hands over. */
  i2cResults: [
    { name: "OK", value: 0, description: "done; what was read follows" },
    { name: "NACK_ADDRESS", value: 1, description: "nobody answers at this address" },
    { name: "NACK_DATA", value: 2, description: "a byte written was not acknowledged" },
    { name: "ARBITRATION_LOST", value: 3, description: "somebody else pulled SDA; both lines rest again" },
    { name: "TIMEOUT", value: 4, description: "not over after 10 ms: interface reset, both lines rest" },
    { name: "BUS_CLEARED", value: 5, description: "a target held SDA; clock pulses made it let go" },
    { name: "BUS_STUCK", value: 6, description: "SDA or SCL is held low, clock pulses do not help" },
  ] satisfies readonly NamedNumber[],

  flash: FLASH,

  /** What `flash_program` and `flash_erase` come to. */
  flashResults: [
    { name: "OK", value: 0, description: "done, and read back" },
    { name: "TIMEOUT", value: 1, description: "the flash did not get done in time and was reset" },
    { name: "MISMATCH", value: 2, description: "what is read back is not what was to be there" },
  ] satisfies readonly NamedNumber[],

  /** Why the BMC started. Everything from HANG on is a failure and counts towards the minimal state. */
  resetCauses: [
    { name: "POWER_ON", value: 0, description: "supply came up" },
    { name: "RUN_PIN", value: 1, description: "reset button" },
    { name: "REQUESTED", value: 2, description: "the logic called `restart`" },
    { name: "HANG", value: 3, description: "watchdog: no completed pass through the logic in time" },
    { name: "TRAP", value: 4, description: "the logic trapped; detail is a trap kind" },
    { name: "HARD_FAULT", value: 5, description: "HardFault; detail is the program counter" },
    { name: "STACK_OVERFLOW", value: 6, description: "the native stack ran into its guard" },
  ] satisfies readonly NamedNumber[],

  trapKinds: [
    { name: "UNKNOWN", value: 0, description: "a trap without a kind of its own" },
    { name: "OUT_OF_BOUNDS", value: 1, description: "access outside linear memory" },
    { name: "DIVISION", value: 2, description: "division by zero or integer overflow" },
    { name: "UNREACHABLE", value: 3, description: "unreachable executed" },
    { name: "INDIRECT_CALL", value: 4, description: "wrong or missing function in the table" },
    { name: "CALL_STACK", value: 5, description: "WebAssembly call stack exhausted" },
    { name: "ABORT", value: 6, description: "AssemblyScript abort: an assertion of the logic failed" },
    {
      name: "BAD_IMPORT_ARGUMENT",
      value: 7,
      description: "an import was called with a bad block, port or signal",
    },
  ] satisfies readonly NamedNumber[],

  records: [
    {
      name: "SystemInfo",
      description: "what the host knows of itself",
      fields: [
        { name: "reset_cause", description: "a reset cause" },
        { name: "reset_detail", description: "trap kind or program counter, see the cause" },
        { name: "restarts", description: "restarts since power-on, whatever the cause" },
        { name: "stack_bytes", description: "native stack reserved" },
        { name: "stack_high_water_bytes", description: "native stack used at most since this start" },
        { name: "ram_used_bytes", description: "SRAM reserved in all, budgets included" },
        { name: "flash_used_bytes", description: "flash taken by second stage, host and module" },
        { name: "engine_heap_bytes", description: "engine heap reserved, linear memory included" },
        { name: "engine_heap_used_bytes", description: "engine heap used at most" },
        { name: "module_bytes", description: "size of the logic's module" },
        { name: "passes", description: "completed passes through the logic since this start" },
        { name: "longest_pass_us", description: "longest pass through the logic since this start" },
        { name: "unique_id_high", description: "unique number of the flash chip, first four bytes" },
        { name: "unique_id_low", description: "and the last four; both 0 if it has none" },
      ],
    },
    {
      name: "PortCounters",
      description: "counts of one UART since this start, each wrapping at 2^32",
      fields: [
        { name: "received_bytes", description: "taken out of the receive FIFO" },
        { name: "overruns", description: "receive FIFO overran: at least one byte lost each" },
        { name: "dropped_bytes", description: "no room in the host's buffer" },
        { name: "framing_errors", description: "bytes with a bad stop bit" },
        { name: "parity_errors", description: "bytes with bad parity" },
        { name: "breaks", description: "breaks seen on the line" },
        { name: "sent_bytes", description: "handed to the transmitter" },
      ],
    },
    {
      name: "SmbusCounters",
      description: "counts of the SMBus since this start, each wrapping at 2^32",
      fields: [
        { name: "messages", description: "writes to this address, each START with bytes behind it" },
        { name: "timeouts", description: "the bus stood still for 25 ms in a message: interface reset" },
        { name: "broken_off", description: "writes that did not end in STOP" },
        { name: "too_long", description: "writes with more bytes than a request holds" },
        { name: "busy", description: "times requests piled up until the address was no longer answered" },
        { name: "late_answers", description: "reads the logic did not answer in time" },
        { name: "alerts", description: "Alert Response Address reads won" },
        {
          name: "alerts_missed",
          description: "messages noticed too late to see if they were alert responses",
        },
        { name: "aborts", description: "transfers aborted by the block: arbitration lost" },
      ],
    },
    {
      name: "Samples",
      description:
        "what the converter has brought since the last call, in linear codes (4132 for 3300 mV); channels that the board does not wire are 0",
      fields: [
        { name: "rounds", description: "rounds summed up, one in sixteen" },
        {
          name: "elapsed_us",
          description: "time they stand for: from the last round of the call before to the last of this one",
        },
        { name: "overruns", description: "times blocks were overwritten before they were looked at" },
        { name: "restarts", description: "times the converter lost its order and was started anew" },
        {
          name: "product_low",
          description: "sum of the compute rail's voltage times its current, linear codes of the same round",
        },
        { name: "product_high", description: "its upper half" },
        { name: "sum_0", description: "sum of channel 0" },
        { name: "sum_1", description: "sum of channel 1" },
        { name: "sum_2", description: "sum of channel 2" },
        { name: "sum_3", description: "sum of channel 3" },
        { name: "sum_4", description: "sum of channel 4" },
        { name: "minimum_0", description: "smallest code of channel 0" },
        { name: "minimum_1", description: "smallest code of channel 1" },
        { name: "minimum_2", description: "smallest code of channel 2" },
        { name: "minimum_3", description: "smallest code of channel 3" },
        { name: "minimum_4", description: "smallest code of channel 4" },
        { name: "maximum_0", description: "largest code of channel 0" },
        { name: "maximum_1", description: "largest code of channel 1" },
        { name: "maximum_2", description: "largest code of channel 2" },
        { name: "maximum_3", description: "largest code of channel 3" },
        { name: "maximum_4", description: "largest code of channel 4" },
      ],
    },
    {
      name: "Trip",
      description: "the fast over-current path",
      fields: [
        { name: "tripped", description: "1 from the moment it let go until it is armed again" },
        { name: "at_us_low", description: "when, as time_us" },
        { name: "at_us_high", description: "its upper half" },
        { name: "code", description: "the code that decided it" },
        { name: "armed", description: "1 while it watches" },
        { name: "trips", description: "trips since power-on, restarts included" },
      ],
    },
    {
      name: "Trace",
      description: "the rounds kept by `trace_freeze` or a trip",
      fields: [
        { name: "rounds", description: "rounds kept; 0 while there is no trace" },
        { name: "period_ns", description: "from one round to the next" },
        { name: "after", description: "rounds that came after the freeze was asked for" },
        { name: "pending", description: "1 while the last rounds of a trace are awaited" },
      ],
    },
  ] satisfies readonly RecordLayout[],

  imports: [
    {
      name: "time_us",
      description:
        "Microseconds since power-on. Monotonic across restarts of the BMC; a hang costs it at most the watchdog period. The only clock of the logic.",
      parameters: [],
      returns: "u64",
    },
    {
      name: "signals_read",
      description: "Every signal, bit set where asserted: levels of the inputs, latches of the outputs.",
      parameters: [],
      returns: "u32",
    },
    {
      name: "signals_fell",
      description:
        "Input signals deasserted since the last call, however short; reading clears them. The upper half are the power-goods that went first of all power-goods.",
      parameters: [],
      returns: "u64",
    },
    {
      name: "signals_write",
      description:
        "Sets the output signals in `mask` to the bits in `asserted`. A bit that is no output of the contract is a trap; an output this board does not wire is ignored.",
      parameters: [
        { name: "mask", type: "u32", signals: "out" },
        { name: "asserted", type: "u32" },
      ],
    },
    {
      name: "samples_take",
      description: "Fills a Samples record with what has come since the last call, and begins anew.",
      parameters: [
        { name: "samples", type: { kind: "pointer", length: 21, elementBytes: 4, direction: "out" } },
      ],
    },
    {
      name: "sampling_pace",
      description:
        "1: the converter runs at its full 500,000 conversions a second; 0: at 10,000, for a slot that is off. Takes effect at once, without a gap.",
      parameters: [{ name: "fast", type: "u32", maximum: 1 }],
    },
    {
      name: "overcurrent_arm",
      description:
        "From now on `rounds` codes of `channel` in a row at or above `code`, or two of which the second is at full scale, let go of `outputs` in the interrupt, and keep them so until this is called again. No outputs: watches no longer. Survives a restart of the BMC.",
      parameters: [
        { name: "channel", type: "u32", maximum: 4 },
        { name: "code", type: "u32", maximum: 4095 },
        { name: "rounds", type: "u32", maximum: 255 },
        { name: "outputs", type: "u32", signals: "out" },
      ],
    },
    {
      name: "brownout_arm",
      description:
        "Raises BROWN_OUT once `channel` was below `code` in `rounds` summed rounds (160 us) in a row, and again only after the next call. Code 0: watches no longer.",
      parameters: [
        { name: "channel", type: "u32", maximum: 4 },
        { name: "code", type: "u32", maximum: 4095 },
        { name: "rounds", type: "u32", maximum: 65535 },
      ],
    },
    {
      name: "trip_read",
      description: "Fills a Trip record.",
      parameters: [{ name: "trip", type: { kind: "pointer", length: 6, elementBytes: 4, direction: "out" } }],
    },
    {
      name: "trace_freeze",
      description:
        "Keeps the last rounds, with those of the next moment: three quarters before, one behind. Nothing happens while a trace is kept.",
      parameters: [],
    },
    {
      name: "trace_clear",
      description: "Forgets the trace that is kept, so that the next fault can have one.",
      parameters: [],
    },
    {
      name: "trace_info",
      description: "Fills a Trace record.",
      parameters: [
        { name: "trace", type: { kind: "pointer", length: 4, elementBytes: 4, direction: "out" } },
      ],
    },
    {
      name: "trace_read",
      description:
        "One round of the trace kept, the oldest is 0: codes as converted, in channel order. Zeros without a trace.",
      parameters: [
        { name: "round", type: "u32", maximum: SAMPLING.traceRounds - 1 },
        { name: "codes", type: { kind: "pointer", length: 5, elementBytes: 2, direction: "out" } },
      ],
    },
    {
      name: "uart_read",
      description: "Moves received bytes into `buffer`; returns how many. Never waits.",
      parameters: [
        { name: "port", type: "u32", maximum: 1 },
        { name: "buffer", type: bytes("capacity", "out") },
        { name: "capacity", type: "u32" },
      ],
      returns: "u32",
    },
    {
      name: "uart_write",
      description:
        "Queues bytes for sending; returns how many were taken. Never waits: after a short count CONSOLE_TX follows once at least half the queue is free.",
      parameters: [
        { name: "port", type: "u32", maximum: 1 },
        { name: "buffer", type: bytes("length", "in") },
        { name: "length", type: "u32" },
      ],
      returns: "u32",
    },
    {
      name: "uart_counters",
      description: "Fills a PortCounters record.",
      parameters: [
        { name: "port", type: "u32", maximum: 1 },
        { name: "counters", type: { kind: "pointer", length: 7, elementBytes: 4, direction: "out" } },
      ],
    },
    {
      name: "smbus_open",
      description:
        "Answers on the SMBus at this 7-bit address from now on; 0 answers at none. Forgets requests; responses come first, so that nothing is asked for before it is there.",
      parameters: [{ name: "address", type: "u32", maximum: 0x7f }],
    },
    {
      name: "smbus_publish",
      description:
        "Prepares what a read of this command brings on this page: the bytes in the order of the bus, PEC included. Takes effect between two messages. Length 0 takes it back.",
      parameters: [
        { name: "page", type: "u32", maximum: SMBUS.pages - 1 },
        { name: "command", type: "u32", maximum: 0xff },
        { name: "response", type: bytes("length", "in") },
        { name: "length", type: "u32", maximum: SMBUS.responseBytes },
      ],
    },
    {
      name: "smbus_page",
      description:
        "Page whose responses are given. By itself the host follows a write of PAGE (command 00h) to a page that has a response for PAGE, so that no read waits for the logic; for such a write this call changes nothing.",
      parameters: [{ name: "page", type: "u32", maximum: SMBUS.pages - 1 }],
    },
    {
      name: "smbus_take",
      description:
        "The oldest request, see `smbusRequests`; returns its bytes, 0 for none. Taking the next one says that the one before has been dealt with: prepared reads that came after it wait until then.",
      parameters: [
        {
          name: "request",
          type: { kind: "pointer", length: SMBUS.requestBytes, elementBytes: 1, direction: "out" },
        },
      ],
      returns: "u32",
    },
    {
      name: "smbus_answer",
      description:
        "Answers the READ request of that number, PEC included; what is read beyond it is FFh. Ignored if the read is over by now.",
      parameters: [
        { name: "number", type: "u32", maximum: 0xffff },
        { name: "response", type: bytes("length", "in") },
        { name: "length", type: "u32", maximum: SMBUS.responseBytes },
      ],
    },
    {
      name: "smbus_counters",
      description: "Fills a SmbusCounters record.",
      parameters: [
        { name: "smbus_counters", type: { kind: "pointer", length: 9, elementBytes: 4, direction: "out" } },
      ],
    },
    {
      name: "i2c_begin",
      description:
        "Begins a transfer on the sensor bus: writes the bytes, then reads `read_length` with a repeated START. 1 if it has begun, I2C tells when it is over; 0 while one is under way or not taken yet, if there is nothing to transfer, and on a board without the bus. Never waits.",
      parameters: [
        { name: "address", type: "u32", maximum: 0x7f },
        { name: "request", type: bytes("length", "in") },
        { name: "length", type: "u32", maximum: I2C.writeBytes },
        { name: "read_length", type: "u32", maximum: I2C.readBytes },
      ],
      returns: "u32",
    },
    {
      name: "i2c_take",
      description:
        "What became of the transfer: bytes filled, first an I2C result (see `i2cResults`), then what was read. 0 while it is under way and when there is none. One that lasts 10 ms is ended by this call.",
      parameters: [
        { name: "response", type: bytes("capacity", "out") },
        { name: "capacity", type: "u32" },
      ],
      returns: "u32",
    },
    {
      name: "system_info",
      description: "Fills a SystemInfo record.",
      parameters: [
        { name: "info", type: { kind: "pointer", length: 14, elementBytes: 4, direction: "out" } },
      ],
    },
    {
      name: "retained_read",
      description:
        "The word `retained_write` last kept in that place, also across restarts of the BMC; 0 after power-on and the reset button.",
      parameters: [{ name: "place", type: "u32", maximum: RETAINED_WORDS - 1 }],
      returns: "u32",
    },
    {
      name: "retained_write",
      description: "Keeps one word over a restart of the BMC, whatever its cause.",
      parameters: [
        { name: "place", type: "u32", maximum: RETAINED_WORDS - 1 },
        { name: "word", type: "u32" },
      ],
    },
    {
      name: "flash_read",
      description: "Copies from the logic's part of flash.",
      parameters: [
        { name: "offset", type: "u32", reach: { with: "length", maximum: FLASH.regionBytes } },
        { name: "buffer", type: bytes("length", "out") },
        { name: "length", type: "u32" },
      ],
    },
    {
      name: "flash_program",
      description:
        "Clears bits in the logic's part of flash: what is there afterwards is the AND of old and new, and lasts. Nothing but SMBus and serial lines goes on meanwhile: 3 ms for each page at most, 10 before it is given up. Returns a flash result.",
      parameters: [
        { name: "offset", type: "u32", reach: { with: "length", maximum: FLASH.regionBytes } },
        { name: "data", type: bytes("length", "in") },
        { name: "length", type: "u32" },
      ],
      returns: "u32",
    },
    {
      name: "flash_erase",
      description:
        "Sets every bit of a sector of the logic's part of flash, 0 the first. As for `flash_program`, but 400 ms at most, 600 before it is given up. Returns a flash result.",
      parameters: [{ name: "sector", type: "u32", maximum: FLASH.regionBytes / FLASH.sectorBytes - 1 }],
      returns: "u32",
    },
    {
      name: "restart",
      description:
        "Restarts the BMC once this pass has ended and the console queue is sent (100 ms at most). Outputs stay as they are.",
      parameters: [],
    },
  ] satisfies readonly Import[],

  exports: [
    { name: "contract_version", description: "The `version` above.", parameters: [], returns: "u32" },
    {
      name: "start",
      description: "Called once, before any event. Returns the first deadline, as `handle` does.",
      parameters: [],
      returns: "u64",
    },
    {
      name: "handle",
      description:
        "One pass through the logic for the events in the mask. Returns the time_us at which TIMER is wanted, or `noDeadline`.",
      parameters: [{ name: "events", type: "u32" }],
      returns: "u64",
    },
  ] satisfies readonly Export[],
} as const;
