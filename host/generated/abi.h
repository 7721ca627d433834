// Generated from abi/contract.ts by `npm run generate`. Do not edit.
#pragma once

#include <stdint.h>

#define CONTRACT_VERSION 6u
#define FIRMWARE_VERSION "0.1.0"
#define CONTRACT_MODULE "host"
#define CONTRACT_MEMORY_BYTES 131072u
#define CONTRACT_NO_DEADLINE 0xffffffffffffffffull

#define EVENT_TIMER 1u // the deadline that `handle` or `start` returned has come
#define EVENT_INPUTS 2u // an input signal changed
#define EVENT_COMPUTE_RX 4u // bytes from the compute board's console are waiting
#define EVENT_CONSOLE_RX 8u // bytes from the debug console are waiting
#define EVENT_CONSOLE_TX 16u // the debug console, full before, takes bytes again
#define EVENT_SMBUS 32u // requests from the SMBus are waiting
#define EVENT_OVERCURRENT 128u // the armed over-current limit was exceeded and its outputs were let go
#define EVENT_BROWN_OUT 256u // the armed brown-out limit was undershot
#define EVENT_I2C 64u // the transfer on the sensor bus is over

#define PORT_COMPUTE 0u // UART0, the compute board's serial console
#define PORT_CONSOLE 1u // UART1, the debug console of the BMC

#define SMBUS_REQUEST_WRITE 1u // a message that wrote, ended by STOP
#define SMBUS_REQUEST_READ 2u // the controller wrote these bytes and now reads: SCL is held until `smbus_answer`
#define SMBUS_REQUEST_BROKEN_OFF 3u // a message that wrote and then broke off: not to be executed
#define SMBUS_REQUEST_ALERT_ANSWERED 4u // the Alert Response Address was won, SMBALERT# let go of; no bytes

#define I2C_RESULT_OK 0u // done; what was read follows
#define I2C_RESULT_NACK_ADDRESS 1u // nobody answers at this address
#define I2C_RESULT_NACK_DATA 2u // a byte written was not acknowledged
#define I2C_RESULT_ARBITRATION_LOST 3u // somebody else pulled SDA; both lines rest again
#define I2C_RESULT_TIMEOUT 4u // not over after 10 ms: interface reset, both lines rest
#define I2C_RESULT_BUS_CLEARED 5u // a target held SDA; clock pulses made it let go
#define I2C_RESULT_BUS_STUCK 6u // SDA or SCL is held low, clock pulses do not help

#define ADC_ADC0 0u // GPIO26
#define ADC_ADC1 1u // GPIO27
#define ADC_ADC2 2u // GPIO28
#define ADC_ADC3 3u // GPIO29
#define ADC_TEMPERATURE 4u // RP2040 temperature sensor

enum reset_cause {
  RESET_CAUSE_POWER_ON = 0, // supply came up
  RESET_CAUSE_RUN_PIN = 1, // reset button
  RESET_CAUSE_REQUESTED = 2, // the logic called `restart`
  RESET_CAUSE_HANG = 3, // watchdog: no completed pass through the logic in time
  RESET_CAUSE_TRAP = 4, // the logic trapped; detail is a trap kind
  RESET_CAUSE_HARD_FAULT = 5, // HardFault; detail is the program counter
  RESET_CAUSE_STACK_OVERFLOW = 6, // the native stack ran into its guard
};

enum trap_kind {
  TRAP_UNKNOWN = 0, // a trap without a kind of its own
  TRAP_OUT_OF_BOUNDS = 1, // access outside linear memory
  TRAP_DIVISION = 2, // division by zero or integer overflow
  TRAP_UNREACHABLE = 3, // unreachable executed
  TRAP_INDIRECT_CALL = 4, // wrong or missing function in the table
  TRAP_CALL_STACK = 5, // WebAssembly call stack exhausted
  TRAP_ABORT = 6, // AssemblyScript abort: an assertion of the logic failed
  TRAP_BAD_IMPORT_ARGUMENT = 7, // an import was called with a bad block, port or signal
};

