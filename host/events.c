// See events.h. Runs from SRAM (link.ld), because it holds interrupts off and the SMBus handler cannot wait
// for flash.

#include "events.h"

#include "processor.h"
#include "registers.h"

static volatile uint32_t pending;

void events_raise(uint32_t events) {
  const uint32_t primask = interrupts_hold();
  pending |= events;
  interrupts_restore(primask);
}

uint32_t events_take(void) {
  const uint32_t primask = interrupts_hold();
  const uint32_t taken = pending;
  pending = 0;
  interrupts_restore(primask);
  return taken;
}

void events_sleep(uint32_t wake_us) {
  for (;;) {
    // An event raised between this check and WFI makes its interrupt pending, and WFI returns at once.
    const uint32_t primask = interrupts_hold();
    const bool is_over = pending != 0 || (int32_t)(REGISTER(TIMER_TIMERAWL) - wake_us) >= 0;
    if (!is_over) wait_for_interrupt();
    interrupts_restore(primask);
    if (is_over) return;
  }
}
