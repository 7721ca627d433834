// See events.h.

#include "events.h"

#include "processor.h"

static volatile uint32_t waiting;

void events_raise(uint32_t events) { waiting |= events; }

uint32_t events_take(void) {
  const uint32_t primask = interrupts_hold();
  const uint32_t taken = waiting;
  waiting = 0;
  interrupts_restore(primask);
  return taken;
}

uint32_t events_waiting(void) { return waiting; }
