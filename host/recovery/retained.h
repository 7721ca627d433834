// What survives a restart of the BMC: why it happened, how often, and what time it is.
//
// Everything that goes wrong (trap, HardFault, stack overflow, hang) and every restart that was
// asked for ends in `retained_restart`, or, when nobody was left to call it, in the watchdog.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "generated/abi.h"

/** So many failures without GOOD_RUNNING_US between them: minimal state. Chosen. */
#define FAILURES_TOLERATED 3u
#define GOOD_RUNNING_US 60000000u

struct reset_report {
  enum reset_cause cause;
  uint32_t detail;   // trap kind or program counter, see the cause
  uint32_t link;     // link register of a HardFault
  uint32_t restarts; // since power-on, whatever the cause
  uint32_t failures; // in a row
};

/** First thing after reset: finds out what kind of reset it was. */
void retained_begin(void);
const struct reset_report *retained_report(void);
/** False after power-on and the RUN pin: outputs and what is retained began anew. */
bool retained_is_restart(void);
/** Microseconds since power-on when TIMER of this start stood at zero. */
uint64_t retained_time_base_us(void);
/** Keeps the time over a hang; call with every completed pass. */
void retained_keep_time(uint64_t now_us);
/** Forgets the run of failures. */
void retained_forgive(void);
/** Records the cause and restarts the BMC; outputs stay as they are. Safe from any context. */
_Noreturn void retained_restart(enum reset_cause cause, uint32_t detail, uint32_t link);
