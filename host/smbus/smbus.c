// See smbus.h. The calls of the logic: it opens the target, publishes responses, takes requests and answers
// them.

#include "smbus.h"

#include "board.h"
#include "peripherals/clocks.h"
#include "processor.h"
#include "registers.h"
#include "smbus-alert.h"
#include "smbus-requests.h"
#include "smbus-state.h"

/** The request that the logic has taken and not finished yet. */
static enum {
  NO_REQUEST,
  UNSETTLED_REQUEST,
  /**
   * A write of PAGE whose page the handler has selected already. Other writes of PAGE may have followed it.
   */
  FOLLOWED_REQUEST,
} current;

static void handlers_hold(void) {
  interrupt_hold(IRQ_I2C1);
  interrupt_hold(IRQ_TIMER_1);
}

static void handlers_release(void) {
  interrupt_release(IRQ_TIMER_1);
  interrupt_release(IRQ_I2C1);
}

void smbus_start(void) {
  // The peripheral stays disabled until the logic knows its address.
  const uint32_t pad = PADS_SCHMITT | PADS_IE | PADS_DRIVE_4MA;
  REGISTER(PADS_GPIO(BOARD_I2C1_SDA_GPIO)) = pad;
  REGISTER(PADS_GPIO(BOARD_I2C1_SCL_GPIO)) = pad;
  (void)peripherals_reset(RESETS_I2C1);
  REGISTER(GPIO_CTRL(BOARD_I2C1_SDA_GPIO)) = GPIO_CTRL_FUNCSEL_I2C;
  REGISTER(GPIO_CTRL(BOARD_I2C1_SCL_GPIO)) = GPIO_CTRL_FUNCSEL_I2C;
  smbus_alert_release(); // an alert of an earlier start means nothing to this one
  REGISTER_SET(TIMER_INTE) = TIMER_ALARM_1;
  interrupt_enable(IRQ_TIMER_1, PRIORITY_BUS_WATCH);
  interrupt_enable(IRQ_I2C1, PRIORITY_BUS);
}

void host_smbus_open(uint32_t address) {
  handlers_hold();
  smbus.address = (uint8_t)address;
  smbus.page = 0;
  smbus.unsettled = 0;
  current = NO_REQUEST;
  smbus_requests_clear();
  smbus.closed_for_room = smbus.alert_answered = false;
  smbus_target_open();
  handlers_release();
}

/** Returns the index of a free long response. There is one more than responses in the table (test/abi). */
static uint32_t free_long_response(void) {
  uint32_t index = 0;
  while (index < LONG_RESPONSES - 1 && smbus.long_responses[index].length != 0) index++;
  return index;
}

void host_smbus_publish(uint32_t page, uint32_t command, const uint8_t *response, uint32_t length) {
  if (page >= BOARD_RAILS) return; // the contract has pages for the largest board
  // A handler copies a response before it sends it. It sees either the old or the new response: the entry
  // is one word, and a long response is written while no entry refers to it.
  union prepared *entry = &smbus.prepared[page][command];
  const union prepared before = *entry;
  union prepared after = {.word = 0};
  if (length > sizeof after.bytes) {
    const uint32_t index = free_long_response();
    struct long_response *kept = &smbus.long_responses[index];
    for (uint32_t i = 0; i < length; i++) kept->bytes[i] = response[i];
    kept->length = (uint8_t)length;
    after.length = LONG_RESPONSE;
    after.bytes[0] = (uint8_t)index;
  } else {
    after.length = (uint8_t)length;
    for (uint32_t i = 0; i < length; i++) after.bytes[i] = response[i];
  }
  __asm volatile("" ::: "memory"); // the long response is written before the entry that refers to it
  ((volatile union prepared *)entry)->word = after.word;
  __asm volatile("" ::: "memory");
  if (before.length == LONG_RESPONSE) smbus.long_responses[before.bytes[0]].length = 0;
}

void host_smbus_page(uint32_t page) {
  if (current != FOLLOWED_REQUEST && page < BOARD_RAILS) smbus.page = (uint8_t)page;
}

uint32_t host_smbus_take(uint8_t *buffer) {
  if (current == UNSETTLED_REQUEST) smbus_target_settle();
  current = NO_REQUEST;
  if (smbus.alert_answered) { // reported before the requests, because it belongs to none
    smbus.alert_answered = false;
    current = UNSETTLED_REQUEST;
    buffer[0] = SMBUS_REQUEST_ALERT_ANSWERED;
    buffer[1] = buffer[2] = buffer[3] = 0;
    return 4;
  }
  bool is_followed;
  const uint32_t bytes = smbus_requests_take(buffer, &is_followed);
  if (bytes == 0) return 0;
  current = is_followed ? FOLLOWED_REQUEST : UNSETTLED_REQUEST;
  // This code is in flash. A cache miss while the handlers are held off would delay a read by so much that it
  // holds SCL, so they are held off only where it is needed. If the target closes just now, another take
  // follows.
  if (smbus.closed_for_room) {
    handlers_hold();
    smbus_target_reopen();
    handlers_release();
  }
  return bytes;
}

void host_smbus_answer(uint32_t number, const uint8_t *response, uint32_t length) {
  if (!smbus_target_awaits(number)) return;
  handlers_hold();
  if (smbus.waiting == WAITING_FOR_LOGIC && smbus.number == number) smbus_target_reply(response, length);
  handlers_release();
}

void host_smbus_counters(struct smbus_counters *counters) {
  *counters = smbus.counters; // each word is consistent; the words need not be from the same moment
}
