// See smbus-requests.h. Runs from SRAM, as all of the target does.

#include "smbus-requests.h"

#include "smbus-state.h"

_Static_assert(SMBUS_REQUESTS_KEPT == 2, "a message may add a broken-off write, and the write at its end");

static struct request *place(uint32_t counter) { return &smbus.requests[counter % SMBUS_REQUESTS]; }

uint32_t smbus_requests_waiting(void) { return smbus.put - smbus.taken; }

static uint32_t room(void) { return SMBUS_REQUESTS - smbus_requests_waiting(); }

bool smbus_requests_have_room(void) { return room() >= SMBUS_REQUESTS_KEPT; }

static void put(uint32_t kind, const uint8_t *bytes, uint32_t length, uint32_t number, bool is_followed) {
  struct request *request = place(smbus.put);
  request->kind = (uint8_t)kind;
  request->length = (uint8_t)length;
  request->number = (uint16_t)number;
  request->followed = is_followed;
  for (uint32_t i = 0; i < length; i++) request->bytes[i] = bytes[i];
  if (!is_followed) smbus.unsettled = smbus.unsettled + 1;
  smbus.put = smbus.put + 1;
}

void smbus_requests_put_write(const uint8_t *bytes, uint32_t length, bool is_followed) {
  put(SMBUS_REQUEST_WRITE, bytes, length, 0, is_followed);
}

bool smbus_requests_put_read(const uint8_t *bytes, uint32_t length, uint32_t number) {
  if (room() <= SMBUS_REQUESTS_KEPT) return false;
  put(SMBUS_REQUEST_READ, bytes, length, number, false);
  return true;
}

bool smbus_requests_put_broken_off(void) {
  if (smbus_requests_waiting() > 0 && place(smbus.put - 1)->kind == SMBUS_REQUEST_BROKEN_OFF) return false;
  put(SMBUS_REQUEST_BROKEN_OFF, 0, 0, 0, false);
  return true;
}

uint32_t smbus_requests_take(uint8_t *buffer, bool *is_followed) {
  if (smbus_requests_waiting() == 0) return 0;
  const struct request *request = place(smbus.taken);
  buffer[0] = request->kind;
  buffer[1] = request->length;
  buffer[2] = (uint8_t)request->number;
  buffer[3] = (uint8_t)(request->number >> 8);
  for (uint32_t i = 0; i < request->length; i++) buffer[4 + i] = request->bytes[i];
  *is_followed = request->followed;
  __asm volatile("" ::: "memory"); // the bytes are read before their place is given back
  smbus.taken = smbus.taken + 1;
  return 4u + buffer[1];
}

void smbus_requests_clear(void) { smbus.taken = smbus.put; }
