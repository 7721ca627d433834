// The interrupt handlers of the SMBus target: RP2040 I2C1 as a target (datasheet 4.3). They move bytes and
// raise events, and of PMBus they know only the PAGE command.
//
// They run from SRAM, data included (link.ld), because they must answer while flash is busy. They have the
// highest priority, because a read waits on the bus for as long as we take. Nothing in this file may call
// code in flash.
//
// The I2C peripheral does not report events in order: bytes are in its FIFO, STOP and RESTART are flags.
// Two things give the order: the flag that travels with the first byte of a write, and a handler that runs
// in time. Between a STOP and the first byte after it are 17 bit times, 17 us at 1 MHz, and interrupts are
// never held off for as long.
// - Bytes are taken before the STOP behind them (pico-sdk issue 1102 did not).
// - A write is executed when a STOP ends its message, which may come after a repeated START to another
//   target (PMBus' group command). A repeated START to us with another write breaks off the first one.
// - The peripheral cannot refuse a command code. An unknown command reads as FFh.

#include "smbus.h"

#include "board.h"
#include "events.h"
#include "processor.h"
#include "registers.h"
#include "smbus-alert.h"
#include "smbus-requests.h"
#include "smbus-state.h"

#define FIFO_BYTES 16u
#define FILLER 0xffu

/**
 * While a message is under way, a timer polls the bus at this interval. Five polls without an edge of SCL
 * are 25 to 30 ms: within the 25 to 35 ms of tTIMEOUT (SMBus 3.2, table 2).
 */
#define POLL_US 5000u
#define POLLS_UNTIL_TIMEOUT 5u
/** A read waits for the logic for this many polls, 10 to 15 ms. tLOW:SEXT allows 25 ms for a message. */
#define POLLS_UNTIL_LATE 3u

#define INTERRUPTS                                                                              \
  (IC_INTR_RX_FULL | IC_INTR_RD_REQ | IC_INTR_TX_ABRT | IC_INTR_RX_DONE | IC_INTR_STOP_DET | \
   IC_INTR_START_DET | IC_INTR_RESTART_DET)

#define SCL_EDGES (INT_EDGE_LOW(BOARD_I2C1_SCL_GPIO) | INT_EDGE_HIGH(BOARD_I2C1_SCL_GPIO))

struct smbus smbus;

/** The bytes that the controller has written since the last START to us. */
static struct {
  uint8_t bytes[MESSAGE_BYTES];
  uint32_t count; // may exceed the size of bytes
  bool consumed;  // a read has used it as its command
} message;

static struct {
  uint8_t bytes[SMBUS_RESPONSE_BYTES];
  uint32_t length, sent;
  bool ready; // prepared for the command in `message`
  bool running;
} reply;

static struct {
  volatile bool message_open, armed; // volatile keeps their order: I2C1's handler interrupts the timer's
  uint32_t quiet_polls, waited_polls;
} watch;

// ------------------------------------------------------------------- the I2C peripheral

static void configure(void) {
  REGISTER(IC_ENABLE(I2C1_BASE)) = 0;
  REGISTER(IC_CON(I2C1_BASE)) = IC_CON_SPEED_FAST | IC_CON_RESTART_EN | IC_CON_RX_FIFO_FULL_HLD_CTRL;
  REGISTER(IC_SAR(I2C1_BASE)) = smbus.address;
  REGISTER(IC_RX_TL(I2C1_BASE)) = 0;
  REGISTER(IC_TX_TL(I2C1_BASE)) = FIFO_BYTES / 4;
  REGISTER(IC_ACK_GENERAL_CALL(I2C1_BASE)) = 0;
  // At 125 MHz: pulses up to 48 ns are filtered (50 ns, I2C-bus specification table 10). Data changes 304
  // ns after SCL falls (at least 300 ns, SMBus) and before 450 ns (tVD;DAT at 1 MHz). After a hold, 256 ns
  // pass from data to SCL (at least 250 ns at 100 kHz).
  REGISTER(IC_FS_SPKLEN(I2C1_BASE)) = 6;
  REGISTER(IC_SDA_HOLD(I2C1_BASE)) = 38;
  REGISTER(IC_SDA_SETUP(I2C1_BASE)) = 33;
  // Interrupts are enabled before the peripheral: a match of the address in between would go unnoticed
  // (pico-sdk 1669).
  REGISTER(IC_INTR_MASK(I2C1_BASE)) = INTERRUPTS;
  if (smbus.address != 0) REGISTER(IC_ENABLE(I2C1_BASE)) = 1;
}

