/**
 * Facts about the BMC itself: the cause of its last reset, the number of its flash chip, its slot in the
 * rack, and its SMBus address.
 */
import {
  SIGNAL_SLOT_ID0,
  SIGNAL_SLOT_ID1,
  SIGNAL_SLOT_ID2,
  SIGNAL_SLOT_ID3,
  SYSTEM_INFO_RESET_CAUSE,
  SYSTEM_INFO_UNIQUE_ID_HIGH,
  SYSTEM_INFO_UNIQUE_ID_LOW,
  SYSTEM_INFO_WORDS,
  signals_read,
  system_info,
} from "./generated/abi";
import { SMBUS_ADDRESS } from "./generated/board";

const info: usize = memory.data(SYSTEM_INFO_WORDS << 2, 4);

/** Reads the facts from the host. `fact` then returns them. */
export function refresh(): void {
  system_info(info);
}

/** A SYSTEM_INFO word as of the last `refresh`. */
export function fact(field: i32): u32 {
  return load<u32>(info + ((<usize>field) << 2));
}

/** The cause of the last reset, a RESET_CAUSE. */
export function resetCause(): u32 {
  refresh();
  return fact(SYSTEM_INFO_RESET_CAUSE);
}

/** The unique number of the flash chip, or 0 if it has none. */
export function uniqueId(): u64 {
  refresh();
  return ((<u64>fact(SYSTEM_INFO_UNIQUE_ID_HIGH)) << 32) | fact(SYSTEM_INFO_UNIQUE_ID_LOW);
}

/** The number of the slot from its strap pins, 0 to 15. */
export function slotNumber(): u32 {
  const signals = signals_read();
  return (
    (signals & SIGNAL_SLOT_ID0 ? 1 : 0) |
    (signals & SIGNAL_SLOT_ID1 ? 2 : 0) |
    (signals & SIGNAL_SLOT_ID2 ? 4 : 0) |
    (signals & SIGNAL_SLOT_ID3 ? 8 : 0)
  );
}

/** The 7-bit SMBus address of this slot. */
export function smbusAddress(): u32 {
  return SMBUS_ADDRESS + slotNumber();
}
