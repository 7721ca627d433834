// Generated from abi/contract.ts by `npm run generate`. Do not edit.
//
// wasm3 hands over raw arguments; here each one is checked before the host sees it.

#include "imports-wasm3.h"

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

#pragma GCC diagnostic ignored "-Wunused-parameter" // the raw function signature is wasm3's

// 64-bit sums cannot wrap: address and length are 32-bit, an element is 4 bytes at most.
static bool block_fits(IM3Runtime runtime, uint32_t address, uint32_t length, uint32_t element_bytes) {
  const uint64_t end = (uint64_t)address + (uint64_t)length * element_bytes;
  return end <= m3_GetMemorySize(runtime) && address % element_bytes == 0;
}

static m3ApiRawFunction(import_time_us) {
  m3ApiReturnType(uint64_t)
  m3ApiReturn(host_time_us())
}

static m3ApiRawFunction(import_signals_read) {
  m3ApiReturnType(uint32_t)
  m3ApiReturn(host_signals_read())
}

static m3ApiRawFunction(import_signals_fell) {
  m3ApiReturnType(uint64_t)
  m3ApiReturn(host_signals_fell())
}

static m3ApiRawFunction(import_signals_write) {
  m3ApiGetArg(uint32_t, mask)
  m3ApiGetArg(uint32_t, asserted)
  if ((mask & ~SIGNALS_OUT) != 0) return engine_bad_argument;
  host_signals_write(mask, asserted);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_samples_take) {
  m3ApiGetArg(uint32_t, samples)
  if (!block_fits(runtime, samples, 21, 4)) return engine_bad_argument;
  host_samples_take((struct samples *)((uint8_t *)_mem + samples));
  m3ApiSuccess()
}

static m3ApiRawFunction(import_sampling_pace) {
  m3ApiGetArg(uint32_t, fast)
  if (fast > 1u) return engine_bad_argument;
  host_sampling_pace(fast);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_overcurrent_arm) {
  m3ApiGetArg(uint32_t, channel)
  m3ApiGetArg(uint32_t, code)
  m3ApiGetArg(uint32_t, rounds)
  m3ApiGetArg(uint32_t, outputs)
  if (channel > 4u) return engine_bad_argument;
  if (code > 4095u) return engine_bad_argument;
  if (rounds > 255u) return engine_bad_argument;
  if ((outputs & ~SIGNALS_OUT) != 0) return engine_bad_argument;
  host_overcurrent_arm(channel, code, rounds, outputs);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_brownout_arm) {
  m3ApiGetArg(uint32_t, channel)
  m3ApiGetArg(uint32_t, code)
  m3ApiGetArg(uint32_t, rounds)
  if (channel > 4u) return engine_bad_argument;
  if (code > 4095u) return engine_bad_argument;
  if (rounds > 65535u) return engine_bad_argument;
  host_brownout_arm(channel, code, rounds);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_trip_read) {
  m3ApiGetArg(uint32_t, trip)
  if (!block_fits(runtime, trip, 6, 4)) return engine_bad_argument;
  host_trip_read((struct trip *)((uint8_t *)_mem + trip));
  m3ApiSuccess()
}

static m3ApiRawFunction(import_trace_freeze) {
  host_trace_freeze();
  m3ApiSuccess()
}

static m3ApiRawFunction(import_trace_clear) {
  host_trace_clear();
  m3ApiSuccess()
}

static m3ApiRawFunction(import_trace_info) {
  m3ApiGetArg(uint32_t, trace)
  if (!block_fits(runtime, trace, 4, 4)) return engine_bad_argument;
  host_trace_info((struct trace *)((uint8_t *)_mem + trace));
  m3ApiSuccess()
}

static m3ApiRawFunction(import_trace_read) {
  m3ApiGetArg(uint32_t, round)
  m3ApiGetArg(uint32_t, codes)
  if (round > 255u) return engine_bad_argument;
  if (!block_fits(runtime, codes, 5, 2)) return engine_bad_argument;
  host_trace_read(round, (uint16_t *)((uint8_t *)_mem + codes));
  m3ApiSuccess()
}

static m3ApiRawFunction(import_uart_read) {
  m3ApiReturnType(uint32_t)
  m3ApiGetArg(uint32_t, port)
  m3ApiGetArg(uint32_t, buffer)
  m3ApiGetArg(uint32_t, capacity)
  if (port > 1u) return engine_bad_argument;
  if (!block_fits(runtime, buffer, capacity, 1)) return engine_bad_argument;
  m3ApiReturn(host_uart_read(port, (uint8_t *)((uint8_t *)_mem + buffer), capacity))
}

