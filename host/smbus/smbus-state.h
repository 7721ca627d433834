// The state that the two sides of the SMBus target share: the interrupt handlers in smbus-target.c and
// smbus-alert.c, which run from SRAM, and the calls of the logic in smbus.c, which interrupt nothing. If
// both sides write a field, its comment says what keeps them apart.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "generated/abi.h"

/**
 * The bytes kept of a message: command code, count, 32 data bytes, PEC, and one to notice that there are
 * too many.
 */
#define MESSAGE_BYTES (SMBUS_REQUEST_BYTES - 4u)

/**
 * A prepared response. It holds up to three bytes itself, or refers to a long response. Written as one
 * word.
 */
union prepared {
  struct {
    uint8_t length; // 0: none; LONG_RESPONSE: the response is long_responses[bytes[0]]
    uint8_t bytes[3];
  };
  uint32_t word;
};
#define LONG_RESPONSE 0xffu

#define LONG_RESPONSES (BOARD_RAILS * SMBUS_LONG_RESPONSES_PER_PAGE)

struct long_response {
  uint8_t length; // 0: free
  uint8_t bytes[SMBUS_RESPONSE_BYTES];
};

/** Begins with the layout that `smbus_take` returns. */
struct request {
  uint8_t kind, length;
  uint16_t number; // identifies a READ
  uint8_t bytes[MESSAGE_BYTES];
  bool followed; // changes no response: the host has carried out this write of PAGE already
};

/** The reason why a read holds SCL: earlier requests must be processed first, or the logic must answer. */
enum waiting { NOT_WAITING, WAITING_FOR_REQUESTS, WAITING_FOR_LOGIC };

struct smbus {
  /**
   * The logic's side writes these, one word at a time, so a handler sees either the old or the new
   * response.
   */
  union prepared prepared[BOARD_RAILS][256];
  struct long_response long_responses[LONG_RESPONSES];
  uint8_t address; // 0: closed

  /**
   * The logic writes it while it processes a request. That request is unsettled, and then no handler writes
   * it.
   */
  volatile uint8_t page;
  /** The logic's side holds the handlers off while it writes these. */
  volatile uint8_t waiting;    // enum waiting
  volatile uint16_t number;    // of the READ request waited for
  volatile uint32_t unsettled; // requests not processed yet that may change a prepared response
  volatile bool closed_for_room;
  /**
   * smbus_take reports it once, before the requests. Two alerts before smbus_take is called again count as
   * one.
   */
  volatile bool alert_answered;

  /** A ring: handlers put requests in, the logic's side takes them. The counters run freely. */
  struct request requests[SMBUS_REQUESTS];
  volatile uint32_t put, taken;

  struct smbus_counters counters;
};

extern struct smbus smbus;

/**
 * Adds one byte to an SMBus PEC (CRC-8, polynomial 07h). Bit by bit, because all data summed here is short.
 */
static inline uint32_t smbus_pec(uint32_t crc, uint32_t byte) {
  crc ^= byte;
  for (uint32_t bit = 0; bit < 8; bit++) crc = crc & 0x80u ? (crc << 1 ^ 0x107u) : crc << 1;
  return crc;
}

// smbus-target.c. Called by a handler, or while the handlers are held off:
void smbus_target_open(void);
/**
 * Called from thread mode. Returns whether the controller still waits for the answer to this READ. If so, SCL
 * has been held for long enough when it returns.
 */
bool smbus_target_awaits(uint32_t number);
/** Sends the bytes to the controller that waits. If it reads more, it gets FFh. */
void smbus_target_reply(const uint8_t *bytes, uint32_t length);
/**
 * Called from thread mode when a request that may have changed a response is processed. If it was the last
 * one, the read that waited for it is answered.
 */
void smbus_target_settle(void);
/** Enables the target again once there is room for requests. */
void smbus_target_reopen(void);
