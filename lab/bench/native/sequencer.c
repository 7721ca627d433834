// A power sequencer with scripted inputs; see lab/bench/kernels/sequencer.ts.

#include <stdbool.h>

#include "kernels.h"

// Inputs: bit n is the power-good of rail n.
#define PRESENT (1u << 5)
#define HALTED (1u << 6)
// Outputs: bit n is the enable of rail n.
#define COMPUTE_RUN (1u << 5)
#define SHUTDOWN_REQ (1u << 6)

struct rail {
  uint16_t enable;
  uint16_t power_good;
  uint16_t up_ms;
  uint16_t down_ms;
};

static const struct rail rails[] = {
    {0x01, 0x01, 50, 500}, {0x02, 0x02, 100, 500}, {0x04, 0x04, 20, 200},
    {0x08, 0x08, 20, 200}, {0x10, 0x10, 30, 100},
};
#define RAIL_COUNT COUNT_OF(rails)

#define RUN_DELAY_MS 20
#define SHUTDOWN_MS 60000
#define DEBOUNCE_US 10000
#define NO_DEADLINE UINT64_MAX

enum state { OFF, RAIL_UP, RUN_DELAY, ON, SHUTTING_DOWN, RAIL_DOWN, FAULT };
enum command { COMMAND_NONE, COMMAND_ON, COMMAND_OFF, COMMAND_FORCE_OFF };
enum fault { FAULT_NONE, POWER_GOOD_TIMEOUT, POWER_GOOD_LOST, POWER_GOOD_STUCK, REMOVED };

// Bits that a step returns in addition to the outputs that change.
#define ACTION_ENTERED (1u << 8)
#define ACTION_FAULT (1u << 9)
#define ACTION_REFUSED (1u << 10)

struct script_row {
  uint16_t steps;
  uint16_t delta_ms;
  uint16_t signals;
  uint16_t command;
};

static const struct script_row script[] = {
    // on, off
    {5, 100, 0x20, 0}, {6, 5, 0x20, 1}, {3, 2, 0x21, 0}, {4, 5, 0x23, 0}, {3, 1, 0x27, 0},
    {2, 1, 0x2f, 0}, {4, 5, 0x2f, 0}, {7, 4, 0x3f, 0}, {60, 10, 0x3f, 0}, {30, 100, 0x3f, 2},
    {3, 4, 0x7f, 0}, {2, 4, 0x3f, 0}, {5, 4, 0x7f, 0}, {3, 5, 0x2f, 0}, {2, 5, 0x27, 0},
    {4, 5, 0x23, 0}, {2, 5, 0x21, 0}, {6, 5, 0x20, 0},
    // refused; a rail that does not come up
    {2, 100, 0x00, 1}, {3, 5, 0x20, 1}, {30, 5, 0x21, 0}, {4, 5, 0x20, 0}, {5, 100, 0x20, 0},
    // a rail lost while on, with the one below it stuck
    {2, 1, 0x20, 1}, {2, 1, 0x21, 0}, {2, 1, 0x23, 0}, {2, 1, 0x27, 0}, {2, 1, 0x2f, 0},
    {8, 4, 0x3f, 0}, {40, 10, 0x3f, 0}, {1, 1, 0x37, 0}, {3, 5, 0x2f, 0}, {12, 30, 0x27, 0},
    {3, 5, 0x23, 0}, {3, 5, 0x21, 0}, {6, 5, 0x20, 0}, {2, 10, 0x20, 2},
    // forced off while coming up
    {2, 1, 0x20, 1}, {1, 1, 0x21, 3}, {4, 5, 0x20, 0},
    // on, pulled out, forced off on the way down
    {2, 1, 0x20, 1}, {2, 1, 0x21, 0}, {2, 1, 0x23, 0}, {2, 1, 0x27, 0}, {2, 1, 0x2f, 0},
    {8, 4, 0x3f, 0}, {20, 10, 0x3f, 1}, {5, 4, 0x1f, 0}, {2, 1, 0x0f, 3}, {3, 5, 0x01, 0},
    {4, 5, 0x00, 2},
};

static struct {
  uint64_t now_us;
  uint64_t deadline_us;
  uint64_t halted_us;  // when HALTED, or a missing board, will have lasted long enough;
  uint64_t removed_us; // NO_DEADLINE while it is not asserted
  enum state state;
  uint32_t rail;
  uint32_t outputs;
  enum fault fault;
  uint32_t fault_rail;
} slot;

static void enter(enum state state, uint32_t outputs, uint64_t deadline_us) {
  slot.state = state;
  slot.outputs = outputs;
  slot.deadline_us = deadline_us;
  slot.halted_us = NO_DEADLINE;
  slot.removed_us = NO_DEADLINE;
}

void prepare_sequencer(void) {
  slot.now_us = 0;
  slot.rail = 0;
  slot.fault = FAULT_NONE;
  slot.fault_rail = 0;
  enter(OFF, 0, NO_DEADLINE);
}

/** Returns the enables of the first `count` rails. */
static uint32_t enables(uint32_t count) {
  uint32_t mask = 0;
  for (uint32_t rail = 0; rail < count; rail++) mask |= rails[rail].enable;
  return mask;
}

static uint64_t after(uint32_t wait_ms) { return slot.now_us + wait_ms * 1000; }

