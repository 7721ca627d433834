// Blocks of converter samples: filter, extremes, energy; see lab/bench/kernels/adc-block.ts.
// Shifts of negative numbers to the right are arithmetic, as GCC defines them.

#include "kernels.h"

#define BLOCKS 4
#define CHANNELS 5
#define SAMPLES 64

#define VOLTAGE_CHANNEL 1
#define CURRENT_CHANNEL 2
#define FULL_SCALE 6600u

#define FILTER_FRACTION_BITS 8
#define FILTER_SHIFT 4

struct channel {
  int32_t filter;
  uint16_t lowest;
  uint16_t highest;
};

static const uint16_t levels[CHANNELS] = {2400, 3100, 1200, 2050, 870};

static uint16_t samples[BLOCKS][SAMPLES][CHANNELS];
static struct channel channels[CHANNELS];
static uint64_t energy; // microwatts, one for every sample

void prepare_adc_block(void) {
  random_seed(0xadc);
  for (uint32_t block = 0; block < BLOCKS; block++) {
    for (uint32_t i = 0; i < SAMPLES; i++) {
      for (uint32_t channel = 0; channel < CHANNELS; channel++) {
        samples[block][i][channel] = (uint16_t)(levels[channel] + (random_next() & 63));
      }
    }
  }
  for (uint32_t channel = 0; channel < CHANNELS; channel++) {
    channels[channel] = (struct channel){.filter = 0, .lowest = 0xffff, .highest = 0};
  }
  energy = 0;
}

/** One channel of a block; `at` is its first sample. */
static void filter_channel(struct channel *state, const uint16_t *at) {
  int32_t filter = state->filter;
  uint32_t lowest = state->lowest;
  uint32_t highest = state->highest;
  for (const uint16_t *end = at + SAMPLES * CHANNELS; at != end; at += CHANNELS) {
    const uint32_t sample = *at;
    filter += ((int32_t)(sample << FILTER_FRACTION_BITS) - filter) >> FILTER_SHIFT;
    if (sample < lowest) lowest = sample;
    if (sample > highest) highest = sample;
  }
  state->filter = filter;
  state->lowest = (uint16_t)lowest;
  state->highest = (uint16_t)highest;
}

static void add_energy(const uint16_t *block) {
  uint64_t sum = energy;
  for (const uint16_t *at = block, *end = block + SAMPLES * CHANNELS; at != end; at += CHANNELS) {
    const uint32_t voltage_mV = (at[VOLTAGE_CHANNEL] * FULL_SCALE + 2048) >> 12;
    const uint32_t current_mA = (at[CURRENT_CHANNEL] * FULL_SCALE + 2048) >> 12;
    sum += voltage_mV * current_mA;
  }
  energy = sum;
}

uint32_t native_adc_block(void) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < BLOCKS; i++) {
    const uint16_t *block = samples[i][0];
    for (uint32_t channel = 0; channel < CHANNELS; channel++) {
      struct channel *state = &channels[channel];
      filter_channel(state, block + channel);
      sum = mix(sum, (uint32_t)state->filter);
      sum = mix(sum, state->lowest);
      sum = mix(sum, state->highest);
    }
    add_energy(block);
    sum = mix(mix(sum, (uint32_t)energy), (uint32_t)(energy >> 32));
  }
  return sum;
}
