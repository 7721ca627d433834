// What interrupt handlers tell the main loop: bits of the contract's EVENT_* mask.
#pragma once

#include <stdint.h>

/** From handlers, or with interrupts held. All handlers have one priority and do not nest. */
void events_raise(uint32_t events);
/** From thread mode: takes what has been raised. */
uint32_t events_take(void);
/** With interrupts held: whether anything is waiting. */
uint32_t events_waiting(void);
