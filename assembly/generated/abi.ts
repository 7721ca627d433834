// Generated from abi/contract.ts by `npm run generate`. Do not edit.

export const CONTRACT_VERSION: u32 = 6;
/** What `handle` returns to wait for events alone. */
export const NO_DEADLINE: u64 = 0xffffffffffffffff;

/** the deadline that `handle` or `start` returned has come */
export const EVENT_TIMER: u32 = 1;
/** an input signal changed */
export const EVENT_INPUTS: u32 = 2;
/** bytes from the compute board's console are waiting */
export const EVENT_COMPUTE_RX: u32 = 4;
/** bytes from the debug console are waiting */
export const EVENT_CONSOLE_RX: u32 = 8;
/** the debug console, full before, takes bytes again */
export const EVENT_CONSOLE_TX: u32 = 16;
/** requests from the SMBus are waiting */
export const EVENT_SMBUS: u32 = 32;
/** the armed over-current limit was exceeded and its outputs were let go */
export const EVENT_OVERCURRENT: u32 = 128;
/** the armed brown-out limit was undershot */
export const EVENT_BROWN_OUT: u32 = 256;
/** the transfer on the sensor bus is over */
export const EVENT_I2C: u32 = 64;

/** UART0, the compute board's serial console */
export const PORT_COMPUTE: u32 = 0;
/** UART1, the debug console of the BMC */
export const PORT_CONSOLE: u32 = 1;

/** a message that wrote, ended by STOP */
export const SMBUS_REQUEST_WRITE: u32 = 1;
/** the controller wrote these bytes and now reads: SCL is held until `smbus_answer` */
export const SMBUS_REQUEST_READ: u32 = 2;
/** a message that wrote and then broke off: not to be executed */
export const SMBUS_REQUEST_BROKEN_OFF: u32 = 3;
/** the Alert Response Address was won, SMBALERT# let go of; no bytes */
export const SMBUS_REQUEST_ALERT_ANSWERED: u32 = 4;

/** done; what was read follows */
export const I2C_RESULT_OK: u32 = 0;
/** nobody answers at this address */
export const I2C_RESULT_NACK_ADDRESS: u32 = 1;
/** a byte written was not acknowledged */
export const I2C_RESULT_NACK_DATA: u32 = 2;
/** somebody else pulled SDA; both lines rest again */
export const I2C_RESULT_ARBITRATION_LOST: u32 = 3;
/** not over after 10 ms: interface reset, both lines rest */
export const I2C_RESULT_TIMEOUT: u32 = 4;
/** a target held SDA; clock pulses made it let go */
export const I2C_RESULT_BUS_CLEARED: u32 = 5;
/** SDA or SCL is held low, clock pulses do not help */
export const I2C_RESULT_BUS_STUCK: u32 = 6;

/** GPIO26 */
export const ADC_ADC0: u32 = 0;
/** GPIO27 */
export const ADC_ADC1: u32 = 1;
/** GPIO28 */
export const ADC_ADC2: u32 = 2;
/** GPIO29 */
export const ADC_ADC3: u32 = 3;
/** RP2040 temperature sensor */
export const ADC_TEMPERATURE: u32 = 4;

/** supply came up */
export const RESET_CAUSE_POWER_ON: u32 = 0;
/** reset button */
export const RESET_CAUSE_RUN_PIN: u32 = 1;
/** the logic called `restart` */
export const RESET_CAUSE_REQUESTED: u32 = 2;
/** watchdog: no completed pass through the logic in time */
export const RESET_CAUSE_HANG: u32 = 3;
/** the logic trapped; detail is a trap kind */
export const RESET_CAUSE_TRAP: u32 = 4;
/** HardFault; detail is the program counter */
export const RESET_CAUSE_HARD_FAULT: u32 = 5;
/** the native stack ran into its guard */
export const RESET_CAUSE_STACK_OVERFLOW: u32 = 6;

/** a trap without a kind of its own */
export const TRAP_UNKNOWN: u32 = 0;
/** access outside linear memory */
export const TRAP_OUT_OF_BOUNDS: u32 = 1;
/** division by zero or integer overflow */
export const TRAP_DIVISION: u32 = 2;
/** unreachable executed */
export const TRAP_UNREACHABLE: u32 = 3;
/** wrong or missing function in the table */
export const TRAP_INDIRECT_CALL: u32 = 4;
/** WebAssembly call stack exhausted */
export const TRAP_CALL_STACK: u32 = 5;
/** AssemblyScript abort: an assertion of the logic failed */
export const TRAP_ABORT: u32 = 6;
/** an import was called with a bad block, port or signal */
export const TRAP_BAD_IMPORT_ARGUMENT: u32 = 7;

