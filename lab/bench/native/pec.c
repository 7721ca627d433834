// SMBus packet error codes, half a byte at a time; see lab/bench/kernels/pec.ts.

#include <stddef.h>

#include "kernels.h"

#define MESSAGES 64
#define MESSAGE_BYTES 32

static const uint8_t table[16] = {
    0x00, 0x07, 0x0e, 0x09, 0x1c, 0x1b, 0x12, 0x15, 0x38, 0x3f, 0x36, 0x31, 0x24, 0x23, 0x2a, 0x2d,
};

static uint8_t messages[MESSAGES][MESSAGE_BYTES];

void prepare_pec(void) {
  random_seed(0x5ec);
  for (uint32_t i = 0; i < MESSAGES; i++) {
    for (uint32_t byte = 0; byte < MESSAGE_BYTES; byte++) messages[i][byte] = (uint8_t)random_next();
  }
}

static uint32_t crc8(const uint8_t *at, size_t length) {
  uint32_t crc = 0;
  for (const uint8_t *end = at + length; at != end; at++) {
    crc ^= *at;
    crc = (crc << 4 & 0xff) ^ table[crc >> 4];
    crc = (crc << 4 & 0xff) ^ table[crc >> 4];
  }
  return crc;
}

uint32_t native_pec(void) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < MESSAGES; i++) sum = mix(sum, crc8(messages[i], MESSAGE_BYTES));
  return sum;
}
