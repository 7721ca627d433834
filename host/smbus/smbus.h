// SMBus target on I2C1: prepared responses, requests for the logic, SMBALERT#.
//
// A read whose response the logic has prepared is answered by the interrupt handler alone. Everything
// else becomes a request, and a read among them holds SCL until the logic has answered, 15 ms at most.
// Prepared reads wait too while a request before them is not dealt with: it may change what they bring.
#pragma once

#include <stdint.h>

/** The pins; the target itself starts with the logic's smbus_open. */
void smbus_start(void);
/** From SRAM, above all other handlers. */
void i2c1_interrupt(void);
/** From SRAM, below that one alone. */
void smbus_timer_interrupt(void);
