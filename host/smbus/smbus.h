// SMBus target on I2C1: prepared responses, requests for the logic, SMBALERT#.
//
// If the logic has prepared the response to a read, the interrupt handler alone answers it. Everything else
// becomes a request to the logic. A read request holds SCL until the logic has answered, for 15 ms at most.
// A prepared read also waits while an earlier request is not processed, because that request may change the
// response.
#pragma once

#include <stdint.h>

/** Sets up the pins. The target itself starts with the logic's smbus_open. */
void smbus_start(void);
/** Runs from SRAM, at a higher priority than all other handlers. */
void i2c1_interrupt(void);
/** Runs from SRAM, at the next lower priority. */
void smbus_timer_interrupt(void);
