// See i2c-controller.h. Datasheet 4.3, UM10204 (the I2C-bus specification).
//
// - The I2C peripheral makes START, repeated START and STOP from the commands in its FIFO, and ends a
//   transfer by itself when a byte is not acknowledged. It does not notice a target that holds SCL low, or
//   one that holds SDA low so that no STOP comes. A deadline covers both.
// - A restart of the BMC may cut a transfer off in the middle of a byte, and the target may then hold SDA
//   low. The peripheral then loses arbitration with the first byte it sends. Clock pulses let the target
//   finish its byte (UM10204, 3.1.16).

#include "i2c-controller.h"

#include <stdbool.h>
#include <stddef.h>

#include "board.h"
#include "peripherals/clocks.h"
#include "events.h"
#include "generated/abi.h"
#include "processor.h"
#include "registers.h"
#include "peripherals/timer.h"

/** A board without a power monitor has no such pins, and does not reach the code below. */
#define SDA (BOARD_I2C0_SDA_GPIO % 32u)
#define SCL (BOARD_I2C0_SCL_GPIO % 32u)

#define FIFO_BYTES 16u
/** The longest transfer needs three FIFOs. Half a FIFO leaves other handlers time to run in between. */
#define FIFO_LEVEL 8u

/**
 * Deadline of a transfer. The longest takes 1 ms, and a target may stretch the clock. Our choice: ten times
 * that; the logic checks when it is over.
 */
#define TRANSFER_LIMIT_US 10000u

/**
 * 400 kHz at 125 MHz by datasheet 4.3.14.1. SCL is low for 187 + 1 cycles, 1.5 us (at least 1.3 us), and
 * high for 112 + 6 + 7 cycles, 1.0 us (at least 0.6 us). Pulses up to 48 ns are filtered; data changes 304
 * ns after SCL falls.
 */
#define SPIKE_CYCLES 6u
#define SCL_HIGH_COUNT 112u
#define SCL_LOW_COUNT 187u
#define SDA_HOLD_CYCLES 38u

/** Half a period of the pulses that free SDA. Our choice: 3 us, far longer than any target needs. */
#define HALF_PULSE_US 3u
#define PULSES 9u
/**
 * A turn takes at least 6 cycles. After this many, far more than 3 us, the timer must have stopped, so we
 * give up.
 */
#define WAIT_TURNS 1000u

enum phase { IDLE, RUNNING, OVER };

static struct {
  volatile enum phase phase;
  uint32_t begun_us; // low word of the timer
  uint8_t request[I2C_WRITE_BYTES], data[I2C_READ_BYTES];
  uint32_t length, read_length;
  uint32_t commands, received; // commands written to the peripheral, data bytes read from it
  uint32_t result;
} transfer;

// ------------------------------------------------------------------- the I2C peripheral

static void configure_controller(void) {
  REGISTER(IC_CON(I2C0_BASE)) = IC_CON_MASTER_MODE | IC_CON_SPEED_FAST | IC_CON_RESTART_EN |
                                IC_CON_SLAVE_DISABLE | IC_CON_RX_FIFO_FULL_HLD_CTRL;
  REGISTER(IC_FS_SPKLEN(I2C0_BASE)) = SPIKE_CYCLES;
  REGISTER(IC_FS_SCL_HCNT(I2C0_BASE)) = SCL_HIGH_COUNT;
  REGISTER(IC_FS_SCL_LCNT(I2C0_BASE)) = SCL_LOW_COUNT;
  REGISTER(IC_SDA_HOLD(I2C0_BASE)) = SDA_HOLD_CYCLES;
  REGISTER(IC_TX_TL(I2C0_BASE)) = FIFO_LEVEL;
  REGISTER(IC_RX_TL(I2C0_BASE)) = FIFO_LEVEL - 1;
  REGISTER(IC_INTR_MASK(I2C0_BASE)) = 0;
}

/**
 * Releases both lines at once, whatever the peripheral was doing. If it does not come out of reset, the
 * next transfer ends with TIMEOUT.
 */
static void reset_controller(void) {
  (void)peripherals_reset(RESETS_I2C0);
  configure_controller();
}