/** done, and read back */
export const FLASH_OK: u32 = 0;
/** the flash did not get done in time and was reset */
export const FLASH_TIMEOUT: u32 = 1;
/** what is read back is not what was to be there */
export const FLASH_MISMATCH: u32 = 2;
export const SMBUS_REQUEST_BYTES: u32 = 40;
export const SMBUS_RESPONSE_BYTES: u32 = 34;
export const SMBUS_PAGES: u32 = 4;
export const SMBUS_PAGE_COMMAND: u32 = 0;
export const SMBUS_REQUESTS: u32 = 16;
export const SMBUS_REQUESTS_KEPT: u32 = 2;
export const SMBUS_LONG_RESPONSES_PER_PAGE: u32 = 13;
export const SAMPLING_CHANNELS: u32 = 5;
export const TRACE_LENGTH: u32 = 256;
export const LINEAR_CODES: u32 = 4132;
export const RETAINED_WORDS: u32 = 8;
export const RETAINED_SEQUENCER: u32 = 0;
export const I2C_WRITE_BYTES: u32 = 8;
export const I2C_READ_BYTES: u32 = 32;
export const FLASH_REGION_BYTES: u32 = 16384;
export const FLASH_SECTOR_BYTES: u32 = 4096;
export const FLASH_PAGE_BYTES: u32 = 256;

// Signal masks: bit set where asserted.
/** status LED lit */
export const SIGNAL_LED_STATUS: u32 = 0x1;
/** identify LED lit */
export const SIGNAL_LED_IDENTIFY: u32 = 0x2;
/** first rail to come up enabled */
export const SIGNAL_EN_RAIL_0: u32 = 0x4;
/** second rail enabled */
export const SIGNAL_EN_RAIL_1: u32 = 0x8;
/** compute board released from reset */
export const SIGNAL_COMPUTE_RUN: u32 = 0x10;
/** compute OS asked to shut down */
export const SIGNAL_SHUTDOWN_REQ: u32 = 0x20;
/** SMBALERT# pulled */
export const SIGNAL_SMBALERT: u32 = 0x40;
/** first rail reports power-good */
export const SIGNAL_PG_RAIL_0: u32 = 0x100;
/** second rail reports power-good */
export const SIGNAL_PG_RAIL_1: u32 = 0x200;
/** compute board plugged in */
export const SIGNAL_PRESENT: u32 = 0x400;
/** compute OS has halted */
export const SIGNAL_HALTED: u32 = 0x800;
/** slot number strap, bit 0 */
export const SIGNAL_SLOT_ID0: u32 = 0x1000;
/** slot number strap, bit 1 */
export const SIGNAL_SLOT_ID1: u32 = 0x2000;
/** slot number strap, bit 2 */
export const SIGNAL_SLOT_ID2: u32 = 0x4000;
/** slot number strap, bit 3 */
export const SIGNAL_SLOT_ID3: u32 = 0x8000;
/** third rail enabled */
export const SIGNAL_EN_RAIL_2: u32 = 0x10000;
/** fourth rail enabled */
export const SIGNAL_EN_RAIL_3: u32 = 0x20000;
/** third rail reports power-good */
export const SIGNAL_PG_RAIL_2: u32 = 0x40000;
/** fourth rail reports power-good */
export const SIGNAL_PG_RAIL_3: u32 = 0x80000;

