// Generated from abi/contract.ts by `npm run generate`. Do not edit.

export const Event = {
  /** the deadline that `handle` or `start` returned has come */
  TIMER: 1,
  /** an input signal changed */
  INPUTS: 2,
  /** bytes from the compute board's console are waiting */
  COMPUTE_RX: 4,
  /** bytes from the debug console are waiting */
  CONSOLE_RX: 8,
  /** the debug console, full before, takes bytes again */
  CONSOLE_TX: 16,
  /** requests from the SMBus are waiting */
  SMBUS: 32,
  /** the armed over-current limit was exceeded and its outputs were let go */
  OVERCURRENT: 128,
  /** the armed brown-out limit was undershot */
  BROWN_OUT: 256,
  /** the transfer on the sensor bus is over */
  I2C: 64,
} as const;

export const Port = {
  /** UART0, the compute board's serial console */
  COMPUTE: 0,
  /** UART1, the debug console of the BMC */
  CONSOLE: 1,
} as const;

export const SmbusRequest = {
  /** a message that wrote, ended by STOP */
  WRITE: 1,
  /** the controller wrote these bytes and now reads: SCL is held until `smbus_answer` */
  READ: 2,
  /** a message that wrote and then broke off: not to be executed */
  BROKEN_OFF: 3,
  /** the Alert Response Address was won, SMBALERT# let go of; no bytes */
  ALERT_ANSWERED: 4,
} as const;

export const I2cResult = {
  /** done; what was read follows */
  OK: 0,
  /** nobody answers at this address */
  NACK_ADDRESS: 1,
  /** a byte written was not acknowledged */
  NACK_DATA: 2,
  /** somebody else pulled SDA; both lines rest again */
  ARBITRATION_LOST: 3,
  /** not over after 10 ms: interface reset, both lines rest */
  TIMEOUT: 4,
  /** a target held SDA; clock pulses made it let go */
  BUS_CLEARED: 5,
  /** SDA or SCL is held low, clock pulses do not help */
  BUS_STUCK: 6,
} as const;

export const Adc = {
  /** GPIO26 */
  ADC0: 0,
  /** GPIO27 */
  ADC1: 1,
  /** GPIO28 */
  ADC2: 2,
  /** GPIO29 */
  ADC3: 3,
  /** RP2040 temperature sensor */
  TEMPERATURE: 4,
} as const;

export const ResetCause = {
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
} as const;

export const Trap = {
  /** a trap without a kind of its own */
  UNKNOWN: 0,
  /** access outside linear memory */
  OUT_OF_BOUNDS: 1,
  /** division by zero or integer overflow */
  DIVISION: 2,
  /** unreachable executed */
  UNREACHABLE: 3,
  /** wrong or missing function in the table */
  INDIRECT_CALL: 4,
  /** WebAssembly call stack exhausted */
  CALL_STACK: 5,
  /** AssemblyScript abort: an assertion of the logic failed */
  ABORT: 6,
  /** an import was called with a bad block, port or signal */
  BAD_IMPORT_ARGUMENT: 7,
} as const;

export const Flash = {
  /** done, and read back */
  OK: 0,
  /** the flash did not get done in time and was reset */
  TIMEOUT: 1,
  /** what is read back is not what was to be there */
  MISMATCH: 2,
} as const;

export const Signal = {
  /** status LED lit */
  LED_STATUS: 0x1,
  /** identify LED lit */
  LED_IDENTIFY: 0x2,
  /** first rail to come up enabled */
  EN_RAIL_0: 0x4,
  /** second rail enabled */
  EN_RAIL_1: 0x8,
  /** compute board released from reset */
  COMPUTE_RUN: 0x10,
  /** compute OS asked to shut down */
  SHUTDOWN_REQ: 0x20,
  /** SMBALERT# pulled */
  SMBALERT: 0x40,
  /** first rail reports power-good */
  PG_RAIL_0: 0x100,
  /** second rail reports power-good */
  PG_RAIL_1: 0x200,
  /** compute board plugged in */
  PRESENT: 0x400,
  /** compute OS has halted */
  HALTED: 0x800,
  /** slot number strap, bit 0 */
  SLOT_ID0: 0x1000,
  /** slot number strap, bit 1 */
  SLOT_ID1: 0x2000,
  /** slot number strap, bit 2 */
  SLOT_ID2: 0x4000,
  /** slot number strap, bit 3 */
  SLOT_ID3: 0x8000,
  /** third rail enabled */
  EN_RAIL_2: 0x10000,
  /** fourth rail enabled */
  EN_RAIL_3: 0x20000,
  /** third rail reports power-good */
  PG_RAIL_2: 0x40000,
  /** fourth rail reports power-good */
  PG_RAIL_3: 0x80000,
} as const;

