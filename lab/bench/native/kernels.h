// The benchmark's kernels in C, for what the machine can do without an engine: the same algorithms,
// tables and checksums as in bench/kernels, where the comments on what they do are.
//
// `native_prepare` first, or their input is not there. Little-endian machines only.
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

// What `native_prepare` calls: each kernel's own input.
void prepare_pec(void);
void prepare_linear11(void);
void prepare_adc_block(void);
void prepare_line_scan(void);
void prepare_ring_copy(void);
void prepare_sha256(void);
void prepare_sequencer(void);
void prepare_console_line(void);

/** Starts the generator anew; `value` must not be 0. */
void random_seed(uint32_t value);
/** Xorshift32 (Marsaglia, Journal of Statistical Software 8(14), 2003). */
uint32_t random_next(void);

/** Takes one more result into a checksum. */
static inline uint32_t mix(uint32_t sum, uint32_t value) { return sum * 31 + value; }

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
