// The benchmark's kernels in C, which show what the machine can do without an engine. Algorithms, tables
// and checksums are those of lab/bench/kernels, where comments explain them.
//
// Call `native_prepare` first, which makes their input. They work on little-endian machines only.
#pragma once

#include <stdint.h>

void native_prepare(void);

uint32_t native_pec(void);
uint32_t native_linear11(void);
uint32_t native_adc_block(void);
uint32_t native_line_scan(void);
uint32_t native_ring_copy(void);
uint32_t native_sha256(void);
uint32_t native_sequencer(void);
uint32_t native_console_line(void);
uint32_t native_fib(void);

// `native_prepare` calls these. Each makes the input of one kernel.
void prepare_pec(void);
void prepare_linear11(void);
void prepare_adc_block(void);
void prepare_line_scan(void);
void prepare_ring_copy(void);
void prepare_sha256(void);
void prepare_sequencer(void);
void prepare_console_line(void);

/** Restarts the generator; `value` must not be 0. */
void random_seed(uint32_t value);
/** Xorshift32 (Marsaglia, Journal of Statistical Software 8(14), 2003). */
uint32_t random_next(void);

/** Adds one result to a checksum. */
static inline uint32_t mix(uint32_t sum, uint32_t value) { return sum * 31 + value; }

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
