/**
 * What the slot remembers without a supply: how it starts after an outage, and how its converter is
 * calibrated. Setters take effect at once and make the settings dirty; `save` keeps them, not more often than
 * it is good for the flash. Where nothing readable is kept the board's defaults hold, and `status` says so.
 */
import { NO_DEADLINE } from "../generated/abi";
import { RestorePolicy } from "../generated/vocabulary";
import { GAIN_ONE } from "../sensors/converter";
import * as form from "./record";
import { ADC_CHANNELS, RECORD_BYTES } from "./record";
import * as log from "./store";
import { Found } from "./store";

/** Changes in so short a time are one save. */
const SAVE_INTERVAL_US: u64 = 100000;
/**
 * So many saves in a row, and then one each time this has passed: somebody who changes a setting over and
 * over would wear the flash out in weeks, 32 saves an erase and 100,000 erases. Chosen.
 */
const SAVES_IN_A_ROW: u32 = 256;
const CREDIT_US: u64 = 10000000;
/** After a failure: each try with a flash that is not well stands still for up to 0.6 s. Chosen. */
const RETRY_US: u64 = 10000000;

const record: usize = memory.data(RECORD_BYTES, 4);

let found: Found = Found.Nothing;
/** The record kept was whole, but held what no field may. */
let invalid: bool = false;
let dirty: bool = false;
/** A save before that is too early. */
let nextSave_us: u64 = 0;
/** Saves that may follow one another, and since when another one is earned. */
let credit: u32 = SAVES_IN_A_ROW;
let earning_us: u64 = 0;

/** Since start; the failures are saves, however many places each has tried. */
export let saves: u32 = 0;
export let failures: u32 = 0;

/** Takes over what is kept, or the defaults. Call once, before anything asks. */
export function load(): void {
  found = log.find(record);
  invalid = found == Found.Record && !form.isAllowed(record);
  if (found != Found.Record || invalid) form.setDefaults(record);
  dirty = false;
  nextSave_us = 0;
  credit = SAVES_IN_A_ROW;
  earning_us = 0;
}

/** Something was kept, and it is of no use: defaults hold instead. */
export function isLost(): bool {
  return invalid || found == Found.OtherLayout || found == Found.Damaged;
}

/** What holds, in words. */
export function stateText(): string {
  if (dirty) return "not saved yet";
  if (saves > 0) return "saved";
  if (invalid) return "defaults, those kept are out of range";
  switch (found) {
    case Found.Record:
      return "as kept";
    case Found.Nothing:
      return "defaults";
    case Found.OtherLayout:
      return "defaults, those kept are another firmware's";
    default:
      return "defaults, those kept are unreadable";
  }
}

/** Places of the log that could not be read at the start. */
export function unreadable(): u32 {
  return log.unreadable;
}

export function sectorErases(): u32 {
  return log.erases;
}

export function isDirty(): bool {
  return dirty;
}

/** When `save` has something to do; `NO_DEADLINE` without. */
export function deadline_us(): u64 {
  return dirty ? nextSave_us : NO_DEADLINE;
}

/**
 * Keeps what has changed, if anything has and it is time; `forced`, whatever the time. True if nothing is
 * left to keep. Takes a millisecond as a rule, 3 at most, or an erase more where none was done ahead.
 */
export function save(now_us: u64, forced: bool = false): bool {
  if (!dirty) return true;
  if (!forced && now_us < nextSave_us) return false;
  if (!log.keep(record)) {
    failures++;
    nextSave_us = now_us + RETRY_US;
    return false;
  }
  saves++;
  dirty = false;
  spend(now_us);
  nextSave_us = credit > 0 ? now_us + SAVE_INTERVAL_US : earning_us + CREDIT_US;
  return true;
}

function spend(now_us: u64): void {
  const earned = (now_us - earning_us) / CREDIT_US;
  earning_us += earned * CREDIT_US;
  credit = <u32>min(<u64>SAVES_IN_A_ROW, credit + earned);
  if (credit > 0) credit--;
}

/** For a quiet time, see store.ts. */
export function eraseAheadWanted(): bool {
  return log.eraseAheadWanted();
}

export function eraseAhead(): void {
  log.eraseAhead();
}

export function restorePolicy(): RestorePolicy {
  return form.restorePolicy(record);
}

/** False for what is no policy. */
export function setRestorePolicy(policy: RestorePolicy): bool {
  if (<u32>policy > <u32>RestorePolicy.AlwaysOff) return false;
  if (policy != restorePolicy()) dirty = true;
  form.setRestorePolicy(record, policy);
  return true;
}

/** Whether the compute board was to have power when last somebody decided on it. */
export function powerWanted(): bool {
  return form.powerWanted(record);
}

export function setPowerWanted(wanted: bool): void {
  if (wanted != powerWanted()) dirty = true;
  form.setPowerWanted(record, wanted);
}

function isChannel(channel: i32): bool {
  return channel >= 0 && channel < ADC_CHANNELS;
}

/** Sixteenths of a code, to be added to what the converter says; 0 for a channel there is none of. */
export function adcOffset(channel: i32): i32 {
  return isChannel(channel) ? form.adcOffset(record, channel) : 0;
}

/** False beyond 64 codes either way, and for a channel there is none of. */
export function setAdcOffset(channel: i32, offset: i32): bool {
  if (!isChannel(channel) || !form.isOffsetAllowed(offset)) return false;
  if (offset != adcOffset(channel)) dirty = true;
  form.setAdcOffset(record, channel, offset);
  return true;
}

/** 65536 is 1.0, which it is for a channel there is none of. */
export function adcGain(channel: i32): u32 {
  return isChannel(channel) ? form.adcGain(record, channel) : GAIN_ONE;
}

/** False beyond a tenth either way, and for a channel there is none of. */
export function setAdcGain(channel: i32, gain: u32): bool {
  if (!isChannel(channel) || !form.isGainAllowed(gain)) return false;
  if (gain != adcGain(channel)) dirty = true;
  form.setAdcGain(record, channel, gain);
  return true;
}
