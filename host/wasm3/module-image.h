// The logic's module as it lies in flash, and whether it may be run.
#pragma once

#include <stdint.h>

#include "module.h" // from the build: MODULE_BYTES and MODULE_SHA256

extern const uint8_t module_start[];

/** NULL if the bytes in flash are the ones the build has validated, else a sentence. */
const char *module_refusal(void);
