// SHA-256 (FIPS 180-4), for the one check that decides whether a module is run.
#pragma once

#include <stdint.h>

#define SHA256_BYTES 32u

void sha256(const uint8_t *message, uint32_t bytes, uint8_t digest[SHA256_BYTES]);