static m3ApiRawFunction(import_uart_write) {
  m3ApiReturnType(uint32_t)
  m3ApiGetArg(uint32_t, port)
  m3ApiGetArg(uint32_t, buffer)
  m3ApiGetArg(uint32_t, length)
  if (port > 1u) return engine_bad_argument;
  if (!block_fits(runtime, buffer, length, 1)) return engine_bad_argument;
  m3ApiReturn(host_uart_write(port, (const uint8_t *)((uint8_t *)_mem + buffer), length))
}

static m3ApiRawFunction(import_uart_counters) {
  m3ApiGetArg(uint32_t, port)
  m3ApiGetArg(uint32_t, counters)
  if (port > 1u) return engine_bad_argument;
  if (!block_fits(runtime, counters, 7, 4)) return engine_bad_argument;
  host_uart_counters(port, (struct port_counters *)((uint8_t *)_mem + counters));
  m3ApiSuccess()
}

static m3ApiRawFunction(import_smbus_open) {
  m3ApiGetArg(uint32_t, address)
  if (address > 127u) return engine_bad_argument;
  host_smbus_open(address);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_smbus_publish) {
  m3ApiGetArg(uint32_t, page)
  m3ApiGetArg(uint32_t, command)
  m3ApiGetArg(uint32_t, response)
  m3ApiGetArg(uint32_t, length)
  if (page > 3u) return engine_bad_argument;
  if (command > 255u) return engine_bad_argument;
  if (!block_fits(runtime, response, length, 1)) return engine_bad_argument;
  if (length > 34u) return engine_bad_argument;
  host_smbus_publish(page, command, (const uint8_t *)((uint8_t *)_mem + response), length);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_smbus_page) {
  m3ApiGetArg(uint32_t, page)
  if (page > 3u) return engine_bad_argument;
  host_smbus_page(page);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_smbus_take) {
  m3ApiReturnType(uint32_t)
  m3ApiGetArg(uint32_t, request)
  if (!block_fits(runtime, request, 40, 1)) return engine_bad_argument;
  m3ApiReturn(host_smbus_take((uint8_t *)((uint8_t *)_mem + request)))
}

static m3ApiRawFunction(import_smbus_answer) {
  m3ApiGetArg(uint32_t, number)
  m3ApiGetArg(uint32_t, response)
  m3ApiGetArg(uint32_t, length)
  if (number > 65535u) return engine_bad_argument;
  if (!block_fits(runtime, response, length, 1)) return engine_bad_argument;
  if (length > 34u) return engine_bad_argument;
  host_smbus_answer(number, (const uint8_t *)((uint8_t *)_mem + response), length);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_smbus_counters) {
  m3ApiGetArg(uint32_t, smbus_counters)
  if (!block_fits(runtime, smbus_counters, 9, 4)) return engine_bad_argument;
  host_smbus_counters((struct smbus_counters *)((uint8_t *)_mem + smbus_counters));
  m3ApiSuccess()
}

static m3ApiRawFunction(import_i2c_begin) {
  m3ApiReturnType(uint32_t)
  m3ApiGetArg(uint32_t, address)
  m3ApiGetArg(uint32_t, request)
  m3ApiGetArg(uint32_t, length)
  m3ApiGetArg(uint32_t, read_length)
  if (address > 127u) return engine_bad_argument;
  if (!block_fits(runtime, request, length, 1)) return engine_bad_argument;
  if (length > 8u) return engine_bad_argument;
  if (read_length > 32u) return engine_bad_argument;
  m3ApiReturn(host_i2c_begin(address, (const uint8_t *)((uint8_t *)_mem + request), length, read_length))
}

static m3ApiRawFunction(import_i2c_take) {
  m3ApiReturnType(uint32_t)
  m3ApiGetArg(uint32_t, response)
  m3ApiGetArg(uint32_t, capacity)
  if (!block_fits(runtime, response, capacity, 1)) return engine_bad_argument;
  m3ApiReturn(host_i2c_take((uint8_t *)((uint8_t *)_mem + response), capacity))
}

static m3ApiRawFunction(import_system_info) {
  m3ApiGetArg(uint32_t, info)
  if (!block_fits(runtime, info, 14, 4)) return engine_bad_argument;
  host_system_info((struct system_info *)((uint8_t *)_mem + info));
  m3ApiSuccess()
}

static m3ApiRawFunction(import_retained_read) {
  m3ApiReturnType(uint32_t)
  m3ApiGetArg(uint32_t, place)
  if (place > 7u) return engine_bad_argument;
  m3ApiReturn(host_retained_read(place))
}

