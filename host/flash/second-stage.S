// Second stage of the boot (datasheet 2.8.1.3). The boot ROM copies these 252 bytes to SRAM, checks the
// CRC-32 that the build appends, and jumps here. The second stage switches a W25Q16JV to quad I/O fast read
// (EBh) with continuous read mode, so that each XIP access saves the eight clocks of the command, and
// starts the host.
//
// It runs from SRAM on the boot ROM's stack and calls nothing outside. Every wait is bounded: if the flash
// does not answer, the host's first fetch faults, which is no worse than hanging here.

#include "flash-mode.h"

  .syntax unified
  .cpu cortex-m0plus
  .thumb

  .equ SSI_BASE, 0x18000000            // 4.10.13
  .equ SSI_CTRLR0, 0x00
  .equ SSI_CTRLR1, 0x04
  .equ SSI_SSIENR, 0x08
  .equ SSI_BAUDR, 0x14
  .equ SSI_SR, 0x28
  .equ SSI_DR0, 0x60
  .equ SSI_RX_SAMPLE_DLY_FROM_DR0, 0x90 // 0xf0: too far from the base for a Thumb offset
  .equ SSI_SPI_CTRLR0_FROM_DR0, 0x94    // 0xf4
  .equ SSI_SR_BUSY, 1 << 0
  .equ SSI_SR_TFE, 1 << 2

  .equ PADS_QSPI_GPIO_QSPI_SCLK, 0x40020004 // 2.19.6.4
  .equ PAD_SCLK, (2 << 4) | (1 << 0)   // 8 mA and fast slew: clean edges at 62.5 MHz

  .equ WAIT_TURNS, 0x8000              // about 1 ms at 125 MHz, 20 ms at the ring oscillator's rate

  .equ VECTORS, 0x10000100

  // Unique id (W25Q16JV 8.2.31): the command, four dummy bytes, then the id's 8 bytes. All 13 frames fit
  // into the FIFOs. The 13 received bytes are stored where link.ld has flash_unique_id_frames: once XIP
  // runs, leaving it for a serial command is costly.
  .equ UNIQUE_ID_FRAMES, 13
  .equ UNIQUE_ID_ADDRESS, 0x20041000

  .section .text
  .global second_stage
  .type second_stage, %function
second_stage:
  ldr r0, =PADS_QSPI_GPIO_QSPI_SCLK
  movs r1, #PAD_SCLK
  str r1, [r0]

  ldr r4, =SSI_BASE
  movs r5, r4
  adds r5, #SSI_DR0
  movs r0, #0
  str r0, [r4, #SSI_SSIENR]            // settings change only while disabled (4.10.2)
  movs r0, #FLASH_BAUDR
  str r0, [r4, #SSI_BAUDR]
  movs r0, #FLASH_RX_SAMPLE_DLY
  movs r1, #SSI_RX_SAMPLE_DLY_FROM_DR0
  str r0, [r5, r1]
  ldr r0, =FLASH_CTRLR0_SERIAL
  str r0, [r4, #SSI_CTRLR0]
  movs r6, #1
  str r6, [r4, #SSI_SSIENR]

  // Without QE, two of the four data lines are WP# and HOLD#. The volatile write (50h) takes no programming
  // time, and a power cut cannot interrupt it half-way; after the next power-on it is simply done again.
  movs r0, #FLASH_READ_STATUS_2
  bl exchange_two
  movs r1, #FLASH_STATUS_2_QE
  tst r0, r1
  bne quad_enabled
  movs r7, r0
  orrs r7, r1
  movs r0, #FLASH_VOLATILE_WRITE_ENABLE
  str r0, [r5]
  bl wait_idle
  ldr r0, [r5]
  movs r0, #FLASH_WRITE_STATUS_2
  str r0, [r5]
  str r7, [r5]
  bl wait_idle
  ldr r0, [r5]
  ldr r0, [r5]
  ldr r7, =WAIT_TURNS >> 6
1:movs r0, #FLASH_READ_STATUS_1              // BUSY, bit 0
  bl exchange_two
  lsrs r0, r0, #1
  bcc quad_enabled
  subs r7, #1
  bne 1b

quad_enabled:
  movs r0, #FLASH_READ_UNIQUE_ID
  movs r7, #UNIQUE_ID_FRAMES
1:str r0, [r5]
  subs r7, #1
  bne 1b
  bl wait_idle
  ldr r1, =UNIQUE_ID_ADDRESS
  movs r7, #UNIQUE_ID_FRAMES
1:ldr r0, [r5]
  strb r0, [r1, r7]                    // the last byte is stored at the lowest address but one
  subs r7, #1
  bne 1b

  movs r0, #0
  str r0, [r4, #SSI_SSIENR]
  ldr r0, =FLASH_CTRLR0_XIP
  str r0, [r4, #SSI_CTRLR0]
  movs r0, #0
  str r0, [r4, #SSI_CTRLR1]            // NDF = 0: one frame for each access
  movs r1, #SSI_SPI_CTRLR0_FROM_DR0
  ldr r0, =FLASH_SPI_CTRLR0_ENTER
  str r0, [r5, r1]
  str r6, [r4, #SSI_SSIENR]
  movs r0, #FLASH_FAST_READ_QUAD_IO
  str r0, [r5]
  movs r0, #FLASH_MODE_CONTINUOUS            // address 0 and the mode bits: a dummy read that enters the mode
  str r0, [r5]
  bl wait_idle
  movs r0, #0
  str r0, [r4, #SSI_SSIENR]
  movs r1, #SSI_SPI_CTRLR0_FROM_DR0
  ldr r0, =FLASH_SPI_CTRLR0_XIP
  str r0, [r5, r1]
  str r6, [r4, #SSI_SSIENR]

  ldr r0, =VECTORS                     // the host sets VTOR first of all
  ldmia r0, {r0, r1}
  msr msp, r0
  bx r1

// Sends the command in r0 and one byte more, returns the byte received with the second one.
exchange_two:
  mov r12, lr
  str r0, [r5]
  str r0, [r5]
  bl wait_idle
  ldr r0, [r5]
  ldr r0, [r5]
  bx r12

// Waits until everything queued is sent: transmit FIFO empty and not busy (4.10.13, SR).
wait_idle:
  ldr r2, =WAIT_TURNS
1:ldr r0, [r4, #SSI_SR]
  movs r1, #SSI_SR_TFE | SSI_SR_BUSY
  ands r0, r1
  cmp r0, #SSI_SR_TFE
  beq 2f
  subs r2, #1
  bne 1b
2:bx lr

  .ltorg
