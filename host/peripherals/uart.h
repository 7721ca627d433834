// UART0 (the compute board's console) and UART1 (the debug console): PL011, 115200 8N1, driven by
// interrupts and ring buffers. Ports have the numbers of the contract.
#pragma once

#include <stdbool.h>
#include <stdint.h>

void uart_start(void);
void uart0_interrupt(void);
void uart1_interrupt(void);
/** Returns true once all bytes handed over for sending have left the pin. */
bool uart_is_drained(uint32_t port);
/**
 * Returns the receive events of ports whose last read has left bytes in the buffer, so that these are read
 * soon.
 */
uint32_t uart_leftovers(void);
