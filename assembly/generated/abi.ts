// Generated from abi/contract.ts by `npm run generate`. Do not edit.

export const CONTRACT_VERSION: u32 = 3;
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
export const SMBUS_REQUEST_BYTES: u32 = 40;
export const SMBUS_RESPONSE_BYTES: u32 = 34;
export const SMBUS_PAGES: u32 = 2;
export const SMBUS_PAGE_COMMAND: u32 = 0;
export const SMBUS_REQUESTS: u32 = 16;
export const SMBUS_REQUESTS_KEPT: u32 = 3;
export const SMBUS_LONG_RESPONSES: u32 = 24;

// Signal masks: bit set where asserted.
/** status LED lit */
export const SIGNAL_LED_STATUS: u32 = 0x1;
/** identify LED lit */
export const SIGNAL_LED_IDENTIFY: u32 = 0x2;
/** 3.3 V auxiliary supply enabled */
export const SIGNAL_EN_3V3_AUX: u32 = 0x4;
/** 5.1 V compute supply enabled */
export const SIGNAL_EN_5V: u32 = 0x8;
/** compute board released from reset */
export const SIGNAL_COMPUTE_RUN: u32 = 0x10;
/** compute OS asked to shut down */
export const SIGNAL_SHUTDOWN_REQ: u32 = 0x20;
/** SMBALERT# pulled */
export const SIGNAL_SMBALERT: u32 = 0x40;
/** 3.3 V auxiliary supply reports power-good */
export const SIGNAL_PG_3V3_AUX: u32 = 0x100;
/** 5.1 V compute supply reports power-good */
export const SIGNAL_PG_5V: u32 = 0x200;
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

/** Microseconds since power-on. Monotonic across restarts of the BMC; a hang costs it at most the watchdog period. The only clock of the logic. */
@external("host", "time_us")
export declare function time_us(): u64;

/** Every signal, bit set where asserted: levels of the inputs, latches of the outputs. */
@external("host", "signals_read")
export declare function signals_read(): u32;

/** Input signals deasserted since the last call, however short; reading clears them. */
@external("host", "signals_fell")
export declare function signals_fell(): u32;

/** Sets the output signals in `mask` to the bits in `asserted`. A bit that is no output of the contract is a trap; an output this board does not wire is ignored. */
@external("host", "signals_write")
export declare function signals_write(mask: u32, asserted: u32): void;

/** One conversion of each channel, 12-bit codes in channel order. Takes about 2 us each. */
@external("host", "adc_read")
export declare function adc_read(codes: usize): void;

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

/** Fills a SystemInfo record. */
@external("host", "system_info")
export declare function system_info(info: usize): void;

/** The word `retained_write` last kept, also across restarts of the BMC; 0 after power-on and the reset button. */
@external("host", "retained_read")
export declare function retained_read(): u32;

/** Keeps one word over a restart of the BMC, whatever its cause. */
@external("host", "retained_write")
export declare function retained_write(word: u32): void;

/** Restarts the BMC once this pass has ended and the console queue is sent (100 ms at most). Outputs stay as they are. */
@external("host", "restart")
export declare function restart(): void;