// SystemInfo: what the host knows of itself; word index of each field.
/** a reset cause */
export const SYSTEM_INFO_RESET_CAUSE: i32 = 0;
/** trap kind or program counter, see the cause */
export const SYSTEM_INFO_RESET_DETAIL: i32 = 1;
/** restarts since power-on, whatever the cause */
export const SYSTEM_INFO_RESTARTS: i32 = 2;
/** native stack reserved */
export const SYSTEM_INFO_STACK_BYTES: i32 = 3;
/** native stack used at most since this start */
export const SYSTEM_INFO_STACK_HIGH_WATER_BYTES: i32 = 4;
/** SRAM reserved in all, budgets included */
export const SYSTEM_INFO_RAM_USED_BYTES: i32 = 5;
/** flash taken by second stage, host and module */
export const SYSTEM_INFO_FLASH_USED_BYTES: i32 = 6;
/** engine heap reserved, linear memory included */
export const SYSTEM_INFO_ENGINE_HEAP_BYTES: i32 = 7;
/** engine heap used at most */
export const SYSTEM_INFO_ENGINE_HEAP_USED_BYTES: i32 = 8;
/** size of the logic's module */
export const SYSTEM_INFO_MODULE_BYTES: i32 = 9;
/** completed passes through the logic since this start */
export const SYSTEM_INFO_PASSES: i32 = 10;
/** longest pass through the logic since this start */
export const SYSTEM_INFO_LONGEST_PASS_US: i32 = 11;
/** unique number of the flash chip, first four bytes */
export const SYSTEM_INFO_UNIQUE_ID_HIGH: i32 = 12;
/** and the last four; both 0 if it has none */
export const SYSTEM_INFO_UNIQUE_ID_LOW: i32 = 13;
export const SYSTEM_INFO_WORDS: i32 = 14;

// PortCounters: counts of one UART since this start, each wrapping at 2^32; word index of each field.
/** taken out of the receive FIFO */
export const PORT_COUNTERS_RECEIVED_BYTES: i32 = 0;
/** receive FIFO overran: at least one byte lost each */
export const PORT_COUNTERS_OVERRUNS: i32 = 1;
/** no room in the host's buffer */
export const PORT_COUNTERS_DROPPED_BYTES: i32 = 2;
/** bytes with a bad stop bit */
export const PORT_COUNTERS_FRAMING_ERRORS: i32 = 3;
/** bytes with bad parity */
export const PORT_COUNTERS_PARITY_ERRORS: i32 = 4;
/** breaks seen on the line */
export const PORT_COUNTERS_BREAKS: i32 = 5;
/** handed to the transmitter */
export const PORT_COUNTERS_SENT_BYTES: i32 = 6;
export const PORT_COUNTERS_WORDS: i32 = 7;

// SmbusCounters: counts of the SMBus since this start, each wrapping at 2^32; word index of each field.
/** writes to this address, each START with bytes behind it */
export const SMBUS_COUNTERS_MESSAGES: i32 = 0;
/** the bus stood still for 25 ms in a message: interface reset */
export const SMBUS_COUNTERS_TIMEOUTS: i32 = 1;
/** writes that did not end in STOP */
export const SMBUS_COUNTERS_BROKEN_OFF: i32 = 2;
/** writes with more bytes than a request holds */
export const SMBUS_COUNTERS_TOO_LONG: i32 = 3;
/** times requests piled up until the address was no longer answered */
export const SMBUS_COUNTERS_BUSY: i32 = 4;
/** reads the logic did not answer in time */
export const SMBUS_COUNTERS_LATE_ANSWERS: i32 = 5;
/** Alert Response Address reads won */
export const SMBUS_COUNTERS_ALERTS: i32 = 6;
/** messages noticed too late to see if they were alert responses */
export const SMBUS_COUNTERS_ALERTS_MISSED: i32 = 7;
/** transfers aborted by the block: arbitration lost */
export const SMBUS_COUNTERS_ABORTS: i32 = 8;
export const SMBUS_COUNTERS_WORDS: i32 = 9;