/** Fields of a SystemInfo record, in order: what the host knows of itself. */
export const SystemInfoFields = [
  "reset_cause", // a reset cause
  "reset_detail", // trap kind or program counter, see the cause
  "restarts", // restarts since power-on, whatever the cause
  "stack_bytes", // native stack reserved
  "stack_high_water_bytes", // native stack used at most since this start
  "ram_used_bytes", // SRAM reserved in all, budgets included
  "flash_used_bytes", // flash taken by second stage, host and module
  "engine_heap_bytes", // engine heap reserved, linear memory included
  "engine_heap_used_bytes", // engine heap used at most
  "module_bytes", // size of the logic's module
  "passes", // completed passes through the logic since this start
  "longest_pass_us", // longest pass through the logic since this start
  "unique_id_high", // unique number of the flash chip, first four bytes
  "unique_id_low", // and the last four; both 0 if it has none
] as const;
export type SystemInfo = Record<(typeof SystemInfoFields)[number], number>;

/** Fields of a PortCounters record, in order: counts of one UART since this start, each wrapping at 2^32. */
export const PortCountersFields = [
  "received_bytes", // taken out of the receive FIFO
  "overruns", // receive FIFO overran: at least one byte lost each
  "dropped_bytes", // no room in the host's buffer
  "framing_errors", // bytes with a bad stop bit
  "parity_errors", // bytes with bad parity
  "breaks", // breaks seen on the line
  "sent_bytes", // handed to the transmitter
] as const;
export type PortCounters = Record<(typeof PortCountersFields)[number], number>;

/** Fields of a SmbusCounters record, in order: counts of the SMBus since this start, each wrapping at 2^32. */
export const SmbusCountersFields = [
  "messages", // writes to this address, each START with bytes behind it
  "timeouts", // the bus stood still for 25 ms in a message: interface reset
  "broken_off", // writes that did not end in STOP
  "too_long", // writes with more bytes than a request holds
  "busy", // times requests piled up until the address was no longer answered
  "late_answers", // reads the logic did not answer in time
  "alerts", // Alert Response Address reads won
  "alerts_missed", // messages noticed too late to see if they were alert responses
  "aborts", // transfers aborted by the block: arbitration lost
] as const;
export type SmbusCounters = Record<(typeof SmbusCountersFields)[number], number>;

/** Fields of a Samples record, in order: what the converter has brought since the last call, in linear codes (4132 for 3300 mV); channels that the board does not wire are 0. */
export const SamplesFields = [
  "rounds", // rounds summed up, one in sixteen
  "elapsed_us", // time they stand for: from the last round of the call before to the last of this one
  "overruns", // times blocks were overwritten before they were looked at
  "restarts", // times the converter lost its order and was started anew
  "product_low", // sum of the compute rail's voltage times its current, linear codes of the same round
  "product_high", // its upper half
  "sum_0", // sum of channel 0
  "sum_1", // sum of channel 1
  "sum_2", // sum of channel 2
  "sum_3", // sum of channel 3
  "sum_4", // sum of channel 4
  "minimum_0", // smallest code of channel 0
  "minimum_1", // smallest code of channel 1
  "minimum_2", // smallest code of channel 2
  "minimum_3", // smallest code of channel 3
  "minimum_4", // smallest code of channel 4
  "maximum_0", // largest code of channel 0
  "maximum_1", // largest code of channel 1
  "maximum_2", // largest code of channel 2
  "maximum_3", // largest code of channel 3
  "maximum_4", // largest code of channel 4
] as const;
export type Samples = Record<(typeof SamplesFields)[number], number>;

/** Fields of a Trip record, in order: the fast over-current path. */
export const TripFields = [
  "tripped", // 1 from the moment it let go until it is armed again
  "at_us_low", // when, as time_us
  "at_us_high", // its upper half
  "code", // the code that decided it
  "armed", // 1 while it watches
  "trips", // trips since power-on, restarts included
] as const;
export type Trip = Record<(typeof TripFields)[number], number>;

/** Fields of a Trace record, in order: the rounds kept by `trace_freeze` or a trip. */
export const TraceFields = [
  "rounds", // rounds kept; 0 while there is no trace
  "period_ns", // from one round to the next
  "after", // rounds that came after the freeze was asked for
  "pending", // 1 while the last rounds of a trace are awaited
] as const;
export type Trace = Record<(typeof TraceFields)[number], number>;

