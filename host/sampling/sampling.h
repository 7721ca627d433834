// The converter: all channels of the board in turn, without an end, by DMA. Electrical facts:
// - I5_SENSE is 0.5 V an ampere; beyond 6.6 A the converter reads 4095, so an over-current can be seen
//   but not measured there.
// - What is let go of goes low or to the board's pull-down within nanoseconds; the supply takes longer.
// - A restart of the BMC stops the converter for its start-up (1 ms) and keeps what was armed.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void sampling_start(void);
void sampling_interrupt(void);
/**
 * For a handler of higher priority that takes long: looks for an over-current and nothing else, in the
 * newest block, which `sampling_interrupt` will look at as well. True if there was one. Costs 20 cycles, 50
 * with a new block every 40 us.
 */
bool sampling_peek(void);
/** Whether an over-current keeps that output signal (a bit number of the contract) let go. */
bool overcurrent_forbids(uint32_t bit);
