/** Publishes the identity of the slot, which follows from its board, its strap pins and its flash chip. */
import { BOARD_DATE, BOARD_NAME, BOARD_REVISION, MANUFACTURER } from "../generated/board";
import {
  CODE_CAPABILITY,
  CODE_IC_DEVICE_ID,
  CODE_MFR_DATE,
  CODE_MFR_ID,
  CODE_MFR_LOCATION,
  CODE_MFR_MODEL,
  CODE_MFR_REVISION,
  CODE_MFR_SERIAL,
  CODE_PMBUS_REVISION,
  CODE_VOUT_MODE,
  VOUT_EXPONENT,
} from "../generated/smbus";
import {
  beginBlock,
  EVERY_PAGE,
  publishBlock,
  publishByte,
  publishText,
  put,
  putDecimal,
  putText,
} from "./responses";

/** D0h: PEC (bit 7), up to 1 MHz (bits 6 and 5 are 10b), SMBALERT# (bit 4), linear formats. */
const CAPABILITY: u32 = 0xd0;
/** 33h: parts I and II at revision 1.3, the first one with 1 MHz in CAPABILITY. */
const REVISION: u32 = 0x33;

/** Publishes the responses that never change. `number` is the slot's, `serial` the flash chip's. */
export function publishIdentity(number: u32, serial: u64): void {
  publishByte(CODE_CAPABILITY, EVERY_PAGE, CAPABILITY);
  publishByte(CODE_PMBUS_REVISION, EVERY_PAGE, REVISION);
  publishByte(CODE_VOUT_MODE, EVERY_PAGE, VOUT_EXPONENT & 0x1f);
  publishText(CODE_MFR_ID, MANUFACTURER);
  publishText(CODE_MFR_MODEL, BOARD_NAME);
  publishText(CODE_MFR_REVISION, BOARD_REVISION);
  publishText(CODE_MFR_DATE, BOARD_DATE);
  publishText(CODE_IC_DEVICE_ID, "RP2040");
  beginBlock();
  putText("slot ");
  putDecimal(number);
  publishBlock(CODE_MFR_LOCATION, EVERY_PAGE);
  beginBlock();
  for (let shift = 60; shift >= 0; shift -= 4) {
    const digit = <u32>(serial >> shift) & 15;
    put(digit < 10 ? 0x30 + digit : 0x57 + digit);
  }
  publishBlock(CODE_MFR_SERIAL, EVERY_PAGE);
}
