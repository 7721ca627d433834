// The watchdog, always on. Only a completed pass through the logic feeds it, and the few steps of
// the start that are bounded by themselves.
#pragma once

#include <stdint.h>

/** Longest the BMC may go without a completed pass. Chosen: 20 times the longest pass wanted. */
#define WATCHDOG_PERIOD_US 1000000u

/** Also starts the 1 us tick that TIMER counts; clk_ref must run from the crystal. */
void watchdog_start(void);
void watchdog_feed(void);
/** Resets what the watchdog resets, now. */
_Noreturn void watchdog_trigger(void);
