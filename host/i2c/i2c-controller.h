// The sensor bus: RP2040 I2C0 as a controller. It runs one transfer at a time, by interrupts.
//
// The logic begins a transfer and takes its result later; nothing here waits for the bus. There is one
// exception: if a target holds SDA low, the clock pulses that free it take 60 us.
#pragma once

/** Sets up the pins and the I2C peripheral. Does nothing on a board without a power monitor. */
void i2c_start(void);
void i2c0_interrupt(void);
