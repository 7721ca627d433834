// The native stack of thread mode: painted at the start, so that its high-water mark can be read,
// and guarded by the lowest STACK_GUARD_BYTES of the paint (link.ld).
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Only before thread mode uses the stack. */
void stack_paint(void);
uint32_t stack_bytes(void);
/** Most bytes in use since `stack_paint`. Takes longer the less was used: 5 cycles a free word. */
uint32_t stack_high_water_bytes(void);
/** False once anything was written into the guard. */
bool stack_guard_is_intact(void);
/** Whether a fault with the process stack pointer here is the stack's own fault. */
bool stack_is_exhausted(uint32_t stack_pointer);
