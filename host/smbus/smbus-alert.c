// See smbus-alert.h. The pins stay assigned to the I2C peripheral. The overrides of GPIO_CTRL pull SDA low
// in addition to it (datasheet 2.19.3), and SIO reads both lines.
//
// Everything here waits for the controller's clock, so every wait is bounded. A half period longer than 100
// us ends the response (SMBus allows 50 to 60 us at its slowest clock, 10 kHz). At that clock it takes 2.7
// ms at most.

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
/** No bit at all on a board that does not connect it. */
#define SMBALERT (BOARD_SMBALERT_GPIO < 32u ? 1u << BOARD_SMBALERT_GPIO % 32u : 0u)
#define SCL_ROSE INT_EDGE_HIGH(BOARD_I2C1_SCL_GPIO)

/** Address 0Ch with the read bit. */
#define ALERT_RESPONSE_READ 0x19u

/** The PEC of our answer, computed in advance: during the response there is no time for it. */
static uint8_t answer_pec;

/**
 * A wait first makes some turns of at least 8 cycles that only read the pins, because at 1 MHz there is no
 * time for more. After that it alternates between such turns and a check for an over-current: 100 us at 125
 * MHz in all.
 */
#define QUICK_TURNS_LOW 8u
#define QUICK_TURNS_HIGH 32u
#define TURNS_PER_CHECK 32u
#define CHECKS 50u

static void pull_sda(bool low) {
  const uint32_t overrides = low ? GPIO_CTRL_OUTOVER_LOW | GPIO_CTRL_OEOVER_ENABLE : 0;
  REGISTER(GPIO_CTRL(BOARD_I2C1_SDA_GPIO)) = GPIO_CTRL_FUNCSEL_I2C | overrides;
}

void smbus_alert_prepare(void) {
  answer_pec = (uint8_t)smbus_pec(smbus_pec(0, ALERT_RESPONSE_READ), smbus.address * 2u);
}

void smbus_alert_release(void) {
  REGISTER(SIO_GPIO_OE_CLR) = SMBALERT;
  pull_sda(false);
}

bool smbus_alert_is_pulled(void) { return REGISTER(SIO_GPIO_OE) & SMBALERT; }

INLINE bool scl_is(bool high, uint32_t turns) {
  for (; turns > 0; turns--)
    if (((REGISTER(SIO_GPIO_IN) & SCL) != 0) == high) return true;
  return false;
}

/**
 * Waits until SCL has that level. Returns false if it takes too long.
 *
 * Protection has a lower priority than the bus, and an alert response takes longer than an over-current may
 * last. So this function checks for an over-current, and returns false as well if there is one. It is too
 * late for an answer then, so the controller reads ones at the end. SMBALERT# stays low, and the controller
 * asks again.
 */
INLINE bool wait_scl(bool high) {
  if (scl_is(high, QUICK_TURNS_LOW)) return true;
  for (uint32_t check = 0; check < CHECKS; check++) {
    if (sampling_peek()) return false;
    if (scl_is(high, TURNS_PER_CHECK)) return true;
  }
  return false;
}

/** The end of a high phase of SCL: it lasts on, SCL falls, or SDA changes meanwhile (a START or STOP). */
enum high { STAYS, FALLS, BREAKS };

INLINE enum high while_high(uint32_t sda, uint32_t turns) {
  for (; turns > 0; turns--) {
    const uint32_t lines = REGISTER(SIO_GPIO_IN);
    if (!(lines & SCL)) return FALLS;
    if ((lines & SDA) != sda) return BREAKS;
  }
  return STAYS;
}

/**
 * Follows one clock from low to low. `sampled` becomes SDA while SCL was high. Returns false if it takes
 * too long, if it was no bit, or if there is an over-current. At 1 MHz it has 125 cycles.
 */
static __attribute__((noinline)) FAST bool clock_bit(bool *sampled) {
  if (!wait_scl(true)) return false;
  const uint32_t sda = REGISTER(SIO_GPIO_IN) & SDA;
  *sampled = sda != 0;
  enum high high = while_high(sda, QUICK_TURNS_HIGH);
  for (uint32_t check = 0; high == STAYS && check < CHECKS; check++) {
    if (sampling_peek()) return false;
    high = while_high(sda, TURNS_PER_CHECK);
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

/**
 * Returns false if a target with a lower address pulled SDA low where we released it, or the controller
 * broke off.
 */
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
  // If SCL rose since the last STOP, we have missed a bit. The controller will repeat the alert response.
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
