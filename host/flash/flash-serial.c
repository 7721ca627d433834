// See flash-serial.h. Datasheet 4.10 (SSI) and 2.19 (IO_QSPI), W25Q16JV datasheet, section 8. Leaving and
// entering execute-in-place follows the boot ROM (raspberrypi/pico-bootrom-rp2040, program_flash_generic.c)
// and second-stage.S.
//
// All of this runs from SRAM, constants included. It must not call anything in flash. The compiler's helper
// functions are in flash too: so there is no switch, no division and no copy of a struct here.
//
// If the flash does not finish in time, a reset command ends its operation. If that does not help either,
// no code in flash can be executed any more. This file then waits for the watchdog while the SMBus is still
// served. The next start finds no recorded cause and reports a hang.

#include "flash-serial.h"

#include <stdbool.h>
#include <stddef.h>

#include "flash-mode.h"
#include "generated/abi.h"
#include "peripherals/watchdog.h"

/** tPP is 3 ms at most, tSE 400 ms (W25Q16JV and W25Q128JV, 9.6). Our choice: somewhat more than these. */
#define PROGRAM_LIMIT_US 10000u
#define ERASE_LIMIT_US 600000u
/** tRST is 30 us; until then the flash understands no command. */
#define RESET_US 50u
#define AFTER_RESET_LIMIT_US 1000u

/** SCK of 31 MHz: no command here needs a faster clock, and the data has half a period to settle. */
#define SERIAL_BAUDR 4u
/**
 * A frame takes 32 cycles, a poll of the status register at least 4. Our choice: a round number well above
 * 8.
 */
#define FRAME_POLLS 1000u

static uint32_t now_us(void) { return REGISTER(TIMER_TIMERAWL); }

static void chip_select(uint32_t override) {
  REGISTER(GPIO_QSPI_SS_CTRL) = override;
  (void)REGISTER(GPIO_QSPI_SS_CTRL); // the read returns once the write has passed the bus bridge
}

static void ssi_wait(uint32_t mask, uint32_t value) {
  for (uint32_t polls = FRAME_POLLS; polls > 0; polls--)
    if ((REGISTER(SSI_SR) & mask) == value) return;
}

/** Exchanges one byte. If no answer arrives, it returns FFh, which in a status means busy. */
static uint32_t ssi_exchange(uint32_t byte) {
  REGISTER(SSI_DR0) = byte;
  ssi_wait(SSI_SR_RFNE, SSI_SR_RFNE);
  return REGISTER(SSI_SR) & SSI_SR_RFNE ? REGISTER(SSI_DR0) & 0xffu : 0xffu;
}

static void command_begin(uint32_t code) {
  chip_select(GPIO_QSPI_SS_CTRL_OUTOVER_LOW);
  (void)ssi_exchange(code);
}

/** Raises chip select: the flash now executes the command. */
static void command_end(void) { chip_select(GPIO_QSPI_SS_CTRL_OUTOVER_HIGH); }

static void command_send(uint32_t code) {
  command_begin(code);
  command_end();
}

static uint32_t status_read(uint32_t code) {
  command_begin(code);
  const uint32_t value = ssi_exchange(0);
  command_end();
  return value;
}

static bool flash_wait(uint32_t limit_us) {
  const uint32_t began_us = now_us();
  for (;;) {
    const bool is_late = now_us() - began_us >= limit_us; // before the poll: an interrupt may come between
    if (!(status_read(FLASH_READ_STATUS_1) & FLASH_STATUS_1_BUSY)) return true;
    if (is_late) return false;
    watchdog_feed();
  }
}

/** The SSI can be configured only while it is disabled (4.10.2). */
static void ssi_set_up(uint32_t baudr, uint32_t ctrlr0, uint32_t spi_ctrlr0) {
  REGISTER(SSI_SSIENR) = 0;
  REGISTER(SSI_BAUDR) = baudr;
  REGISTER(SSI_CTRLR0) = ctrlr0;
  REGISTER(SSI_CTRLR1) = 0;
  REGISTER(SSI_SPI_CTRLR0) = spi_ctrlr0;
  REGISTER(SSI_SSIENR) = 1;
}

