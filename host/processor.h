// The few Cortex-M0+ instructions that C has no words for.
#pragma once

#include <stdint.h>

#include "registers.h"

/** Holds interrupts off; returns what `interrupts_restore` wants. */
static inline uint32_t interrupts_hold(void) {
  uint32_t primask;
  __asm volatile("mrs %0, primask\n cpsid i" : "=r"(primask)::"memory");
  return primask;
}

static inline void interrupts_restore(uint32_t primask) {
  __asm volatile("msr primask, %0" ::"r"(primask) : "memory");
}

static inline void interrupts_allow(void) { __asm volatile("cpsie i" ::: "memory"); }

/** Wakes for a pending interrupt even while interrupts are held (ARMv6-M B1.5.13). */
static inline void wait_for_interrupt(void) { __asm volatile("dsb\n wfi" ::: "memory"); }

static inline void interrupt_enable(uint32_t number) {
  REGISTER(NVIC_ICPR) = 1u << number;
  REGISTER(NVIC_ISER) = 1u << number;
}
