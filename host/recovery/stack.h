// The native stack of thread mode. The start paints it with a pattern, so that its high-water mark can be
// measured. The lowest STACK_GUARD_BYTES of the pattern (link.ld) are the guard: once they change, the
// stack has overflowed.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Call this only before thread mode uses the stack. */
void stack_paint(void);
uint32_t stack_bytes(void);
/** Returns the most bytes in use since `stack_paint`. It takes 5 cycles for each word that was never used. */
uint32_t stack_high_water_bytes(void);
/** Returns false once the guard was written to. */
bool stack_guard_is_intact(void);
/** Returns whether the stack itself caused a fault that happened at this process stack pointer. */
bool stack_is_exhausted(uint32_t stack_pointer);
