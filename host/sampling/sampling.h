// The analog-to-digital converter: it samples all channels of the board in turn, endlessly, by DMA.
// Electrical facts:
// - I5_SENSE is 0.5 V an ampere. Above 6.6 A the converter reads 4095, so such an over-current can be
//   detected but not measured.
// - A released output goes low, or to the board's pull-down, within nanoseconds; the supply takes longer.
// - A restart of the BMC stops the converter for its start-up (1 ms). The armed over-current limit stays
//   armed.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void sampling_start(void);
void sampling_interrupt(void);
/**
 * Checks only for an over-current, in the newest buffer; `sampling_interrupt` will check that buffer as
 * well. For a handler of higher priority that takes long. Returns true if there was one. Costs 20 cycles,
 * and 50 when there is a new buffer, every 40 us.
 */
bool sampling_peek(void);
/** Returns whether a trip keeps this output signal (a bit number of the contract) released. */
bool overcurrent_forbids(uint32_t bit);
