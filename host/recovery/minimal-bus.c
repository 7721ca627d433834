// See minimal-bus.h. Codes and bits are those of PMBus part II, revision 1.3, and of abi/smbus.ts.

#include "minimal-bus.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "board.h"
#include "generated/abi.h"
#include "smbus/smbus-state.h"

enum code {
  PAGE = 0x00,
  OPERATION = 0x01,
  CLEAR_FAULTS = 0x03,
  WRITE_PROTECT = 0x10,
  CAPABILITY = 0x19,
  STATUS_BYTE = 0x78,
  STATUS_WORD = 0x79,
  STATUS_CML = 0x7e,
  STATUS_MFR_SPECIFIC = 0x80,
  PMBUS_REVISION = 0x98,
  MFR_ID = 0x99,
  MFR_MODEL = 0x9a,
  MFR_REVISION = 0x9b,
  MFR_LOCATION = 0x9c,
  MFR_DATE = 0x9d,
  IC_DEVICE_ID = 0xad,
  MFR_POWER_STATE = 0xd1,
  MFR_FIRMWARE = 0xda,
  MFR_RAIL = 0xe2,
};

enum { CML_INVALID_COMMAND = 1 << 7, CML_PEC_FAILED = 1 << 5, CML_OTHER = 1 << 1 };
enum { WORD_MFR = 1 << 12, WORD_POWER_GOOD_NOT = 1 << 11, WORD_OFF = 1 << 6, WORD_CML = 2, WORD_OTHER = 1 };
/** MINIMAL and RESTARTED of STATUS_MFR_SPECIFIC. */
#define SLOT_MINIMAL 0x03u
/** MFR_POWER_STATE as the outputs show it. RAIL_DOWN stands for all that lies between. */
enum { STATE_OFF = 0, STATE_ON = 3, STATE_RAIL_DOWN = 5, STATE_RESETTING = 7 };

#define BLOCK_BYTES 32u

static const struct {
  uint8_t enable, power_good;
} signals[] = {
  {SIGNAL_EN_RAIL_0, SIGNAL_PG_RAIL_0},
  {SIGNAL_EN_RAIL_1, SIGNAL_PG_RAIL_1},
  {SIGNAL_EN_RAIL_2, SIGNAL_PG_RAIL_2},
  {SIGNAL_EN_RAIL_3, SIGNAL_PG_RAIL_3},
};
static const uint8_t rail_of_page[] = BOARD_PAGE_RAILS;
static const char *const name_of_page[] = BOARD_PAGE_NAMES;

static uint8_t address, cml;
static uint32_t seen_signals;
static uint8_t seen_cml;

/** CRC-8 of SMBus. Not `smbus_pec`, whose copy for the interrupt handlers is in SRAM. */
static uint32_t pec_of(uint32_t crc, uint32_t byte) {
  crc ^= byte;
  for (uint32_t bit = 0; bit < 8; bit++) crc = crc & 0x80u ? (crc << 1 ^ 0x107u) : crc << 1;
  return crc;
}

/** The data, and the PEC over both addresses, the command and the data. */
static void publish(uint32_t page, uint32_t code, const uint8_t *data, uint32_t length) {
  uint8_t response[SMBUS_RESPONSE_BYTES];
  uint32_t crc = pec_of(pec_of(pec_of(0, address * 2u), code), address * 2u + 1u);
  for (uint32_t i = 0; i < length; i++) {
    response[i] = data[i];
    crc = pec_of(crc, data[i]);
  }
  response[length] = (uint8_t)crc;
  host_smbus_publish(page, code, response, length + 1u);
}

static void publish_number(uint32_t code, uint32_t value, uint32_t length) {
  const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
  for (uint32_t page = 0; page < BOARD_RAILS; page++) publish(page, code, bytes, length);
}

/** A block of `first`, unless that is 0, and of texts, as far as they fit. */
static void publish_block(uint32_t page, uint32_t code, uint8_t first, const char *text, const char *more) {
  uint8_t block[1u + BLOCK_BYTES];
  uint32_t length = 1;
  if (first != 0) block[length++] = first;
  for (; *text != 0 && length < sizeof block; text++) block[length++] = (uint8_t)*text;
  for (; *more != 0 && length < sizeof block; more++) block[length++] = (uint8_t)*more;
  block[0] = (uint8_t)(length - 1u);
  publish(page, code, block, length);
}

static void publish_text(uint32_t code, const char *text, const char *more) {
  for (uint32_t page = 0; page < BOARD_RAILS; page++) publish_block(page, code, 0, text, more);
}

static bool is_set(uint32_t word, uint32_t bit) { return word >> bit & 1u; }

static uint32_t slot_number(uint32_t word) {
  return is_set(word, SIGNAL_SLOT_ID0) + is_set(word, SIGNAL_SLOT_ID1) * 2u
         + is_set(word, SIGNAL_SLOT_ID2) * 4u + is_set(word, SIGNAL_SLOT_ID3) * 8u;
}

static uint32_t power_state(uint32_t word) {
  uint32_t enabled = 0;
  for (uint32_t rail = 0; rail < BOARD_RAILS; rail++) enabled += is_set(word, signals[rail].enable);
  if (enabled == 0) return STATE_OFF;
  if (enabled < BOARD_RAILS) return STATE_RAIL_DOWN;
  return is_set(word, SIGNAL_COMPUTE_RUN) ? STATE_ON : STATE_RESETTING;
}

