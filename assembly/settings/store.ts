/**
 * Stores the settings in flash, as a log of records over the four sectors of the logic's part of flash. Each
 * save appends a record. The whole record with the highest sequence number is valid. When a sector is full,
 * the next one is erased. If the logic has time it erases that sector ahead, so that a save only programs one
 * page.
 *
 * Power may fail at any moment, and so valid data is never overwritten. A record is programmed where the
 * flash is blank, and the sector of the newest whole record is never erased. An interrupted record is neither
 * blank nor whole. It is skipped, and disappears with the next erase of its sector. All sectors are used in
 * turn, so that they wear equally.
 *
 * A start reads all headers once, and a save erases one sector at most.
 */
import {
  FLASH_OK,
  FLASH_REGION_BYTES,
  FLASH_SECTOR_BYTES,
  FLASH_TIMEOUT,
  flash_erase,
  flash_program,
  flash_read,
} from "../generated/abi";
import * as form from "./record";
import { HEADER_BYTES, RECORD_BYTES } from "./record";

const SECTORS: i32 = 4;
const RECORDS: i32 = 128;
const RECORDS_PER_SECTOR: i32 = 32;
assert(<u32>SECTORS * FLASH_SECTOR_BYTES == FLASH_REGION_BYTES);
assert(<u32>RECORDS * RECORD_BYTES == FLASH_REGION_BYTES);

/**
 * Tries to program one record, each at another place in flash, because a place may be worn. Our choice: a
 * flash that fails three times will not accept a fourth.
 */
const TRIES_PER_SAVE = 3;
/** No record, or no sector. */
const NONE: i32 = -1;

/** The result of looking for settings in flash. */
export enum Found {
  Record,
  /** Nothing was ever saved. */
  Nothing,
  /** A whole record with the layout of another firmware. */
  OtherLayout,
  /** Something is there, but no whole record. */
  Damaged,
}

/** Buffer for reading from flash. */
const read: usize = memory.data(RECORD_BYTES, 4);
/** Sequence number of each record in flash, or 0 if there is no header. */
const sequences: usize = memory.data(RECORDS * 4, 4);

/** Index of the newest whole record, 0 to 127. Its sector must not be erased. */
let newest: i32 = NONE;
/** The last sequence number used, by that record or by a later one that failed. */
let sequence: u32 = 0;
/** The sector that records are appended to. */
let sector: i32 = NONE;
/** Index of the next record within that sector; RECORDS_PER_SECTOR when it is full. */
let nextInSector: i32 = RECORDS_PER_SECTOR;
/** The sector after it is erased. Valid if `aheadKnown`. */
let aheadErased: bool = false;
/** Erasing that sector ahead has failed, and is not tried again. */
let aheadFailed: bool = false;
let aheadKnown: bool = false;

/**
 * Records found neither blank nor whole at the start. Records older than the newest whole one are not
 * checked.
 */
export let unreadable: u32 = 0;
/** Erases, time-outs and failed verifications since start. */
export let erases: u32 = 0;
export let timeouts: u32 = 0;
export let mismatches: u32 = 0;

/** Looks for the newest whole record and copies it to `record`. */
export function find(record: usize): Found {
  newest = NONE;
  sector = NONE;
  sequence = 0;
  nextInSector = RECORDS_PER_SECTOR;
  unreadable = 0;
  forgetAhead();
  readHeaders();
  for (let tries = 0; tries < RECORDS; tries++) {
    const candidate = highest();
    if (candidate == NONE) break;
    flash_read(<u32>candidate * RECORD_BYTES, record, RECORD_BYTES);
    if (form.isWhole(record)) {
      newest = candidate;
      sequence = form.sequence(record);
      sector = candidate / RECORDS_PER_SECTOR;
      nextInSector = (candidate % RECORDS_PER_SECTOR) + 1;
      return form.layout(record) == form.LAYOUT ? Found.Record : Found.OtherLayout;
    }
    unreadable++;
    store<u32>(sequences + ((<usize>candidate) << 2), 0);
  }
  return unreadable > 0 ? Found.Damaged : Found.Nothing;
}

