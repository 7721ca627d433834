// See timer.h. Datasheet 4.6.

#include "timer.h"

#include "clocks.h"
#include "processor.h"
#include "registers.h"

#define TIMER_INTF (TIMER_BASE + 0x3cu)

void timer_start(void) {
  // A reset makes it count from zero, whatever the boot ROM or the watchdog did to it. If it stays in
  // reset, the first wait on time ends in a watchdog reset.
  (void)peripherals_reset(RESETS_TIMER);
  REGISTER(TIMER_DBGPAUSE) = 7; // time stands still under a debugger, as the watchdog does
  REGISTER(TIMER_INTE) = TIMER_ALARM_0;
  interrupt_enable(IRQ_TIMER_0, PRIORITY_DEVICES);
}

uint64_t timer_us(void) {
  // The latching registers TIMEHR and TIMELR do not work if an interrupt handler reads them in between
  // (4.6.2).
  uint32_t high = REGISTER(TIMER_TIMERAWH);
  for (;;) {
    const uint32_t low = REGISTER(TIMER_TIMERAWL);
    const uint32_t again = REGISTER(TIMER_TIMERAWH);
    if (again == high) return (uint64_t)high << 32 | low;
    high = again;
  }
}

void timer_arm(uint64_t wake_us) {
  REGISTER(TIMER_INTF) = 0;
  REGISTER(TIMER_ALARM0) = (uint32_t)wake_us;
  // The alarm fires only when the low word equals its value: if that is missed by 1 us, it fires 71 minutes
  // later.
  if (timer_us() >= wake_us) REGISTER(TIMER_INTF) = TIMER_ALARM_0;
}

void timer_interrupt(void) {
  REGISTER(TIMER_INTF) = 0;
  REGISTER(TIMER_ARMED) = TIMER_ALARM_0; // write one to disarm
  REGISTER(TIMER_INTR) = TIMER_ALARM_0;
}
