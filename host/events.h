// What interrupt handlers tell the main loop: bits of the contract's EVENT_* mask.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void events_raise(uint32_t events);
/** From thread mode: takes what has been raised. */
uint32_t events_take(void);
/**
 * From thread mode: sleeps until there is an event that nobody has taken, or it is `wake_us` (low word of the
 * timer, at most half an hour away). Handlers that raise none, and there are 25,000 of them a second, are
 * slept through.
 */
void events_sleep(uint32_t wake_us);