void i2c_start(void) {
  if (!BOARD_HAS_POWER_MONITOR) return;
  const uint32_t pad = PADS_SCHMITT | PADS_IE | PADS_DRIVE_4MA; // the pull-ups are on the board
  REGISTER(PADS_GPIO(SDA)) = pad;
  REGISTER(PADS_GPIO(SCL)) = pad;
  reset_controller();
  REGISTER(GPIO_CTRL(SDA)) = GPIO_CTRL_FUNCSEL_I2C;
  REGISTER(GPIO_CTRL(SCL)) = GPIO_CTRL_FUNCSEL_I2C;
  interrupt_enable(IRQ_I2C0, PRIORITY_DEVICES);
}

static void finish_transfer(uint32_t result) {
  REGISTER(IC_INTR_MASK(I2C0_BASE)) = 0;
  transfer.result = result;
  transfer.phase = OVER;
}

/** Writes as many commands as the FIFO has room for. The last one ends in STOP. */
static void feed_commands(void) {
  const uint32_t all = transfer.length + transfer.read_length;
  while (transfer.commands < all && REGISTER(IC_STATUS(I2C0_BASE)) & IC_STATUS_TFNF) {
    const uint32_t index = transfer.commands;
    const uint32_t command = index < transfer.length ? transfer.request[index] : IC_DATA_CMD_CMD;
    transfer.commands = index + 1;
    REGISTER(IC_DATA_CMD(I2C0_BASE)) = command | (index + 1 == all ? IC_DATA_CMD_STOP : 0);
  }
  const uint32_t more = transfer.commands < all ? IC_INTR_TX_EMPTY : 0;
  REGISTER(IC_INTR_MASK(I2C0_BASE)) = IC_INTR_RX_FULL | IC_INTR_TX_ABRT | IC_INTR_STOP_DET | more;
}

static void drain_data(void) {
  while (REGISTER(IC_STATUS(I2C0_BASE)) & IC_STATUS_RFNE) {
    const uint32_t data = REGISTER(IC_DATA_CMD(I2C0_BASE));
    if (transfer.received < transfer.read_length) transfer.data[transfer.received++] = (uint8_t)data;
  }
}

static uint32_t result_of_abort(void) {
  const uint32_t source = REGISTER(IC_TX_ABRT_SOURCE(I2C0_BASE));
  (void)REGISTER(IC_CLR_TX_ABRT(I2C0_BASE));
  if (source & IC_TX_ABRT_SOURCE_7B_ADDR_NOACK) return I2C_RESULT_NACK_ADDRESS;
  if (source & IC_TX_ABRT_SOURCE_TXDATA_NOACK) return I2C_RESULT_NACK_DATA;
  return I2C_RESULT_ARBITRATION_LOST;
}

void i2c0_interrupt(void) {
  const uint32_t status = REGISTER(IC_INTR_STAT(I2C0_BASE));
  if (status & IC_INTR_TX_ABRT) {
    transfer.result = result_of_abort();
    REGISTER(IC_INTR_MASK(I2C0_BASE)) = IC_INTR_STOP_DET;
  } else {
    drain_data();
    if (status & IC_INTR_TX_EMPTY) feed_commands();
  }
  const bool stopped = status & IC_INTR_STOP_DET;
  if (stopped) (void)REGISTER(IC_CLR_STOP_DET(I2C0_BASE));
  // A controller that has lost arbitration does not send a STOP.
  if (!stopped && transfer.result != I2C_RESULT_ARBITRATION_LOST) return;
  const bool whole = transfer.received == transfer.read_length;
  if (transfer.result == I2C_RESULT_OK && !whole) transfer.result = I2C_RESULT_ARBITRATION_LOST;
  finish_transfer(transfer.result);
  events_raise(EVENT_I2C);
}

// ------------------------------------------------------------------- freeing the bus

static bool is_high(uint32_t gpio) { return REGISTER(SIO_GPIO_IN) >> gpio & 1u; }

static void wait_half_pulse(void) {
  const uint32_t from_us = REGISTER(TIMER_TIMERAWL);
  for (uint32_t turn = 0; turn < WAIT_TURNS; turn++) {
    if (REGISTER(TIMER_TIMERAWL) - from_us > HALF_PULSE_US) return;
  }
}

