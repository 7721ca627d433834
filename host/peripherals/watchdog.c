// See watchdog.h. Datasheet 4.7.
//
// The choice of what a watchdog reset includes decides whether the compute board keeps its power:
// - PSM.WDSEL: the power-on state machine restarts at the first selected stage and at every later one
//   (2.13.2). The processors are its last stage. SIO with its latches, the clocks, SRAM and RESETS all come
//   earlier and keep their state.
// - RESETS.WDSEL: peripherals that could go on by themselves (DMA, USB, serial buses) are reset. IO_BANK0
//   and PADS_BANK0 must not be: that would release EN_5V, EN_3V3_AUX and COMPUTE_RUN. Nor must the PLLs,
//   because they clock the processors while these restart.

#include "watchdog.h"

#include "board.h"
#include "registers.h"

#define RESETS_BY_WATCHDOG                                                                       \
  (RESETS_ADC | RESETS_DMA | RESETS_I2C0 | RESETS_I2C1 | RESETS_PIO0 | RESETS_PIO1 | RESETS_SPI0 \
   | RESETS_SPI1 | RESETS_TIMER | RESETS_UART0 | RESETS_UART1 | RESETS_USBCTRL)

static void select_reset_scope(void) {
  REGISTER(PSM_WDSEL) = PSM_PROC0 | PSM_PROC1;
  REGISTER(RESETS_WDSEL) = RESETS_BY_WATCHDOG;
}

void watchdog_start(void) {
  REGISTER_CLEAR(WATCHDOG_CTRL) = WATCHDOG_CTRL_ENABLE;
  select_reset_scope();
  REGISTER(WATCHDOG_TICK) = WATCHDOG_TICK_ENABLE | BOARD_CRYSTAL_HZ / 1000000u;
  watchdog_feed();
  // While a debugger stops the processor, the watchdog stops as well.
  REGISTER_SET(WATCHDOG_CTRL) = WATCHDOG_CTRL_ENABLE | WATCHDOG_CTRL_PAUSE_DEBUG;
}

_Noreturn void watchdog_trigger(void) {
  select_reset_scope(); // a fault may happen before watchdog_start
  for (;;) REGISTER_SET(WATCHDOG_CTRL) = WATCHDOG_CTRL_TRIGGER;
}
