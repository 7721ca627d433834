// The board's signals on GPIO pins. The contract speaks of meanings (asserted or not), the board
// file says pin, drive and active level; here the two meet. Electrical facts:
// - Enables of supplies have pull-downs on the board: released, the supply is off.
// - COMPUTE_RUN and SMBALERT# are open drain: pulled low or let go, never driven high.
// - A restart of the BMC leaves every output exactly as it is.
#pragma once

#include <stdint.h>

/**
 * Makes outputs of the pins that are not yet: after power-on or RUN they start deasserted. Pins
 * that a restart has left as outputs are not written at all.
 */
void signals_adopt_outputs(void);
/** Inputs and their edge interrupts. */
void signals_start(void);
void signals_interrupt(void);

/** What must be written to SIO to let go of outputs, so that an interrupt can do it in four writes. */
struct release {
  uint32_t latch_set, latch_clear, enable_set, enable_clear;
};
struct release signals_release(uint32_t outputs);