static m3ApiRawFunction(import_retained_write) {
  m3ApiGetArg(uint32_t, place)
  m3ApiGetArg(uint32_t, word)
  if (place > 7u) return engine_bad_argument;
  host_retained_write(place, word);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_flash_read) {
  m3ApiGetArg(uint32_t, offset)
  m3ApiGetArg(uint32_t, buffer)
  m3ApiGetArg(uint32_t, length)
  if ((uint64_t)offset + length > 16384u) return engine_bad_argument;
  if (!block_fits(runtime, buffer, length, 1)) return engine_bad_argument;
  host_flash_read(offset, (uint8_t *)((uint8_t *)_mem + buffer), length);
  m3ApiSuccess()
}

static m3ApiRawFunction(import_flash_program) {
  m3ApiReturnType(uint32_t)
  m3ApiGetArg(uint32_t, offset)
  m3ApiGetArg(uint32_t, data)
  m3ApiGetArg(uint32_t, length)
  if ((uint64_t)offset + length > 16384u) return engine_bad_argument;
  if (!block_fits(runtime, data, length, 1)) return engine_bad_argument;
  m3ApiReturn(host_flash_program(offset, (const uint8_t *)((uint8_t *)_mem + data), length))
}

static m3ApiRawFunction(import_flash_erase) {
  m3ApiReturnType(uint32_t)
  m3ApiGetArg(uint32_t, sector)
  if (sector > 3u) return engine_bad_argument;
  m3ApiReturn(host_flash_erase(sector))
}

static m3ApiRawFunction(import_restart) {
  host_restart();
  m3ApiSuccess()
}

// AssemblyScript calls this when an assertion fails. The host does not use its arguments.
static m3ApiRawFunction(import_abort) { return engine_abort_called; }

static const struct {
  const char *module;
  const char *name;
  const char *signature;
  M3RawCall function;
} bindings[] = {
  {CONTRACT_MODULE, "time_us", "I()", import_time_us},
  {CONTRACT_MODULE, "signals_read", "i()", import_signals_read},
  {CONTRACT_MODULE, "signals_fell", "I()", import_signals_fell},
  {CONTRACT_MODULE, "signals_write", "v(ii)", import_signals_write},
  {CONTRACT_MODULE, "samples_take", "v(i)", import_samples_take},
  {CONTRACT_MODULE, "sampling_pace", "v(i)", import_sampling_pace},
  {CONTRACT_MODULE, "overcurrent_arm", "v(iiii)", import_overcurrent_arm},
  {CONTRACT_MODULE, "brownout_arm", "v(iii)", import_brownout_arm},
  {CONTRACT_MODULE, "trip_read", "v(i)", import_trip_read},
  {CONTRACT_MODULE, "trace_freeze", "v()", import_trace_freeze},
  {CONTRACT_MODULE, "trace_clear", "v()", import_trace_clear},
  {CONTRACT_MODULE, "trace_info", "v(i)", import_trace_info},
  {CONTRACT_MODULE, "trace_read", "v(ii)", import_trace_read},
  {CONTRACT_MODULE, "uart_read", "i(iii)", import_uart_read},
  {CONTRACT_MODULE, "uart_write", "i(iii)", import_uart_write},
  {CONTRACT_MODULE, "uart_counters", "v(ii)", import_uart_counters},
  {CONTRACT_MODULE, "smbus_open", "v(i)", import_smbus_open},
  {CONTRACT_MODULE, "smbus_publish", "v(iiii)", import_smbus_publish},
  {CONTRACT_MODULE, "smbus_page", "v(i)", import_smbus_page},
  {CONTRACT_MODULE, "smbus_take", "i(i)", import_smbus_take},
  {CONTRACT_MODULE, "smbus_answer", "v(iii)", import_smbus_answer},
  {CONTRACT_MODULE, "smbus_counters", "v(i)", import_smbus_counters},
  {CONTRACT_MODULE, "i2c_begin", "i(iiii)", import_i2c_begin},
  {CONTRACT_MODULE, "i2c_take", "i(ii)", import_i2c_take},
  {CONTRACT_MODULE, "system_info", "v(i)", import_system_info},
  {CONTRACT_MODULE, "retained_read", "i(i)", import_retained_read},
  {CONTRACT_MODULE, "retained_write", "v(ii)", import_retained_write},
  {CONTRACT_MODULE, "flash_read", "v(iii)", import_flash_read},
  {CONTRACT_MODULE, "flash_program", "i(iii)", import_flash_program},
  {CONTRACT_MODULE, "flash_erase", "i(i)", import_flash_erase},
  {CONTRACT_MODULE, "restart", "v()", import_restart},
  {"env", "abort", "v(iiii)", import_abort},
};

M3Result link_imports(IM3Module module) {
  for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++) {
    const M3Result result = m3_LinkRawFunction(module, bindings[i].module, bindings[i].name,
                                               bindings[i].signature, bindings[i].function);
    if (result && result != m3Err_functionLookupFailed) return result;
  }
  return m3Err_none;
}