#define FLASH_OK 0u // done, and read back
#define FLASH_TIMEOUT 1u // the flash did not get done in time and was reset
#define FLASH_MISMATCH 2u // what is read back is not what was to be there
#define SMBUS_REQUEST_BYTES 40u
#define SMBUS_RESPONSE_BYTES 34u
#define SMBUS_PAGES 4u
#define SMBUS_PAGE_COMMAND 0u
#define SMBUS_REQUESTS 16u
#define SMBUS_REQUESTS_KEPT 2u
#define SMBUS_LONG_RESPONSES_PER_PAGE 13u
#define SAMPLING_CHANNELS 5u
#define TRACE_LENGTH 256u
#define LINEAR_CODES 4132u
#define RETAINED_WORDS 8u
#define RETAINED_SEQUENCER 0u
#define I2C_WRITE_BYTES 8u
#define I2C_READ_BYTES 32u
#define FLASH_REGION_BYTES 16384u
#define FLASH_SECTOR_BYTES 4096u
#define FLASH_PAGE_BYTES 256u

// Bit numbers in the signal words.
#define SIGNAL_LED_STATUS 0u // status LED lit
#define SIGNAL_LED_IDENTIFY 1u // identify LED lit
#define SIGNAL_EN_RAIL_0 2u // first rail to come up enabled
#define SIGNAL_EN_RAIL_1 3u // second rail enabled
#define SIGNAL_COMPUTE_RUN 4u // compute board released from reset
#define SIGNAL_SHUTDOWN_REQ 5u // compute OS asked to shut down
#define SIGNAL_SMBALERT 6u // SMBALERT# pulled
#define SIGNAL_PG_RAIL_0 8u // first rail reports power-good
#define SIGNAL_PG_RAIL_1 9u // second rail reports power-good
#define SIGNAL_PRESENT 10u // compute board plugged in
#define SIGNAL_HALTED 11u // compute OS has halted
#define SIGNAL_SLOT_ID0 12u // slot number strap, bit 0
#define SIGNAL_SLOT_ID1 13u // slot number strap, bit 1
#define SIGNAL_SLOT_ID2 14u // slot number strap, bit 2
#define SIGNAL_SLOT_ID3 15u // slot number strap, bit 3
#define SIGNAL_EN_RAIL_2 16u // third rail enabled
#define SIGNAL_EN_RAIL_3 17u // fourth rail enabled
#define SIGNAL_PG_RAIL_2 18u // third rail reports power-good
#define SIGNAL_PG_RAIL_3 19u // fourth rail reports power-good
#define SIGNALS_OUT 0x3007fu
#define SIGNALS_IN 0xcff00u

// what the host knows of itself
struct system_info {
  uint32_t reset_cause; // a reset cause
  uint32_t reset_detail; // trap kind or program counter, see the cause
  uint32_t restarts; // restarts since power-on, whatever the cause
  uint32_t stack_bytes; // native stack reserved
  uint32_t stack_high_water_bytes; // native stack used at most since this start
  uint32_t ram_used_bytes; // SRAM reserved in all, budgets included
  uint32_t flash_used_bytes; // flash taken by second stage, host and module
  uint32_t engine_heap_bytes; // engine heap reserved, linear memory included
  uint32_t engine_heap_used_bytes; // engine heap used at most
  uint32_t module_bytes; // size of the logic's module
  uint32_t passes; // completed passes through the logic since this start
  uint32_t longest_pass_us; // longest pass through the logic since this start
  uint32_t unique_id_high; // unique number of the flash chip, first four bytes
  uint32_t unique_id_low; // and the last four; both 0 if it has none
};

// counts of one UART since this start, each wrapping at 2^32
struct port_counters {
  uint32_t received_bytes; // taken out of the receive FIFO
  uint32_t overruns; // receive FIFO overran: at least one byte lost each
  uint32_t dropped_bytes; // no room in the host's buffer
  uint32_t framing_errors; // bytes with a bad stop bit
  uint32_t parity_errors; // bytes with bad parity
  uint32_t breaks; // breaks seen on the line
  uint32_t sent_bytes; // handed to the transmitter
};

// counts of the SMBus since this start, each wrapping at 2^32
struct smbus_counters {
  uint32_t messages; // writes to this address, each START with bytes behind it
  uint32_t timeouts; // the bus stood still for 25 ms in a message: interface reset
  uint32_t broken_off; // writes that did not end in STOP
  uint32_t too_long; // writes with more bytes than a request holds
  uint32_t busy; // times requests piled up until the address was no longer answered
  uint32_t late_answers; // reads the logic did not answer in time
  uint32_t alerts; // Alert Response Address reads won
  uint32_t alerts_missed; // messages noticed too late to see if they were alert responses
  uint32_t aborts; // transfers aborted by the block: arbitration lost
};

