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
/**
 * From the last byte that the controller wrote to the end of the read address are 10 to 12 clocks, or more if
 * it pauses. An eighth of that is more than a clock: the half in which the controller keeps SCL low, and the
 * half that a hold must last behind it. The rest of the time is our choice, and covers the error of a timer
 * that counts microseconds. At 10 kHz, the slowest clock of SMBus, the bytes are 1.2 ms apart.
 */
#define HOLD_LEAST_US 3u
#define SINCE_BYTE_MOST_US 1200u

#define INTERRUPTS                                                                              \
  (IC_INTR_RX_FULL | IC_INTR_RD_REQ | IC_INTR_TX_ABRT | IC_INTR_RX_DONE | IC_INTR_STOP_DET | \
   IC_INTR_START_DET | IC_INTR_RESTART_DET)

#define SCL_EDGES (INT_EDGE_LOW(BOARD_I2C1_SCL_GPIO) | INT_EDGE_HIGH(BOARD_I2C1_SCL_GPIO))

struct smbus smbus;

/**
 * What the next read request gets. It is decided in advance, because the bus waits while a read request is
 * served. From WRITTEN_PREPARED on, the bytes in `message` are a write as well, if a STOP comes instead of a
 * read.
 */
enum next {
  NEXT_FILLER,      // FFh: there was no command, or the reply is over
  NEXT_REPLY,       // the rest of the reply, or the reply to a read that waits
  WRITTEN_PREPARED, // the response in `reply`, which was looked up when its command arrived
  WRITTEN_COMMAND,  // a response to be looked up now, or the logic's answer
  WRITTEN_CALL,     // the logic's answer to a command with data
};

/** The bytes that the controller has written since the last START to us. */
static struct {
  uint8_t next; // enum next
  uint8_t bytes[MESSAGE_BYTES];
  uint32_t count;   // may exceed the size of bytes
  uint32_t last_us; // when the last of them came: low word of the timer
} message;

static struct {
  uint8_t bytes[SMBUS_RESPONSE_BYTES];
  uint32_t length, sent;
} reply;

/**
 * A read that cannot be answered at once. The controller of a Raspberry Pi cuts the next clock short if SCL
 * is released less than half a clock after the controller released it (BCM2835, the clock-stretching bug). So
 * a hold is either none, because the answer comes while the controller keeps SCL low anyway, or it lasts for
 * `least_us`.
 */
static volatile struct {
  uint32_t began_us, least_us;
} hold;

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

/** Returns whether the message is a write, as long as no read has used it as its command. */
static bool is_write(void) { return message.next >= WRITTEN_PREPARED; }

static void forget_message(void) {
  message.count = 0;
  message.next = NEXT_FILLER;
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
  message.next = reply.sent < reply.length ? NEXT_REPLY : NEXT_FILLER;
  if (reply.length > FIFO_BYTES) {
    const uint32_t more = reply.sent < reply.length ? IC_INTR_TX_EMPTY : 0;
    REGISTER(IC_INTR_MASK(I2C1_BASE)) = INTERRUPTS | more;
  }
}

/** Called when the FIFO is running low. The reply may have ended just now. */
static void continue_feeding(void) {
  if (message.next == NEXT_REPLY) feed();
  else REGISTER(IC_INTR_MASK(I2C1_BASE)) = INTERRUPTS;
}

static void start_reply(void) {
  reply.sent = 0;
  feed();
}

void smbus_target_reply(const uint8_t *bytes, uint32_t length) {
  smbus.waiting = NOT_WAITING;
  for (uint32_t i = 0; i < length; i++) reply.bytes[i] = bytes[i];
  reply.length = length;
  start_reply();
}

/** The prepared response of the command. Its length is 0 if there is none. */
INLINE union prepared prepared_response(void) {
  return (union prepared){.word = smbus.prepared[smbus.page][message.bytes[0]].word};
}

/** Copies the response. If a new one is published meanwhile, the next message gets it. */
static void copy_response(union prepared prepared) {
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
}

static void ask_logic(void) {
  smbus.waiting = WAITING_FOR_LOGIC;
  smbus.number = smbus.number + 1;
  if (smbus_requests_put_read(message.bytes, kept_bytes(), smbus.number)) events_raise(EVENT_SMBUS);
  // Otherwise reads that timed out have piled up because the logic does not respond, and no write must be
  // lost because of them. This read then waits until it is late as well.
}

