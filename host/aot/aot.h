// What the ahead-of-time engine's parts and the translated logic know of each other.
#pragma once

#include <stdint.h>

#include "generated/abi.h"

// Written by the build from the module.
void logic_instantiate(void);
uint32_t export_contract_version(void);
uint64_t export_start(void);
uint64_t export_handle(uint32_t events);

/** Ends the pass under way as trapped. `kind` is an enum trap_kind. */
_Noreturn void engine_unwind(uint32_t kind);

// link.ld: the logic's code and constants in flash, and their checksum.
extern const uint8_t logic_begin[], logic_end[];
extern const char logic_crc32[];
/** The module's one page. */
extern uint8_t linear_memory[];
