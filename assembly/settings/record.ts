/**
 * One record of the settings as it is stored in flash: 128 bytes, little-endian. A record is whole if its
 * magic number and its CRC are right.
 *
 * | bytes | |
 * |---|---|
 * | 0 to 3 | magic number |
 * | 4 to 7 | layout: the meaning of the fields |
 * | 8 to 11 | sequence number, one more with each record |
 * | 12 to 123 | fields; unused ones are all ones, so that a later firmware sees that they were never set |
 * | 124 to 127 | CRC-32 of all bytes before |
 *
 * Fields of layout 1: 16 restore policy, 20 power wanted, 24 calibration offsets of five channels, 44 their
 * gains.
 */
import { crc32 } from "../codec/crc32";
import { RESTORE_POLICY } from "../generated/board";
import { RestorePolicy } from "../generated/vocabulary";
import { GAIN_ONE, MAXIMUM_GAIN, MAXIMUM_OFFSET_16THS, MINIMUM_GAIN } from "../sensors/converter";

export const RECORD_BYTES: u32 = 128;
/** Magic, layout and sequence number. */
export const HEADER_BYTES: u32 = 12;
/** The layout this firmware writes and reads. */
export const LAYOUT: u32 = 1;
export const ADC_CHANNELS: i32 = 5;

/** "RBS" and the version of the record's format. */
const MAGIC: u32 = 0x01534252;
const AT_LAYOUT: usize = 4;
const AT_SEQUENCE: usize = 8;
const AT_RESTORE_POLICY: usize = 16;
const AT_POWER_WANTED: usize = 20;
const AT_ADC_OFFSETS: usize = 24;
const AT_ADC_GAINS: usize = 44;
const AT_SUM: usize = 124;

export function isOffsetAllowed(offset: i32): bool {
  return offset >= -MAXIMUM_OFFSET_16THS && offset <= MAXIMUM_OFFSET_16THS;
}

export function isGainAllowed(gain: u32): bool {
  return gain >= MINIMUM_GAIN && gain <= MAXIMUM_GAIN;
}

/** Fills in the settings of a new board. */
export function setDefaults(record: usize): void {
  memory.fill(record, 0xff, RECORD_BYTES);
  setRestorePolicy(record, RESTORE_POLICY);
  setPowerWanted(record, false);
  for (let channel = 0; channel < ADC_CHANNELS; channel++) {
    setAdcOffset(record, channel, 0);
    setAdcGain(record, channel, GAIN_ONE);
  }
}

/** Completes a record whose fields are set: adds magic number, layout, sequence number and CRC. */
export function seal(record: usize, sequence: u32): void {
  store<u32>(record, MAGIC);
  store<u32>(record + AT_LAYOUT, LAYOUT);
  store<u32>(record + AT_SEQUENCE, sequence);
  store<u32>(record + AT_SUM, crc32(record, <u32>AT_SUM));
}

/** True if the header shows that writing a record has begun. The record may still be incomplete. */
export function isBegun(header: usize): bool {
  return load<u32>(header) == MAGIC;
}

/** True if the record was written completely. */
export function isWhole(record: usize): bool {
  return isBegun(record) && load<u32>(record + AT_SUM) == crc32(record, <u32>AT_SUM);
}

/** True if nothing was programmed here since the sector was erased. `length` is a multiple of 4. */
export function isBlank(bytes: usize, length: u32): bool {
  for (let at = bytes; at < bytes + length; at += 4) if (load<u32>(at) != 0xffffffff) return false;
  return true;
}

/**
 * True if every field has an allowed value. A right CRC does not ensure that: another firmware may have
 * written it.
 */
export function isAllowed(record: usize): bool {
  if (load<u32>(record + AT_RESTORE_POLICY) > <u32>RestorePolicy.AlwaysOff) return false;
  if (load<u32>(record + AT_POWER_WANTED) > 1) return false;
  for (let channel = 0; channel < ADC_CHANNELS; channel++) {
    if (!isOffsetAllowed(adcOffset(record, channel))) return false;
    if (!isGainAllowed(adcGain(record, channel))) return false;
  }
  return true;
}

export function layout(record: usize): u32 {
  return load<u32>(record + AT_LAYOUT);
}

export function sequence(record: usize): u32 {
  return load<u32>(record + AT_SEQUENCE);
}

export function restorePolicy(record: usize): RestorePolicy {
  return <RestorePolicy>load<u32>(record + AT_RESTORE_POLICY);
}

export function setRestorePolicy(record: usize, policy: RestorePolicy): void {
  store<u32>(record + AT_RESTORE_POLICY, <u32>policy);
}

export function powerWanted(record: usize): bool {
  return load<u32>(record + AT_POWER_WANTED) != 0;
}

export function setPowerWanted(record: usize, wanted: bool): void {
  store<u32>(record + AT_POWER_WANTED, <u32>wanted);
}

export function adcOffset(record: usize, channel: i32): i32 {
  return load<i32>(record + AT_ADC_OFFSETS + ((<usize>channel) << 2));
}

export function setAdcOffset(record: usize, channel: i32, offset: i32): void {
  store<i32>(record + AT_ADC_OFFSETS + ((<usize>channel) << 2), offset);
}

export function adcGain(record: usize, channel: i32): u32 {
  return load<u32>(record + AT_ADC_GAINS + ((<usize>channel) << 2));
}

export function setAdcGain(record: usize, channel: i32, gain: u32): void {
  store<u32>(record + AT_ADC_GAINS + ((<usize>channel) << 2), gain);
}
