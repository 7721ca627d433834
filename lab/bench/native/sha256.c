// SHA-256 after FIPS 180-4; see lab/bench/kernels/sha256.ts.

#include <string.h>

#include "kernels.h"

#define MESSAGE_BYTES 4096
#define BLOCK_BYTES 64
#define BLOCK_WORDS 16
#define LENGTH_OFFSET 56

static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

// An array of words, so that they can be read as words.
static uint32_t message[MESSAGE_BYTES / 4];
static uint32_t schedule[64];
static uint32_t last_block[BLOCK_WORDS];
static uint32_t digest[8];

void prepare_sha256(void) {
  random_seed(0x256);
  uint8_t *bytes = (uint8_t *)message;
  for (uint32_t i = 0; i < MESSAGE_BYTES; i++) bytes[i] = (uint8_t)random_next();
}

static uint32_t rotr(uint32_t word, uint32_t bits) { return word >> bits | word << (32 - bits); }

static uint32_t swap_bytes(uint32_t word) {
  return word << 24 | (word & 0xff00) << 8 | (word >> 8 & 0xff00) | word >> 24;
}

static void compress(const uint32_t *block) {
  for (uint32_t i = 0; i < 16; i++) schedule[i] = swap_bytes(block[i]);
  for (uint32_t *at = schedule + 16; at != schedule + 64; at++) {
    const uint32_t w15 = at[-15];
    const uint32_t w2 = at[-2];
    const uint32_t s0 = rotr(w15, 7) ^ rotr(w15, 18) ^ w15 >> 3;
    const uint32_t s1 = rotr(w2, 17) ^ rotr(w2, 19) ^ w2 >> 10;
    *at = at[-16] + s0 + at[-7] + s1;
  }
  uint32_t a = digest[0], b = digest[1], c = digest[2], d = digest[3];
  uint32_t e = digest[4], f = digest[5], g = digest[6], h = digest[7];
  for (uint32_t i = 0; i < 64; i++) {
    const uint32_t s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const uint32_t choice = (e & f) ^ (~e & g);
    const uint32_t t1 = h + s1 + choice + k[i] + schedule[i];
    const uint32_t s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + s0 + majority;
  }
  digest[0] += a;
  digest[1] += b;
  digest[2] += c;
  digest[3] += d;
  digest[4] += e;
  digest[5] += f;
  digest[6] += g;
  digest[7] += h;
}

/** Hashes less than 512 MB. The result is in `digest`. */
static void hash(const uint32_t *at, uint32_t length) {
  memcpy(digest, initial, sizeof digest);
  uint32_t left = length;
  for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES) {
    compress(at);
    at += BLOCK_WORDS;
  }
  uint8_t *last = (uint8_t *)last_block;
  memcpy(last, at, left);
  last[left] = 0x80;
  memset(last + left + 1, 0, BLOCK_BYTES - 1 - left);
  if (left >= LENGTH_OFFSET) {
    compress(last_block);
    memset(last, 0, BLOCK_BYTES);
  }
  last_block[15] = swap_bytes(length << 3);
  compress(last_block);
}

uint32_t native_sha256(void) {
  hash(message, MESSAGE_BYTES);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 8; i++) sum = mix(sum, digest[i]);
  return sum;
}
