/**
 * The settings that the slot keeps without a supply: its restore policy, and the calibration of its
 * converter. Setters take effect at once and mark the settings as changed. `save` writes them to flash, but
 * not so often that the flash wears out. If the flash has no readable settings, the board's defaults apply,
 * and `status` shows it.
 */
import { NO_DEADLINE } from "../generated/abi";
import { RestorePolicy } from "../generated/vocabulary";
import { GAIN_ONE } from "../sensors/converter";
import * as form from "./record";
import { ADC_CHANNELS, RECORD_BYTES } from "./record";
import * as recordLog from "./store";
import { Found } from "./store";

/** Changes within this time after a save are saved together. */
const SAVE_INTERVAL_US: u64 = 100000;
/**
 * This many saves may follow one another; after that, one more each CREDIT_US. A program that changes a
 * setting again and again would otherwise wear the flash out in weeks: there are 32 saves for an erase, and
 * the flash endures 100,000 erases. Our choice: more than a person makes, and years of endurance.
 */
const SAVES_IN_A_ROW: u32 = 256;
const CREDIT_US: u64 = 10000000;
/** Pause after a failed save. Our choice: a try with a failing flash can block the logic for up to 0.6 s. */
const RETRY_US: u64 = 10000000;

const record: usize = memory.data(RECORD_BYTES, 4);

/** What the flash contained at the start. */
let found: Found = Found.Nothing;
/** The record in flash was whole, but a field had a value that is not allowed. */
let invalid: bool = false;
/** Something has changed since the last save. */
let dirty: bool = false;
/** No save before this time, unless forced. */
let nextSave_us: u64 = 0;
/** Saves that may still follow one another. */
let credit: u32 = SAVES_IN_A_ROW;
/** Each CREDIT_US after this time adds one to the credit. */
let earning_us: u64 = 0;

/** Saves since start. */
export let saves: u32 = 0;
/** Failed saves since start. A save counts once, even if it tried several places in flash. */
export let failures: u32 = 0;

/** Loads the settings from flash, or the defaults. Call it once, before any other function. */
export function load(): void {
  found = recordLog.find(record);
  invalid = found == Found.Record && !form.isAllowed(record);
  if (found != Found.Record || invalid) form.setDefaults(record);
  dirty = false;
  nextSave_us = 0;
  credit = SAVES_IN_A_ROW;
  earning_us = 0;
}

/** True if the flash contained settings that cannot be used, so that the defaults apply. */
export function isLost(): bool {
  return invalid || found == Found.OtherLayout || found == Found.Damaged;
}

/** Which settings apply, as text for the console. */
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

/** Records in flash that could not be read at the start. */
export function unreadable(): u32 {
  return recordLog.unreadable;
}

/** Erases of flash sectors since start. */
export function sectorErases(): u32 {
  return recordLog.erases;
}

export function isDirty(): bool {
  return dirty;
}

/** When `save` must be called, or NO_DEADLINE if nothing has changed. */
export function deadline_us(): u64 {
  return dirty ? nextSave_us : NO_DEADLINE;
}

/**
 * Saves the settings if they have changed and it is time; `forced` saves them at any time. True if nothing is
 * left to save. A save usually takes 1 ms and 3 ms at most. If no sector was erased ahead, an erase is added.
 */
export function save(now_us: u64, forced: bool = false): bool {
  if (!dirty) return true;
  if (!forced && now_us < nextSave_us) return false;
  if (!recordLog.keep(record)) {
    failures++;
    nextSave_us = now_us + RETRY_US;
    return false;
  }
  saves++;
  dirty = false;
  useCredit(now_us);
  nextSave_us = credit > 0 ? now_us + SAVE_INTERVAL_US : earning_us + CREDIT_US;
  return true;
}

function useCredit(now_us: u64): void {
  const earned = (now_us - earning_us) / CREDIT_US;
  earning_us += earned * CREDIT_US;
  credit = <u32>min(<u64>SAVES_IN_A_ROW, credit + earned);
  if (credit > 0) credit--;
}

/** True if the next sector should be erased while the logic has time (see store.ts). */
export function eraseAheadWanted(): bool {
  return recordLog.eraseAheadWanted();
}

/** Erases the next sector ahead (see store.ts). */
export function eraseAhead(): void {
  recordLog.eraseAhead();
}

export function restorePolicy(): RestorePolicy {
  return form.restorePolicy(record);
}

/** Sets the restore policy. False for a number that is no policy. */
export function setRestorePolicy(policy: RestorePolicy): bool {
  if (<u32>policy > <u32>RestorePolicy.AlwaysOff) return false;
  if (policy != restorePolicy()) dirty = true;
  form.setRestorePolicy(record, policy);
  return true;
}

/** True if the compute board is to have power, by the last decision about it. */
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

/** Offset of a channel in sixteenths of a code (see converter.ts); 0 if there is no such channel. */
export function adcOffset(channel: i32): i32 {
  return isChannel(channel) ? form.adcOffset(record, channel) : 0;
}

/**
 * Sets the offset of a channel. False beyond 64 codes in either direction, or if there is no such channel.
 */
export function setAdcOffset(channel: i32, offset: i32): bool {
  if (!isChannel(channel) || !form.isOffsetAllowed(offset)) return false;
  if (offset != adcOffset(channel)) dirty = true;
  form.setAdcOffset(record, channel, offset);
  return true;
}

/** Gain of a channel; 65536 is 1.0. It is 1.0 if there is no such channel. */
export function adcGain(channel: i32): u32 {
  return isChannel(channel) ? form.adcGain(record, channel) : GAIN_ONE;
}

/** Sets the gain of a channel. False outside 0.9 to 1.1, or if there is no such channel. */
export function setAdcGain(channel: i32, gain: u32): bool {
  if (!isChannel(channel) || !form.isGainAllowed(gain)) return false;
  if (gain != adcGain(channel)) dirty = true;
  form.setAdcGain(record, channel, gain);
  return true;
}
