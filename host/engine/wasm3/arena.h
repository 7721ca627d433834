// Where wasm3 allocates while it compiles the logic (builder.h): the flash behind the snapshot's header, so
// that everything has the address it will have on the device. There, nothing is allocated at all.
//
// wasm3's calloc, realloc and free are renamed to these (config.h).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void arena_start(void);
/** Whether a request has failed since `arena_start`. */
bool arena_was_short(void);
/** Behind the last block in use. */
const void *arena_end_of_used(void);

void *arena_calloc(size_t count, size_t bytes);
void *arena_realloc(void *old, size_t bytes);
void arena_free(void *old);
