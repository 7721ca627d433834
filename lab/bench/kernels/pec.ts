/**
 * SMBus packet error codes. Every sensor reading over PMBus has one, so a BMC computes them all the time.
 * CRC-8, polynomial x^8 + x^2 + x + 1, start value 0 (SMBus 3.2, 5.4.1.1). It processes half a byte at a
 * time, with a table of 16 bytes instead of the usual 256.
 */
import { next, seed } from "./common";

const MESSAGES: u32 = 64;
/** The longest block of SMBus before version 3. */
const MESSAGE_BYTES: u32 = 32;

/** The code of each half byte. */
const TABLE: usize = memory.data<u8>([
  0x00, 0x07, 0x0e, 0x09, 0x1c, 0x1b, 0x12, 0x15, 0x38, 0x3f, 0x36, 0x31, 0x24, 0x23, 0x2a, 0x2d,
]);

const messages: usize = memory.data(2048, 4);

export function preparePec(): void {
  seed(0x5ec);
  for (let i: u32 = 0; i < MESSAGES * MESSAGE_BYTES; i++) store<u8>(messages + i, <u8>next());
}

export function crc8(at: usize, length: u32): u32 {
  let crc: u32 = 0;
  for (const end = at + length; at != end; at++) {
    crc ^= load<u8>(at);
    crc = ((crc << 4) & 0xff) ^ load<u8>(TABLE + (crc >> 4));
    crc = ((crc << 4) & 0xff) ^ load<u8>(TABLE + (crc >> 4));
  }
  return crc;
}

export function pec(): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < MESSAGES; i++) {
    sum = sum * 31 + crc8(messages + i * MESSAGE_BYTES, MESSAGE_BYTES);
  }
  return sum;
}
