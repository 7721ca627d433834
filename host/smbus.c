// See smbus.h. The logic's side: it opens the target, prepares responses, takes requests and answers them.

#include "smbus.h"

#include "board.h"
#include "clocks.h"
#include "events.h"
#include "processor.h"
#include "registers.h"
#include "smbus-state.h"

/** Requests the logic has taken and not dealt with, as far as they may change a response: 0 or 1. */
static uint32_t in_hand;
/** The request in hand is a write of PAGE whose page is selected already. */
static bool followed;

static void handlers_hold(void) {
  interrupt_hold(IRQ_I2C1);
  interrupt_hold(IRQ_TIMER_1);
}

static void handlers_release(void) {
  interrupt_release(IRQ_TIMER_1);
  interrupt_release(IRQ_I2C1);
}

void smbus_start(void) {
  // The block stays in reset and the pins float until the logic knows its address.
  const uint32_t pad = PADS_SCHMITT | PADS_IE | PADS_DRIVE_4MA;
  REGISTER(PADS_GPIO(BOARD_I2C1_SDA_GPIO)) = pad;
  REGISTER(PADS_GPIO(BOARD_I2C1_SCL_GPIO)) = pad;
  (void)blocks_reset(RESETS_I2C1);
  REGISTER(GPIO_CTRL(BOARD_I2C1_SDA_GPIO)) = GPIO_CTRL_FUNCSEL_I2C;
  REGISTER(GPIO_CTRL(BOARD_I2C1_SCL_GPIO)) = GPIO_CTRL_FUNCSEL_I2C;
  REGISTER_SET(TIMER_INTE) = TIMER_ALARM_1;
  interrupt_enable(IRQ_TIMER_1, PRIORITY_BUS_WATCH);
  interrupt_enable(IRQ_I2C1, PRIORITY_BUS);
}

void host_smbus_open(uint32_t address) {
  handlers_hold();
  for (uint32_t page = 0; page < SMBUS_PAGES; page++) {
    for (uint32_t command = 0; command < 256; command++) smbus.prepared[page][command].word = 0;
  }
  for (uint32_t slot = 0; slot < LONG_RESPONSES; slot++) smbus.long_responses[slot].length = 0;
  smbus.address = (uint8_t)address;
  smbus.page = 0;
  smbus.unsettled = in_hand = 0;
  smbus.taken = smbus.put;
  smbus.closed_for_room = smbus.alert_answered = false;
  smbus_target_open();
  handlers_release();
}

/** A slot that no response lies in; LONG_RESPONSES if there is none. */
static uint32_t free_slot(void) {
  uint32_t slot = 0;
  while (slot < LONG_RESPONSES && smbus.long_responses[slot].length != 0) slot++;
  return slot;
}

void host_smbus_publish(uint32_t page, uint32_t command, const uint8_t *response, uint32_t length) {
  // Handlers copy a response before they send it, and see the old one or the new one: the entry is one
  // word, and a slot is written while no entry leads to it.
  union prepared *entry = &smbus.prepared[page][command];
  const union prepared before = *entry;
  union prepared after = {.word = 0};
  if (length > sizeof after.bytes) {
    const uint32_t slot = free_slot();
    if (slot < LONG_RESPONSES) {
      struct long_response *place = &smbus.long_responses[slot];
      for (uint32_t i = 0; i < length; i++) place->bytes[i] = response[i];
      place->length = (uint8_t)length;
      after.length = LONG_RESPONSE;
      after.bytes[0] = (uint8_t)slot;
    } // without a slot it stays unprepared, and the logic is asked each time
  } else {
    after.length = (uint8_t)length;
    for (uint32_t i = 0; i < length; i++) after.bytes[i] = response[i];
  }
  __asm volatile("" ::: "memory"); // the slot before the entry that leads to it
  ((volatile union prepared *)entry)->word = after.word;
  __asm volatile("" ::: "memory");
  if (before.length == LONG_RESPONSE) smbus.long_responses[before.bytes[0]].length = 0;
}

void host_smbus_page(uint32_t page) {
  // A write of PAGE that the handler has followed may have others behind it by now.
  if (!followed) smbus.page = (uint8_t)page;
}

uint32_t host_smbus_take(uint8_t *buffer) {
  if (in_hand > 0) smbus_target_settle(in_hand);
  in_hand = 0;
  followed = false;
  if (smbus.alert_answered) { // ahead of the requests: it is not about any of them
    smbus.alert_answered = false;
    in_hand = 1;
    buffer[0] = SMBUS_REQUEST_ALERT_ANSWERED;
    buffer[1] = buffer[2] = buffer[3] = 0;
    return 4;
  }
  if (smbus.taken == smbus.put) return 0;
  const struct request *request = &smbus.requests[smbus.taken % REQUESTS];
  buffer[0] = request->kind;
  buffer[1] = request->length;
  buffer[2] = (uint8_t)request->number;
  buffer[3] = (uint8_t)(request->number >> 8);
  for (uint32_t i = 0; i < request->length; i++) buffer[4 + i] = request->bytes[i];
  followed = request->followed;
  in_hand = followed ? 0 : 1;
  __asm volatile("" ::: "memory"); // the bytes before their place is given back
  smbus.taken = smbus.taken + 1;
  if (smbus.closed_for_room) {
    handlers_hold();
    smbus_target_reopen();
    handlers_release();
  }
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
