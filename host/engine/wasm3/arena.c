// See arena.h. First fit over blocks that lie end to end, each behind one word with its size; free
// neighbours are joined on the way. A few hundred blocks, made once: nothing smarter pays.

#include "arena.h"

#include <string.h>

#define UNIT 8u      // blocks begin 4 bytes before a multiple of it, so that contents are aligned
#define IN_USE 1u
#define HEADER_BYTES sizeof(uint32_t)

extern char constants_start[], constants_limit[]; // link.ld

static bool short_of_memory;

// The first block starts where its contents, not its header, are aligned.
static char *first(void) { return constants_start + UNIT - HEADER_BYTES; }
static char *end(void) { return first() + (constants_limit - constants_start - UNIT); }

static bool is_ours(void *block) { return (char *)block > first() && (char *)block < end(); }

static uint32_t *header(char *block) { return (uint32_t *)block; }
static uint32_t size_of(char *block) { return *header(block) & ~IN_USE; }
static bool is_free(char *block) { return !(*header(block) & IN_USE); }

static uint32_t block_bytes_for(size_t bytes) {
  return (uint32_t)(bytes + HEADER_BYTES + UNIT - 1) & ~(UNIT - 1);
}

static uint32_t arena_bytes(void) { return (uint32_t)(constants_limit - constants_start); }

static bool fits_arena(size_t bytes) { return bytes <= arena_bytes(); }

static void join_with_next(char *block) {
  char *next = block + size_of(block);
  while (next < end() && is_free(next)) {
    *header(block) += size_of(next);
    next = block + size_of(block);
  }
}

static void use(char *block, uint32_t bytes) {
  const uint32_t rest = size_of(block) - bytes;
  if (rest >= UNIT) {
    *header(block + bytes) = rest;
    *header(block) = bytes;
  }
  *header(block) |= IN_USE;
}

void arena_start(void) {
  short_of_memory = false;
  *header(first()) = (uint32_t)(end() - first());
}

bool arena_was_short(void) { return short_of_memory; }

const void *arena_end_of_used(void) {
  char *last = first();
  for (char *block = first(); block < end(); block += size_of(block)) {
    if (!is_free(block)) last = block + size_of(block);
  }
  return last;
}

void *arena_calloc(size_t count, size_t bytes) {
  size_t total;
  if (!__builtin_mul_overflow(count, bytes, &total) && fits_arena(total)) {
    const uint32_t wanted = block_bytes_for(total);
    for (char *block = first(); block < end(); block += size_of(block)) {
      if (!is_free(block)) continue;
      join_with_next(block);
      if (size_of(block) < wanted) continue;
      use(block, wanted);
      return memset(block + HEADER_BYTES, 0, wanted - HEADER_BYTES);
    }
  }
  short_of_memory = true;
  return NULL;
}

void *arena_realloc(void *old, size_t bytes) {
  if (old == NULL) return arena_calloc(bytes, 1);
  if (!is_ours(old)) return old; // linear memory, which the builder has laid out in full
  char *block = (char *)old - HEADER_BYTES;
  if (!fits_arena(bytes)) {
    short_of_memory = true;
    return NULL;
  }
  const uint32_t wanted = block_bytes_for(bytes), had = size_of(block);
  *header(block) = had; // free for a moment, so that it can grow into its neighbour
  join_with_next(block);
  if (size_of(block) >= wanted) {
    use(block, wanted);
    return old;
  }
  *header(block) |= IN_USE;
  void *moved = arena_calloc(bytes, 1);
  if (moved == NULL) return NULL;
  memcpy(moved, old, had - HEADER_BYTES);
  arena_free(old);
  return moved;
}

void arena_free(void *old) {
  if (is_ours(old)) *header((char *)old - HEADER_BYTES) &= ~IN_USE;
}
