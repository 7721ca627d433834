// The Alert Response Address (SMBus 3.2, 7.6), bit by bit in software: the I2C peripheral has one address
// register, and that holds our own address. Runs from SRAM, in the handler of a START while we assert
// SMBALERT#.
#pragma once

#include <stdbool.h>

/** Prepares the answer. Call it once our address is known. */
void smbus_alert_prepare(void);
/** Releases SMBALERT#, and SDA too: an alert response that a restart has cut off could still pull it low. */
void smbus_alert_release(void);
/** Returns whether we pull SMBALERT# low. */
bool smbus_alert_is_pulled(void);
/**
 * Receives the address that follows a START. Returns true if it was a read of the Alert Response Address
 * and our address won the arbitration; SMBALERT# is then released. `in_step`: nothing else has happened
 * since that START.
 */
bool smbus_alert_answer(bool in_step);
