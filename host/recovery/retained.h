// The record that survives a restart of the BMC: the cause of the restart, how many there were, and the time.
//
// Every failure (trap, HardFault, stack overflow, hang) and every requested restart ends in
// `retained_restart`. If the BMC can no longer call that, the watchdog resets it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "generated/abi.h"

/**
 * After this many failures without FAILURE_FREE_US between them, the BMC enters the minimal state. Our
 * choice.
 */
#define FAILURES_TOLERATED 3u
#define FAILURE_FREE_US 60000000u

struct reset_report {
  enum reset_cause cause;
  uint32_t detail;   // trap kind or program counter, depending on the cause
  uint32_t link;     // link register of a HardFault
  uint32_t restarts; // since power-on, whatever the cause
  uint32_t failures; // in a row
};

/** Must run first after reset: determines what kind of reset it was. */
void retained_begin(void);
const struct reset_report *retained_report(void);
/** Returns false after power-on and the RUN pin, because the outputs and the record then start from zero. */
bool retained_is_restart(void);
/** The time since power-on, in microseconds, at which TIMER of this start was zero. */
uint64_t retained_time_base_us(void);
/** Records the time, so that it continues after a hang. Call it with every completed pass. */
void retained_keep_time(uint64_t now_us);
/** Clears the count of failures in a row. */
void retained_clear_failures(void);
/** Records the cause and restarts the BMC; outputs stay as they are. Safe from any context. */
_Noreturn void retained_restart(enum reset_cause cause, uint32_t detail, uint32_t link);
