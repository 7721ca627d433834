// Declarations that the parts of the ahead-of-time engine and the translated logic share.
#pragma once

#include <stdint.h>

#include "generated/abi.h"

// The build writes these from the module.
/**
 * Sets up memory and globals and runs the start function. `data`: a copy of logic_data, or NULL to use
 * that.
 */
void logic_instantiate(const uint32_t *data);
/** The initial contents of memory, packed: see memory_unpack in runtime.h. */
extern const uint32_t logic_data[];
/**
 * An absolute symbol: how many bytes of logic_data to copy to the end of memory. Either all, or 0 if they
 * do not fit.
 */
extern const char logic_data_copy_bytes[];
uint32_t export_contract_version(void);
uint64_t export_start(void);
uint64_t export_handle(uint32_t events);

/** Ends the current pass as trapped. `kind` is an enum trap_kind. */
_Noreturn void engine_unwind(uint32_t kind);

// link.ld: the logic's code and constants in flash, and their checksum. First comes the code that is copied
// to SRAM and runs there.
extern const uint8_t logic_begin[], logic_end[];
extern uint32_t logic_hot_begin[], logic_hot_end[];
extern const char logic_crc32[];
/** The module's linear memory. */
extern uint8_t linear_memory[];
