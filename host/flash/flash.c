// The logic's part of flash: link.ld's settings_region, at the top of the smallest flash in use. No image
// reaches it, and an update of the image does not write to it. This file has the contract's three calls;
// the generated glue has checked their offsets. flash-serial.c does the part during which flash cannot be
// read; this file, which runs from flash, checks the result.

#include <stdbool.h>

#include "board.h"
#include "flash-serial.h"
#include "generated/abi.h"
#include "registers.h"

extern char settings_region[]; // link.ld

/** Linear memory holds bytes, and words where they are aligned. */
typedef uint32_t __attribute__((may_alias)) any_word;

_Static_assert(BOARD_FLASH_BYTES >= 0x200000, "flash: settings_region is at the top of 2 MB");

static uint32_t offset_in_flash(uint32_t offset) { return (uint32_t)settings_region - XIP_BASE + offset; }

/** The uncached address: each byte is read only once, and the cache is needed for code. */
static uint32_t address_of(uint32_t offset) { return XIP_NOCACHE_NOALLOC_BASE + offset_in_flash(offset); }

static uint8_t byte_at(uint32_t offset) { return *(const volatile uint8_t *)address_of(offset); }

void host_flash_read(uint32_t offset, uint8_t *buffer, uint32_t length) {
  uint32_t done = 0;
  // Reading a word takes as long as reading a byte: each is one transfer.
  if (((offset | (uint32_t)buffer) & 3) == 0)
    for (; length - done >= 4; done += 4) *(any_word *)(buffer + done) = REGISTER(address_of(offset + done));
  for (; done < length; done++) buffer[done] = byte_at(offset + done);
}

static bool holds(uint32_t offset, const uint8_t *data, uint32_t length) {
  for (uint32_t i = 0; i < length; i++)
    if (byte_at(offset + i) != data[i]) return false;
  return true;
}

uint32_t host_flash_program(uint32_t offset, const uint8_t *data, uint32_t length) {
  for (uint32_t done = 0; done < length;) {
    const uint32_t room = FLASH_PAGE_BYTES - (offset + done) % FLASH_PAGE_BYTES;
    const uint32_t part = length - done < room ? length - done : room;
    const uint32_t result = flash_serial_program(offset_in_flash(offset + done), data + done, part);
    if (result != FLASH_OK) return result;
    done += part;
  }
  return holds(offset, data, length) ? FLASH_OK : FLASH_MISMATCH;
}

uint32_t host_flash_erase(uint32_t sector) {
  const uint32_t offset = sector * FLASH_SECTOR_BYTES;
  const uint32_t result = flash_serial_erase(offset_in_flash(offset));
  if (result != FLASH_OK) return result;
  for (uint32_t i = 0; i < FLASH_SECTOR_BYTES; i += 4)
    if (REGISTER(address_of(offset + i)) != ~0u) return FLASH_MISMATCH;
  return FLASH_OK;
}
