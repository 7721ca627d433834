// Makes the input of all kernels, with the generator for it.

#include "kernels.h"

static uint32_t state = 1;

void random_seed(uint32_t value) { state = value; }

uint32_t random_next(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

void native_prepare(void) {
  prepare_pec();
  prepare_linear11();
  prepare_adc_block();
  prepare_line_scan();
  prepare_ring_copy();
  prepare_sha256();
  prepare_sequencer();
  prepare_console_line();
}
