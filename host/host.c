// The main loop: take events, run one pass through the logic, sleep until the next event or deadline. While
// it sleeps, the chip is in WFI. Each completed pass feeds the watchdog.

#include <stddef.h>

#include "board.h"
#include "peripherals/clocks.h"
#include "engine/engine.h"
#include "events.h"
#include "i2c/i2c-controller.h"
#include "recovery/minimal.h"
#include "processor.h"
#include "recovery/retained.h"
#include "sampling/sampling.h"
#include "peripherals/signals.h"
#include "smbus/smbus.h"
#include "recovery/stack.h"
#include "peripherals/timer.h"
#include "peripherals/uart.h"
#include "peripherals/watchdog.h"

_Noreturn void host_main(void);

extern char flash_used_bytes[], ram_used_bytes[], flash_unique_id_frames[]; // link.ld

/** Our choice: an idle logic still gets a pass twice a second, and feeds the watchdog with it. */
#define IDLE_PASS_US 500000u

/** How long a requested restart waits for the console to be sent. The contract promises this. */
#define RESTART_DRAIN_US 100000u

static uint32_t passes, longest_pass_us;
static bool restart_requested;
static bool restart_requested;

uint64_t host_time_us(void) { return retained_time_base_us() + timer_us(); }

/**
 * Returns four bytes of the flash chip's unique id, the first as the highest. A chip without an id leaves
 * the line high, so that all bytes are FFh: then it returns 0.
 */
static uint32_t unique_id(uint32_t first) {
  uint32_t word = 0, all_ones = 0xff;
  for (uint32_t i = 0; i < 8; i++) {
    const uint32_t byte = (uint8_t)flash_unique_id_frames[8 - i];
    all_ones &= byte;
    if (i >= first && i < first + 4) word = word << 8 | byte;
  }
  return all_ones == 0xff ? 0 : word;
}

void host_system_info(struct system_info *info) {
  const struct reset_report *report = retained_report();
  *info = (struct system_info){
    .reset_cause = report->cause,
    .reset_detail = report->detail,
    .restarts = report->restarts,
    .stack_bytes = stack_bytes(),
    .stack_high_water_bytes = stack_high_water_bytes(),
    .ram_used_bytes = (uint32_t)ram_used_bytes,
    .flash_used_bytes = (uint32_t)flash_used_bytes,
    .engine_heap_bytes = engine_heap_bytes(),
    .engine_heap_used_bytes = engine_heap_used_bytes(),
    .module_bytes = engine_module_bytes(),
    .passes = passes,
    .longest_pass_us = longest_pass_us,
    .unique_id_high = unique_id(0),
    .unique_id_low = unique_id(4),
  };
}

void host_restart(void) { restart_requested = true; }

static _Noreturn void restart_when_drained(void) {
  // The logic's last output ("restarting") should reach the terminal.
  const uint64_t until_us = timer_us() + RESTART_DRAIN_US;
  while (!uart_is_drained(PORT_CONSOLE) && timer_us() < until_us) continue;
  retained_restart(RESET_CAUSE_REQUESTED, 0, 0);
}

/** Does what follows every pass. Returns the next deadline, or restarts the BMC. */
static uint64_t finish_pass(struct engine_pass pass, uint64_t began_us) {
  const uint64_t now_us = timer_us();
  if (pass.trapped) retained_restart(RESET_CAUSE_TRAP, pass.trap, 0);
  if (!stack_guard_is_intact()) retained_restart(RESET_CAUSE_STACK_OVERFLOW, 0, 0);
  watchdog_feed();
  retained_keep_time(retained_time_base_us() + now_us);
  passes++;
  if (now_us - began_us > longest_pass_us) longest_pass_us = (uint32_t)(now_us - began_us);
  if (now_us >= FAILURE_FREE_US && retained_report()->failures > 0) retained_clear_failures();
  if (restart_requested) restart_when_drained();
  const uint64_t base_us = retained_time_base_us();
  return pass.deadline_us <= base_us ? 0 : pass.deadline_us - base_us;
}

static void sleep_until(uint64_t wake_us) {
  timer_arm(wake_us);
  events_sleep((uint32_t)wake_us);
}

static _Noreturn void run_logic(void) {
  uint64_t began_us = timer_us();
  uint64_t deadline_us = finish_pass(engine_start(), began_us);
  uint64_t idle_us = timer_us() + IDLE_PASS_US;
  for (;;) {
    uint32_t events = events_take() | uart_leftovers();
    began_us = timer_us();
    if (began_us >= deadline_us) events |= EVENT_TIMER;
    if (events == 0 && began_us < idle_us) {
      sleep_until(deadline_us < idle_us ? deadline_us : idle_us);
      continue;
    }
    deadline_us = finish_pass(engine_handle(events), began_us);
    idle_us = timer_us() + IDLE_PASS_US;
  }
}

/** Greets while the logic is being checked; the logic ends the line. */
static void print_greeting(void) {
  static const char line[] = "\r\nracklet-bmc " FIRMWARE_VERSION " on " BOARD_NAME ", type help";
  (void)host_uart_write(PORT_CONSOLE, (const uint8_t *)line, sizeof line - 1);
}

_Noreturn void host_main(void) {
  timer_start();
  sampling_start(); // first, so that an over-current limit armed before the restart takes effect again soon
  uart_start();
  signals_start();
  smbus_start();
  i2c_start();
  interrupts_allow();
  print_greeting();

  if (retained_report()->failures >= FAILURES_TOLERATED) minimal_run("failed again and again");
  const char *refusal = engine_load();
  if (refusal != NULL) minimal_run(refusal);
  watchdog_feed(); // loading takes a time bounded by the module's size; the first pass gets a whole period
  run_logic();
}
