// See signals.h. Datasheet 2.19 (GPIO), 2.3.1 (SIO).

#include "signals.h"

#include <stdbool.h>
#include <stddef.h>

#include "board.h"
#include "clocks.h"
#include "events.h"
#include "generated/abi.h"
#include "processor.h"
#include "registers.h"
#include "sampling/sampling.h"

enum direction { IN, OUT };
enum drive { PUSH_PULL, OPEN_DRAIN };
enum active { HIGH, LOW };
enum pull { NONE, UP, DOWN };

static const struct signal {
  uint8_t bit, gpio, direction, drive, active, pull;
} signals[] = {
#define ROW(name, gpio, direction, drive, active, pull) \
  {SIGNAL_##name, gpio, direction, drive, active, pull},
  BOARD_SIGNALS(ROW)
#undef ROW
};

#define SIGNAL_COUNT (sizeof signals / sizeof signals[0])

/** Inputs that were deasserted since the logic last asked, and the power-goods that went first. */
static volatile uint32_t fell, fell_first;

#define POWER_GOODS                                                                       \
  (1u << SIGNAL_PG_RAIL_0 | 1u << SIGNAL_PG_RAIL_1 | 1u << SIGNAL_PG_RAIL_2 | 1u << SIGNAL_PG_RAIL_3)

static uint32_t pad(const struct signal *signal) {
  const uint32_t pulls[] = {[NONE] = 0, [UP] = PADS_PUE, [DOWN] = PADS_PDE};
  return PADS_SCHMITT | PADS_DRIVE_4MA | PADS_IE | pulls[signal->pull];
}

/** Returns the SIO register in which the pin's bit must be written. */
static uint32_t register_for(const struct signal *signal, bool asserted) {
  const bool high = asserted == (signal->active == HIGH);
  if (signal->drive == PUSH_PULL) return high ? SIO_GPIO_OUT_SET : SIO_GPIO_OUT_CLR;
  return high ? SIO_GPIO_OE_CLR : SIO_GPIO_OE_SET; // the latch is always low
}

static void write(const struct signal *signal, bool asserted) {
  REGISTER(register_for(signal, asserted)) = 1u << signal->gpio;
}

// IO_BANK0 comes out of reset with the null function. So the pin itself shows whether it has kept its state
// over the reset, more reliably than any reset cause.
static bool kept_over_reset(const struct signal *signal) {
  return (REGISTER(GPIO_CTRL(signal->gpio)) & GPIO_CTRL_FUNCSEL_MASK) == GPIO_CTRL_FUNCSEL_SIO;
}

void signals_adopt_outputs(void) {
  // Taking these out of reset has no effect if they are not in reset: no working pin is disturbed.
  (void)peripherals_release(RESETS_IO_BANK0 | RESETS_PADS_BANK0);
  for (size_t i = 0; i < SIGNAL_COUNT; i++) {
    const struct signal *signal = &signals[i];
    if (signal->direction != OUT) continue;
    if (kept_over_reset(signal)) continue;
    // First the latch, then the output enable, then the pad's resistors, and the function last. Whatever
    // SIO held before, the pin only ever has its deasserted level.
    REGISTER(SIO_GPIO_OUT_CLR) = 1u << signal->gpio;
    write(signal, false);
    if (signal->drive == PUSH_PULL) REGISTER(SIO_GPIO_OE_SET) = 1u << signal->gpio;
    REGISTER(PADS_GPIO(signal->gpio)) = pad(signal);
    REGISTER(GPIO_CTRL(signal->gpio)) = GPIO_CTRL_FUNCSEL_SIO;
  }
}

void signals_start(void) {
  for (size_t i = 0; i < SIGNAL_COUNT; i++) {
    const struct signal *signal = &signals[i];
    if (signal->direction != IN) continue;
    const uint32_t edges = INT_EDGE_LOW(signal->gpio) | INT_EDGE_HIGH(signal->gpio);
    // A pin that kept its state over the reset also keeps latching edges during it. So a power-good that
    // fell during a restart is reported afterwards. Only the edges of a newly set up pin mean nothing.
    const bool is_new = !kept_over_reset(signal);
    REGISTER(PADS_GPIO(signal->gpio)) = pad(signal);
    REGISTER(GPIO_CTRL(signal->gpio)) = GPIO_CTRL_FUNCSEL_SIO;
    if (is_new) REGISTER(INTR(signal->gpio)) = edges;
    REGISTER_SET(PROC0_INTE(signal->gpio)) = edges;
  }
  interrupt_enable(IRQ_IO_BANK0, PRIORITY_DEVICES);
}

void signals_interrupt(void) {
  uint32_t falling = 0;
  for (size_t i = 0; i < SIGNAL_COUNT; i++) {
    const struct signal *signal = &signals[i];
    if (signal->direction != IN) continue;
    const uint32_t low = INT_EDGE_LOW(signal->gpio), high = INT_EDGE_HIGH(signal->gpio);
    const uint32_t edges = REGISTER(PROC0_INTS(signal->gpio)) & (low | high);
    if (edges == 0) continue;
    REGISTER(INTR(signal->gpio)) = edges;
    if (edges & (signal->active == HIGH ? low : high)) falling |= 1u << signal->bit;
    events_raise(EVENT_INPUTS);
  }
  // A board that is pulled out, or that halts, is no supply: the first rail is to blame all the same.
  if (!(fell & POWER_GOODS)) fell_first = falling & POWER_GOODS;
  fell |= falling;
}

uint32_t host_signals_read(void) {
  const uint32_t levels = REGISTER(SIO_GPIO_IN), latches = REGISTER(SIO_GPIO_OUT);
  const uint32_t enables = REGISTER(SIO_GPIO_OE);
  uint32_t asserted = 0;
  for (size_t i = 0; i < SIGNAL_COUNT; i++) {
    const struct signal *signal = &signals[i];
    const uint32_t pin = 1u << signal->gpio;
    const bool high = signal->direction == IN      ? levels & pin
                      : signal->drive == PUSH_PULL ? latches & pin
                                                   : !(enables & pin);
    if (high == (signal->active == HIGH)) asserted |= 1u << signal->bit;
  }
  return asserted;
}

// Functions that hold interrupts off run from SRAM (link.ld): the SMBus handler cannot wait for flash.

static __attribute__((noinline)) uint64_t take_fallen(void) {
  const uint32_t primask = interrupts_hold();
  const uint32_t all = fell, first = fell_first;
  fell = fell_first = 0;
  interrupts_restore(primask);
  return (uint64_t)first << 32 | all;
}

/**
 * Checks and writes with interrupts held off, because an over-current could release the output in between.
 */
static __attribute__((noinline)) void write_held(uint32_t bit, uint32_t pin, uint32_t on, uint32_t off) {
  const uint32_t primask = interrupts_hold();
  REGISTER(overcurrent_forbids(bit) ? off : on) = pin;
  interrupts_restore(primask);
}

uint64_t host_signals_fell(void) { return take_fallen(); }

void host_signals_write(uint32_t mask, uint32_t asserted) {
  for (size_t i = 0; i < SIGNAL_COUNT; i++) {
    const struct signal *signal = &signals[i];
    if (signal->direction != OUT || !(mask >> signal->bit & 1u)) continue;
    const uint32_t off = register_for(signal, false);
    const uint32_t on = asserted >> signal->bit & 1u ? register_for(signal, true) : off;
    write_held(signal->bit, 1u << signal->gpio, on, off);
  }
}

struct release signals_release(uint32_t outputs) {
  struct release release = {0, 0, 0, 0};
  for (size_t i = 0; i < SIGNAL_COUNT; i++) {
    const struct signal *signal = &signals[i];
    if (signal->direction != OUT || !(outputs >> signal->bit & 1u)) continue;
    const uint32_t pin = 1u << signal->gpio;
    const bool low = signal->active == HIGH;
    if (signal->drive == PUSH_PULL) *(low ? &release.latch_clear : &release.latch_set) |= pin;
    else *(low ? &release.enable_set : &release.enable_clear) |= pin;
  }
  return release;
}