static void pull(uint32_t gpio, bool low) {
  REGISTER(low ? SIO_GPIO_OE_SET : SIO_GPIO_OE_CLR) = 1u << gpio;
  wait_half_pulse();
}

/**
 * Sends clock pulses until SDA is released, at most nine, and then a STOP, so that the target that held SDA
 * knows the transfer is over. The output latches are low: a pin is either driven low or not driven.
 */
static void pulse_until_free(void) {
  for (uint32_t pulse = 0; pulse < PULSES && !is_high(SDA); pulse++) {
    pull(SCL, true);
    pull(SCL, false);
  }
  if (!is_high(SDA)) return;
  pull(SCL, true);
  pull(SDA, true);
  pull(SCL, false);
  pull(SDA, false);
}

/**
 * The peripheral must be in reset or idle. Returns how freeing the bus ended, or `result` if no line was
 * held.
 */
static uint32_t free_bus(uint32_t result) {
  if (is_high(SDA) && is_high(SCL)) return result;
  if (!is_high(SCL)) return I2C_RESULT_BUS_STUCK; // without a clock no pulse can reach the target
  const uint32_t lines = 1u << SDA | 1u << SCL;
  REGISTER(SIO_GPIO_OUT_CLR) = lines;
  REGISTER(SIO_GPIO_OE_CLR) = lines;
  REGISTER(GPIO_CTRL(SDA)) = GPIO_CTRL_FUNCSEL_SIO;
  REGISTER(GPIO_CTRL(SCL)) = GPIO_CTRL_FUNCSEL_SIO;
  pulse_until_free();
  REGISTER(GPIO_CTRL(SDA)) = GPIO_CTRL_FUNCSEL_I2C;
  REGISTER(GPIO_CTRL(SCL)) = GPIO_CTRL_FUNCSEL_I2C;
  return is_high(SDA) ? I2C_RESULT_BUS_CLEARED : I2C_RESULT_BUS_STUCK;
}

/** Ends the transfer if its deadline has passed. */
static void end_overdue(void) {
  if (REGISTER(TIMER_TIMERAWL) - transfer.begun_us < TRANSFER_LIMIT_US) return;
  interrupt_hold(IRQ_I2C0);
  if (transfer.phase == RUNNING) {
    reset_controller();
    finish_transfer(I2C_RESULT_TIMEOUT);
  }
  interrupt_release(IRQ_I2C0);
}

// ------------------------------------------------------------------- the logic's side

uint32_t host_i2c_begin(uint32_t address, const uint8_t *request, uint32_t length, uint32_t read_length) {
  if (!BOARD_HAS_POWER_MONITOR || transfer.phase != IDLE || length + read_length == 0) return 0;
  for (uint32_t i = 0; i < length; i++) transfer.request[i] = request[i];
  transfer.length = length;
  transfer.read_length = read_length;
  transfer.commands = transfer.received = 0;
  transfer.result = I2C_RESULT_OK;
  transfer.begun_us = REGISTER(TIMER_TIMERAWL);
  transfer.phase = RUNNING;
  // IC_TAR is locked while the block is enabled, and disabling empties both FIFOs.
  REGISTER(IC_ENABLE(I2C0_BASE)) = 0;
  REGISTER(IC_TAR(I2C0_BASE)) = address;
  REGISTER(IC_ENABLE(I2C0_BASE)) = 1;
  (void)REGISTER(IC_CLR_INTR(I2C0_BASE));
  interrupt_hold(IRQ_I2C0);
  feed_commands();
  interrupt_release(IRQ_I2C0);
  return 1;
}

uint32_t host_i2c_take(uint8_t *response, uint32_t capacity) {
  if (transfer.phase == RUNNING) end_overdue();
  if (transfer.phase != OVER || capacity == 0) return 0;
  uint32_t result = transfer.result;
  if (result == I2C_RESULT_ARBITRATION_LOST || result == I2C_RESULT_TIMEOUT) {
    // We are alone on this bus, so arbitration is lost only to a target that holds a line.
    reset_controller();
    result = free_bus(result);
  }
  response[0] = (uint8_t)result;
  uint32_t count = 1;
  if (result == I2C_RESULT_OK) {
    for (uint32_t i = 0; i < transfer.received && count < capacity; i++) response[count++] = transfer.data[i];
  }
  transfer.phase = IDLE;
  return count;
}
