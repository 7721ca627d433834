// See retained.h. The record is in a part of SRAM that no start-up code writes (section .retained), and a
// watchdog reset of the processors leaves SRAM alone. A magic number and a checksum show whether the record
// is ours. There are two copies: if a reset interrupts a change, the other copy still holds the record as
// it was before.

#include "retained.h"

#include <string.h>

#include "processor.h"
#include "registers.h"
#include "smbus/smbus-alert.h"
#include "stack.h"
#include "peripherals/timer.h"
#include "peripherals/watchdog.h"

#define MAGIC 0x72626d63u

extern uint32_t fast_vectors[]; // link.ld; in use once start_up has copied the code in SRAM

static struct record {
  uint32_t magic;
  uint32_t recorded; // `retained_restart` has recorded the cause of the restart that follows
  struct reset_report report;
  uint32_t logic_words[RETAINED_WORDS]; // kept for the logic
  uint64_t base_us; // time since power-on when this start began
  uint64_t kept_us; // time since power-on at the end of the last pass, or at the restart
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

// The copy is written only when the record itself is whole. The barriers make the compiler keep that order.
static void seal(void) {
  retained.checksum = checksum(&retained);
  __asm__ volatile("" ::: "memory");
  retained_copy = retained;
  __asm__ volatile("" ::: "memory");
}

static bool is_failure(enum reset_cause cause) { return cause >= RESET_CAUSE_HANG; }

void retained_begin(void) {
  // REASON is zero after power-on and RUN (datasheet 4.7.6). SRAM may have kept the record over a RUN
  // reset, but the outputs have lost their state, so a RUN reset counts as a fresh start.
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
    // No cause was recorded, so the watchdog's counter ran out, one whole period after the last feed. A
    // fault while a HardFault is being entered locks the processor up (ARMv6-M B1.5.14). So if the stack's
    // guard is damaged, the cause was a stack overflow.
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

uint32_t host_retained_read(uint32_t index) { return retained.logic_words[index]; }

void host_retained_write(uint32_t index, uint32_t word) {
  retained.logic_words[index] = word;
  seal();
}

void retained_clear_failures(void) {
  retained.report.failures = 0;
  seal();
}

_Noreturn __attribute__((noinline)) void retained_restart(enum reset_cause cause, uint32_t detail,
                                                          uint32_t link) {
  (void)interrupts_hold();
  // The pin override that pulls SDA low would outlast the reset of the I2C peripheral. The function is in
  // SRAM, and calling it before start_up has copied it there would lock the processor up.
  if (REGISTER(VTOR) == (uint32_t)fast_vectors) smbus_alert_release();
  struct reset_report *report = &retained.report;
  report->cause = cause;
  report->detail = detail;
  report->link = link;
  report->restarts++;
  if (is_failure(cause)) report->failures++;
  retained.recorded = 1;
  // The logic may have read the clock after its last completed pass, and time must not go back.
  if (REGISTER(RESETS_RESET_DONE) & RESETS_TIMER) retained.kept_us = retained.base_us + timer_us();
  seal();
  watchdog_trigger();
}
