// See uart.h. Datasheet 4.2, and the manual of the PL011 that the RP2040 contains.
//
// Traps of the PL011, all avoided below:
// - The receive time-out fires only while the FIFO holds something. If the level interrupt emptied the FIFO
//   exactly, the end of a burst would raise no event. So that interrupt leaves one byte behind.
// - The transmit interrupt fires when the FIFO falls below its level, not while it is empty. So nothing
//   happens until the first bytes are written.
// - A peripheral input that no pin is switched to reads low (2.19.2 ORs the pins that are). A receiver that
//   runs before its pin is connected takes that for a start bit, and the first line of input begins with a
//   junk byte. So the pins come first.

#include "uart.h"

#include "board.h"
#include "clocks.h"
#include "events.h"
#include "generated/abi.h"
#include "capacities.h"
#include "processor.h"
#include "registers.h"
#include "ring.h"

#define PORTS 2u
#define RX_LEVEL 16u // half of 32, as programmed in UARTIFLS
#define UART_BAUD 115200u

/**
 * A pass costs thousands of cycles, so boot-log bytes raise an event only from this many on, or when the
 * line rests.
 */
#define COMPUTE_RX_EVENT_BYTES 128u

static uint8_t compute_rx[COMPUTE_RX_BYTES], compute_tx[COMPUTE_TX_BYTES];
static uint8_t console_rx[CONSOLE_RX_BYTES], console_tx[CONSOLE_TX_BYTES];

static struct port {
  uint32_t base, interrupt;
  uint32_t rx_event, rx_event_bytes; // raised from this many bytes on, or when the line rests
  uint32_t tx_event;                 // if not 0: raised once half the buffer is free after a short write
  struct ring rx, tx;
  struct port_counters counters;
  bool tx_was_full;
  bool rx_leftover;
} ports[PORTS] = {
  [PORT_COMPUTE] = {.base = UART0_BASE,
                    .interrupt = IRQ_UART0,
                    .rx_event = EVENT_COMPUTE_RX,
                    .rx_event_bytes = COMPUTE_RX_EVENT_BYTES,
                    .rx = {.bytes = compute_rx, .size = COMPUTE_RX_BYTES},
                    .tx = {.bytes = compute_tx, .size = COMPUTE_TX_BYTES}},
  [PORT_CONSOLE] = {.base = UART1_BASE,
                    .interrupt = IRQ_UART1,
                    .rx_event = EVENT_CONSOLE_RX,
                    .rx_event_bytes = 1,
                    .tx_event = EVENT_CONSOLE_TX,
                    .rx = {.bytes = console_rx, .size = CONSOLE_RX_BYTES},
                    .tx = {.bytes = console_tx, .size = CONSOLE_TX_BYTES}},
};

static void pins_start(uint32_t tx_gpio, uint32_t rx_gpio) {
  REGISTER(PADS_GPIO(rx_gpio)) = PADS_SCHMITT | PADS_IE | PADS_PUE; // an undriven line reads idle
  REGISTER(PADS_GPIO(tx_gpio)) = PADS_SCHMITT | PADS_IE | PADS_DRIVE_4MA;
  REGISTER(GPIO_CTRL(rx_gpio)) = GPIO_CTRL_FUNCSEL_UART;
  REGISTER(GPIO_CTRL(tx_gpio)) = GPIO_CTRL_FUNCSEL_UART;
}

static void port_start(const struct port *port) {
  // clk_peri / (16 * baud) in 64ths, rounded (4.2.7.1).
  const uint32_t divisor_64ths = (CLK_SYS_HZ * 4u + UART_BAUD / 2u) / UART_BAUD;
  REGISTER(UARTIBRD(port->base)) = divisor_64ths / 64u;
  REGISTER(UARTFBRD(port->base)) = divisor_64ths % 64u;
  REGISTER(UARTLCR_H(port->base)) = UARTLCR_H_WLEN_8 | UARTLCR_H_FEN; // latches the divisor too
  REGISTER(UARTIFLS(port->base)) = UARTIFLS_RX_1_2 | UARTIFLS_TX_1_8;
  REGISTER(UARTICR(port->base)) = UARTI_ALL;
  REGISTER(UARTIMSC(port->base)) = UARTI_RX | UARTI_RT | UARTI_OE;
  REGISTER(UARTCR(port->base)) = UARTCR_UARTEN | UARTCR_TXE | UARTCR_RXE;
}