// Samples: what the converter has brought since the last call, in linear codes (4132 for 3300 mV); channels that the board does not wire are 0; word index of each field.
/** rounds summed up, one in sixteen */
export const SAMPLES_ROUNDS: i32 = 0;
/** time they stand for: from the last round of the call before to the last of this one */
export const SAMPLES_ELAPSED_US: i32 = 1;
/** times blocks were overwritten before they were looked at */
export const SAMPLES_OVERRUNS: i32 = 2;
/** times the converter lost its order and was started anew */
export const SAMPLES_RESTARTS: i32 = 3;
/** sum of the compute rail's voltage times its current, linear codes of the same round */
export const SAMPLES_PRODUCT_LOW: i32 = 4;
/** its upper half */
export const SAMPLES_PRODUCT_HIGH: i32 = 5;
/** sum of channel 0 */
export const SAMPLES_SUM_0: i32 = 6;
/** sum of channel 1 */
export const SAMPLES_SUM_1: i32 = 7;
/** sum of channel 2 */
export const SAMPLES_SUM_2: i32 = 8;
/** sum of channel 3 */
export const SAMPLES_SUM_3: i32 = 9;
/** sum of channel 4 */
export const SAMPLES_SUM_4: i32 = 10;
/** smallest code of channel 0 */
export const SAMPLES_MINIMUM_0: i32 = 11;
/** smallest code of channel 1 */
export const SAMPLES_MINIMUM_1: i32 = 12;
/** smallest code of channel 2 */
export const SAMPLES_MINIMUM_2: i32 = 13;
/** smallest code of channel 3 */
export const SAMPLES_MINIMUM_3: i32 = 14;
/** smallest code of channel 4 */
export const SAMPLES_MINIMUM_4: i32 = 15;
/** largest code of channel 0 */
export const SAMPLES_MAXIMUM_0: i32 = 16;
/** largest code of channel 1 */
export const SAMPLES_MAXIMUM_1: i32 = 17;
/** largest code of channel 2 */
export const SAMPLES_MAXIMUM_2: i32 = 18;
/** largest code of channel 3 */
export const SAMPLES_MAXIMUM_3: i32 = 19;
/** largest code of channel 4 */
export const SAMPLES_MAXIMUM_4: i32 = 20;
export const SAMPLES_WORDS: i32 = 21;

// Trip: the fast over-current path; word index of each field.
/** 1 from the moment it let go until it is armed again */
export const TRIP_TRIPPED: i32 = 0;
/** when, as time_us */
export const TRIP_AT_US_LOW: i32 = 1;
/** its upper half */
export const TRIP_AT_US_HIGH: i32 = 2;
/** the code that decided it */
export const TRIP_CODE: i32 = 3;
/** 1 while it watches */
export const TRIP_ARMED: i32 = 4;
/** trips since power-on, restarts included */
export const TRIP_TRIPS: i32 = 5;
export const TRIP_WORDS: i32 = 6;

// Trace: the rounds kept by `trace_freeze` or a trip; word index of each field.
/** rounds kept; 0 while there is no trace */
export const TRACE_ROUNDS: i32 = 0;
/** from one round to the next */
export const TRACE_PERIOD_NS: i32 = 1;
/** rounds that came after the freeze was asked for */
export const TRACE_AFTER: i32 = 2;
/** 1 while the last rounds of a trace are awaited */
export const TRACE_PENDING: i32 = 3;
export const TRACE_WORDS: i32 = 4;

/** Microseconds since power-on. Monotonic across restarts of the BMC; a hang costs it at most the watchdog period. The only clock of the logic. */
@external("host", "time_us")
export declare function time_us(): u64;

/** Every signal, bit set where asserted: levels of the inputs, latches of the outputs. */
@external("host", "signals_read")
export declare function signals_read(): u32;

/** Input signals deasserted since the last call, however short; reading clears them. The upper half are the power-goods that went first of all power-goods. */
@external("host", "signals_fell")
export declare function signals_fell(): u64;

/** Sets the output signals in `mask` to the bits in `asserted`. A bit that is no output of the contract is a trap; an output this board does not wire is ignored. */
@external("host", "signals_write")
export declare function signals_write(mask: u32, asserted: u32): void;

/** Fills a Samples record with what has come since the last call, and begins anew. */
@external("host", "samples_take")
export declare function samples_take(samples: usize): void;

/** 1: the converter runs at its full 500,000 conversions a second; 0: at 10,000, for a slot that is off. Takes effect at once, without a gap. */
@external("host", "sampling_pace")
export declare function sampling_pace(fast: u32): void;

/** From now on `rounds` codes of `channel` in a row at or above `code`, or two of which the second is at full scale, let go of `outputs` in the interrupt, and keep them so until this is called again. No outputs: watches no longer. Survives a restart of the BMC. */
@external("host", "overcurrent_arm")
export declare function overcurrent_arm(channel: u32, code: u32, rounds: u32, outputs: u32): void;

/** Raises BROWN_OUT once `channel` was below `code` in `rounds` summed rounds (160 us) in a row, and again only after the next call. Code 0: watches no longer. */
@external("host", "brownout_arm")
export declare function brownout_arm(channel: u32, code: u32, rounds: u32): void;

/** Fills a Trip record. */
@external("host", "trip_read")
export declare function trip_read(trip: usize): void;

/** Keeps the last rounds, with those of the next moment: three quarters before, one behind. Nothing happens while a trace is kept. */
@external("host", "trace_freeze")
export declare function trace_freeze(): void;