/** Releases both lines at once, whatever the peripheral was doing, and configures it again. */
static void reset_interface(void) {
  REGISTER_SET(RESETS_RESET) = RESETS_I2C1;
  REGISTER_CLEAR(RESETS_RESET) = RESETS_I2C1;
  for (uint32_t turn = 0; turn < 1000; turn++) {
    if (REGISTER(RESETS_RESET_DONE) & RESETS_I2C1) break;
  }
  configure();
}

/** Bytes of the message that were kept. */
static uint32_t kept_bytes(void) { return message.count < MESSAGE_BYTES ? message.count : MESSAGE_BYTES; }

static void forget_message(void) {
  message.count = 0;
  message.consumed = false;
  reply.ready = reply.running = false;
  smbus.waiting = NOT_WAITING;
}

void smbus_target_open(void) {
  forget_message();
  watch.message_open = false;
  smbus_alert_prepare();
  reset_interface();
}

// ------------------------------------------------------------------- requests

/** Reports a broken-off write, in order among the requests. */
static void report_broken_off(void) {
  smbus.counters.broken_off++;
  if (smbus_requests_put_broken_off()) events_raise(EVENT_SMBUS);
}

/** Returns whether the message is a write of PAGE that this handler can carry out at once. */
static bool is_page_write(void) {
  if (message.bytes[0] != SMBUS_PAGE_COMMAND || message.count < 2 || message.count > 3) return false;
  const uint32_t page = message.bytes[1];
  if (page >= BOARD_RAILS || smbus.prepared[page][SMBUS_PAGE_COMMAND].length == 0) return false;
  if (message.count == 2) return true;
  const uint32_t crc = smbus_pec(smbus_pec(0, smbus.address * 2u), SMBUS_PAGE_COMMAND);
  return message.bytes[2] == smbus_pec(crc, page);
}

static void take_write(void) {
  if (message.count > MESSAGE_BYTES) smbus.counters.too_long++;
  // Not while an earlier write is unsettled: it may be a write protection that forbids this write of PAGE.
  const bool is_followed = smbus.unsettled == 0 && is_page_write();
  if (is_followed) smbus.page = message.bytes[1];
  smbus_requests_put_write(message.bytes, kept_bytes(), is_followed);
  events_raise(EVENT_SMBUS);
  if (smbus_requests_have_room()) return;
  // Until there is room again we do not acknowledge our address, which a controller takes for busy.
  REGISTER(IC_ENABLE(I2C1_BASE)) = 0;
  smbus.closed_for_room = true;
  smbus.counters.busy++;
}

// ------------------------------------------------------------------- polling the bus

static void arm_poll(void) {
  watch.armed = true;
  REGISTER(TIMER_ALARM1) = REGISTER(TIMER_TIMERAWL) + POLL_US;
}

static void message_began(void) {
  watch.quiet_polls = 0;
  watch.message_open = true;
  if (!watch.armed) arm_poll();
}

// ------------------------------------------------------------------- reads

/** Fills the FIFO. It writes at least one byte, for a controller that reads more than there is. */
static void feed(void) {
  // Check for room first: this read request may be older than the feeding that it has interrupted.
  while (REGISTER(IC_STATUS(I2C1_BASE)) & IC_STATUS_TFNF) {
    const uint32_t byte = reply.sent < reply.length ? reply.bytes[reply.sent] : FILLER;
    REGISTER(IC_DATA_CMD(I2C1_BASE)) = byte;
    reply.sent++;
    if (reply.sent >= reply.length) break;
  }
  if (reply.length > FIFO_BYTES) {
    const uint32_t more = reply.sent < reply.length ? IC_INTR_TX_EMPTY : 0;
    REGISTER(IC_INTR_MASK(I2C1_BASE)) = INTERRUPTS | more;
  }
}

/** Called when the FIFO is running low. The reply may have ended just now. */
static void continue_feeding(void) {
  if (reply.running) feed();
  else REGISTER(IC_INTR_MASK(I2C1_BASE)) = INTERRUPTS;
}

static void start_reply(void) {
  reply.sent = 0;
  reply.running = true;
  feed();
}

void smbus_target_reply(const uint8_t *bytes, uint32_t length) {
  smbus.waiting = NOT_WAITING;
  for (uint32_t i = 0; i < length; i++) reply.bytes[i] = bytes[i];
  reply.length = length;
  start_reply();
}

static bool is_prepared(void) { return smbus.prepared[smbus.page][message.bytes[0]].length != 0; }

