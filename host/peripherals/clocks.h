// The clock tree: crystal, PLLs, clk_ref 12 MHz, clk_sys and clk_peri 125 MHz, clk_adc 48 MHz.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CLK_SYS_HZ 125000000u

/** Starts the crystal, if it is not running. The board says how long it takes to be stable. */
void clocks_begin(void);

/**
 * Starts the whole clock tree, after `clocks_begin`. Works from any state that a reset can leave: after
 * power-on the ring oscillator runs, after a watchdog reset the whole tree. Returns false if the crystal or
 * a PLL does not start in time.
 */
bool clocks_start(void);

/**
 * Resets peripherals (RESETS bits) and waits until they are out of reset. Returns false if that takes over
 * 1 ms.
 */
bool peripherals_reset(uint32_t peripherals);
/** Takes peripherals out of reset if they are in reset. Has no effect on those that are running. */
bool peripherals_release(uint32_t peripherals);
