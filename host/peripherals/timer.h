// TIMER: microseconds since this start of the BMC, and the one alarm that ends a sleep.
#pragma once

#include <stdint.h>

/** Starts counting from zero. The 1 us tick must run (watchdog_start). */
void timer_start(void);
/** Microseconds since `timer_start`. */
uint64_t timer_us(void);
/**
 * Wakes the processor at `wake_us`, less than 2^32 us ahead. If that time has passed already, the interrupt
 * comes at once.
 */
void timer_arm(uint64_t wake_us);
void timer_interrupt(void);
