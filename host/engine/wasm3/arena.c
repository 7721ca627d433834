// See arena.h. First fit over chunks that lie end to end. Each begins with one word that holds its size. A
// search joins adjacent free chunks. There are only a few hundred chunks, allocated once, so nothing more
// elaborate pays.

#include "arena.h"

#include <string.h>

#define UNIT 8u      // chunks begin 4 bytes before a multiple of it, so that their contents are aligned
#define IN_USE 1u
#define HEADER_BYTES sizeof(uint32_t)

extern char constants_start[], constants_limit[]; // link.ld

static bool short_of_memory;

// The first chunk begins where its contents, not its header, are aligned.
static char *first(void) { return constants_start + UNIT - HEADER_BYTES; }
static char *end(void) { return first() + (constants_limit - constants_start - UNIT); }

static bool is_ours(void *chunk) { return (char *)chunk > first() && (char *)chunk < end(); }

static uint32_t *header(char *chunk) { return (uint32_t *)chunk; }
static uint32_t size_of(char *chunk) { return *header(chunk) & ~IN_USE; }
static bool is_free(char *chunk) { return !(*header(chunk) & IN_USE); }

static uint32_t chunk_bytes_for(size_t bytes) {
  return (uint32_t)(bytes + HEADER_BYTES + UNIT - 1) & ~(UNIT - 1);
}

static uint32_t arena_bytes(void) { return (uint32_t)(constants_limit - constants_start); }

static bool fits_arena(size_t bytes) { return bytes <= arena_bytes(); }

static void join_with_next(char *chunk) {
  char *next = chunk + size_of(chunk);
  while (next < end() && is_free(next)) {
    *header(chunk) += size_of(next);
    next = chunk + size_of(chunk);
  }
}

static void use(char *chunk, uint32_t bytes) {
  const uint32_t rest = size_of(chunk) - bytes;
  if (rest >= UNIT) {
    *header(chunk + bytes) = rest;
    *header(chunk) = bytes;
  }
  *header(chunk) |= IN_USE;
}

void arena_start(void) {
  short_of_memory = false;
  *header(first()) = (uint32_t)(end() - first());
}

bool arena_was_short(void) { return short_of_memory; }

const void *arena_end_of_used(void) {
  char *last = first();
  for (char *chunk = first(); chunk < end(); chunk += size_of(chunk)) {
    if (!is_free(chunk)) last = chunk + size_of(chunk);
  }
  return last;
}

void *arena_calloc(size_t count, size_t bytes) {
  size_t total;
  if (!__builtin_mul_overflow(count, bytes, &total) && fits_arena(total)) {
    const uint32_t wanted = chunk_bytes_for(total);
    for (char *chunk = first(); chunk < end(); chunk += size_of(chunk)) {
      if (!is_free(chunk)) continue;
      join_with_next(chunk);
      if (size_of(chunk) < wanted) continue;
      use(chunk, wanted);
      return memset(chunk + HEADER_BYTES, 0, wanted - HEADER_BYTES);
    }
  }
  short_of_memory = true;
  return NULL;
}

void *arena_realloc(void *old, size_t bytes) {
  if (old == NULL) return arena_calloc(bytes, 1);
  if (!is_ours(old)) return old; // linear memory, which the builder has allocated at its full size
  char *chunk = (char *)old - HEADER_BYTES;
  if (!fits_arena(bytes)) {
    short_of_memory = true;
    return NULL;
  }
  const uint32_t wanted = chunk_bytes_for(bytes), had = size_of(chunk);
  *header(chunk) = had; // free for a moment, so that it can grow into the chunk behind it
  join_with_next(chunk);
  if (size_of(chunk) >= wanted) {
    use(chunk, wanted);
    return old;
  }
  *header(chunk) |= IN_USE;
  void *moved = arena_calloc(bytes, 1);
  if (moved == NULL) return NULL;
  memcpy(moved, old, had - HEADER_BYTES);
  arena_free(old);
  return moved;
}

void arena_free(void *old) {
  if (is_ours(old)) *header((char *)old - HEADER_BYTES) &= ~IN_USE;
}
