// RP2040 registers that the host uses, under their datasheet names, peripherals in address order. Offsets
// and bits are those of the register lists of the RP2040 datasheet; each peripheral's section is named
// beside it.
#pragma once

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
// Atomic aliases of every APB/AHB-lite register but SIO's (datasheet 2.1.2).
#define REGISTER_SET(address) REGISTER((address) + 0x2000u)
#define REGISTER_CLEAR(address) REGISTER((address) + 0x3000u)

// XIP_CTRL, 2.6.3.6; its atomic aliases are not used
#define XIP_BASE 0x10000000u
#define XIP_NOCACHE_NOALLOC_BASE 0x13000000u
#define XIP_FLUSH 0x14000004u // a read waits until the flush is through
#define XIP_STAT 0x14000008u
#define XIP_STAT_FIFO_EMPTY (1u << 1)
#define XIP_STREAM_ADDR 0x14000014u
#define XIP_STREAM_CTR 0x14000018u
// XIP_AUX, 2.6.3.4: the streaming FIFO
#define XIP_AUX_BASE 0x50400000u

// SSI, 4.10.13; flash-mode.h has its settings
#define SSI_BASE 0x18000000u
#define SSI_CTRLR0 (SSI_BASE + 0x0u)
#define SSI_CTRLR1 (SSI_BASE + 0x4u)
#define SSI_SSIENR (SSI_BASE + 0x8u)
#define SSI_BAUDR (SSI_BASE + 0x14u)
#define SSI_SR (SSI_BASE + 0x28u)
#define SSI_SR_BUSY (1u << 0)
#define SSI_SR_TFE (1u << 2)
#define SSI_SR_RFNE (1u << 3)
#define SSI_DR0 (SSI_BASE + 0x60u)
#define SSI_SPI_CTRLR0 (SSI_BASE + 0xf4u)

// CLOCKS, 2.15.7
#define CLOCKS_BASE 0x40008000u
#define CLK_REF_CTRL (CLOCKS_BASE + 0x30u)
#define CLK_REF_DIV (CLOCKS_BASE + 0x34u)
#define CLK_REF_SELECTED (CLOCKS_BASE + 0x38u)
#define CLK_REF_CTRL_SRC_XOSC 2u
#define CLK_SYS_CTRL (CLOCKS_BASE + 0x3cu)
#define CLK_SYS_DIV (CLOCKS_BASE + 0x40u)
#define CLK_SYS_SELECTED (CLOCKS_BASE + 0x44u)
#define CLK_SYS_CTRL_SRC_AUX 1u // AUXSRC 0 in bits 7:5 is PLL_SYS
#define CLK_PERI_CTRL (CLOCKS_BASE + 0x48u) // AUXSRC 0 is clk_sys
#define CLK_ADC_CTRL (CLOCKS_BASE + 0x60u) // AUXSRC 0 is PLL_USB
#define CLK_ADC_DIV (CLOCKS_BASE + 0x64u)
#define CLK_CTRL_ENABLE (1u << 11)
#define CLK_DIV_1 (1u << 8)

// RESETS, 2.14.3
#define RESETS_BASE 0x4000c000u
#define RESETS_RESET (RESETS_BASE + 0x0u)
#define RESETS_WDSEL (RESETS_BASE + 0x4u)
#define RESETS_RESET_DONE (RESETS_BASE + 0x8u)
#define RESETS_ADC (1u << 0)
#define RESETS_DMA (1u << 2)
#define RESETS_I2C0 (1u << 3)
#define RESETS_I2C1 (1u << 4)
#define RESETS_IO_BANK0 (1u << 5)
#define RESETS_PADS_BANK0 (1u << 8)
#define RESETS_PIO0 (1u << 10)
#define RESETS_PIO1 (1u << 11)
#define RESETS_PLL_SYS (1u << 12)
#define RESETS_PLL_USB (1u << 13)
#define RESETS_SPI0 (1u << 16)
#define RESETS_SPI1 (1u << 17)
#define RESETS_TIMER (1u << 21)
#define RESETS_UART0 (1u << 22)
#define RESETS_UART1 (1u << 23)
#define RESETS_USBCTRL (1u << 24)

// PSM, 2.13.5
#define PSM_BASE 0x40010000u
#define PSM_WDSEL (PSM_BASE + 0x8u)
#define PSM_PROC0 (1u << 15)
#define PSM_PROC1 (1u << 16)

