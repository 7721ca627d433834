/**
 * Commands of the W25Q16JV by their names in its datasheet (section 8.1.2). The SSI sends some of them on
 * its own account, when it reads through the XIP window.
 */
export enum FlashCommand {
  WRITE_STATUS_1 = 0x01,
  PAGE_PROGRAM = 0x02,
  READ_DATA = 0x03,
  WRITE_DISABLE = 0x04,
  READ_STATUS_1 = 0x05,
  WRITE_ENABLE = 0x06,
  FAST_READ = 0x0b,
  READ_STATUS_3 = 0x15,
  SECTOR_ERASE = 0x20,
  WRITE_STATUS_2 = 0x31,
  READ_STATUS_2 = 0x35,
  READ_UNIQUE_ID = 0x4b,
  VOLATILE_WRITE_ENABLE = 0x50,
  BLOCK_ERASE_32K = 0x52,
  CHIP_ERASE_60H = 0x60,
  ENABLE_RESET = 0x66,
  FAST_READ_QUAD_OUTPUT = 0x6b,
  MANUFACTURER_ID = 0x90,
  RESET_DEVICE = 0x99,
  JEDEC_ID = 0x9f,
  RELEASE_POWER_DOWN = 0xab,
  CHIP_ERASE = 0xc7,
  BLOCK_ERASE_64K = 0xd8,
  FAST_READ_QUAD_IO = 0xeb,
  /** Ones on all lines: no command, but the end of the continuous read mode (8.2.34). */
  MODE_BIT_RESET = 0xff,
}
