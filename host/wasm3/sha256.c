// See sha256.h. Section numbers are those of FIPS 180-4.

#include "sha256.h"

#include <string.h>

#define BLOCK_BYTES 64u

// 4.2.2: fractional parts of the cube roots of the first 64 primes.
static const uint32_t constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate(uint32_t word, uint32_t right) { return word >> right | word << (32u - right); }

static inline uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// 6.2.2. Eight rounds at a time: after eight the variables are back under their own names, so that
// nothing has to be moved from one to the next, which costs as much as the arithmetic.
#define ROUND(a, b, c, d, e, f, g, h, t)                                                       \
  h += (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g))) + constants[t] +   \
       schedule[t];                                                                            \
  d += h;                                                                                      \
  h += (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)))

// Runs over the whole module before each start: worth speed where the rest of the host is built small.
__attribute__((optimize("O2"))) static void absorb(uint32_t state[8], const uint8_t *block) {
  uint32_t schedule[64];
  for (uint32_t t = 0; t < 16; t++) schedule[t] = big_endian(block + 4 * t);
  for (uint32_t t = 16; t < 64; t++) {
    const uint32_t w15 = schedule[t - 15], w2 = schedule[t - 2];
    schedule[t] = (rotate(w2, 17) ^ rotate(w2, 19) ^ w2 >> 10) + schedule[t - 7] +
                  (rotate(w15, 7) ^ rotate(w15, 18) ^ w15 >> 3) + schedule[t - 16];
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (uint32_t t = 0; t < 64; t += 8) {
    ROUND(a, b, c, d, e, f, g, h, t);
    ROUND(h, a, b, c, d, e, f, g, t + 1);
    ROUND(g, h, a, b, c, d, e, f, t + 2);
    ROUND(f, g, h, a, b, c, d, e, t + 3);
    ROUND(e, f, g, h, a, b, c, d, t + 4);
    ROUND(d, e, f, g, h, a, b, c, t + 5);
    ROUND(c, d, e, f, g, h, a, b, t + 6);
    ROUND(b, c, d, e, f, g, h, a, t + 7);
  }
  const uint32_t v[8] = {a, b, c, d, e, f, g, h};
  for (uint32_t i = 0; i < 8; i++) state[i] += v[i];
}

void sha256(const uint8_t *message, uint32_t bytes, uint8_t digest[SHA256_BYTES]) {
  // 5.3.3: fractional parts of the square roots of the first eight primes.
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint32_t done = 0;
  for (; bytes - done >= BLOCK_BYTES; done += BLOCK_BYTES) absorb(state, message + done);

  // 5.1.1: a one bit, zeros, and the length in bits as 64-bit big-endian number.
  uint8_t last[2 * BLOCK_BYTES] = {0};
  const uint32_t rest = bytes - done;
  const uint32_t last_bytes = rest + 9 > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES;
  memcpy(last, message + done, rest);
  last[rest] = 0x80;
  const uint64_t bits = (uint64_t)bytes * 8;
  for (uint32_t i = 0; i < 8; i++) last[last_bytes - 1 - i] = (uint8_t)(bits >> 8 * i);
  for (uint32_t at = 0; at < last_bytes; at += BLOCK_BYTES) absorb(state, last + at);

  for (uint32_t i = 0; i < SHA256_BYTES; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}
