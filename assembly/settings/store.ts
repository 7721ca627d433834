/**
 * Where the settings lie: a log of records over the four sectors of the logic's part of flash. Each save is a
 * record behind the last one; the whole one with the highest sequence number counts. When a sector is full
 * the next one is erased, ahead of need if somebody finds the time, so that a save is one page program.
 *
 * Power may go at any instant. Nothing that counts is ever written to: a record goes where nothing is, and
 * the sector of the newest whole record is never erased. What is left half done is neither blank nor whole,
 * is passed over, and goes with the next erase of its sector. Every sector gets its turn, and wears as the
 * others.
 *
 * Bounded: a start reads the headers once, and a save erases once at most.
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

/** Places tried for one record: one that cannot be programmed is worn or was disturbed. Chosen. */
const PLACES_PER_SAVE = 3;
const NOWHERE: i32 = -1;

/** What a start finds. */
export enum Found {
  Record,
  /** Nothing was ever kept. */
  Nothing,
  /** Of a firmware that lays its fields out in another way. */
  OtherLayout,
  /** Something, but no whole record. */
  Damaged,
}

const read: usize = memory.data(RECORD_BYTES, 4);
/** Sequence numbers of records that have a header, 0 where there is none. */
const sequences: usize = memory.data(RECORDS * 4, 4);

/** Place of the newest whole record, 0 to 127: its sector is not to be erased. */
let newest: i32 = NOWHERE;
/** Sequence number last given, to that record or to one that failed since. */
let sequence: u32 = 0;
/** The sector records go into, and the next place in it; RECORDS_PER_SECTOR when it is full. */
let sector: i32 = NOWHERE;
let place: i32 = RECORDS_PER_SECTOR;
/** The sector behind it: whether that is known to be erased, and whether erasing it was tried in vain. */
let aheadErased: bool = false;
let aheadFailed: bool = false;
let aheadKnown: bool = false;

/** Places found neither blank nor whole at the start, as far as it looked. */
export let unreadable: u32 = 0;
/** Since start. */
export let erases: u32 = 0;
export let timeouts: u32 = 0;
export let mismatches: u32 = 0;

/** Looks for the newest whole record and copies it to `record`. */
export function find(record: usize): Found {
  newest = NOWHERE;
  sector = NOWHERE;
  sequence = 0;
  place = RECORDS_PER_SECTOR;
  unreadable = 0;
  forgetAhead();
  readHeaders();
  for (let tries = 0; tries < RECORDS; tries++) {
    const candidate = highest();
    if (candidate == NOWHERE) break;
    flash_read(<u32>candidate * RECORD_BYTES, record, RECORD_BYTES);
    if (form.isWhole(record)) {
      newest = candidate;
      sequence = form.sequence(record);
      sector = candidate / RECORDS_PER_SECTOR;
      place = (candidate % RECORDS_PER_SECTOR) + 1;
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
 * Place of the highest sequence number, NOWHERE if all are 0. Of two that are the same, the first was left
 * half done before a start that gave its number again.
 */
function highest(): i32 {
  let best = NOWHERE;
  let most: u32 = 0;
  for (let at = 0; at < RECORDS; at++) {
    const here = load<u32>(sequences + ((<usize>at) << 2));
    if (here == 0 || here < most) continue;
    most = here;
    best = at;
  }
  return best;
}

/** Keeps the record, whose fields are set. False when that failed: what was kept before still is. */
export function keep(record: usize): bool {
  for (let tries = 0; tries < PLACES_PER_SAVE; tries++) {
    if (!findPlace()) return false;
    const at = sector * RECORDS_PER_SECTOR + place;
    place++;
    form.seal(record, ++sequence);
    const result = flash_program(<u32>at * RECORD_BYTES, record, RECORD_BYTES);
    if (result == FLASH_OK) {
      newest = at;
      return true;
    }
    count(result);
    if (result == FLASH_TIMEOUT) return false; // the flash is not well: later
  }
  return false;
}

/** Makes `sector` and `place` a blank one. False where that would take another erase. */
function findPlace(): bool {
  for (; place < RECORDS_PER_SECTOR; place++) {
    flash_read(<u32>(sector * RECORDS_PER_SECTOR + place) * RECORD_BYTES, read, RECORD_BYTES);
    if (form.isBlank(read, RECORD_BYTES)) return true;
  }
  const next = ahead();
  const isErased = isAheadErased() || eraseSector(next);
  forgetAhead();
  sector = next;
  // Not erased, it counts as full, and the save after this one tries the sector behind it.
  place = isErased ? 0 : RECORDS_PER_SECTOR;
  return isErased;
}

/** The sector that comes after the one records go into. The newest record's is left out. */
function ahead(): i32 {
  const next = (sector + 1) % SECTORS;
  return isKept(next) ? (next + 1) % SECTORS : next;
}

function isKept(candidate: i32): bool {
  return newest != NOWHERE && newest / RECORDS_PER_SECTOR == candidate;
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

/** Whether erasing now would spare a save the time of it. */
export function eraseAheadWanted(): bool {
  return !aheadFailed && !isAheadErased();
}

/** Erases the next sector: 45 ms as a rule, 400 ms at most, in which nothing else is done. */
export function eraseAhead(): void {
  if (!eraseAheadWanted()) return;
  aheadErased = eraseSector(ahead());
  aheadFailed = !aheadErased;
}
