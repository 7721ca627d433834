// The Alert Response Address (SMBus 3.2, 7.6), bit by bit: the I2C block has one address register, and
// that one holds our own address. Runs from SRAM, in the handler of a START while SMBALERT# is pulled.
#pragma once

#include <stdbool.h>

/** Our address is known. */
void smbus_alert_prepare(void);
/** Lets go of SMBALERT#, and of SDA, which an alert response cut off by a restart would go on pulling. */
void smbus_alert_let_go(void);
/** Whether we pull SMBALERT#. */
bool smbus_alert_is_pulled(void);
/**
 * Follows the address that comes after a START. True if it was the Alert Response Address, read, and ours won
 * the arbitration: SMBALERT# is let go of then. `in_step`: nothing else has happened since that START.
 */
bool smbus_alert_answer(bool in_step);
