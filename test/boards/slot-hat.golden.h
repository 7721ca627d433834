// Generated from boards/slot-hat.json by `npm run build`. Do not edit.
#pragma once

#define BOARD_NAME "slot-hat"
#define BOARD_CRYSTAL_HZ 12000000u
#define BOARD_CRYSTAL_STARTUP_MS 1u
#define BOARD_FLASH_BYTES 2097152u

// X(signal, GPIO, direction, drive, active level, pull of the RP2040)
// The drive of an input has no meaning.
#define BOARD_SIGNALS(X) \
  X(LED_STATUS, 0, OUT, PUSH_PULL, HIGH, NONE) \
  X(LED_IDENTIFY, 1, OUT, PUSH_PULL, HIGH, NONE) \
  X(EN_RAIL_0, 23, OUT, PUSH_PULL, HIGH, NONE) \
  X(EN_RAIL_1, 22, OUT, PUSH_PULL, HIGH, NONE) \
  X(COMPUTE_RUN, 13, OUT, OPEN_DRAIN, HIGH, NONE) \
  X(SHUTDOWN_REQ, 14, OUT, PUSH_PULL, HIGH, NONE) \
  X(SMBALERT, 8, OUT, OPEN_DRAIN, LOW, NONE) \
  X(PG_RAIL_0, 25, IN, PUSH_PULL, HIGH, DOWN) \
  X(PG_RAIL_1, 24, IN, PUSH_PULL, HIGH, DOWN) \
  X(PRESENT, 12, IN, PUSH_PULL, LOW, UP) \
  X(HALTED, 15, IN, PUSH_PULL, HIGH, DOWN) \
  X(SLOT_ID0, 18, IN, PUSH_PULL, HIGH, UP) \
  X(SLOT_ID1, 19, IN, PUSH_PULL, HIGH, UP) \
  X(SLOT_ID2, 2, IN, PUSH_PULL, HIGH, UP) \
  X(SLOT_ID3, 3, IN, PUSH_PULL, HIGH, UP)

#define BOARD_UART0_TX_GPIO 16u
#define BOARD_UART0_RX_GPIO 17u
#define BOARD_UART1_TX_GPIO 20u
#define BOARD_UART1_RX_GPIO 21u

// 32 is not a GPIO: the board does not connect the line.
#define BOARD_I2C0_SDA_GPIO 4u
#define BOARD_I2C0_SCL_GPIO 5u
#define BOARD_I2C1_SDA_GPIO 6u
#define BOARD_I2C1_SCL_GPIO 7u
#define BOARD_SMBALERT_GPIO 8u

// 0: the board has none, and the host does not start I2C0.
#define BOARD_HAS_POWER_MONITOR 1

// Channel 4 is the temperature sensor in the RP2040; 5: not measured.
#define BOARD_ADC_CHANNELS 0x1fu
// Each rail is a page of the SMBus target.
#define BOARD_RAILS 2u
#define BOARD_PAGE_RAILS {1, 0}
#define BOARD_PAGE_NAMES {"5V", "3V3_AUX"}

// What the minimal state reports on the SMBus.
#define BOARD_SMBUS_ADDRESS 0x10u
#define BOARD_MANUFACTURER "Racklet"
#define BOARD_REVISION "0.1.0"
#define BOARD_DATE "261121"

// Voltage and current of the rail that feeds the compute board, whose product is its power.
#define BOARD_VOUT_ADC_CHANNEL 1u
#define BOARD_IOUT_ADC_CHANNEL 2u
#define BOARD_UNUSED_GPIOS 0x00000e00u
