// What the engines' code needs to run without the host: functions for the vectors, and memory for wasm3. It
// is linked into images whose functions simulator/tools/bare.ts calls one by one.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "generated/abi.h"

extern char heap_start[], heap_end[];

// The emulator intercepts these two. If they are reached in any other way, they stop it.
__attribute__((weak, noinline)) void engine_unwind(uint32_t kind) {
  __asm__ volatile("bkpt 1" : : "r"(kind));
}
__attribute__((noinline)) void hard_fault_report(void) { __asm__ volatile("bkpt 2"); }

__attribute__((weak)) bool engine_resolve_fault(uint32_t *frame, uint32_t *r4_to_r7) {
  (void)frame, (void)r4_to_r7;
  return false;
}

bool frame_is_readable(uint32_t frame) {
  return frame % 4 == 0 && frame >= 0x20000000u && frame <= 0x20042000u - 32u;
}

void start_up(void) {}
void host_main(void) {}
void timer_interrupt(void) {}
void signals_interrupt(void) {}
void uart0_interrupt(void) {}
void uart1_interrupt(void) {}
void smbus_timer_interrupt(void) {}
void i2c0_interrupt(void) {}
void i2c1_interrupt(void) {}
void sampling_interrupt(void) {}

// ---------------------------------------------------------------- wasm3's memory

// As in the product's image, linear memory is at heap_start, where wasm3's operations expect it
// (host/engine/wasm3/calling-convention.h). The value stack is behind it. Everything else is at addresses
// of flash, which the emulator makes writable.

#define PAGES_START 0x10100000u
#define PAGES_END 0x10180000u
/** The largest allocation: linear memory, and the header that wasm3 writes before it. */
#define MEMORY_BYTES (CONTRACT_MEMORY_BYTES + 12u)
/** Nothing is allocated directly behind linear memory, so that an access beyond it does not hit anything. */
#define GAP_BYTES 4084u

/** m3_NewRuntime allocates four slots more than the requested stack. */
#define STACK_MARGIN_BYTES 16u

static struct region {
  uint32_t next, end;
} sram, flash;
static uint32_t value_stack_bytes;

/** Frees everything. The next runtime will request a stack of this many bytes. */
void bare_reset(uint32_t stack_bytes) {
  sram = (struct region){(uint32_t)heap_start + MEMORY_BYTES + GAP_BYTES, (uint32_t)heap_end};
  flash = (struct region){PAGES_START, PAGES_END};
  value_stack_bytes = stack_bytes + STACK_MARGIN_BYTES;
}

/** Puts one word with the size before each allocation. `bare_reset` must be called first. */
void *arena_calloc(size_t count, size_t bytes) {
  const size_t wanted = count * bytes, total = (wanted + 15) & ~(size_t)7;
  if (wanted == MEMORY_BYTES) return memset(heap_start, 0, MEMORY_BYTES);
  struct region *region = wanted == value_stack_bytes ? &sram : &flash;
  if (total > region->end - region->next) return NULL;
  char *block = (char *)region->next;
  region->next += total;
  *(size_t *)block = wanted;
  return memset(block + 8, 0, total - 8);
}

void arena_free(void *old) { (void)old; }

void *arena_realloc(void *old, size_t bytes) {
  if (old == NULL) return arena_calloc(bytes, 1);
  if (old == heap_start) return bytes == MEMORY_BYTES ? old : NULL;
  const size_t had = *(size_t *)((char *)old - 8);
  if (bytes <= had) return old;
  void *moved = arena_calloc(bytes, 1);
  return moved ? memcpy(moved, old, had) : NULL;
}
