// The board's signals on GPIO pins. The contract says whether a signal is asserted; the board file gives
// its pin, drive and active level. This file translates between the two. Electrical facts:
// - Enables of supplies have pull-downs on the board: released, the supply is off.
// - COMPUTE_RUN and SMBALERT# are open drain: they are pulled low or released, never driven high.
// - A restart of the BMC leaves every output exactly as it is.
#pragma once

#include <stdint.h>

/**
 * Turns the board's output pins into outputs, deasserted, if they are not outputs yet. That is so after
 * power-on or a RUN reset. A pin that a restart of the BMC has left as an output is not written at all.
 */
void signals_adopt_outputs(void);
/** Sets up the inputs and their edge interrupts. */
void signals_start(void);
void signals_interrupt(void);

/**
 * The values to write to four SIO registers to release outputs, so that an interrupt can do it in four
 * writes.
 */
struct release {
  uint32_t latch_set, latch_clear, enable_set, enable_clear;
};
struct release signals_release(uint32_t outputs);
