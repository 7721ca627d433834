// What code without a host around it still needs: ends for the vectors, and memory for wasm3.
// Linked into images that simulator/tools/bare.ts calls function by function.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "generated/abi.h"

extern char heap_start[], heap_end[];

// The emulator takes these over; reached otherwise, they stop it.
__attribute__((weak, noinline)) void engine_unwind(uint32_t kind) {
  __asm__ volatile("bkpt 1" : : "r"(kind));
}
__attribute__((noinline)) void hard_fault_report(void) { __asm__ volatile("bkpt 2"); }

__attribute__((weak)) bool engine_absorbs_fault(uint32_t *frame, uint32_t *r4_to_r7) {
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

// As in the product's image: linear memory at heap_start, where wasm3's operations expect it
// (host/engine/wasm3/calling-convention.h), the value stack behind it, and everything else at addresses of
// flash, which the emulator lets be written.

#define PAGES_START 0x10100000u
#define PAGES_END 0x10180000u
/** The largest there is: linear memory and what wasm3 writes in front of it. */
#define MEMORY_BYTES (CONTRACT_MEMORY_BYTES + 12u)
/** Nothing lies right behind linear memory: who leaves it shall not arrive anywhere. */
#define GAP_BYTES 4084u

/** What m3_NewRuntime allocates beyond the stack it was asked for: four slots. */
#define STACK_MARGIN_BYTES 16u

static struct region {
  uint32_t next, end;
} sram, flash;
static uint32_t value_stack_bytes;

/** Everything allocated is free again; the runtime to come is asked for a stack of so many bytes. */
void bare_reset(uint32_t stack_bytes) {
  sram = (struct region){(uint32_t)heap_start + MEMORY_BYTES + GAP_BYTES, (uint32_t)heap_end};
  flash = (struct region){PAGES_START, PAGES_END};
  value_stack_bytes = stack_bytes + STACK_MARGIN_BYTES;
}

/** Behind one word with its size; `bare_reset` comes first. */
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