// what the converter has brought since the last call, in linear codes (4132 for 3300 mV); channels that the board does not wire are 0
struct samples {
  uint32_t rounds; // rounds summed up, one in sixteen
  uint32_t elapsed_us; // time they stand for: from the last round of the call before to the last of this one
  uint32_t overruns; // times blocks were overwritten before they were looked at
  uint32_t restarts; // times the converter lost its order and was started anew
  uint32_t product_low; // sum of the compute rail's voltage times its current, linear codes of the same round
  uint32_t product_high; // its upper half
  uint32_t sum_0; // sum of channel 0
  uint32_t sum_1; // sum of channel 1
  uint32_t sum_2; // sum of channel 2
  uint32_t sum_3; // sum of channel 3
  uint32_t sum_4; // sum of channel 4
  uint32_t minimum_0; // smallest code of channel 0
  uint32_t minimum_1; // smallest code of channel 1
  uint32_t minimum_2; // smallest code of channel 2
  uint32_t minimum_3; // smallest code of channel 3
  uint32_t minimum_4; // smallest code of channel 4
  uint32_t maximum_0; // largest code of channel 0
  uint32_t maximum_1; // largest code of channel 1
  uint32_t maximum_2; // largest code of channel 2
  uint32_t maximum_3; // largest code of channel 3
  uint32_t maximum_4; // largest code of channel 4
};

// the fast over-current path
struct trip {
  uint32_t tripped; // 1 from the moment it let go until it is armed again
  uint32_t at_us_low; // when, as time_us
  uint32_t at_us_high; // its upper half
  uint32_t code; // the code that decided it
  uint32_t armed; // 1 while it watches
  uint32_t trips; // trips since power-on, restarts included
};

// the rounds kept by `trace_freeze` or a trip
struct trace {
  uint32_t rounds; // rounds kept; 0 while there is no trace
  uint32_t period_ns; // from one round to the next
  uint32_t after; // rounds that came after the freeze was asked for
  uint32_t pending; // 1 while the last rounds of a trace are awaited
};

// Implemented by the host. Every pointer, length, port and mask has been checked by the glue.
uint64_t host_time_us(void);
uint32_t host_signals_read(void);
uint64_t host_signals_fell(void);
void host_signals_write(uint32_t mask, uint32_t asserted);
void host_samples_take(struct samples *samples);
void host_sampling_pace(uint32_t fast);
void host_overcurrent_arm(uint32_t channel, uint32_t code, uint32_t rounds, uint32_t outputs);
void host_brownout_arm(uint32_t channel, uint32_t code, uint32_t rounds);
void host_trip_read(struct trip *trip);
void host_trace_freeze(void);
void host_trace_clear(void);
void host_trace_info(struct trace *trace);
void host_trace_read(uint32_t round, uint16_t *codes);
uint32_t host_uart_read(uint32_t port, uint8_t *buffer, uint32_t capacity);
uint32_t host_uart_write(uint32_t port, const uint8_t *buffer, uint32_t length);
void host_uart_counters(uint32_t port, struct port_counters *counters);
void host_smbus_open(uint32_t address);
void host_smbus_publish(uint32_t page, uint32_t command, const uint8_t *response, uint32_t length);
void host_smbus_page(uint32_t page);
uint32_t host_smbus_take(uint8_t *request);
void host_smbus_answer(uint32_t number, const uint8_t *response, uint32_t length);
void host_smbus_counters(struct smbus_counters *smbus_counters);
uint32_t host_i2c_begin(uint32_t address, const uint8_t *request, uint32_t length, uint32_t read_length);
uint32_t host_i2c_take(uint8_t *response, uint32_t capacity);
void host_system_info(struct system_info *info);
uint32_t host_retained_read(uint32_t place);
void host_retained_write(uint32_t place, uint32_t word);
void host_flash_read(uint32_t offset, uint8_t *buffer, uint32_t length);
uint32_t host_flash_program(uint32_t offset, const uint8_t *data, uint32_t length);
uint32_t host_flash_erase(uint32_t sector);
void host_restart(void);
