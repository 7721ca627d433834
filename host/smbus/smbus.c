// See smbus.h. The logic's side: it opens the target, prepares responses, takes requests and answers them.

#include "smbus.h"

#include "board.h"
#include "peripherals/clocks.h"
#include "processor.h"
#include "registers.h"
#include "smbus-alert.h"
#include "smbus-state.h"

/** What the logic has taken and not dealt with yet. */
static enum {
  NOTHING_IN_HAND,
  CHANGES_IN_HAND,
  /** A write of PAGE whose page the handler has selected already: others may be behind it by now. */
  FOLLOWED_IN_HAND,
} in_hand;

static void handlers_hold(void) {
  interrupt_hold(IRQ_I2C1);
  interrupt_hold(IRQ_TIMER_1);
}

static void handlers_release(void) {
  interrupt_release(IRQ_TIMER_1);
  interrupt_release(IRQ_I2C1);
}

void smbus_start(void) {
  // The block stays disabled until the logic knows its address.
  const uint32_t pad = PADS_SCHMITT | PADS_IE | PADS_DRIVE_4MA;
  REGISTER(PADS_GPIO(BOARD_I2C1_SDA_GPIO)) = pad;
  REGISTER(PADS_GPIO(BOARD_I2C1_SCL_GPIO)) = pad;
  (void)blocks_reset(RESETS_I2C1);
  REGISTER(GPIO_CTRL(BOARD_I2C1_SDA_GPIO)) = GPIO_CTRL_FUNCSEL_I2C;
  REGISTER(GPIO_CTRL(BOARD_I2C1_SCL_GPIO)) = GPIO_CTRL_FUNCSEL_I2C;
  smbus_alert_let_go(); // nobody here would answer for an alert of a life before
  REGISTER_SET(TIMER_INTE) = TIMER_ALARM_1;
  interrupt_enable(IRQ_TIMER_1, PRIORITY_BUS_WATCH);
  interrupt_enable(IRQ_I2C1, PRIORITY_BUS);
}

void host_smbus_open(uint32_t address) {
  handlers_hold();
  smbus.address = (uint8_t)address;
  smbus.page = 0;
  smbus.unsettled = 0;
  in_hand = NOTHING_IN_HAND;
  smbus.taken = smbus.put;
  smbus.closed_for_room = smbus.alert_answered = false;
  smbus_target_open();
  handlers_release();
}

/** A place that no response lies in; there is one for each the table can have, and one more (test/abi). */
static uint32_t free_place(void) {
  uint32_t place = 0;
  while (place < LONG_RESPONSES - 1 && smbus.long_responses[place].length != 0) place++;
  return place;
}

void host_smbus_publish(uint32_t page, uint32_t command, const uint8_t *response, uint32_t length) {
  if (page >= BOARD_RAILS) return; // the contract has pages for the largest board
  // Handlers copy a response before they send it, and see the old one or the new one: the entry is one
  // word, and a place is written while no entry leads to it.
  union prepared *entry = &smbus.prepared[page][command];
  const union prepared before = *entry;
  union prepared after = {.word = 0};
  if (length > sizeof after.bytes) {
    const uint32_t place = free_place();
    struct long_response *kept = &smbus.long_responses[place];
    for (uint32_t i = 0; i < length; i++) kept->bytes[i] = response[i];
    kept->length = (uint8_t)length;
    after.length = LONG_RESPONSE;
    after.bytes[0] = (uint8_t)place;
  } else {
    after.length = (uint8_t)length;
    for (uint32_t i = 0; i < length; i++) after.bytes[i] = response[i];
  }
  __asm volatile("" ::: "memory"); // the place before the entry that leads to it
  ((volatile union prepared *)entry)->word = after.word;
  __asm volatile("" ::: "memory");
  if (before.length == LONG_RESPONSE) smbus.long_responses[before.bytes[0]].length = 0;
}

void host_smbus_page(uint32_t page) {
  if (in_hand != FOLLOWED_IN_HAND && page < BOARD_RAILS) smbus.page = (uint8_t)page;
}

uint32_t host_smbus_take(uint8_t *buffer) {
  if (in_hand == CHANGES_IN_HAND) smbus_target_settle();
  in_hand = NOTHING_IN_HAND;
  if (smbus.alert_answered) { // ahead of the requests: it is not about any of them
    smbus.alert_answered = false;
    in_hand = CHANGES_IN_HAND;
    buffer[0] = SMBUS_REQUEST_ALERT_ANSWERED;
    buffer[1] = buffer[2] = buffer[3] = 0;
    return 4;
  }
  if (smbus.taken == smbus.put) return 0;
  const struct request *request = &smbus.requests[smbus.taken % SMBUS_REQUESTS];
  buffer[0] = request->kind;
  buffer[1] = request->length;
  buffer[2] = (uint8_t)request->number;
  buffer[3] = (uint8_t)(request->number >> 8);
  for (uint32_t i = 0; i < request->length; i++) buffer[4 + i] = request->bytes[i];
  in_hand = request->followed ? FOLLOWED_IN_HAND : CHANGES_IN_HAND;
  __asm volatile("" ::: "memory"); // the bytes before their place is given back
  smbus.taken = smbus.taken + 1;
  handlers_hold();
  smbus_target_reopen();
  handlers_release();
  return 4u + buffer[1];
}

void host_smbus_answer(uint32_t number, const uint8_t *response, uint32_t length) {
  handlers_hold();
  if (smbus.waiting == LOGIC && smbus.number == number) smbus_target_reply(response, length);
  handlers_release();
}

void host_smbus_counters(struct smbus_counters *counters) {
  *counters = smbus.counters; // words, each whole; they need not be of one moment
}
