// The engine's heap: one fixed arena (HEAP_BYTES of link.ld), nobody else's. wasm3 allocates while
// it loads a module; after that the arena is sealed, and steady state cannot allocate.
//
// wasm3's calloc, realloc and free are renamed to these (config.h).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void arena_start(void);
/** From now on every request fails. */
void arena_seal(void);
/** Whether a request has failed since `arena_start`. */
bool arena_was_short(void);
uint32_t arena_bytes(void);
/** From the arena's start to the highest end a block ever had: what the arena must at least be. */
uint32_t arena_high_water_bytes(void);

void *arena_calloc(size_t count, size_t bytes);
void *arena_realloc(void *old, size_t bytes);
void arena_free(void *old);
