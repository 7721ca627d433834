// See events.h. Runs from SRAM (link.ld): interrupts are held here, and the SMBus' cannot wait for flash.

#include "events.h"

#include "processor.h"
#include "registers.h"

static volatile uint32_t waiting;

void events_raise(uint32_t events) {
  const uint32_t primask = interrupts_hold();
  waiting |= events;
  interrupts_restore(primask);
}

uint32_t events_take(void) {
  const uint32_t primask = interrupts_hold();
  const uint32_t taken = waiting;
  waiting = 0;
  interrupts_restore(primask);
  return taken;
}

void events_sleep(uint32_t wake_us) {
  for (;;) {
    // An event between this look and WFI makes its interrupt pending, and WFI falls through.
    const uint32_t primask = interrupts_hold();
    const bool is_over = waiting != 0 || (int32_t)(REGISTER(TIMER_TIMERAWL) - wake_us) >= 0;
    if (!is_over) wait_for_interrupt();
    interrupts_restore(primask);
    if (is_over) return;
  }
}
