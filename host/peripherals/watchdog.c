// See watchdog.h. Datasheet 4.7.
//
// What a reset takes with it decides whether the compute board keeps its power:
// - PSM.WDSEL: the power-on state machine restarts at the first selected stage and takes every
//   later one along (2.13.2). The processors are its last stage: SIO with its latches, the
//   clocks, SRAM and RESETS all come earlier and stay.
// - RESETS.WDSEL: blocks that could go on by themselves (DMA, USB, serial buses) start clean.
//   Never IO_BANK0 and PADS_BANK0, which would let go of EN_5V, EN_3V3_AUX and COMPUTE_RUN; nor
//   the PLLs, which clock the processors while they restart.

#include "watchdog.h"

#include "board.h"
#include "registers.h"

#define RESETS_BY_WATCHDOG                                                                       \
  (RESETS_ADC | RESETS_DMA | RESETS_I2C0 | RESETS_I2C1 | RESETS_PIO0 | RESETS_PIO1 | RESETS_SPI0 \
   | RESETS_SPI1 | RESETS_TIMER | RESETS_UART0 | RESETS_UART1 | RESETS_USBCTRL)

static void select_what_is_reset(void) {
  REGISTER(PSM_WDSEL) = PSM_PROC0 | PSM_PROC1;
  REGISTER(RESETS_WDSEL) = RESETS_BY_WATCHDOG;
}

void watchdog_start(void) {
  REGISTER_CLEAR(WATCHDOG_CTRL) = WATCHDOG_CTRL_ENABLE;
  select_what_is_reset();
  REGISTER(WATCHDOG_TICK) = WATCHDOG_TICK_ENABLE | BOARD_CRYSTAL_HZ / 1000000u;
  watchdog_feed();
  // A debugger that holds the processor holds the watchdog as well.
  REGISTER_SET(WATCHDOG_CTRL) = WATCHDOG_CTRL_ENABLE | WATCHDOG_CTRL_PAUSE_DEBUG;
}

_Noreturn void watchdog_trigger(void) {
  select_what_is_reset(); // a fault may come before watchdog_start
  for (;;) REGISTER_SET(WATCHDOG_CTRL) = WATCHDOG_CTRL_TRIGGER;
}
