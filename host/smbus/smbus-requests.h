// The ring of requests: the interrupt handlers put messages in, the logic's side takes them.
//
// The target has acknowledged a write before the handler can refuse it, so that the room is kept beforehand.
// While the target is open, there is room for the most that one message can add: a broken-off write and the
// write that the message ends with. Reads never use that room. Broken-off writes in a row count as one. So no
// sequence of messages overwrites a request (test/firmware/smbus/smbus-requests.test.ts walks
// through all of them).
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The interrupt handlers call these, or a caller that holds them off:

/** Requests that the logic has not taken yet. */
uint32_t smbus_requests_waiting(void);
/** False when the target must close: the next message might not fit. */
bool smbus_requests_have_room(void);
/** Only while the target is open. `is_followed`: the write selected a page, and changes no response. */
void smbus_requests_put_write(const uint8_t *bytes, uint32_t length, bool is_followed);
/** Returns false, and puts nothing, if the room that is kept for writes would be used. */
bool smbus_requests_put_read(const uint8_t *bytes, uint32_t length, uint32_t number);
/** Returns false, and puts nothing, if the request before it says the same. */
bool smbus_requests_put_broken_off(void);

// The logic's side calls these:

/** Copies the oldest request to `buffer`, in the layout of `smbus_take`. Returns its bytes, 0 for none. */
uint32_t smbus_requests_take(uint8_t *buffer, bool *is_followed);
/** Forgets all requests. */
void smbus_requests_clear(void);