/**
 * Copies the prepared response of the command. If a new one is published meanwhile, the next message gets
 * it.
 */
static bool prepare(void) {
  const union prepared prepared = {.word = smbus.prepared[smbus.page][message.bytes[0]].word};
  if (prepared.length == 0) return false;
  if (prepared.length == LONG_RESPONSE) {
    const struct long_response *response = &smbus.long_responses[prepared.bytes[0]];
    reply.length = response->length;
    for (uint32_t i = 0; i < reply.length; i++) reply.bytes[i] = response->bytes[i];
  } else {
    reply.length = prepared.length;
    reply.bytes[0] = prepared.bytes[0];
    reply.bytes[1] = prepared.bytes[1];
    reply.bytes[2] = prepared.bytes[2];
  }
  reply.ready = true;
  return true;
}

static void wait_for(enum waiting reason) {
  (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE)); // SCL stays low until something is in the FIFO
  smbus.waiting = reason;
}

static void ask_logic(void) {
  smbus.number = smbus.number + 1;
  if (!smbus_requests_put_read(message.bytes, kept_bytes(), smbus.number)) {
    // Reads that timed out have piled up because the logic does not respond. No write must be lost because
    // of them.
    smbus.counters.late_answers++;
    reply.length = 0;
    start_reply();
    (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE));
    return;
  }
  wait_for(WAITING_FOR_LOGIC);
  events_raise(EVENT_SMBUS);
}

static void read_requested(void) {
  message_began(); // its START may have been pending together with a STOP
  watch.waited_polls = 0; // one limit for all that this read may have to wait for
  const bool is_command = message.count > 0 && !message.consumed && !reply.running;
  if (is_command) {
    message.consumed = true;
    const bool may_be_prepared = message.count == 1;
    if (may_be_prepared && smbus.unsettled > 0 && is_prepared()) {
      wait_for(WAITING_FOR_REQUESTS);
      return;
    }
    if (!may_be_prepared || !(reply.ready || prepare())) {
      ask_logic();
      return;
    }
    reply.sent = 0;
  } else if (!reply.running) {
    reply.length = reply.sent = 0; // a read without a command has no response
  }
  reply.running = true;
  feed();
  (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE));
}

void smbus_target_settle(void) {
  const uint32_t primask = interrupts_hold();
  smbus.unsettled = smbus.unsettled - 1;
  const bool now = smbus.unsettled == 0 && smbus.waiting == WAITING_FOR_REQUESTS;
  if (now) {
    smbus.waiting = NOT_WAITING;
    // The prepared response may have been withdrawn meanwhile: then the logic must answer.
    if (prepare()) start_reply();
    else ask_logic();
  }
  interrupts_restore(primask);
}

void smbus_target_reopen(void) {
  if (!smbus.closed_for_room || smbus_requests_waiting() > SMBUS_REQUESTS / 2) return;
  smbus.closed_for_room = false;
  REGISTER(IC_ENABLE(I2C1_BASE)) = 1;
}

// ------------------------------------------------------------------- messages

static void message_ended(void) {
  if (message.count > 0 && !message.consumed) take_write();
  forget_message();
  watch.message_open = false;
}

/** `stopped`: a STOP is pending. Returns true if that STOP comes after the bytes taken here. */
static bool receive(bool stopped) {
  while (REGISTER(IC_STATUS(I2C1_BASE)) & IC_STATUS_RFNE) {
    const uint32_t data = REGISTER(IC_DATA_CMD(I2C1_BASE));
    if (data & IC_DATA_CMD_FIRST_DATA_BYTE) {
      if (message.count > 0 && stopped) {
        message_ended();
        stopped = false;
      } else if (message.count > 0 && !message.consumed) {
        report_broken_off();
      }
      forget_message();
      message_began();
      smbus.counters.messages++;
    }
    if (message.count < MESSAGE_BYTES) message.bytes[message.count] = (uint8_t)data;
    message.count++;
    // The repeated address leaves time to prepare the response. With data after the command it is no plain
    // read.
    if (message.count > 1) reply.ready = false;
    else if (smbus.unsettled == 0) (void)prepare();
  }
  return stopped;
}

static void aborted(void) {
  // The FIFO was flushed: the controller read less than was written to it. Most reads without PEC end like
  // that.
  const uint32_t source = REGISTER(IC_TX_ABRT_SOURCE(I2C1_BASE));
  (void)REGISTER(IC_CLR_TX_ABRT(I2C1_BASE)); // lets the FIFO accept bytes again
  if (!(source & IC_TX_ABRT_SOURCE_SLV_ARBLOST)) return;
  smbus.counters.aborts++;
  reply.running = false;
}

