/**
 * What reads bring: prepared ones go to the host's table and answer without the logic, others are handed
 * over while the controller waits. Either way the bytes are in the order of the bus and the PEC is behind
 * them, over both addresses and what was written before.
 */

import { pec, pecOver } from "../codec/pec";
import { SMBUS_RESPONSE_BYTES, smbus_answer, smbus_publish } from "../generated/abi";
import { RAIL_COUNT } from "../generated/board";
import { BLOCK_BYTES } from "../generated/smbus";

/** For pages: every page has the same response. */
export const EVERY_PAGE: i32 = -1;

/** One response under construction; nothing keeps it beyond a call. */
const response: usize = memory.data(SMBUS_RESPONSE_BYTES);
let filled: u32 = 0;

/** Both address bytes of a read: with W, and with R. */
let addressToWrite: u32 = 0;
let addressToRead: u32 = 0;

export function setAddress(address: u32): void {
  addressToWrite = address << 1;
  addressToRead = addressToWrite | 1;
}

/** PEC of a write so far: over the address and what follows it. */
export function pecOfWrite(bytes: usize, length: u32): u32 {
  return pecOver(pec(0, addressToWrite), bytes, length);
}

function begin(): void {
  filled = 0;
}

/** The caller knows that there is room: no response is longer than count, 32 bytes and PEC. */
export function put(byte: u32): void {
  store<u8>(response + filled, byte);
  filled++;
}

/** Little-endian, as everything on this bus. */
export function putNumber(value: u64, bytes: i32): void {
  for (; bytes > 0; bytes--) {
    put(<u32>value & 0xff);
    value >>= 8;
  }
}

/** Begins a block whose count is put in by the end. */
export function beginBlock(): void {
  filled = 1;
}

/** Room left in a block. */
export function blockRoom(): u32 {
  return 1 + BLOCK_BYTES - filled;
}

function endBlock(): void {
  store<u8>(response, filled - 1);
}

/** Prepares what was put together as the response of `code` on `page`, or on every page. */
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

/** A string of the source code or the board file: ASCII, cut to what a block holds. */
export function publishText(code: u32, value: string): void {
  beginBlock();
  putText(value);
  publishBlock(code, EVERY_PAGE);
}

/** A number of one or two digits. */
export function putDecimal(value: u32): void {
  if (value >= 10) put(0x30 + value / 10);
  put(0x30 + (value % 10));
}

export function putText(value: string): void {
  for (let i = 0; i < value.length && blockRoom() > 0; i++) put(value.charCodeAt(i) & 0x7f);
}

/** Takes a response back: the command is unsupported on that page until it is published again. */
export function withdraw(code: u32, page: u32): void {
  smbus_publish(page, code, response, 0);
}

/** Answers the read `number` with the block that was put together; `bytes` is what the controller wrote. */
export function answerBlock(number: u32, bytes: usize, length: u32): void {
  endBlock();
  put(pecOver(pec(pecOfWrite(bytes, length), addressToRead), response, filled));
  smbus_answer(number, response, filled);
}

/**
 * Answers a read of what does not exist. The block cannot refuse a command, so all it can do is let go of
 * SDA: FFh, and never a byte that a controller could take for the PEC of those before it.
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
