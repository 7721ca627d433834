// See minimal.h. A line console on UART1, with backspace as the only editing. Nothing here depends on the
// engine or its heap. Every wait is bounded, so that the watchdog notices a loop that stands still.

#include "minimal.h"

#include <stdbool.h>
#include <string.h>

#include "board.h"
#include "events.h"
#include "generated/abi.h"
#include "minimal-bus.h"
#include "processor.h"
#include "retained.h"
#include "peripherals/timer.h"
#include "peripherals/uart.h"
#include "peripherals/watchdog.h"

#define PROMPT "minimal> "
#define LINE_BYTES 32u
#define ROUND_US (WATCHDOG_PERIOD_US / 4)

static const char *reason;

// Waits for room in the transmit buffer, but no longer than sending a full buffer takes.
static void print(const char *text) {
  const uint64_t until_us = timer_us() + WATCHDOG_PERIOD_US / 2;
  uint32_t left = strlen(text);
  while (left > 0 && timer_us() < until_us) {
    const uint32_t taken = host_uart_write(PORT_CONSOLE, (const uint8_t *)text, left);
    text += taken;
    left -= taken;
  }
}

static void print_number(uint64_t number) {
  char digits[21];
  char *at = digits + sizeof digits - 1;
  *at = 0;
  do {
    *--at = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  print(at);
}

static void print_address(uint32_t address) {
  char text[11] = "0x";
  for (uint32_t i = 0; i < 8; i++) text[2 + i] = "0123456789abcdef"[address >> (28 - 4 * i) & 15];
  print(text);
}

static const char *cause_name(enum reset_cause cause) {
  static const char *const names[] = {
    [RESET_CAUSE_POWER_ON] = "power-on",     [RESET_CAUSE_RUN_PIN] = "run pin",
    [RESET_CAUSE_REQUESTED] = "requested",   [RESET_CAUSE_HANG] = "hang",
    [RESET_CAUSE_TRAP] = "trap",             [RESET_CAUSE_HARD_FAULT] = "hard fault",
    [RESET_CAUSE_STACK_OVERFLOW] = "stack overflow",
  };
  return cause < sizeof names / sizeof names[0] ? names[cause] : "unknown";
}

static const char *trap_name(enum trap_kind kind) {
  static const char *const names[] = {
    [TRAP_UNKNOWN] = "unknown",
    [TRAP_OUT_OF_BOUNDS] = "out of bounds",
    [TRAP_DIVISION] = "division",
    [TRAP_UNREACHABLE] = "unreachable",
    [TRAP_INDIRECT_CALL] = "indirect call",
    [TRAP_CALL_STACK] = "call stack",
    [TRAP_ABORT] = "abort",
    [TRAP_BAD_IMPORT_ARGUMENT] = "bad import argument",
  };
  return kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

static void print_cause(void) {
  const struct reset_report *report = retained_report();
  print(cause_name(report->cause));
  if (report->cause == RESET_CAUSE_TRAP) {
    print(" (");
    print(trap_name((enum trap_kind)report->detail));
    print(")");
  }
  if (report->cause >= RESET_CAUSE_HARD_FAULT && report->detail != 0) {
    print(" at ");
    print_address(report->detail);
    print(", called from ");
    print_address(report->link);
  }
}

static void command_status(void) {
  const struct reset_report *report = retained_report();
  print("state     minimal\r\nreason    ");
  print(reason);
  print("\r\ncause     ");
  print_cause();
  print("\r\nfailures  ");
  print_number(report->failures);
  print(" in a row\r\nrestarts  ");
  print_number(report->restarts);
  print("\r\nsignals   ");
  print_address(host_signals_read());
  print("\r\nuptime    ");
  print_number((retained_time_base_us() + timer_us()) / 1000000u);
  print(" s\r\n");
}

/** The enable and power-good of each rail that a board may have, in the order the rails come up. */
static const struct {
  uint8_t enable, power_good;
} rails[] = {
  {SIGNAL_EN_RAIL_0, SIGNAL_PG_RAIL_0},
  {SIGNAL_EN_RAIL_1, SIGNAL_PG_RAIL_1},
  {SIGNAL_EN_RAIL_2, SIGNAL_PG_RAIL_2},
  {SIGNAL_EN_RAIL_3, SIGNAL_PG_RAIL_3},
};

/**
 * Switches the slot off in the order of the logic: the compute board into reset, then the rails from the last
 * to the first, each when the one above is no longer good, or after a quarter of the watchdog's period.
 */
static void command_force_off(void) {
  bool all_down = true;
  host_signals_write(1u << SIGNAL_COMPUTE_RUN | 1u << SIGNAL_SHUTDOWN_REQ, 0);
  for (uint32_t rail = BOARD_RAILS; rail-- > 0;) {
    host_signals_write(1u << rails[rail].enable, 0);
    const uint64_t until_us = timer_us() + ROUND_US;
    while (host_signals_read() >> rails[rail].power_good & 1u && timer_us() < until_us) continue;
    if (host_signals_read() >> rails[rail].power_good & 1u) all_down = false;
    watchdog_feed();
  }
  // Otherwise the logic might go on coming up when it runs again.
  host_retained_write(RETAINED_SEQUENCER, 0);
  print(all_down ? "the slot is off\r\n" : "all enables are off, but a rail still reports power-good\r\n");
}

static _Noreturn void command_retry(void) {
  print("restarting\r\n");
  const uint64_t until_us = timer_us() + WATCHDOG_PERIOD_US / 4;
  while (!uart_is_drained(PORT_CONSOLE) && timer_us() < until_us) continue;
  retained_clear_failures();
  retained_restart(RESET_CAUSE_REQUESTED, 0, 0);
}

static void run_command(const char *line) {
  if (*line == 0) return;
  if (strcmp(line, "help") == 0) {
    print("help    this list\r\n"
          "status  why the BMC is in the minimal state\r\n"
          "power force-off --yes  switch the compute board off\r\n"
          "retry   run the logic again\r\n");
  } else if (strcmp(line, "status") == 0) {
    command_status();
  } else if (strcmp(line, "power force-off --yes") == 0) {
    command_force_off();
  } else if (strcmp(line, "power force-off") == 0) {
    print("this cuts the compute board's power: power force-off --yes\r\n");
  } else if (strcmp(line, "retry") == 0) {
    command_retry();
  } else {
    print("unknown command, there are: help, status, power force-off --yes, retry\r\n");
  }
}

static void handle_byte(uint8_t byte) {
  static char line[LINE_BYTES];
  static uint32_t length;
  static bool after_return;
  const bool second_of_pair = after_return && byte == '\n';
  after_return = byte == '\r';
  if (second_of_pair) return;
  if (byte == '\r' || byte == '\n') {
    line[length] = 0;
    length = 0;
    print("\r\n");
    run_command(line);
    print(PROMPT);
  } else if (byte == '\b' || byte == 0x7f) {
    if (length == 0) return;
    length--;
    print("\b \b");
  } else if (byte >= ' ' && byte <= '~' && length < LINE_BYTES - 1) {
    line[length++] = (char)byte;
    print((const char[]){(char)byte, 0});
  }
}

_Noreturn void minimal_run(const char *why) {
  reason = why;
  print("\r\nracklet-bmc in minimal state on " BOARD_NAME ": ");
  print(why);
  print("\r\nlast restart: ");
  print_cause();
  print("\r\nthe outputs stay as they are; type help\r\n" PROMPT);
  minimal_bus_open(why);
  for (;;) {
    uint8_t byte;
    while (host_uart_read(PORT_CONSOLE, &byte, 1) == 1) {
      handle_byte(byte);
      watchdog_feed();
    }
    while (host_uart_read(PORT_COMPUTE, &byte, 1) == 1) continue; // not captured in this state
    (void)host_signals_fell();
    minimal_bus_step();
    watchdog_feed();
    retained_keep_time(retained_time_base_us() + timer_us());

    const uint64_t wake_us = timer_us() + ROUND_US;
    timer_arm(wake_us);
    events_sleep((uint32_t)wake_us);
    (void)events_take();
  }
}
