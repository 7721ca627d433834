/**
 * What the BMC knows of itself: why it started, the number of its flash chip, which slot of the rack it is.
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

/** Asks the host again; `fact` then gives a SYSTEM_INFO word of that moment. */
export function refresh(): void {
  system_info(info);
}

export function fact(field: i32): u32 {
  return load<u32>(info + ((<usize>field) << 2));
}

/** Why the BMC started, a RESET_CAUSE. */
export function resetCause(): u32 {
  refresh();
  return fact(SYSTEM_INFO_RESET_CAUSE);
}

/** Unique number of the flash chip, 0 if it has none. */
export function uniqueId(): u64 {
  refresh();
  return ((<u64>fact(SYSTEM_INFO_UNIQUE_ID_HIGH)) << 32) | fact(SYSTEM_INFO_UNIQUE_ID_LOW);
}

/** The slot's number by its straps, 0 to 15. */
export function slotNumber(): u32 {
  const signals = signals_read();
  return (
    (signals & SIGNAL_SLOT_ID0 ? 1 : 0) |
    (signals & SIGNAL_SLOT_ID1 ? 2 : 0) |
    (signals & SIGNAL_SLOT_ID2 ? 4 : 0) |
    (signals & SIGNAL_SLOT_ID3 ? 8 : 0)
  );
}

/** The 7-bit SMBus address this slot answers at. */
export function smbusAddress(): u32 {
  return SMBUS_ADDRESS + slotNumber();
}