function readHeaders(): void {
  for (let at = 0; at < RECORDS; at++) {
    flash_read(<u32>at * RECORD_BYTES, read, HEADER_BYTES);
    const number = form.isBegun(read) ? form.sequence(read) : 0;
    if (number == 0 && !form.isBlank(read, HEADER_BYTES)) unreadable++;
    store<u32>(sequences + ((<usize>at) << 2), number);
  }
}

/**
 * Index of the record with the highest sequence number, or NONE if there is none. If two records have the
 * same number, the second one is returned: the first was interrupted, and after the next start its number was
 * used again.
 */
function highest(): i32 {
  let best = NONE;
  let most: u32 = 0;
  for (let at = 0; at < RECORDS; at++) {
    const here = load<u32>(sequences + ((<usize>at) << 2));
    if (here == 0 || here < most) continue;
    most = here;
    best = at;
  }
  return best;
}

/**
 * Saves the record, whose fields the caller has set. If it fails it returns false, and the old record stays
 * valid.
 */
export function keep(record: usize): bool {
  for (let tries = 0; tries < TRIES_PER_SAVE; tries++) {
    if (!findBlankRecord()) return false;
    const at = sector * RECORDS_PER_SECTOR + nextInSector;
    nextInSector++;
    form.seal(record, ++sequence);
    const result = flash_program(<u32>at * RECORD_BYTES, record, RECORD_BYTES);
    if (result == FLASH_OK) {
      newest = at;
      return true;
    }
    count(result);
    if (result == FLASH_TIMEOUT) return false; // the flash does not respond, so the caller tries again later
  }
  return false;
}

/** Sets `sector` and `nextInSector` to a blank record. False if a second erase would be needed for that. */
function findBlankRecord(): bool {
  for (; nextInSector < RECORDS_PER_SECTOR; nextInSector++) {
    flash_read(<u32>(sector * RECORDS_PER_SECTOR + nextInSector) * RECORD_BYTES, read, RECORD_BYTES);
    if (form.isBlank(read, RECORD_BYTES)) return true;
  }
  const next = ahead();
  const isErased = isAheadErased() || eraseSector(next);
  forgetAhead();
  sector = next;
  // A sector that could not be erased counts as full. The next save then tries the sector after it.
  nextInSector = isErased ? 0 : RECORDS_PER_SECTOR;
  return isErased;
}

/** The sector to use after this one. The sector of the newest record is skipped. */
function ahead(): i32 {
  const next = (sector + 1) % SECTORS;
  return isKept(next) ? (next + 1) % SECTORS : next;
}

function isKept(candidate: i32): bool {
  return newest != NONE && newest / RECORDS_PER_SECTOR == candidate;
}

function forgetAhead(): void {
  aheadKnown = false;
  aheadFailed = false;
}

function isAheadErased(): bool {
  if (!aheadKnown) {
    aheadErased = isSectorBlank(ahead());
    aheadKnown = true;
  }
  return aheadErased;
}

function isSectorBlank(candidate: i32): bool {
  const from = <u32>candidate * FLASH_SECTOR_BYTES;
  for (let at: u32 = 0; at < FLASH_SECTOR_BYTES; at += RECORD_BYTES) {
    flash_read(from + at, read, RECORD_BYTES);
    if (!form.isBlank(read, RECORD_BYTES)) return false;
  }
  return true;
}

function eraseSector(candidate: i32): bool {
  assert(!isKept(candidate));
  const result = flash_erase(<u32>candidate);
  erases++;
  if (result == FLASH_OK) return true;
  count(result);
  return false;
}

function count(result: u32): void {
  if (result == FLASH_TIMEOUT) timeouts++;
  else mismatches++;
}

/** True if erasing the next sector now would save the time of an erase later. */
export function eraseAheadWanted(): bool {
  return !aheadFailed && !isAheadErased();
}

/** Erases the next sector. This blocks the logic for 45 ms as a rule, and for 400 ms at most. */
export function eraseAhead(): void {
  if (!eraseAheadWanted()) return;
  aheadErased = eraseSector(ahead());
  aheadFailed = !aheadErased;
}
