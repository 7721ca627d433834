// The watchdog, which always runs. A completed pass through the logic feeds it. Apart from that, only a few
// steps that are bounded by themselves feed it: some of the start, and the wait for flash.
#pragma once

#include <stdint.h>

#include "registers.h"

/** The longest time without a completed pass. Our choice: 20 times the longest pass we want. */
#define WATCHDOG_PERIOD_US 1000000u

/** Starts the watchdog, and the 1 us tick that TIMER counts. clk_ref must run from the crystal. */
void watchdog_start(void);
/**
 * Feeds the watchdog. Always inlined, because it is called before SRAM holds its code and while flash
 * cannot be read. Erratum RP2040-E1: the counter goes down twice with each tick.
 */
static inline __attribute__((always_inline)) void watchdog_feed(void) {
  REGISTER(WATCHDOG_LOAD) = 2u * WATCHDOG_PERIOD_US;
}
/** Makes the watchdog reset the chip at once. */
_Noreturn void watchdog_trigger(void);