// IO_BANK0, 2.19.6.1
#define IO_BANK0_BASE 0x40014000u
#define GPIO_CTRL(gpio) (IO_BANK0_BASE + 8u * (gpio) + 4u)
#define GPIO_CTRL_FUNCSEL_MASK 0x1fu
#define GPIO_CTRL_FUNCSEL_UART 2u
#define GPIO_CTRL_FUNCSEL_I2C 3u
#define GPIO_CTRL_FUNCSEL_SIO 5u
#define GPIO_CTRL_FUNCSEL_NULL 31u
#define GPIO_CTRL_OUTOVER_LOW (2u << 8)
#define GPIO_CTRL_OEOVER_ENABLE (3u << 12)
// Four bits for each GPIO, eight GPIOs for each register.
#define INTR(gpio) (IO_BANK0_BASE + 0xf0u + 4u * ((gpio) / 8u))
#define PROC0_INTE(gpio) (IO_BANK0_BASE + 0x100u + 4u * ((gpio) / 8u))
#define PROC0_INTS(gpio) (IO_BANK0_BASE + 0x120u + 4u * ((gpio) / 8u))
#define INT_EDGE_LOW(gpio) (4u << 4u * ((gpio) % 8u))
#define INT_EDGE_HIGH(gpio) (8u << 4u * ((gpio) % 8u))

// IO_QSPI, 2.19.6.2
#define GPIO_QSPI_SS_CTRL 0x4001800cu
#define GPIO_QSPI_SS_CTRL_OUTOVER_LOW (2u << 8)
#define GPIO_QSPI_SS_CTRL_OUTOVER_HIGH (3u << 8)

// PADS_BANK0, 2.19.6.3
#define PADS_BANK0_BASE 0x4001c000u
#define PADS_GPIO(gpio) (PADS_BANK0_BASE + 4u + 4u * (gpio))
#define PADS_SCHMITT (1u << 1)
#define PADS_PDE (1u << 2)
#define PADS_PUE (1u << 3)
#define PADS_DRIVE_4MA (1u << 4)
#define PADS_IE (1u << 6)
#define PADS_OD (1u << 7)

// XOSC, 2.16.7
#define XOSC_BASE 0x40024000u
#define XOSC_CTRL (XOSC_BASE + 0x0u)
#define XOSC_STATUS (XOSC_BASE + 0x4u)
#define XOSC_STARTUP (XOSC_BASE + 0xcu)
#define XOSC_STARTUP_DELAY_MAX 0x3fffu
#define XOSC_CTRL_FREQ_RANGE_1_15MHZ 0xaa0u
#define XOSC_CTRL_ENABLE (0xfabu << 12)
#define XOSC_STATUS_STABLE (1u << 31)

// PLL_SYS and PLL_USB, 2.18.4
#define PLL_SYS_BASE 0x40028000u
#define PLL_USB_BASE 0x4002c000u
#define PLL_CS(base) ((base) + 0x0u)
#define PLL_PWR(base) ((base) + 0x4u)
#define PLL_FBDIV_INT(base) ((base) + 0x8u)
#define PLL_PRIM(base) ((base) + 0xcu)
#define PLL_CS_LOCK (1u << 31)
#define PLL_PWR_PD (1u << 0)
#define PLL_PWR_POSTDIVPD (1u << 3)
#define PLL_PWR_VCOPD (1u << 5)
#define PLL_PRIM_POSTDIVS(one, two) ((one) << 16 | (two) << 12)

// UART0 and UART1, 4.2.8
#define UART0_BASE 0x40034000u
#define UART1_BASE 0x40038000u
#define UARTDR(base) ((base) + 0x0u)
#define UARTFR(base) ((base) + 0x18u)
#define UARTIBRD(base) ((base) + 0x24u)
#define UARTFBRD(base) ((base) + 0x28u)
#define UARTLCR_H(base) ((base) + 0x2cu)
#define UARTCR(base) ((base) + 0x30u)
#define UARTIFLS(base) ((base) + 0x34u)
#define UARTIMSC(base) ((base) + 0x38u)
#define UARTMIS(base) ((base) + 0x40u)
#define UARTICR(base) ((base) + 0x44u)
#define UARTDR_FE (1u << 8)
#define UARTDR_PE (1u << 9)
#define UARTDR_BE (1u << 10)
#define UARTFR_BUSY (1u << 3)
#define UARTFR_RXFE (1u << 4)
#define UARTFR_TXFF (1u << 5)
#define UARTLCR_H_FEN (1u << 4)
#define UARTLCR_H_WLEN_8 (3u << 5)
#define UARTCR_UARTEN (1u << 0)
#define UARTCR_TXE (1u << 8)
#define UARTCR_RXE (1u << 9)
#define UARTIFLS_TX_1_8 (0u << 0)
#define UARTIFLS_RX_1_2 (2u << 3)
#define UARTI_RX (1u << 4)
#define UARTI_TX (1u << 5)
#define UARTI_RT (1u << 6)
#define UARTI_OE (1u << 10)
#define UARTI_ALL 0x7ffu

