/**
 * Builds the responses to reads. Most of them are published: the host keeps them in a table and answers with
 * them without the logic. The others are handed over while the controller waits. In both cases the bytes are
 * in the order of the bus. The PEC follows them, and covers both address bytes and the bytes written before.
 */

import { pec, pecOver } from "../codec/pec";
import { SMBUS_RESPONSE_BYTES, smbus_answer, smbus_publish } from "../generated/abi";
import { RAIL_COUNT } from "../generated/board";
import { BLOCK_BYTES } from "../generated/smbus";

/** In place of a page: all pages have the same response. */
export const EVERY_PAGE: i32 = -1;

/** The response that is being built. It is used within one call only. */
const response: usize = memory.data(SMBUS_RESPONSE_BYTES);
let filled: u32 = 0;

/** The address bytes of a read: with the write bit, and with the read bit. */
let addressToWrite: u32 = 0;
let addressToRead: u32 = 0;

/** Sets the 7-bit address of the target, which every PEC covers. */
export function setAddress(address: u32): void {
  addressToWrite = address << 1;
  addressToRead = addressToWrite | 1;
}

/** PEC of a write so far, over the address and `length` bytes. */
export function pecOfWrite(bytes: usize, length: u32): u32 {
  return pecOver(pec(0, addressToWrite), bytes, length);
}

function begin(): void {
  filled = 0;
}

/** Appends a byte. It does not check for room: no response is longer than a count, 32 bytes and a PEC. */
export function put(byte: u32): void {
  store<u8>(response + filled, byte);
  filled++;
}

/** Appends a number of `bytes` bytes, low byte first as everywhere on this bus. */
export function putNumber(value: u64, bytes: i32): void {
  for (; bytes > 0; bytes--) {
    put(<u32>value & 0xff);
    value >>= 8;
  }
}

/** Begins a block. Its count is filled in when the block is published or answered. */
export function beginBlock(): void {
  filled = 1;
}

/** Bytes that still fit into the block. */
export function blockRoom(): u32 {
  return 1 + BLOCK_BYTES - filled;
}

function endBlock(): void {
  store<u8>(response, filled - 1);
}

/** Publishes the response for `code` on `page`, or on EVERY_PAGE. */
function publish(code: u32, page: i32): void {
  put(pecOver(pec(pec(pec(0, addressToWrite), code), addressToRead), response, filled));
  if (page != EVERY_PAGE) {
    smbus_publish(page, code, response, filled);
    return;
  }
  for (let each: u32 = 0; each < <u32>RAIL_COUNT; each++) smbus_publish(each, code, response, filled);
}

export function publishByte(code: u32, page: i32, value: u32): void {
  begin();
  put(value);
  publish(code, page);
}

export function publishWord(code: u32, page: i32, value: u32): void {
  begin();
  put(value & 0xff);
  put((value >> 8) & 0xff);
  publish(code, page);
}

export function publishBlock(code: u32, page: i32): void {
  endBlock();
  publish(code, page);
}

/**
 * Publishes an ASCII text as a block on every page. A block cannot hold more than 32 bytes; the rest is cut.
 */
export function publishText(code: u32, value: string): void {
  beginBlock();
  putText(value);
  publishBlock(code, EVERY_PAGE);
}

/** Appends a number of one or two digits. */
export function putDecimal(value: u32): void {
  if (value >= 10) put(0x30 + value / 10);
  put(0x30 + (value % 10));
}

/** Appends an ASCII text, as far as it fits into the block. */
export function putText(value: string): void {
  for (let i = 0; i < value.length && blockRoom() > 0; i++) put(value.charCodeAt(i) & 0x7f);
}

/** Withdraws a response. The command is unsupported on that page until it is published again. */
export function withdraw(code: u32, page: u32): void {
  smbus_publish(page, code, response, 0);
}

/** Answers the read `number` with the block. `bytes` are the bytes that the controller wrote before. */
export function answerBlock(number: u32, bytes: usize, length: u32): void {
  endBlock();
  put(pecOver(pec(pecOfWrite(bytes, length), addressToRead), response, filled));
  smbus_answer(number, response, filled);
}

/**
 * Answers a read that has no response. The I2C peripheral cannot refuse a command code, and so the target
 * sends FFh, as if it had released SDA. It never sends a byte that is a right PEC of the bytes before, so
 * that a controller with PEC sees an error.
 */
export function answerNothing(number: u32, bytes: usize, length: u32): void {
  begin();
  let crc = pec(pecOfWrite(bytes, length), addressToRead);
  for (let i = 0; i < 4; i++) {
    const byte: u32 = crc == 0xff ? 0xfe : 0xff;
    put(byte);
    crc = pec(crc, byte);
  }
  smbus_answer(number, response, filled);
}
