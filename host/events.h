// How interrupt handlers notify the main loop: bits of the contract's EVENT_* mask.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void events_raise(uint32_t events);
/** Takes all raised events. Only from thread mode. */
uint32_t events_take(void);
/**
 * Sleeps until an event is raised and not yet taken, or until `wake_us` (the low word of the timer, at most
 * half an hour ahead). Only from thread mode. Interrupts that raise no event, up to 25,000 a second, do not
 * end the sleep.
 */
void events_sleep(uint32_t wake_us);