// I2C0 and I2C1, 4.3.17
#define I2C0_BASE 0x40044000u
#define I2C1_BASE 0x40048000u
#define IC_CON(base) ((base) + 0x0u)
#define IC_CON_MASTER_MODE (1u << 0)
#define IC_CON_SPEED_FAST (2u << 1)
#define IC_CON_RESTART_EN (1u << 5)
#define IC_CON_SLAVE_DISABLE (1u << 6)
#define IC_CON_RX_FIFO_FULL_HLD_CTRL (1u << 9)
#define IC_TAR(base) ((base) + 0x4u)
#define IC_SAR(base) ((base) + 0x8u)
#define IC_DATA_CMD(base) ((base) + 0x10u)
#define IC_DATA_CMD_CMD (1u << 8)
#define IC_DATA_CMD_STOP (1u << 9)
#define IC_DATA_CMD_FIRST_DATA_BYTE (1u << 11)
#define IC_FS_SCL_HCNT(base) ((base) + 0x1cu)
#define IC_FS_SCL_LCNT(base) ((base) + 0x20u)
#define IC_INTR_STAT(base) ((base) + 0x2cu)
#define IC_INTR_MASK(base) ((base) + 0x30u)
#define IC_INTR_RX_FULL (1u << 2)
#define IC_INTR_TX_EMPTY (1u << 4)
#define IC_INTR_RD_REQ (1u << 5)
#define IC_INTR_TX_ABRT (1u << 6)
#define IC_INTR_RX_DONE (1u << 7)
#define IC_INTR_STOP_DET (1u << 9)
#define IC_INTR_START_DET (1u << 10)
#define IC_INTR_RESTART_DET (1u << 12)
#define IC_RX_TL(base) ((base) + 0x38u)
#define IC_TX_TL(base) ((base) + 0x3cu)
#define IC_CLR_INTR(base) ((base) + 0x40u)
#define IC_CLR_RD_REQ(base) ((base) + 0x50u)
#define IC_CLR_TX_ABRT(base) ((base) + 0x54u)
#define IC_CLR_RX_DONE(base) ((base) + 0x58u)
#define IC_CLR_STOP_DET(base) ((base) + 0x60u)
#define IC_CLR_START_DET(base) ((base) + 0x64u)
#define IC_ENABLE(base) ((base) + 0x6cu)
#define IC_STATUS(base) ((base) + 0x70u)
#define IC_STATUS_TFNF (1u << 1)
#define IC_STATUS_RFNE (1u << 3)
#define IC_SDA_HOLD(base) ((base) + 0x7cu)
#define IC_TX_ABRT_SOURCE(base) ((base) + 0x80u)
#define IC_TX_ABRT_SOURCE_7B_ADDR_NOACK (1u << 0)
#define IC_TX_ABRT_SOURCE_TXDATA_NOACK (1u << 3)
#define IC_TX_ABRT_SOURCE_SLV_ARBLOST (1u << 14)
#define IC_SDA_SETUP(base) ((base) + 0x94u)
#define IC_ACK_GENERAL_CALL(base) ((base) + 0x98u)
#define IC_FS_SPKLEN(base) ((base) + 0xa0u)
#define IC_CLR_RESTART_DET(base) ((base) + 0xa8u)

// ADC, 4.9.6
#define ADC_BASE 0x4004c000u
#define ADC_CS (ADC_BASE + 0x0u)
#define ADC_FCS (ADC_BASE + 0x8u)
#define ADC_FIFO (ADC_BASE + 0xcu)
#define ADC_DIV (ADC_BASE + 0x10u)
#define ADC_CS_EN (1u << 0)
#define ADC_CS_TS_EN (1u << 1)
#define ADC_CS_START_MANY (1u << 3)
#define ADC_CS_READY (1u << 8)
#define ADC_CS_AINSEL(channel) ((channel) << 12)
#define ADC_CS_RROBIN(channels) ((channels) << 16)
#define ADC_FCS_EN (1u << 0)
#define ADC_FCS_ERR (1u << 2) // bit 15 of a result in the FIFO reports that its conversion failed
#define ADC_FCS_DREQ_EN (1u << 3)
#define ADC_FCS_UNDER (1u << 10)
#define ADC_FCS_OVER (1u << 11)
#define ADC_FCS_THRESH(level) ((level) << 24)
#define ADC_FIFO_ERR (1u << 15)
#define ADC_FIFO_VAL 0xfffu
#define ADC_DIV_INT(cycles) ((cycles) << 8)

