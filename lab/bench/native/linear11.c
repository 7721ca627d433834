// PMBus LINEAR11 from and to thousandths; see lab/bench/kernels/linear11.ts for the rounding.
// Shifts of negative numbers to the right are arithmetic, as GCC defines them.

#include "kernels.h"

#define VALUES 128
#define FULL_SCALE 1023500u
#define LOWEST_EXPONENT (-16)

static int32_t values[VALUES];
static uint16_t words[VALUES];

void prepare_linear11(void) {
  random_seed(0x11);
  for (uint32_t i = 0; i < VALUES; i++) {
    values[i] = (int32_t)random_next() >> (i & 31);
    words[i] = 0;
  }
}

static uint32_t encode(int32_t milli) {
  if (milli == 0) return 0;
  uint32_t magnitude = milli < 0 ? 0 - (uint32_t)milli : (uint32_t)milli;
  int32_t exponent = 0;
  uint32_t unit = 1000;
  uint32_t limit = FULL_SCALE;
  while (magnitude >= limit) {
    unit <<= 1;
    limit <<= 1;
    exponent++;
  }
  while (magnitude < FULL_SCALE / 2 && exponent > LOWEST_EXPONENT) {
    magnitude <<= 1;
    exponent--;
  }
  const uint32_t mantissa = (magnitude + (unit >> 1)) / unit;
  return ((uint32_t)exponent & 0x1f) << 11 | ((milli < 0 ? 0 - mantissa : mantissa) & 0x7ff);
}

static int32_t decode(uint32_t word) {
  const int32_t exponent = (int32_t)(word << 16) >> 27;
  const int32_t mantissa = (int32_t)(word << 21) >> 21;
  uint32_t magnitude = (uint32_t)(mantissa < 0 ? -mantissa : mantissa) * 1000;
  if (exponent < 0) {
    magnitude = (magnitude + (1u << (-exponent - 1))) >> -exponent;
  } else if (magnitude > (uint32_t)INT32_MAX >> exponent) {
    return mantissa < 0 ? INT32_MIN : INT32_MAX;
  } else {
    magnitude <<= exponent;
  }
  return mantissa < 0 ? -(int32_t)magnitude : (int32_t)magnitude;
}

uint32_t native_linear11(void) {
  for (uint32_t i = 0; i < VALUES; i++) words[i] = (uint16_t)encode(values[i]);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < VALUES; i++) sum = mix(mix(sum, words[i]), (uint32_t)decode(words[i]));
  return sum;
}
