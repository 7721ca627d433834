// See smbus-alert.h. The pins stay with the I2C block; GPIO_CTRL's overrides pull SDA low beside it
// (datasheet 2.19.3), and SIO reads both lines.
//
// Everything waits on the controller's clock, so everything has a bound: a half period longer than
// 100 us (SMBus allows 50 to 60 at its slowest, 10 kHz) ends it, and the whole takes 2.7 ms at most there.

#include "smbus-alert.h"

#include <stdint.h>

#include "board.h"
#include "generated/abi.h"
#include "processor.h"
#include "registers.h"
#include "sampling/sampling.h"
#include "smbus-state.h"

#define SDA (1u << BOARD_I2C1_SDA_GPIO)
#define SCL (1u << BOARD_I2C1_SCL_GPIO)
/** No pin at all where the board does not wire it. */
#define SMBALERT (BOARD_SMBALERT_GPIO < 32u ? 1u << BOARD_SMBALERT_GPIO % 32u : 0u)
#define SCL_ROSE INT_EDGE_HIGH(BOARD_I2C1_SCL_GPIO)

/** 0x0c and the bit that means a read. */
#define ALERT_RESPONSE_READ 0x19u

/** PEC of our answer: there is no time for it on the bus. */
static uint8_t answer_pec;

/**
 * A wait is so many turns of at least 8 cycles that do nothing else, for at 1 MHz there is no time for more,
 * and then looks by turns: 100 us at 125 MHz in all.
 */
#define QUICK_TURNS_LOW 8u
#define QUICK_TURNS_HIGH 32u
#define TURNS_A_LOOK 32u
#define LOOKS 50u

static void pull_sda(bool low) {
  const uint32_t overrides = low ? GPIO_CTRL_OUTOVER_LOW | GPIO_CTRL_OEOVER_ENABLE : 0;
  REGISTER(GPIO_CTRL(BOARD_I2C1_SDA_GPIO)) = GPIO_CTRL_FUNCSEL_I2C | overrides;
}

void smbus_alert_prepare(void) {
  answer_pec = (uint8_t)smbus_pec(smbus_pec(0, ALERT_RESPONSE_READ), smbus.address * 2u);
}

void smbus_alert_let_go(void) {
  REGISTER(SIO_GPIO_OE_CLR) = SMBALERT;
  pull_sda(false);
}

bool smbus_alert_is_pulled(void) { return REGISTER(SIO_GPIO_OE) & SMBALERT; }

ALWAYS bool scl_is(bool high, uint32_t turns) {
  for (; turns > 0; turns--)
    if (((REGISTER(SIO_GPIO_IN) & SCL) != 0) == high) return true;
  return false;
}

/**
 * True once SCL has that level, false if it takes too long. Protection has less priority than the bus, and
 * an alert response takes longer than an over-current may last: so it is looked for here. If there is one,
 * false as well: it is too late for an answer by then, and what the controller reads ends in ones. SMBALERT#
 * stays low, and it asks again.
 */
ALWAYS bool wait_scl(bool high) {
  if (scl_is(high, QUICK_TURNS_LOW)) return true;
  for (uint32_t look = 0; look < LOOKS; look++) {
    if (sampling_peek()) return false;
    if (scl_is(high, TURNS_A_LOOK)) return true;
  }
  return false;
}

/** What comes of a clock that is high: it goes on, it falls, or SDA changes meanwhile (a START or STOP). */
enum high { STAYS, FALLS, BREAKS };

ALWAYS enum high while_high(uint32_t sda, uint32_t turns) {
  for (; turns > 0; turns--) {
    const uint32_t lines = REGISTER(SIO_GPIO_IN);
    if (!(lines & SCL)) return FALLS;
    if ((lines & SDA) != sda) return BREAKS;
  }
  return STAYS;
}

/**
 * One clock from low to low. `sampled` becomes SDA as it was while SCL was high. False if it takes too long,
 * if it is no bit, or with an over-current. At 1 MHz it has 125 cycles.
 */
static __attribute__((noinline)) FAST bool clock_bit(bool *sampled) {
  if (!wait_scl(true)) return false;
  const uint32_t sda = REGISTER(SIO_GPIO_IN) & SDA;
  *sampled = sda != 0;
  enum high high = while_high(sda, QUICK_TURNS_HIGH);
  for (uint32_t look = 0; high == STAYS && look < LOOKS; look++) {
    if (sampling_peek()) return false;
    high = while_high(sda, TURNS_A_LOOK);
  }
  return high == FALLS;
}

static bool is_alert_response_read(void) {
  for (uint32_t bit = 8; bit-- > 0;) {
    bool sampled;
    if (!clock_bit(&sampled)) return false;
    if (sampled != (ALERT_RESPONSE_READ >> bit & 1u)) return false;
  }
  return true;
}

/** False if somebody with a lower address was pulling where we let go, or the controller broke off. */
static bool send(uint32_t byte, bool *acknowledged) {
  for (uint32_t bit = 8; bit-- > 0;) {
    const bool high = byte >> bit & 1u;
    bool sampled;
    pull_sda(!high);
    if (!clock_bit(&sampled) || sampled != high) return false;
  }
  pull_sda(false);
  bool sampled;
  if (!clock_bit(&sampled)) return false;
  *acknowledged = !sampled;
  return true;
}

static bool answer(void) {
  bool sampled, wants_more;
  pull_sda(true);
  if (!clock_bit(&sampled)) return false;
  const uint32_t address = smbus.address * 2u;
  if (!send(address, &wants_more)) return false;
  if (wants_more) (void)send(answer_pec, &wants_more);
  return true;
}

bool smbus_alert_answer(bool in_step) {
  // A rise of SCL since the STOP before is a bit we have not seen: the next alert response comes in time.
  if (!in_step || REGISTER(INTR(BOARD_I2C1_SCL_GPIO)) & SCL_ROSE) {
    smbus.counters.alerts_missed++;
    return false;
  }
  if (!wait_scl(false) || !is_alert_response_read()) return false;
  const bool won = answer();
  pull_sda(false);
  if (!won) return false;
  REGISTER(SIO_GPIO_OE_CLR) = SMBALERT;
  smbus.counters.alerts++;
  if (!smbus.alert_answered) smbus.unsettled = smbus.unsettled + 1;
  smbus.alert_answered = true;
  return true;
}