static void enter_rail_up(uint32_t rail) {
  slot.rail = rail;
  enter(RAIL_UP, enables(rail + 1), after(rails[rail].up_ms));
}

static void enter_rail_down(uint32_t rail) {
  slot.rail = rail;
  enter(RAIL_DOWN, enables(rail), after(rails[rail].down_ms));
}

static void go_down(void) { enter_rail_down(slot.state == RAIL_UP ? slot.rail : RAIL_COUNT - 1); }

/** Latches a fault. Only the first one is kept. */
static void latch(enum fault fault, uint32_t rail) {
  if (slot.fault != FAULT_NONE) return;
  slot.fault = fault;
  slot.fault_rail = rail;
}

static bool request(enum command command, uint32_t signals) {
  const bool is_off = slot.state == OFF || slot.state == FAULT;
  switch (command) {
    case COMMAND_ON:
      if (!is_off || !(signals & PRESENT)) return false;
      slot.fault = FAULT_NONE;
      enter_rail_up(0);
      return true;
    case COMMAND_OFF:
      if (slot.state == ON) {
        enter(SHUTTING_DOWN, slot.outputs | SHUTDOWN_REQ, after(SHUTDOWN_MS));
        return true;
      }
      if (slot.state != FAULT) return false;
      slot.fault = FAULT_NONE;
      enter(OFF, 0, NO_DEADLINE);
      return true;
    default:
      if (is_off || slot.state == RAIL_DOWN) return false;
      go_down();
      return true;
  }
}

/**
 * Returns when an input that is asserted now will have lasted long enough, or NO_DEADLINE if it is not
 * asserted.
 */
static uint64_t debounced(uint64_t due_us, bool asserted) {
  if (!asserted) return NO_DEADLINE;
  return due_us == NO_DEADLINE ? slot.now_us + DEBOUNCE_US : due_us;
}

/** Checks that the rails of this state are good, and that the board is in its slot. */
static bool check_faults(uint32_t signals) {
  const uint32_t expected = slot.state == RAIL_UP ? slot.rail : RAIL_COUNT;
  for (uint32_t rail = 0; rail < expected; rail++) {
    if (!(signals & rails[rail].power_good)) {
      latch(POWER_GOOD_LOST, rail);
      go_down();
      return true;
    }
  }
  if (slot.now_us < slot.removed_us) return false;
  latch(REMOVED, slot.rail);
  go_down();
  return true;
}

/** Makes at most one transition. Returns true if it made one. */
static bool advance(uint32_t signals) {
  if (slot.state == OFF || slot.state == FAULT) return false;
  const bool late = slot.now_us >= slot.deadline_us;
  if (slot.state != RAIL_DOWN) {
    slot.halted_us = debounced(slot.halted_us, (signals & HALTED) != 0);
    slot.removed_us = debounced(slot.removed_us, !(signals & PRESENT));
    if (check_faults(signals)) return true;
  }
  const bool is_good = (signals & rails[slot.rail].power_good) != 0;
  switch (slot.state) {
    case RAIL_UP:
      if (is_good) {
        if (slot.rail + 1 < RAIL_COUNT) enter_rail_up(slot.rail + 1);
        else enter(RUN_DELAY, slot.outputs, after(RUN_DELAY_MS));
        return true;
      }
      if (!late) return false;
      latch(POWER_GOOD_TIMEOUT, slot.rail);
      go_down();
      return true;
    case RUN_DELAY:
      if (!late) return false;
      enter(ON, slot.outputs | COMPUTE_RUN, NO_DEADLINE);
      return true;
    case ON:
    case SHUTTING_DOWN:
      if (!late && slot.now_us < slot.halted_us) return false;
      go_down();
      return true;
    default:
      if (is_good && !late) return false;
      if (is_good) latch(POWER_GOOD_STUCK, slot.rail);
      if (slot.rail > 0) enter_rail_down(slot.rail - 1);
      else enter(slot.fault == FAULT_NONE ? OFF : FAULT, 0, NO_DEADLINE);
      return true;
  }
}

/**
 * Makes one pass: executes the command if there is one, then a transition. Returns what the caller has to
 * do.
 */
static uint32_t step(uint32_t signals, enum command command) {
  const uint32_t before = slot.outputs;
  const enum fault fault_before = slot.fault;
  uint32_t actions = 0;
  if (command != COMMAND_NONE && !request(command, signals)) actions |= ACTION_REFUSED;
  if (advance(signals)) actions |= ACTION_ENTERED;
  if (slot.fault != fault_before) actions |= ACTION_FAULT;
  return actions | (slot.outputs ^ before);
}

uint32_t native_sequencer(void) {
  uint32_t sum = 0;
  for (const struct script_row *row = script; row != script + COUNT_OF(script); row++) {
    const uint64_t delta_us = row->delta_ms * UINT64_C(1000);
    const uint32_t signals = row->signals;
    enum command command = (enum command)row->command;
    for (uint32_t left = row->steps; left != 0; left--) {
      slot.now_us += delta_us;
      sum = mix(sum, step(signals, command));
      command = COMMAND_NONE;
    }
    sum = mix(sum, (uint32_t)slot.state << 16 | (uint32_t)slot.fault << 8 | slot.fault_rail);
  }
  return sum;
}
