// How the flash is read in place (XIP), and its commands. The second stage sets this mode up first
// (second-stage.S); flash-serial.c leaves it and enters it again. These are plain numbers, because the
// assembler reads them too. SSI fields are those of the RP2040 datasheet, 4.10.13; commands are those of
// the W25Q16JV datasheet, section 8.
#pragma once

/** clk_sys 125 MHz / 2 = 62.5 MHz, below the 133 MHz of EBh (W25Q16JV 9.5). BAUDR is even (4.10.4). */
#define FLASH_BAUDR 2
/** One clk_sys of sample delay compensates for the delay of pads and traces at this rate (4.10.11.1). */
#define FLASH_RX_SAMPLE_DLY 1

/** Serial frames of 8 bits, transmit and receive: DFS_32 = 7, SPI_FRF = 0, TMOD = 0 (4.10.13, CTRLR0). */
#define FLASH_CTRLR0_SERIAL (7 << 16)
/** Quad frames of 32 bits, "EEPROM read": SPI_FRF = 2, DFS_32 = 31, TMOD = 3 (4.10.10.1). */
#define FLASH_CTRLR0_XIP ((2 << 21) | (31 << 16) | (3 << 8))
/**
 * Common to both below: 24 address and 8 mode bits (ADDR_L = 8 nibbles), then four dummy clocks (W25Q16JV
 * 8.2.14).
 */
#define FLASH_SPI_CTRLR0_COMMON ((4 << 11) | (8 << 2))
/** First access: 8-bit command on one line, address and mode on four (TRANS_TYPE = 1). */
#define FLASH_SPI_CTRLR0_ENTER (FLASH_SPI_CTRLR0_COMMON | (2 << 8) | 1)
/**
 * All later accesses: no command, everything on four lines (TRANS_TYPE = 2). With INST_L = 0 the hardware
 * appends XIP_CMD to the address: mode bits M5-4 = 10 keep the flash in this mode.
 */
#define FLASH_MODE_CONTINUOUS 0xa0
#define FLASH_SPI_CTRLR0_XIP ((FLASH_MODE_CONTINUOUS << 24) | FLASH_SPI_CTRLR0_COMMON | 2)

#define FLASH_PAGE_PROGRAM 0x02
#define FLASH_READ_STATUS_1 0x05
#define FLASH_WRITE_ENABLE 0x06
#define FLASH_SECTOR_ERASE 0x20
#define FLASH_WRITE_STATUS_2 0x31
#define FLASH_READ_STATUS_2 0x35
#define FLASH_READ_UNIQUE_ID 0x4b
#define FLASH_VOLATILE_WRITE_ENABLE 0x50
#define FLASH_ENABLE_RESET 0x66
#define FLASH_RESET 0x99
#define FLASH_FAST_READ_QUAD_IO 0xeb
/** Sent where the mode bits are expected: all ones end the continuous read mode (8.2.34). */
#define FLASH_END_CONTINUOUS 0xff
#define FLASH_STATUS_1_BUSY (1 << 0)
#define FLASH_STATUS_2_QE (1 << 1)
