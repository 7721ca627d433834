// The memory wasm3 allocates from while it compiles the logic (builder.h): the flash behind the snapshot's
// header. So all results already have the addresses that they will have on the device. The device itself
// allocates nothing.
//
// config.h renames wasm3's calloc, realloc and free to these functions.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void arena_start(void);
/** Returns whether a request has failed since `arena_start`. */
bool arena_was_short(void);
/** Returns the end of the last chunk in use. */
const void *arena_end_of_used(void);

void *arena_calloc(size_t count, size_t bytes);
void *arena_realloc(void *old, size_t bytes);
void arena_free(void *old);
