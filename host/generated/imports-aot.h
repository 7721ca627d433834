// Generated from abi/contract.ts by `npm run generate`. Do not edit.
//
// What translated logic calls for its imports: arguments are checked here, before the host sees them.
#pragma once

#include "runtime.h"

#define IMPORT static __attribute__((unused))

// 64-bit sums cannot wrap: address and length are 32-bit, an element is 4 bytes at most.
ALWAYS bool block_fits(uint32_t address, uint32_t length, uint32_t element_bytes) {
  const uint64_t end = (uint64_t)address + (uint64_t)length * element_bytes;
  return end <= MEMORY_BYTES && address % element_bytes == 0;
}

IMPORT uint64_t import_time_us(void) {
  return host_time_us();
}

IMPORT uint32_t import_signals_read(void) {
  return host_signals_read();
}

IMPORT uint32_t import_signals_fell(void) {
  return host_signals_fell();
}

IMPORT void import_signals_write(uint32_t mask, uint32_t asserted) {
  if ((mask & ~SIGNALS_OUT) != 0) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_signals_write(mask, asserted);
}

IMPORT void import_adc_read(uint32_t codes) {
  if (!block_fits(codes, 5, 2)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_adc_read((uint16_t *)(linear_memory + codes));
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
  if (page > 1u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (command > 255u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (!block_fits(response, length, 1)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  if (length > 34u) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_smbus_publish(page, command, (const uint8_t *)(linear_memory + response), length);
}

IMPORT void import_smbus_page(uint32_t page) {
  if (page > 1u) trap(TRAP_BAD_IMPORT_ARGUMENT);
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

IMPORT void import_system_info(uint32_t info) {
  if (!block_fits(info, 14, 4)) trap(TRAP_BAD_IMPORT_ARGUMENT);
  host_system_info((struct system_info *)(linear_memory + info));
}

IMPORT uint32_t import_retained_read(void) {
  return host_retained_read();
}

IMPORT void import_retained_write(uint32_t word) {
  host_retained_write(word);
}

IMPORT void import_restart(void) {
  host_restart();
}

// AssemblyScript calls this when an assertion fails; its arguments point at strings nobody kept.
IMPORT void import_abort(uint32_t message, uint32_t file, uint32_t line, uint32_t column) {
  (void)message, (void)file, (void)line, (void)column;
  trap(TRAP_ABORT);
}