/** Holds SCL until the logic has done its work. SCL stays low as long as the FIFO is empty. */
static void begin_hold(void) {
  (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE));
  const uint32_t now_us = REGISTER(TIMER_TIMERAWL);
  uint32_t since_byte_us = now_us - message.last_us;
  if (since_byte_us > SINCE_BYTE_MOST_US) since_byte_us = SINCE_BYTE_MOST_US;
  hold.began_us = now_us;
  hold.least_us = HOLD_LEAST_US + since_byte_us / 8u;
  watch.waited_polls = 0; // one limit for all that this read may have to wait for
  const bool is_prepared = message.next == WRITTEN_COMMAND && prepared_response().length != 0;
  if (is_prepared) smbus.waiting = WAITING_FOR_REQUESTS;
  else ask_logic();
  message.next = NEXT_REPLY;
  message_began();
}

static bool hold_is_long_enough(void) { return REGISTER(TIMER_TIMERAWL) - hold.began_us > hold.least_us; }

/** Feeds what follows the first byte, which is in the FIFO. */
static void feed_rest(void) {
  reply.sent = 1;
  message.next = NEXT_FILLER;
  if (reply.length > 1) feed();
}

INLINE void send_prepared(void) {
  REGISTER(IC_DATA_CMD(I2C1_BASE)) = reply.bytes[0];
  (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE));
  feed_rest();
}

/**
 * Sends a response that was not looked up in advance, because a request was unsettled when the command
 * arrived. Returns false if it still is, or if there is none.
 */
INLINE bool send_command_response(void) {
  const union prepared prepared = prepared_response();
  if (prepared.length == 0 || smbus.unsettled > 0) return false;
  uint32_t first = prepared.word >> 8 & 0xffu; // as a field of the union it would be copied to the stack
  if (prepared.length == LONG_RESPONSE) first = smbus.long_responses[first].bytes[0];
  REGISTER(IC_DATA_CMD(I2C1_BASE)) = first;
  (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE));
  copy_response(prepared);
  feed_rest();
  return true;
}

/**
 * While this runs the bus waits, so every path puts its first byte into the FIFO before anything else, or
 * begins a hold. The byte then comes while the controller keeps SCL low by itself, up to 400 kHz. This is no
 * switch, whose table might be in flash.
 */
INLINE void read_requested(void) {
  if (message.next == WRITTEN_PREPARED) {
    send_prepared();
  } else if (message.next == WRITTEN_COMMAND) {
    if (!send_command_response()) begin_hold();
  } else if (message.next == NEXT_FILLER) {
    REGISTER(IC_DATA_CMD(I2C1_BASE)) = FILLER;
    (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE));
    message_began(); // a read without a command: its START may have been pending together with a STOP
  } else if (message.next == NEXT_REPLY) {
    feed(); // the FIFO ran empty before the handler could refill it
    (void)REGISTER(IC_CLR_RD_REQ(I2C1_BASE));
  } else {
    begin_hold();
  }
}

bool smbus_target_awaits(uint32_t number) {
  while (smbus.waiting == WAITING_FOR_LOGIC && smbus.number == number)
    if (hold_is_long_enough()) return true;
  return false;
}

/** Returns whether a read waits for this request, and has not yet waited for long enough. */
static bool settles_too_soon(void) {
  return smbus.unsettled == 1 && smbus.waiting == WAITING_FOR_REQUESTS && !hold_is_long_enough();
}

/** Answers the read that waited for the last unsettled request. */
static void answer_waiting(void) {
  smbus.waiting = NOT_WAITING;
  // The response may have been withdrawn meanwhile: then the logic must answer.
  const union prepared prepared = prepared_response();
  if (prepared.length == 0) {
    ask_logic();
  } else {
    copy_response(prepared);
    start_reply();
  }
}

/** Lets the read that follows the command answer as fast as others. */
static void prepare_command(void) {
  const union prepared prepared = prepared_response();
  // To copy a long response takes longer than a read request may wait.
  if (prepared.length == 0 || prepared.length == LONG_RESPONSE) return;
  copy_response(prepared);
  message.next = WRITTEN_PREPARED;
}

void smbus_target_settle(void) {
  uint32_t primask;
  for (;;) {
    while (settles_too_soon()) continue;
    primask = interrupts_hold();
    if (smbus.waiting == NOT_WAITING || !settles_too_soon()) break;
    interrupts_restore(primask); // a read has begun to wait meanwhile
  }
  const uint32_t unsettled = smbus.unsettled - 1;
  smbus.unsettled = unsettled;
  if (unsettled == 0 && smbus.waiting == WAITING_FOR_REQUESTS) answer_waiting();
  else if (unsettled == 0 && message.next == WRITTEN_COMMAND) prepare_command();
  interrupts_restore(primask);
}

