// See retained.h. The record lies in SRAM that no start-up code touches (section .retained):
// a watchdog reset of the processors leaves SRAM alone. Magic and checksum tell whether it is ours.
// It lies there twice: a reset in the middle of a change finds the other copy whole, as it was before.

#include "retained.h"

#include <string.h>

#include "processor.h"
#include "registers.h"
#include "smbus/smbus-alert.h"
#include "stack.h"
#include "peripherals/timer.h"
#include "peripherals/watchdog.h"

#define MAGIC 0x72626d63u

static struct record {
  uint32_t magic;
  uint32_t recorded; // the restart that follows was written down by `retained_restart`
  struct reset_report report;
  uint32_t logic_words[RETAINED_WORDS]; // what the logic wants to know again
  uint64_t base_us; // since power-on, when this start began
  uint64_t kept_us; // since power-on, at the end of the last pass or at the restart
  uint32_t checksum;
} retained __attribute__((section(".retained"))), retained_copy __attribute__((section(".retained")));

static uint32_t checksum(const struct record *record) {
  const uint32_t *word = (const uint32_t *)record;
  uint32_t sum = ~MAGIC;
  for (; word < &record->checksum; word++) sum = (sum << 5 | sum >> 27) ^ *word;
  return sum;
}

static bool is_whole(const struct record *record) {
  return record->magic == MAGIC && record->checksum == checksum(record);
}

// The copy follows only once the record itself is whole; the barriers keep the compiler to that order.
static void seal(void) {
  retained.checksum = checksum(&retained);
  __asm__ volatile("" ::: "memory");
  retained_copy = retained;
  __asm__ volatile("" ::: "memory");
}

static bool is_failure(enum reset_cause cause) { return cause >= RESET_CAUSE_HANG; }

void retained_begin(void) {
  // REASON is zero after power-on and RUN (datasheet 4.7.6); SRAM may have outlived RUN, but the
  // outputs have not, so that counts as a fresh start.
  const bool by_watchdog = REGISTER(WATCHDOG_REASON) != 0;
  if (by_watchdog && !is_whole(&retained)) retained = retained_copy;
  const bool known = by_watchdog && is_whole(&retained);
  struct reset_report *report = &retained.report;
  if (!known) {
    memset(&retained, 0, sizeof retained);
    retained.magic = MAGIC;
    if (by_watchdog) {
      *report = (struct reset_report){.cause = RESET_CAUSE_HANG, .restarts = 1, .failures = 1};
    } else {
      report->cause = REGISTER(CHIP_RESET) & CHIP_RESET_HAD_RUN ? RESET_CAUSE_RUN_PIN : RESET_CAUSE_POWER_ON;
    }
  } else if (retained.recorded) {
    retained.recorded = 0;
  } else {
    // Nobody wrote anything down, so the counter ran out, one whole period after the last feed.
    // A fault while a HardFault is being entered locks the processor up (ARMv6-M B1.5.14): with
    // the stack's guard gone, it was the stack.
    report->cause = stack_guard_is_intact() ? RESET_CAUSE_HANG : RESET_CAUSE_STACK_OVERFLOW;
    report->detail = 0;
    report->link = 0;
    report->restarts++;
    report->failures++;
    retained.kept_us += WATCHDOG_PERIOD_US;
  }
  retained.base_us = retained.kept_us;
  seal();
}

bool retained_is_restart(void) {
  const enum reset_cause cause = retained.report.cause;
  return cause != RESET_CAUSE_POWER_ON && cause != RESET_CAUSE_RUN_PIN;
}

const struct reset_report *retained_report(void) { return &retained.report; }

uint64_t retained_time_base_us(void) { return retained.base_us; }

void retained_keep_time(uint64_t now_us) {
  retained.kept_us = now_us;
  seal();
}

uint32_t host_retained_read(uint32_t place) { return retained.logic_words[place]; }

void host_retained_write(uint32_t place, uint32_t word) {
  retained.logic_words[place] = word;
  seal();
}

void retained_forgive(void) {
  retained.report.failures = 0;
  seal();
}

_Noreturn __attribute__((noinline)) void retained_restart(enum reset_cause cause, uint32_t detail,
                                                          uint32_t link) {
  (void)interrupts_hold();
  smbus_alert_let_go(); // its hold on SDA is the pin's, and outlives the reset of the block
  struct reset_report *report = &retained.report;
  report->cause = cause;
  report->detail = detail;
  report->link = link;
  report->restarts++;
  if (is_failure(cause)) report->failures++;
  retained.recorded = 1;
  // The logic may have read the clock after its last completed pass: time must not go back.
  if (REGISTER(RESETS_RESET_DONE) & RESETS_TIMER) retained.kept_us = retained.base_us + timer_us();
  seal();
  watchdog_trigger();
}
