// UART0 (compute board's console) and UART1 (debug console): PL011, 115200 8N1, interrupt-driven
// through rings. Ports are numbered as in the contract.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void uart_start(void);
void uart0_interrupt(void);
void uart1_interrupt(void);
/** Everything handed over for sending has left the pin. */
bool uart_is_drained(uint32_t port);
/** Receive events for bytes that the last read of each port left lying, so that they are not forgotten. */
uint32_t uart_leftovers(void);
