// What the ahead-of-time engine's parts and the translated logic know of each other.
#pragma once

#include <stdint.h>

#include "generated/abi.h"

// Written by the build from the module.
/** Memory, globals and the start function. `data`: a copy of logic_data, or NULL for the one in flash. */
void logic_instantiate(const uint32_t *data);
/** What memory begins with, packed: see memory_unpack in runtime.h. */
extern const uint32_t logic_data[];
/** How much of it to copy into the end of memory, an absolute symbol: all, or nothing for want of room. */
extern const char logic_data_copy_bytes[];
uint32_t export_contract_version(void);
uint64_t export_start(void);
uint64_t export_handle(uint32_t events);

/** Ends the pass under way as trapped. `kind` is an enum trap_kind. */
_Noreturn void engine_unwind(uint32_t kind);

// link.ld: the logic's code and constants in flash, and their checksum.
extern const uint8_t logic_begin[], logic_end[];
extern const char logic_crc32[];
/** The module's pages. */
extern uint8_t linear_memory[];