// TIMER, 4.6.5
#define TIMER_BASE 0x40054000u
#define TIMER_ALARM0 (TIMER_BASE + 0x10u)
#define TIMER_ALARM1 (TIMER_BASE + 0x14u)
#define TIMER_ARMED (TIMER_BASE + 0x20u)
#define TIMER_TIMERAWH (TIMER_BASE + 0x24u)
#define TIMER_TIMERAWL (TIMER_BASE + 0x28u)
#define TIMER_DBGPAUSE (TIMER_BASE + 0x2cu)
#define TIMER_INTR (TIMER_BASE + 0x34u)
#define TIMER_INTE (TIMER_BASE + 0x38u)
#define TIMER_ALARM_0 (1u << 0)
#define TIMER_ALARM_1 (1u << 1)

// WATCHDOG, 4.7.6
#define WATCHDOG_BASE 0x40058000u
#define WATCHDOG_CTRL (WATCHDOG_BASE + 0x0u)
#define WATCHDOG_LOAD (WATCHDOG_BASE + 0x4u)
#define WATCHDOG_REASON (WATCHDOG_BASE + 0x8u)
#define WATCHDOG_TICK (WATCHDOG_BASE + 0x2cu)
#define WATCHDOG_CTRL_PAUSE_DEBUG (7u << 24)
#define WATCHDOG_CTRL_ENABLE (1u << 30)
#define WATCHDOG_CTRL_TRIGGER (1u << 31)
#define WATCHDOG_TICK_ENABLE (1u << 9)

// VREG_AND_CHIP_RESET, 2.10.6
#define CHIP_RESET 0x40064008u
#define CHIP_RESET_HAD_RUN (1u << 16)

// DMA, 2.5.7
#define DMA_BASE 0x50000000u
#define DMA_READ_ADDR(channel) (DMA_BASE + 0x40u * (channel) + 0x0u)
#define DMA_WRITE_ADDR(channel) (DMA_BASE + 0x40u * (channel) + 0x4u)
#define DMA_TRANS_COUNT(channel) (DMA_BASE + 0x40u * (channel) + 0x8u)
#define DMA_CTRL_TRIG(channel) (DMA_BASE + 0x40u * (channel) + 0xcu)
#define DMA_AL1_CTRL(channel) (DMA_BASE + 0x40u * (channel) + 0x10u)
#define DMA_AL2_WRITE_ADDR_TRIG(channel) (DMA_BASE + 0x40u * (channel) + 0x2cu)
#define DMA_CTRL_EN (1u << 0)
#define DMA_CTRL_HIGH_PRIORITY (1u << 1)
#define DMA_CTRL_SIZE_HALFWORD (1u << 2)
#define DMA_CTRL_SIZE_WORD (2u << 2)
#define DMA_CTRL_INCR_READ (1u << 4)
#define DMA_CTRL_INCR_WRITE (1u << 5)
#define DMA_CTRL_RING_READ(bits) ((bits) << 6) // RING_SEL 0: read addresses wrap
#define DMA_CTRL_CHAIN_TO(channel) ((channel) << 11)
#define DMA_CTRL_TREQ(request) ((request) << 15)
#define DMA_CTRL_IRQ_QUIET (1u << 21)
#define DMA_TREQ_ADC 36u // 2.5.3.1
#define DMA_TREQ_PERMANENT 0x3fu
#define DMA_INTE0 (DMA_BASE + 0x404u)
#define DMA_INTS0 (DMA_BASE + 0x40cu)

// SIO, 2.3.1.7
#define SIO_BASE 0xd0000000u
#define SIO_GPIO_IN (SIO_BASE + 0x4u)
#define SIO_GPIO_OUT (SIO_BASE + 0x10u)
#define SIO_GPIO_OUT_SET (SIO_BASE + 0x14u)
#define SIO_GPIO_OUT_CLR (SIO_BASE + 0x18u)
#define SIO_GPIO_OE (SIO_BASE + 0x20u)
#define SIO_GPIO_OE_SET (SIO_BASE + 0x24u)
#define SIO_GPIO_OE_CLR (SIO_BASE + 0x28u)

// Cortex-M0+ NVIC and VTOR, 2.4.8, and interrupt numbers, 2.3.2
#define NVIC_ISER 0xe000e100u
#define NVIC_ICER 0xe000e180u
#define NVIC_ICPR 0xe000e280u
#define NVIC_IPR(number) (0xe000e400u + 4u * ((number) / 4u)) // 8 bits each, of which the upper two count
#define VTOR 0xe000ed08u
#define IRQ_TIMER_0 0u
#define IRQ_TIMER_1 1u
#define IRQ_DMA_0 11u
#define IRQ_IO_BANK0 13u
#define IRQ_UART0 20u
#define IRQ_UART1 21u
#define IRQ_I2C0 23u
#define IRQ_I2C1 24u