static void publish_state(uint32_t word) {
  const uint32_t state = power_state(word);
  publish_number(MFR_POWER_STATE, state, 1);
  publish_number(OPERATION, state == STATE_ON || state == STATE_RESETTING ? 0x80u : 0, 1);
  publish_number(STATUS_CML, cml, 1);
  for (uint32_t page = 0; page < BOARD_RAILS; page++) {
    const uint32_t rail = rail_of_page[page];
    uint32_t status = WORD_MFR | WORD_OTHER;
    if (!is_set(word, signals[rail].enable)) status |= WORD_OFF;
    if (!is_set(word, signals[rail].power_good)) status |= WORD_POWER_GOOD_NOT;
    if (cml != 0) status |= WORD_CML;
    const uint8_t bytes[] = {(uint8_t)status, (uint8_t)(status >> 8)};
    publish(page, STATUS_WORD, bytes, 2);
    publish(page, STATUS_BYTE, bytes, 1);
  }
}

void minimal_bus_open(const char *why) {
  const uint32_t word = host_signals_read();
  const uint32_t slot = slot_number(word);
  address = (uint8_t)(BOARD_SMBUS_ADDRESS + slot);
  const char digits[] = {(char)('0' + slot / 10u), (char)('0' + slot % 10u), 0};
  for (uint32_t page = 0; page < BOARD_RAILS; page++) {
    const uint8_t number = (uint8_t)page;
    publish(page, PAGE, &number, 1);
    publish_block(page, MFR_RAIL, BOARD_RAILS, name_of_page[page], "");
  }
  publish_number(WRITE_PROTECT, 0, 1);
  publish_number(CAPABILITY, 0xd0, 1);
  publish_number(PMBUS_REVISION, 0x33, 1);
  publish_number(STATUS_MFR_SPECIFIC, SLOT_MINIMAL, 1);
  publish_text(MFR_ID, BOARD_MANUFACTURER, "");
  publish_text(MFR_MODEL, BOARD_NAME, "");
  publish_text(MFR_REVISION, BOARD_REVISION, "");
  publish_text(MFR_DATE, BOARD_DATE, "");
  publish_text(IC_DEVICE_ID, "RP2040", "");
  publish_text(MFR_LOCATION, "slot ", slot < 10u ? digits + 1 : digits);
  publish_text(MFR_FIRMWARE, "minimal: ", why);
  publish_state(word);
  seen_signals = word;
  host_smbus_open(address); // last, so that the first read finds every response
}

/** FFh, as for every command that does not exist, and never a right PEC of the bytes before. */
static void answer_nothing(uint32_t number, const uint8_t *written, uint32_t length) {
  uint8_t bytes[4];
  uint32_t crc = pec_of(0, address * 2u);
  for (uint32_t i = 0; i < length; i++) crc = pec_of(crc, written[i]);
  crc = pec_of(crc, address * 2u + 1u);
  for (uint32_t i = 0; i < sizeof bytes; i++) {
    bytes[i] = crc == 0xffu ? 0xfeu : 0xffu;
    crc = pec_of(crc, bytes[i]);
  }
  host_smbus_answer(number, bytes, sizeof bytes);
}

/** Carries out what a controller needs to read on: PAGE, and clearing the one status that is set here. */
static uint8_t write_problem(const uint8_t *bytes, uint32_t length) {
  const uint32_t expected = bytes[0] == CLEAR_FAULTS ? 1u : 2u;
  if (bytes[0] != PAGE && bytes[0] != CLEAR_FAULTS && bytes[0] != STATUS_CML) return CML_INVALID_COMMAND;
  if (length != expected && length != expected + 1u) return CML_INVALID_COMMAND;
  uint32_t crc = pec_of(0, address * 2u);
  for (uint32_t i = 0; i < expected; i++) crc = pec_of(crc, bytes[i]);
  if (length > expected && bytes[expected] != crc) return CML_PEC_FAILED;
  if (bytes[0] == CLEAR_FAULTS) cml = 0;
  else if (bytes[0] == STATUS_CML) cml &= (uint8_t)~bytes[1];
  else if (bytes[1] >= BOARD_RAILS) return CML_INVALID_COMMAND;
  else host_smbus_page(bytes[1]);
  return 0;
}

void minimal_bus_step(void) {
  uint8_t request[SMBUS_REQUEST_BYTES];
  // Bounded by the ring of requests, and by the time that a message takes.
  for (uint32_t turn = 0; turn < SMBUS_REQUESTS && host_smbus_take(request) != 0; turn++) {
    const uint8_t *bytes = request + 4;
    const uint32_t length = request[1];
    if (request[0] == SMBUS_REQUEST_READ) {
      answer_nothing(request[2] | (uint32_t)request[3] << 8, bytes, length);
      cml |= CML_INVALID_COMMAND;
    } else if (request[0] == SMBUS_REQUEST_WRITE) {
      cml |= write_problem(bytes, length);
    } else if (request[0] == SMBUS_REQUEST_BROKEN_OFF) {
      cml |= CML_OTHER;
    }
    if (cml == seen_cml) continue;
    seen_cml = cml;
    publish_state(seen_signals); // before the next request is taken, which settles this one
  }
  const uint32_t word = host_signals_read();
  if (word == seen_signals) return;
  seen_signals = word;
  publish_state(word);
}
