// What the two sides of the SMBus target share: the interrupt handlers in smbus-target.c and
// smbus-alert.c, which run from SRAM, and the logic's imports in smbus.c, which interrupt
// nothing. Where both write a field, its comment says what keeps them apart.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "generated/abi.h"

/** Bytes of a message that are kept: command code, count, 32 data bytes, PEC, and one to notice excess. */
#define MESSAGE_BYTES (SMBUS_REQUEST_BYTES - 4u)

/** A prepared response: up to three bytes in place, longer ones elsewhere. Written as one word. */
union prepared {
  struct {
    uint8_t length; // 0: none; LONG_RESPONSE: in long_responses[bytes[0]]
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

/** First the layout of `smbus_take`. */
struct request {
  uint8_t kind, length;
  uint16_t number; // of a READ
  uint8_t bytes[MESSAGE_BYTES];
  bool followed; // changes no response: the host has followed this write of PAGE already
};

/** Whom a read that holds SCL waits for. */
enum waiting { NOBODY, SETTLING, LOGIC };

struct smbus {
  /** Written by the logic's side, a word at a time: handlers see the old response or the new one. */
  union prepared prepared[BOARD_RAILS][256];
  struct long_response long_responses[LONG_RESPONSES];
  uint8_t address; // 0: closed

  /** The logic writes it for a request in hand, and then no handler does: that request is unsettled. */
  volatile uint8_t page;
  /** The logic's side holds the handlers off to write these. */
  volatile uint8_t waiting;    // enum waiting
  volatile uint16_t number;    // of the READ request waited for
  volatile uint32_t unsettled; // requests that may change a prepared response and are not dealt with
  volatile bool closed_for_room;
  /** Told once by smbus_take, ahead of the requests. Two alerts between two looks are one. */
  volatile bool alert_answered;

  /** A ring: handlers put, the logic's side takes. Counts run freely. */
  struct request requests[SMBUS_REQUESTS];
  volatile uint32_t put, taken;

  struct smbus_counters counters;
};

extern struct smbus smbus;

/** One byte more of an SMBus PEC (CRC-8, polynomial 07h), bit by bit: what is summed here is short. */
static inline uint32_t smbus_pec(uint32_t crc, uint32_t byte) {
  crc ^= byte;
  for (uint32_t bit = 0; bit < 8; bit++) crc = crc & 0x80u ? (crc << 1 ^ 0x107u) : crc << 1;
  return crc;
}

// smbus-target.c, with the handlers held off or from a handler
void smbus_target_open(void);
/** Sends the bytes to the controller that waits; what it reads beyond them is FFh. */
void smbus_target_reply(const uint8_t *bytes, uint32_t length);
/**
 * From thread mode: a request that may have changed a response is dealt with. With the last of them a read
 * that waited for that is served.
 */
void smbus_target_settle(void);
/** Answers again, once there is room for requests. */
void smbus_target_reopen(void);
