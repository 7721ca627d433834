// See module-image.h.

#include "module-image.h"

#include <string.h>

#include "sha256.h"

const char *module_refusal(void) {
  static const uint8_t expected[SHA256_BYTES] = MODULE_SHA256;
  uint8_t digest[SHA256_BYTES];
  sha256(module_start, MODULE_BYTES, digest);
  return memcmp(digest, expected, sizeof digest) == 0 ? NULL : "the digest of the module in flash is wrong";
}