static void stop_feeding(void) {
  (void)REGISTER(IC_CLR_RX_DONE(I2C1_BASE));
  reply.running = false;
  REGISTER(IC_INTR_MASK(I2C1_BASE)) = INTERRUPTS;
}

/**
 * Sends a response that was looked up when its command arrived. This is the only path on which the bus
 * waits for us.
 */
static void answer_at_once(void) {
  REGISTER(IC_DATA_CMD(I2C1_BASE)) = reply.bytes[0];
  (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE));
  message.consumed = true;
  reply.running = true;
  reply.sent = 1;
  if (reply.length > 1) feed();
}

void i2c1_interrupt(void) {
  const uint32_t status = REGISTER(IC_INTR_STAT(I2C1_BASE));
  if (status == IC_INTR_RD_REQ && reply.ready && !message.consumed) {
    answer_at_once();
    return;
  }
  bool stopped = status & IC_INTR_STOP_DET;
  if (stopped) {
    // From the next START on, each rise of SCL is a bit. smbus_alert_answer must have seen every one.
    REGISTER(INTR(BOARD_I2C1_SCL_GPIO)) = SCL_EDGES;
    (void)REGISTER(IC_CLR_STOP_DET(I2C1_BASE));
  }
  if (status & IC_INTR_START_DET && (stopped || !watch.message_open) && smbus_alert_is_pulled()) {
    if (smbus_alert_answer(!stopped)) events_raise(EVENT_SMBUS);
  }
  if (status & IC_INTR_TX_ABRT) aborted();
  if (stopped && status & IC_INTR_RD_REQ && status & IC_INTR_RESTART_DET) {
    message_ended(); // the STOP belongs before the write whose repeated START begins this read
    stopped = false;
  }
  if (status & IC_INTR_RX_FULL) stopped = receive(stopped);
  if (stopped) message_ended();
  if (status & IC_INTR_RX_DONE) stop_feeding();
  if (status & IC_INTR_START_DET) {
    (void)REGISTER(IC_CLR_START_DET(I2C1_BASE));
    message_began(); // its order with a pending STOP is unknown; on an idle bus the polls end it
  }
  if (status & IC_INTR_RD_REQ) read_requested();
  else if (status & IC_INTR_TX_EMPTY) continue_feeding();
  if (status & IC_INTR_RESTART_DET) (void)REGISTER(IC_CLR_RESTART_DET(I2C1_BASE));
}

// ------------------------------------------------------------------- a bus without clock edges

static bool bus_is_idle(void) {
  const uint32_t lines = 1u << BOARD_I2C1_SDA_GPIO | 1u << BOARD_I2C1_SCL_GPIO;
  return (REGISTER(SIO_GPIO_IN) & lines) == lines;
}

static void time_out(void) {
  if (message.count > 0 && !message.consumed) report_broken_off();
  forget_message();
  watch.message_open = false;
  if (bus_is_idle() || smbus.closed_for_room) return; // no line is held; a new START begins a new message
  smbus.counters.timeouts++;
  reset_interface();
}

static void give_up_waiting(void) {
  smbus.counters.late_answers++;
  smbus.waiting = NOT_WAITING;
  reply.length = 0;
  start_reply();
}

/** I2C1's handler can interrupt this one, so interrupts are held off while it changes shared state. */
void smbus_timer_interrupt(void) {
  REGISTER(TIMER_INTR) = TIMER_ALARM_1;
  watch.armed = false;
  if (!watch.message_open) return;
  const uint32_t primask = interrupts_hold();
  const bool moves = REGISTER(INTR(BOARD_I2C1_SCL_GPIO)) & SCL_EDGES;
  REGISTER(INTR(BOARD_I2C1_SCL_GPIO)) = SCL_EDGES;
  // A START whose handler has not run yet may have no edge of SCL.
  const bool begins = REGISTER(IC_INTR_STAT(I2C1_BASE)) & IC_INTR_START_DET;
  watch.quiet_polls = moves || begins ? 0 : watch.quiet_polls + 1;
  if (watch.quiet_polls >= POLLS_UNTIL_TIMEOUT) time_out();
  else if (smbus.waiting != NOT_WAITING && ++watch.waited_polls >= POLLS_UNTIL_LATE) give_up_waiting();
  if (watch.message_open) arm_poll();
  interrupts_restore(primask);
}
