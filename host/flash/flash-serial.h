// Serial commands to the flash this code was read from. While one is under way nothing can be fetched or read
// from flash, by nobody: it all runs from SRAM (link.ld), and so do the handlers that go on meanwhile.
#pragma once

#include <stdint.h>

#include "registers.h"

/**
 * Interrupts whose handlers, and all they touch, are in SRAM: they are served while flash is busy. Every
 * other is held off until it is not.
 */
#define INTERRUPTS_SERVED_FROM_SRAM                                                      \
  (1u << IRQ_TIMER_1 | 1u << IRQ_DMA_0 | 1u << IRQ_UART0 | 1u << IRQ_UART1 | 1u << IRQ_I2C1)

/**
 * Programs `length` bytes, 1 to 256 within one page, at `offset` from the beginning of flash. `data` is in
 * SRAM. Returns FLASH_OK or FLASH_TIMEOUT; whether the bytes are there is for the caller to see.
 */
uint32_t flash_serial_program(uint32_t offset, const uint8_t *data, uint32_t length);
/** Erases the 4 KB sector at `offset`. Returns as above. */
uint32_t flash_serial_erase(uint32_t offset);
