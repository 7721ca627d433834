// The few Cortex-M0+ instructions that C has no words for, and which handler goes before which.
#pragma once

#include <stdint.h>

#include "registers.h"

/** For what is counted in cycles, where the rest is compiled for size. */
#define FAST __attribute__((optimize("O2")))
#define ALWAYS static inline __attribute__((always_inline))

/**
 * Holds interrupts off, the SMBus' among them: for a few instructions only. Returns what
 * `interrupts_restore` wants.
 */
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

/**
 * A handler interrupts those of later levels, never the other way round: on the SMBus a controller waits
 * for every instruction, the watch over it must not be kept from letting the bus go, an over-current must
 * not wait for what has FIFOs and latches.
 */
enum interrupt_priority {
  PRIORITY_BUS = 0,
  PRIORITY_BUS_WATCH = 1,
  PRIORITY_PROTECTION = 2,
  PRIORITY_DEVICES = 3,
};

static inline void interrupt_enable(uint32_t number, enum interrupt_priority priority) {
  const uint32_t shift = 8u * (number % 4u) + 6u;
  REGISTER(NVIC_IPR(number)) = (REGISTER(NVIC_IPR(number)) & ~(3u << shift)) | (uint32_t)priority << shift;
  REGISTER(NVIC_ICPR) = 1u << number;
  REGISTER(NVIC_ISER) = 1u << number;
}

/**
 * Holds one device's handler off, for as long as it takes: unlike `interrupts_hold`, which is for a few
 * instructions, it keeps nobody else waiting.
 */
static inline void interrupt_hold(uint32_t number) {
  REGISTER(NVIC_ICER) = 1u << number;
  // What was taken before the write has been served after these (ARM AN321).
  __asm volatile("dsb\n isb" ::: "memory");
}

static inline void interrupt_release(uint32_t number) {
  __asm volatile("" ::: "memory");
  REGISTER(NVIC_ISER) = 1u << number;
}
