// The clock tree: crystal, PLLs, clk_ref 12 MHz, clk_sys and clk_peri 125 MHz, clk_adc 48 MHz.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CLK_SYS_HZ 125000000u

/** Sets the crystal going, if it is not. It takes 1 ms, in which other things can be done. */
void clocks_begin(void);

/**
 * The whole tree, after `clocks_begin`. From any state that reset can leave: power-on (ring oscillator) or a
 * watchdog reset, which leaves the tree running. False when the crystal or a PLL did not come up in time.
 */
bool clocks_start(void);

/** Takes blocks through reset and waits until they are out of it; false after 1 ms. */
bool blocks_reset(uint32_t blocks);
/** Takes blocks out of reset if they are in it, and leaves them alone otherwise. */
bool blocks_release(uint32_t blocks);
