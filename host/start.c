// From reset to host_main, and from a HardFault to the restart. Runs on the handlers' stack.
//
// A restart leaves state behind that must be read before it is overwritten: first the outputs, which a
// restart of the BMC must not disturb, then the cause of the reset, then memory. Until the clocks run, the
// ring oscillator makes all of this slow (6.5 MHz). So only the outputs come before the clocks, while the
// crystal starts up.

#include "peripherals/clocks.h"
#include "registers.h"
#include "recovery/retained.h"
#include "peripherals/signals.h"
#include "recovery/stack.h"
#include "peripherals/watchdog.h"
#include "words.h"

/** 16 exceptions of the processor and 32 interrupts. */
#define VECTORS 48u

extern const uint32_t vectors[];
extern uint32_t fast_vectors[];
extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[];

void start_up(void);
bool frame_is_readable(uint32_t frame);
void hard_fault_report(uint32_t exc_return, uint32_t process_stack, uint32_t main_stack);

void start_up(void) {
  clocks_begin(); // starts the crystal, but changes no clock yet
  signals_adopt_outputs();
  // If the clocks do not start, the ring oscillator still clocks the processor: that suffices to record and
  // restart.
  const bool clocks_run = clocks_start();
  watchdog_start();
  retained_begin();
  if (!clocks_run) retained_restart(RESET_CAUSE_HANG, 0, 0);

  copy_words(data_start, data_load, data_load + (data_end - data_start));
  fill_words(bss_start, bss_end, 0);
  for (uint32_t entry = 0; entry < VECTORS; entry++) fast_vectors[entry] = vectors[entry];
  REGISTER(VTOR) = (uint32_t)fast_vectors;
  stack_paint();
}

#define FRAME_BYTES 32u // r0 to r3, r12, lr, pc, xPSR (ARMv6-M B1.5.6)

/** A stack pointer outside SRAM points to no frame, and reading from it would lock the processor up. */
bool frame_is_readable(uint32_t frame) {
  return frame % 4 == 0 && frame >= 0x20000000u && frame <= 0x20042000u - FRAME_BYTES;
}

/** The HardFault vector calls this with the stack pointers as they were at the fault. */
void hard_fault_report(uint32_t exc_return, uint32_t process_stack, uint32_t main_stack) {
  const bool in_thread = exc_return & 4;
  const uint32_t frame = in_thread ? process_stack : main_stack;
  uint32_t pc = 0, lr = 0;
  if (frame_is_readable(frame)) {
    lr = ((const uint32_t *)frame)[5];
    pc = ((const uint32_t *)frame)[6];
  }
  const bool overflow = in_thread && stack_is_exhausted(process_stack);
  retained_restart(overflow ? RESET_CAUSE_STACK_OVERFLOW : RESET_CAUSE_HARD_FAULT, pc, lr);
}
