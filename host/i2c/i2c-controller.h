// The sensor bus: RP2040 I2C0 as a controller, one transfer at a time, carried out by interrupts.
//
// The logic begins a transfer and takes what became of it; nothing here waits for the bus. Only a target that
// holds SDA costs time: the clock pulses that make it let go, 60 us and no more.
#pragma once

/** The pins and the block; nothing on a board without anything on the bus. */
void i2c_start(void);
void i2c0_interrupt(void);
