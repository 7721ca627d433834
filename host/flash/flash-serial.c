// See flash-serial.h. Datasheet 4.10 (SSI) and 2.19 (IO_QSPI), W25Q16JV datasheet, section 8. How execute in
// place is left and entered follows what the boot ROM does (raspberrypi/pico-bootrom-rp2040,
// program_flash_generic.c) and second-stage.S.
//
// Runs from SRAM, constants included. Nothing here may call what is in flash, the compiler's helpers among
// it: no switch, no division, no structs copied.
//
// A flash that does not get done is reset by command, which ends whatever it does. Should that not help
// either, there is no code left to go back to: this waits for the watchdog, with the SMBus served, and the
// next start finds that nobody wrote anything down, which is a hang.

#include "flash-serial.h"

#include <stdbool.h>
#include <stddef.h>

#include "flash-mode.h"
#include "generated/abi.h"
#include "peripherals/watchdog.h"

/** tPP is 3 ms at most, tSE 400 ms (W25Q16JV and W25Q128JV, 9.6). Chosen above them. */
#define PROGRAM_LIMIT_US 10000u
#define ERASE_LIMIT_US 600000u
/** tRST is 30 us; until then nothing is understood. */
#define RESET_US 50u
#define AFTER_RESET_LIMIT_US 1000u

/** SCK of 31 MHz: no command here needs more, and the data has half a period to settle. */
#define SERIAL_BAUDR 4u
/** A frame takes 32 cycles, a look at a register at least 4: a round number well above. */
#define FRAME_LOOKS 1000u

static uint32_t now_us(void) { return REGISTER(TIMER_TIMERAWL); }

static void chip_select(uint32_t override) {
  REGISTER(GPIO_QSPI_SS_CTRL) = override;
  (void)REGISTER(GPIO_QSPI_SS_CTRL); // has passed the bridge
}

static void ssi_wait(uint32_t mask, uint32_t value) {
  for (uint32_t looks = FRAME_LOOKS; looks > 0; looks--)
    if ((REGISTER(SSI_SR) & mask) == value) return;
}

/** One byte each way. A frame that does not come is ones, which no status is taken for ready by. */
static uint32_t ssi_exchange(uint32_t byte) {
  REGISTER(SSI_DR0) = byte;
  ssi_wait(SSI_SR_RFNE, SSI_SR_RFNE);
  return REGISTER(SSI_SR) & SSI_SR_RFNE ? REGISTER(SSI_DR0) & 0xffu : 0xffu;
}

static void command_begin(uint32_t code) {
  chip_select(GPIO_QSPI_SS_CTRL_OUTOVER_LOW);
  (void)ssi_exchange(code);
}

/** Chip select rises: what was sent takes effect. */
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
    const bool is_late = now_us() - began_us >= limit_us; // before the look: a handler may come between
    if (!(status_read(FLASH_READ_STATUS_1) & FLASH_STATUS_1_BUSY)) return true;
    if (is_late) return false;
    watchdog_feed();
  }
}

/** The SSI keeps its settings only while it is disabled (4.10.2). */
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
  // Eight clocks with SD0 high are 24 bits of address and the mode bits, M4 among them 1. Not more of them:
  // behind come data, on the line that we drive.
  command_send(FLASH_END_CONTINUOUS);
}

/** After a reset by command the volatile QE of the second stage is gone. */
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
  chip_select(0); // the SSI's again
  ssi_set_up(FLASH_BAUDR, FLASH_CTRLR0_XIP, FLASH_SPI_CTRLR0_ENTER);
  REGISTER(SSI_DR0) = FLASH_FAST_READ_QUAD_IO;
  REGISTER(SSI_DR0) = FLASH_MODE_CONTINUOUS;
  ssi_wait(SSI_SR_TFE | SSI_SR_BUSY, SSI_SR_TFE);
  ssi_set_up(FLASH_BAUDR, FLASH_CTRLR0_XIP, (uint32_t)FLASH_SPI_CTRLR0_XIP);
  REGISTER(XIP_FLUSH) = 1; // what the cache has may be what was there before
  (void)REGISTER(XIP_FLUSH);
}

static void reset_flash(void) {
  command_send(FLASH_ENABLE_RESET);
  command_send(FLASH_RESET);
  const uint32_t began_us = now_us();
  while (now_us() - began_us < RESET_US) continue;
  if (flash_wait(AFTER_RESET_LIMIT_US)) return;
  for (;;) continue; // the watchdog's
}

static __attribute__((noinline)) uint32_t flash_operate(uint32_t code, uint32_t offset, const uint8_t *data,
                                                        uint32_t length, uint32_t limit_us) {
  const uint32_t enabled = REGISTER(NVIC_ISER);
  REGISTER(NVIC_ICER) = enabled & ~INTERRUPTS_SERVED_FROM_SRAM;
  __asm volatile("dsb\n isb" ::: "memory"); // what was taken before has been served (ARM AN321)
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
