// Generated from abi/contract.ts by `npm run generate`. Do not edit.
//
// What translated logic calls for its imports: arguments are checked here, before the host sees them.
#pragma once

#include "runtime.h"

#define IMPORT static __attribute__((unused))

// 64-bit sums cannot wrap: address and length are 32-bit, an element is 4 bytes at most.
INLINE bool block_fits(uint32_t address, uint32_t length, uint32_t element_bytes) {
  const uint64_t end = (uint64_t)address + (uint64_t)length * element_bytes;
  return end <= MEMORY_BYTES && address % element_bytes == 0;
}

IMPORT uint64_t import_time_us(void) {
  return host_time_us();
}

IMPORT uint32_t import_signals_read(void) {
  return host_signals_read();
}

IMPORT uint64_t import_signals_fell(void) {
  return host_signals_fell();
}

IMPORT void import_signals_write(uint32_t mask, uint32_t asserted) {
  if ((mask & ~SIGNALS_OUT) != 0) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_signals_write(mask, asserted);
}

IMPORT void import_samples_take(uint32_t samples) {
  if (!block_fits(samples, 21, 4)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_samples_take((struct samples *)(linear_memory + samples));
}

IMPORT void import_sampling_pace(uint32_t fast) {
  if (fast > 1u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_sampling_pace(fast);
}

IMPORT void import_overcurrent_arm(uint32_t channel, uint32_t code, uint32_t rounds, uint32_t outputs) {
  if (channel > 4u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (code > 4095u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (rounds > 255u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if ((outputs & ~SIGNALS_OUT) != 0) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_overcurrent_arm(channel, code, rounds, outputs);
}

IMPORT void import_brownout_arm(uint32_t channel, uint32_t code, uint32_t rounds) {
  if (channel > 4u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (code > 4095u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (rounds > 65535u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_brownout_arm(channel, code, rounds);
}

IMPORT void import_trip_read(uint32_t trip) {
  if (!block_fits(trip, 6, 4)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_trip_read((struct trip *)(linear_memory + trip));
}

IMPORT void import_trace_freeze(void) {
  host_trace_freeze();
}

IMPORT void import_trace_clear(void) {
  host_trace_clear();
}

IMPORT void import_trace_info(uint32_t trace) {
  if (!block_fits(trace, 4, 4)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_trace_info((struct trace *)(linear_memory + trace));
}

IMPORT void import_trace_read(uint32_t round, uint32_t codes) {
  if (round > 255u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(codes, 5, 2)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_trace_read(round, (uint16_t *)(linear_memory + codes));
}

IMPORT uint32_t import_uart_read(uint32_t port, uint32_t buffer, uint32_t capacity) {
  if (port > 1u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(buffer, capacity, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  return host_uart_read(port, (uint8_t *)(linear_memory + buffer), capacity);
}

IMPORT uint32_t import_uart_write(uint32_t port, uint32_t buffer, uint32_t length) {
  if (port > 1u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(buffer, length, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  return host_uart_write(port, (const uint8_t *)(linear_memory + buffer), length);
}

IMPORT void import_uart_counters(uint32_t port, uint32_t counters) {
  if (port > 1u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(counters, 7, 4)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_uart_counters(port, (struct port_counters *)(linear_memory + counters));
}

IMPORT void import_smbus_open(uint32_t address) {
  if (address > 127u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_smbus_open(address);
}

IMPORT void import_smbus_publish(uint32_t page, uint32_t command, uint32_t response, uint32_t length) {
  if (page > 3u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (command > 255u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(response, length, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (length > 34u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_smbus_publish(page, command, (const uint8_t *)(linear_memory + response), length);
}

IMPORT void import_smbus_page(uint32_t page) {
  if (page > 3u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_smbus_page(page);
}

IMPORT uint32_t import_smbus_take(uint32_t request) {
  if (!block_fits(request, 40, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  return host_smbus_take((uint8_t *)(linear_memory + request));
}

IMPORT void import_smbus_answer(uint32_t number, uint32_t response, uint32_t length) {
  if (number > 65535u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(response, length, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (length > 34u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_smbus_answer(number, (const uint8_t *)(linear_memory + response), length);
}

IMPORT void import_smbus_counters(uint32_t smbus_counters) {
  if (!block_fits(smbus_counters, 9, 4)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_smbus_counters((struct smbus_counters *)(linear_memory + smbus_counters));
}

IMPORT uint32_t import_i2c_begin(uint32_t address, uint32_t request, uint32_t length, uint32_t read_length) {
  if (address > 127u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(request, length, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (length > 8u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (read_length > 32u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  return host_i2c_begin(address, (const uint8_t *)(linear_memory + request), length, read_length);
}

IMPORT uint32_t import_i2c_take(uint32_t response, uint32_t capacity) {
  if (!block_fits(response, capacity, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  return host_i2c_take((uint8_t *)(linear_memory + response), capacity);
}

IMPORT void import_system_info(uint32_t info) {
  if (!block_fits(info, 14, 4)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_system_info((struct system_info *)(linear_memory + info));
}

IMPORT uint32_t import_retained_read(uint32_t place) {
  if (place > 7u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  return host_retained_read(place);
}

IMPORT void import_retained_write(uint32_t place, uint32_t word) {
  if (place > 7u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_retained_write(place, word);
}

IMPORT void import_flash_read(uint32_t offset, uint32_t buffer, uint32_t length) {
  if ((uint64_t)offset + length > 16384u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(buffer, length, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_flash_read(offset, (uint8_t *)(linear_memory + buffer), length);
}

IMPORT uint32_t import_flash_program(uint32_t offset, uint32_t data, uint32_t length) {
  if ((uint64_t)offset + length > 16384u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(data, length, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  return host_flash_program(offset, (const uint8_t *)(linear_memory + data), length);
}

IMPORT uint32_t import_flash_erase(uint32_t sector) {
  if (sector > 3u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  return host_flash_erase(sector);
}

IMPORT void import_restart(void) {
  host_restart();
}

// AssemblyScript calls this when an assertion fails. The host does not use its arguments.
IMPORT void import_abort(uint32_t message, uint32_t file, uint32_t line, uint32_t column) {
  (void)message, (void)file, (void)line, (void)column;
  trap(TRAP_ABORT);
}