static void leave_xip(void) {
  ssi_wait(SSI_SR_BUSY, 0);
  ssi_set_up(SERIAL_BAUDR, FLASH_CTRLR0_SERIAL, 0);
  // Eight clocks with SD0 high are 24 bits of address and the mode bits, of which M4 is then 1. There must
  // not be more clocks: the flash would then send data on the line that we drive.
  command_send(FLASH_END_CONTINUOUS);
}

/** The second stage sets QE as a volatile bit, which a reset command clears. */
static void enable_quad(void) {
  const uint32_t status = status_read(FLASH_READ_STATUS_2);
  if (status & FLASH_STATUS_2_QE) return;
  command_send(FLASH_VOLATILE_WRITE_ENABLE);
  command_begin(FLASH_WRITE_STATUS_2);
  (void)ssi_exchange(status | FLASH_STATUS_2_QE);
  command_end();
}

static void enter_xip(void) {
  enable_quad();
  chip_select(0); // the SSI controls chip select again
  ssi_set_up(FLASH_BAUDR, FLASH_CTRLR0_XIP, FLASH_SPI_CTRLR0_ENTER);
  REGISTER(SSI_DR0) = FLASH_FAST_READ_QUAD_IO;
  REGISTER(SSI_DR0) = FLASH_MODE_CONTINUOUS;
  ssi_wait(SSI_SR_TFE | SSI_SR_BUSY, SSI_SR_TFE);
  ssi_set_up(FLASH_BAUDR, FLASH_CTRLR0_XIP, (uint32_t)FLASH_SPI_CTRLR0_XIP);
  REGISTER(XIP_FLUSH) = 1; // the cache may still hold the old contents
  (void)REGISTER(XIP_FLUSH);
}

static void reset_flash(void) {
  command_send(FLASH_ENABLE_RESET);
  command_send(FLASH_RESET);
  const uint32_t began_us = now_us();
  while (now_us() - began_us < RESET_US) continue;
  if (flash_wait(AFTER_RESET_LIMIT_US)) return;
  for (;;) continue; // until the watchdog resets the chip
}

static __attribute__((noinline)) uint32_t flash_operate(uint32_t code, uint32_t offset, const uint8_t *data,
                                                        uint32_t length, uint32_t limit_us) {
  const uint32_t enabled = REGISTER(NVIC_ISER);
  REGISTER(NVIC_ICER) = enabled & ~INTERRUPTS_SERVED_FROM_SRAM;
  __asm volatile("dsb\n isb" ::: "memory"); // an interrupt accepted earlier has been served now (ARM AN321)
  leave_xip();
  command_send(FLASH_WRITE_ENABLE);
  command_begin(code);
  for (uint32_t shift = 24; shift > 0; shift -= 8) (void)ssi_exchange(offset >> (shift - 8) & 0xffu);
  for (uint32_t i = 0; i < length; i++) (void)ssi_exchange(data[i]);
  command_end();
  const bool is_ready = flash_wait(limit_us);
  if (!is_ready) reset_flash();
  enter_xip();
  __asm volatile("" ::: "memory");
  REGISTER(NVIC_ISER) = enabled;
  return is_ready ? FLASH_OK : FLASH_TIMEOUT;
}

uint32_t flash_serial_program(uint32_t offset, const uint8_t *data, uint32_t length) {
  return flash_operate(FLASH_PAGE_PROGRAM, offset, data, length, PROGRAM_LIMIT_US);
}

uint32_t flash_serial_erase(uint32_t offset) {
  return flash_operate(FLASH_SECTOR_ERASE, offset, NULL, 0, ERASE_LIMIT_US);
}