/** Forgets the trace that is kept, so that the next fault can have one. */
@external("host", "trace_clear")
export declare function trace_clear(): void;

/** Fills a Trace record. */
@external("host", "trace_info")
export declare function trace_info(trace: usize): void;

/** One round of the trace kept, the oldest is 0: codes as converted, in channel order. Zeros without a trace. */
@external("host", "trace_read")
export declare function trace_read(round: u32, codes: usize): void;

/** Moves received bytes into `buffer`; returns how many. Never waits. */
@external("host", "uart_read")
export declare function uart_read(port: u32, buffer: usize, capacity: u32): u32;

/** Queues bytes for sending; returns how many were taken. Never waits: after a short count CONSOLE_TX follows once at least half the queue is free. */
@external("host", "uart_write")
export declare function uart_write(port: u32, buffer: usize, length: u32): u32;

/** Fills a PortCounters record. */
@external("host", "uart_counters")
export declare function uart_counters(port: u32, counters: usize): void;

/** Answers on the SMBus at this 7-bit address from now on; 0 answers at none. Forgets requests; responses come first, so that nothing is asked for before it is there. */
@external("host", "smbus_open")
export declare function smbus_open(address: u32): void;

/** Prepares what a read of this command brings on this page: the bytes in the order of the bus, PEC included. Takes effect between two messages. Length 0 takes it back. */
@external("host", "smbus_publish")
export declare function smbus_publish(page: u32, command: u32, response: usize, length: u32): void;

/** Page whose responses are given. By itself the host follows a write of PAGE (command 00h) to a page that has a response for PAGE, so that no read waits for the logic; for such a write this call changes nothing. */
@external("host", "smbus_page")
export declare function smbus_page(page: u32): void;

/** The oldest request, see `smbusRequests`; returns its bytes, 0 for none. Taking the next one says that the one before has been dealt with: prepared reads that came after it wait until then. */
@external("host", "smbus_take")
export declare function smbus_take(request: usize): u32;

/** Answers the READ request of that number, PEC included; what is read beyond it is FFh. Ignored if the read is over by now. */
@external("host", "smbus_answer")
export declare function smbus_answer(number: u32, response: usize, length: u32): void;

/** Fills a SmbusCounters record. */
@external("host", "smbus_counters")
export declare function smbus_counters(smbus_counters: usize): void;

/** Begins a transfer on the sensor bus: writes the bytes, then reads `read_length` with a repeated START. 1 if it has begun, I2C tells when it is over; 0 while one is under way or not taken yet, if there is nothing to transfer, and on a board without the bus. Never waits. */
@external("host", "i2c_begin")
export declare function i2c_begin(address: u32, request: usize, length: u32, read_length: u32): u32;

/** What became of the transfer: bytes filled, first an I2C result (see `i2cResults`), then what was read. 0 while it is under way and when there is none. One that lasts 10 ms is ended by this call. */
@external("host", "i2c_take")
export declare function i2c_take(response: usize, capacity: u32): u32;

/** Fills a SystemInfo record. */
@external("host", "system_info")
export declare function system_info(info: usize): void;

/** The word `retained_write` last kept in that place, also across restarts of the BMC; 0 after power-on and the reset button. */
@external("host", "retained_read")
export declare function retained_read(place: u32): u32;

/** Keeps one word over a restart of the BMC, whatever its cause. */
@external("host", "retained_write")
export declare function retained_write(place: u32, word: u32): void;

/** Copies from the logic's part of flash. */
@external("host", "flash_read")
export declare function flash_read(offset: u32, buffer: usize, length: u32): void;

/** Clears bits in the logic's part of flash: what is there afterwards is the AND of old and new, and lasts. Nothing but SMBus and serial lines goes on meanwhile: 3 ms for each page at most, 10 before it is given up. Returns a flash result. */
@external("host", "flash_program")
export declare function flash_program(offset: u32, data: usize, length: u32): u32;

/** Sets every bit of a sector of the logic's part of flash, 0 the first. As for `flash_program`, but 400 ms at most, 600 before it is given up. Returns a flash result. */
@external("host", "flash_erase")
export declare function flash_erase(sector: u32): u32;

/** Restarts the BMC once this pass has ended and the console queue is sent (100 ms at most). Outputs stay as they are. */
@external("host", "restart")
export declare function restart(): void;
