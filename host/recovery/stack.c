// See stack.h. Paints the stack, and reads the paint to find how far the stack has grown.

#include "stack.h"

#include "words.h"

#define PAINT 0x57ac4b1du // unlike a small number and unlike an address

extern uint32_t stack_bottom[], stack_top[];
extern char STACK_GUARD_BYTES[]; // link.ld

static uint32_t *guard_end(void) { return stack_bottom + (uint32_t)STACK_GUARD_BYTES / sizeof *stack_bottom; }

void stack_paint(void) {
  fill_words(stack_bottom, stack_top, PAINT);
}

uint32_t stack_bytes(void) { return (uint32_t)((char *)stack_top - (char *)stack_bottom); }

uint32_t stack_high_water_bytes(void) {
  const volatile uint32_t *word = stack_bottom;
  // Four words a step, because the prompt waits for this: the logic asks while it starts.
  while (word + 4 <= stack_top &&
         ((word[0] ^ PAINT) | (word[1] ^ PAINT) | (word[2] ^ PAINT) | (word[3] ^ PAINT)) == 0)
    word += 4;
  while (word < stack_top && *word == PAINT) word++;
  return (uint32_t)((char *)stack_top - (char *)word);
}

bool stack_guard_is_intact(void) {
  for (const volatile uint32_t *word = stack_bottom; word < guard_end(); word++) {
    if (*word != PAINT) return false;
  }
  return true;
}

bool stack_is_exhausted(uint32_t stack_pointer) {
  return stack_pointer < (uint32_t)guard_end() || !stack_guard_is_intact();
}