void smbus_target_reopen(void) {
  if (!smbus.closed_for_room || smbus_requests_waiting() > SMBUS_REQUESTS / 2) return;
  smbus.closed_for_room = false;
  REGISTER(IC_ENABLE(I2C1_BASE)) = 1;
}

// ------------------------------------------------------------------- messages

static void message_ended(void) {
  if (is_write()) take_write();
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
      } else if (is_write()) {
        report_broken_off();
      }
      forget_message();
      message_began();
      smbus.counters.messages++;
    }
    if (message.count < MESSAGE_BYTES) message.bytes[message.count] = (uint8_t)data;
    message.count++;
    message.last_us = REGISTER(TIMER_TIMERAWL);
    message.next = message.count > 1 ? WRITTEN_CALL : WRITTEN_COMMAND;
    if (message.next == WRITTEN_CALL || smbus.unsettled > 0) continue;
    // The repeated address leaves time to copy the response.
    const union prepared prepared = prepared_response();
    if (prepared.length == 0) continue;
    copy_response(prepared);
    message.next = WRITTEN_PREPARED;
  }
  return stopped;
}

static void end_reply(void) {
  if (message.next == NEXT_REPLY) message.next = NEXT_FILLER;
}

INLINE void aborted(void) {
  // The FIFO was flushed: the controller read less than was written to it. Most reads without PEC end like
  // that.
  const uint32_t source = REGISTER(IC_TX_ABRT_SOURCE(I2C1_BASE));
  (void)REGISTER(IC_CLR_TX_ABRT(I2C1_BASE)); // lets the FIFO accept bytes again
  if (!(source & IC_TX_ABRT_SOURCE_SLV_ARBLOST)) return;
  smbus.counters.aborts++;
  end_reply();
}

static void stop_feeding(void) {
  (void)REGISTER(IC_CLR_RX_DONE(I2C1_BASE));
  end_reply();
  REGISTER(IC_INTR_MASK(I2C1_BASE)) = INTERRUPTS;
}

static FAST void serve(uint32_t status) {
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
  if (status & IC_INTR_TX_EMPTY) continue_feeding();
  if (status & IC_INTR_RESTART_DET) (void)REGISTER(IC_CLR_RESTART_DET(I2C1_BASE));
}

/**
 * A read request comes alone, or together with the flush of bytes that the read before it has left. If it
 * should come with anything else, `serve` leaves it, and it raises this interrupt again.
 */
FAST void i2c1_interrupt(void) {
  const uint32_t status = REGISTER(IC_INTR_STAT(I2C1_BASE));
  if (status == IC_INTR_RD_REQ && message.next == WRITTEN_PREPARED) {
    send_prepared();
    return;
  }
  if ((status & ~IC_INTR_TX_ABRT) != IC_INTR_RD_REQ) {
    serve(status);
    return;
  }
  if (status & IC_INTR_TX_ABRT) aborted();
  read_requested();
}

// ------------------------------------------------------------------- a bus without clock edges

static bool bus_is_idle(void) {
  const uint32_t lines = 1u << BOARD_I2C1_SDA_GPIO | 1u << BOARD_I2C1_SCL_GPIO;
  return (REGISTER(SIO_GPIO_IN) & lines) == lines;
}

static void time_out(void) {
  if (is_write()) report_broken_off();
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

/**
 * I2C1's handler can interrupt this one, so interrupts are held off while it changes shared state. A read
 * request waits meanwhile, so the reads of registers come before.
 */
void smbus_timer_interrupt(void) {
  REGISTER(TIMER_INTR) = TIMER_ALARM_1;
  watch.armed = false;
  if (!watch.message_open) return;
  const bool moves = REGISTER(INTR(BOARD_I2C1_SCL_GPIO)) & SCL_EDGES;
  REGISTER(INTR(BOARD_I2C1_SCL_GPIO)) = SCL_EDGES;
  // A START whose handler has not run yet may have no edge of SCL.
  const bool begins = REGISTER(IC_INTR_STAT(I2C1_BASE)) & IC_INTR_START_DET;
  const uint32_t primask = interrupts_hold();
  if (watch.message_open) { // the message may have ended meanwhile, and another may have begun
    watch.quiet_polls = moves || begins ? 0 : watch.quiet_polls + 1;
    if (watch.quiet_polls >= POLLS_UNTIL_TIMEOUT) time_out();
    else if (smbus.waiting != NOT_WAITING && ++watch.waited_polls >= POLLS_UNTIL_LATE) give_up_waiting();
    if (watch.message_open && !watch.armed) arm_poll();
  }
  interrupts_restore(primask);
}