/** Module "host": what a host offers the logic. Pointers are offsets in linear memory. */
export interface HostImports {
  /** Microseconds since power-on. Monotonic across restarts of the BMC; a hang costs it at most the watchdog period. The only clock of the logic. */
  time_us(): bigint;
  /** Every signal, bit set where asserted: levels of the inputs, latches of the outputs. */
  signals_read(): number;
  /** Input signals deasserted since the last call, however short; reading clears them. The upper half are the power-goods that went first of all power-goods. */
  signals_fell(): bigint;
  /** Sets the output signals in `mask` to the bits in `asserted`. A bit that is no output of the contract is a trap; an output this board does not wire is ignored. */
  signals_write(mask: number, asserted: number): void;
  /** Fills a Samples record with what has come since the last call, and begins anew. */
  samples_take(samples: number): void;
  /** 1: the converter runs at its full 500,000 conversions a second; 0: at 10,000, for a slot that is off. Takes effect at once, without a gap. */
  sampling_pace(fast: number): void;
  /** From now on `rounds` codes of `channel` in a row at or above `code`, or two of which the second is at full scale, let go of `outputs` in the interrupt, and keep them so until this is called again. No outputs: watches no longer. Survives a restart of the BMC. */
  overcurrent_arm(channel: number, code: number, rounds: number, outputs: number): void;
  /** Raises BROWN_OUT once `channel` was below `code` in `rounds` summed rounds (160 us) in a row, and again only after the next call. Code 0: watches no longer. */
  brownout_arm(channel: number, code: number, rounds: number): void;
  /** Fills a Trip record. */
  trip_read(trip: number): void;
  /** Keeps the last rounds, with those of the next moment: three quarters before, one behind. Nothing happens while a trace is kept. */
  trace_freeze(): void;
  /** Forgets the trace that is kept, so that the next fault can have one. */
  trace_clear(): void;
  /** Fills a Trace record. */
  trace_info(trace: number): void;
  /** One round of the trace kept, the oldest is 0: codes as converted, in channel order. Zeros without a trace. */
  trace_read(round: number, codes: number): void;
  /** Moves received bytes into `buffer`; returns how many. Never waits. */
  uart_read(port: number, buffer: number, capacity: number): number;
  /** Queues bytes for sending; returns how many were taken. Never waits: after a short count CONSOLE_TX follows once at least half the queue is free. */
  uart_write(port: number, buffer: number, length: number): number;
  /** Fills a PortCounters record. */
  uart_counters(port: number, counters: number): void;
  /** Answers on the SMBus at this 7-bit address from now on; 0 answers at none. Forgets requests; responses come first, so that nothing is asked for before it is there. */
  smbus_open(address: number): void;
  /** Prepares what a read of this command brings on this page: the bytes in the order of the bus, PEC included. Takes effect between two messages. Length 0 takes it back. */
  smbus_publish(page: number, command: number, response: number, length: number): void;
  /** Page whose responses are given. By itself the host follows a write of PAGE (command 00h) to a page that has a response for PAGE, so that no read waits for the logic; for such a write this call changes nothing. */
  smbus_page(page: number): void;
  /** The oldest request, see `smbusRequests`; returns its bytes, 0 for none. Taking the next one says that the one before has been dealt with: prepared reads that came after it wait until then. */
  smbus_take(request: number): number;
  /** Answers the READ request of that number, PEC included; what is read beyond it is FFh. Ignored if the read is over by now. */
  smbus_answer(number: number, response: number, length: number): void;
  /** Fills a SmbusCounters record. */
  smbus_counters(smbus_counters: number): void;
  /** Begins a transfer on the sensor bus: writes the bytes, then reads `read_length` with a repeated START. 1 if it has begun, I2C tells when it is over; 0 while one is under way or not taken yet, if there is nothing to transfer, and on a board without the bus. Never waits. */
  i2c_begin(address: number, request: number, length: number, read_length: number): number;
  /** What became of the transfer: bytes filled, first an I2C result (see `i2cResults`), then what was read. 0 while it is under way and when there is none. One that lasts 10 ms is ended by this call. */
  i2c_take(response: number, capacity: number): number;
  /** Fills a SystemInfo record. */
  system_info(info: number): void;
  /** The word `retained_write` last kept in that place, also across restarts of the BMC; 0 after power-on and the reset button. */
  retained_read(place: number): number;
  /** Keeps one word over a restart of the BMC, whatever its cause. */
  retained_write(place: number, word: number): void;
  /** Copies from the logic's part of flash. */
  flash_read(offset: number, buffer: number, length: number): void;
  /** Clears bits in the logic's part of flash: what is there afterwards is the AND of old and new, and lasts. Nothing but SMBus and serial lines goes on meanwhile: 3 ms for each page at most, 10 before it is given up. Returns a flash result. */
  flash_program(offset: number, data: number, length: number): number;
  /** Sets every bit of a sector of the logic's part of flash, 0 the first. As for `flash_program`, but 400 ms at most, 600 before it is given up. Returns a flash result. */
  flash_erase(sector: number): number;
  /** Restarts the BMC once this pass has ended and the console queue is sent (100 ms at most). Outputs stay as they are. */
  restart(): void;
}

/** What the logic exports. */
export interface LogicExports {
  /** The `version` above. */
  contract_version(): number;
  /** Called once, before any event. Returns the first deadline, as `handle` does. */
  start(): bigint;
  /** One pass through the logic for the events in the mask. Returns the time_us at which TIMER is wanted, or `noDeadline`. */
  handle(events: number): bigint;
}