void uart_start(void) {
  (void)peripherals_reset(RESETS_UART0 | RESETS_UART1); // TX is high from then on, so the line sees no break
  pins_start(BOARD_UART0_TX_GPIO, BOARD_UART0_RX_GPIO);
  pins_start(BOARD_UART1_TX_GPIO, BOARD_UART1_RX_GPIO);
  for (uint32_t port = 0; port < PORTS; port++) port_start(&ports[port]);
  interrupt_enable(IRQ_UART0, PRIORITY_DEVICES);
  interrupt_enable(IRQ_UART1, PRIORITY_DEVICES);
}

static void receive(struct port *port, uint32_t frame) {
  struct port_counters *counters = &port->counters;
  counters->received_bytes++;
  if (frame & UARTDR_BE) {
    counters->breaks++; // it is received as a zero byte with a framing error
    return;
  }
  if (frame & UARTDR_FE) counters->framing_errors++;
  if (frame & UARTDR_PE) counters->parity_errors++;
  if (ring_free(&port->rx) == 0) {
    counters->dropped_bytes++;
    return;
  }
  ring_put(&port->rx, (uint8_t)frame);
}

// Called by the handler, or while the handler is held off.
static void transmit(struct port *port) {
  while (ring_used(&port->tx) > 0 && !(REGISTER(UARTFR(port->base)) & UARTFR_TXFF)) {
    REGISTER(UARTDR(port->base)) = ring_take(&port->tx);
    port->counters.sent_bytes++;
  }
  const uint32_t wanted = ring_used(&port->tx) > 0 ? UARTI_TX : 0;
  REGISTER(UARTIMSC(port->base)) = UARTI_RX | UARTI_RT | UARTI_OE | wanted;
  if (port->tx_was_full && ring_free(&port->tx) >= port->tx.size / 2) {
    port->tx_was_full = false;
    events_raise(port->tx_event);
  }
}

static void handle(struct port *port) {
  const uint32_t status = REGISTER(UARTMIS(port->base));
  const bool rests = status & UARTI_RT;
  if (status & UARTI_OE) {
    // The flag in DR is no use here: it travels with the next byte stored, which may arrive much later.
    REGISTER(UARTICR(port->base)) = UARTI_OE;
    port->counters.overruns++;
  }
  if (status & (UARTI_RX | UARTI_RT)) {
    for (uint32_t count = 0; rests || count < RX_LEVEL - 1; count++) {
      if (REGISTER(UARTFR(port->base)) & UARTFR_RXFE) break;
      receive(port, REGISTER(UARTDR(port->base)));
    }
    if (rests) REGISTER(UARTICR(port->base)) = UARTI_RT;
    const uint32_t used = ring_used(&port->rx);
    if (used >= port->rx_event_bytes || (rests && used > 0)) events_raise(port->rx_event);
  }
  if (status & UARTI_TX) {
    REGISTER(UARTICR(port->base)) = UARTI_TX;
    transmit(port);
  }
}

void uart0_interrupt(void) { handle(&ports[PORT_COMPUTE]); }

void uart1_interrupt(void) { handle(&ports[PORT_CONSOLE]); }

bool uart_is_drained(uint32_t number) {
  const struct port *port = &ports[number];
  return ring_used(&port->tx) == 0 && !(REGISTER(UARTFR(port->base)) & UARTFR_BUSY);
}

uint32_t uart_leftovers(void) {
  uint32_t events = 0;
  for (uint32_t port = 0; port < PORTS; port++) {
    if (ports[port].rx_leftover) events |= ports[port].rx_event;
  }
  return events;
}

uint32_t host_uart_read(uint32_t number, uint8_t *buffer, uint32_t capacity) {
  struct port *port = &ports[number];
  const uint32_t available = ring_used(&port->rx);
  const uint32_t count = available < capacity ? available : capacity;
  for (uint32_t i = 0; i < count; i++) buffer[i] = ring_take(&port->rx);
  port->rx_leftover = count < available;
  return count;
}

uint32_t host_uart_write(uint32_t number, const uint8_t *buffer, uint32_t length) {
  struct port *port = &ports[number];
  const uint32_t room = ring_free(&port->tx);
  const uint32_t count = room < length ? room : length;
  for (uint32_t i = 0; i < count; i++) ring_put(&port->tx, buffer[i]);
  interrupt_hold(port->interrupt);
  if (count < length) port->tx_was_full = true;
  transmit(port);
  interrupt_release(port->interrupt);
  return count;
}

void host_uart_counters(uint32_t number, struct port_counters *counters) {
  interrupt_hold(ports[number].interrupt);
  *counters = ports[number].counters;
  interrupt_release(ports[number].interrupt);
}
