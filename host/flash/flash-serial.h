// Serial commands to the flash that this code is executed from. During a command no code can be fetched and
// no data read from flash. So all of this runs from SRAM (link.ld), and so do the interrupt handlers that
// stay enabled.
#pragma once

#include <stdint.h>

#include "registers.h"

/**
 * Interrupts whose handlers, and all that these use, are in SRAM. They are served while the flash is busy;
 * all others are held off until it is ready.
 */
#define INTERRUPTS_SERVED_FROM_SRAM                                                      \
  (1u << IRQ_TIMER_1 | 1u << IRQ_DMA_0 | 1u << IRQ_UART0 | 1u << IRQ_UART1 | 1u << IRQ_I2C1)

/**
 * Programs `length` bytes, 1 to 256 within one page, at `offset` from the beginning of flash. `data` must
 * be in SRAM. Returns FLASH_OK or FLASH_TIMEOUT. The caller must check that flash now holds the bytes.
 */
uint32_t flash_serial_program(uint32_t offset, const uint8_t *data, uint32_t length);
/** Erases the 4 KB sector at `offset`. Returns as above. */
uint32_t flash_serial_erase(uint32_t offset);
