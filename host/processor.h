// The few Cortex-M0+ instructions that C has no syntax for, and the priorities of the interrupts.
#pragma once

#include <stdint.h>

#include "registers.h"

/** For code whose cycles count; the rest is compiled for size. */
#define FAST __attribute__((optimize("O2")))
#define INLINE static inline __attribute__((always_inline))

/**
 * Holds all interrupts off, that of the SMBus too. Only for a few instructions. Returns the state for
 * `interrupts_restore`.
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

/** Sleeps until an interrupt is pending. It also wakes up while interrupts are held off (ARMv6-M B1.5.13). */
static inline void wait_for_interrupt(void) { __asm volatile("dsb\n wfi" ::: "memory"); }

/**
 * A handler can interrupt only handlers of the levels after its own. The bus comes first, because an SMBus
 * controller waits on every instruction. Then the bus watch, which must be able to release the bus. Then
 * protection: an over-current must not wait for devices, which have FIFOs and latches.
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
 * Holds off the handler of one device. It may take long, because unlike `interrupts_hold` it delays no
 * other handler.
 */
static inline void interrupt_hold(uint32_t number) {
  REGISTER(NVIC_ICER) = 1u << number;
  // An interrupt accepted before the write has been served after these two instructions (ARM AN321).
  __asm volatile("dsb\n isb" ::: "memory");
}

static inline void interrupt_release(uint32_t number) {
  __asm volatile("" ::: "memory");
  REGISTER(NVIC_ISER) = 1u << number;
}
