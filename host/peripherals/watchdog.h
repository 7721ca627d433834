// The watchdog, always on. Only a completed pass through the logic feeds it, and the few steps that are
// bounded by themselves: some of the start, and waiting for the flash.
#pragma once

#include <stdint.h>

#include "registers.h"

/** Longest the BMC may go without a completed pass. Chosen: 20 times the longest pass wanted. */
#define WATCHDOG_PERIOD_US 1000000u

/** Also starts the 1 us tick that TIMER counts; clk_ref must run from the crystal. */
void watchdog_start(void);
/**
 * Always inlined, for it is wanted before SRAM has its code and while flash is away. Erratum RP2040-E1: the
 * counter goes down twice with each tick.
 */
static inline __attribute__((always_inline)) void watchdog_feed(void) {
  REGISTER(WATCHDOG_LOAD) = 2u * WATCHDOG_PERIOD_US;
}
/** Resets what the watchdog resets, now. */
_Noreturn void watchdog_trigger(void);
