/**
 * Warning and fault limits of every quantity, each with hysteresis and a filter time: a reading must be
 * beyond a limit for that long without a break before it counts, and come back by the hysteresis before it
 * no longer does. Pure: what a fault switches off is the sequencer's affair.
 */
import { NO_DEADLINE } from "../generated/abi";
import {
  I5_FAULT_FILTER_MS,
  I5_HIGH_FAULT,
  I5_HIGH_WARNING,
  I5_HYSTERESIS,
  I5_MAXIMUM,
  I5_MINIMUM,
  I5_WARNING_FILTER_MS,
  NO_LIMIT,
  P5_FAULT_FILTER_MS,
  P5_HIGH_FAULT,
  P5_HIGH_WARNING,
  P5_HYSTERESIS,
  P5_MAXIMUM,
  P5_MINIMUM,
  P5_WARNING_FILTER_MS,
  TEMPERATURE_FAULT_FILTER_MS,
  TEMPERATURE_HIGH_FAULT,
  TEMPERATURE_HIGH_WARNING,
  TEMPERATURE_HYSTERESIS,
  TEMPERATURE_LOW_FAULT,
  TEMPERATURE_LOW_WARNING,
  TEMPERATURE_MAXIMUM,
  TEMPERATURE_MINIMUM,
  TEMPERATURE_WARNING_FILTER_MS,
  V3V3_FAULT_FILTER_MS,
  V3V3_HIGH_FAULT,
  V3V3_HIGH_WARNING,
  V3V3_HYSTERESIS,
  V3V3_LOW_FAULT,
  V3V3_LOW_WARNING,
  V3V3_MAXIMUM,
  V3V3_MINIMUM,
  V3V3_WARNING_FILTER_MS,
  V5_FAULT_FILTER_MS,
  V5_HIGH_FAULT,
  V5_HIGH_WARNING,
  V5_HYSTERESIS,
  V5_LOW_FAULT,
  V5_LOW_WARNING,
  V5_MAXIMUM,
  V5_MINIMUM,
  V5_WARNING_FILTER_MS,
  VIN_FAULT_FILTER_MS,
  VIN_HIGH_FAULT,
  VIN_HIGH_WARNING,
  VIN_HYSTERESIS,
  VIN_LOW_FAULT,
  VIN_LOW_WARNING,
  VIN_MAXIMUM,
  VIN_MINIMUM,
  VIN_WARNING_FILTER_MS,
} from "../generated/board";
import { QUANTITIES } from "../sensors/quantities";

/** Limits of a quantity, in the order of the four upper bits of PMBus' status registers. */
export enum Kind {
  HighFault,
  HighWarning,
  LowWarning,
  LowFault,
}

export const KINDS = 4;
const LIMITS = QUANTITIES * KINDS;
/** No limit; a place among all limits is quantity * KINDS + kind. */
export const NONE: i32 = -1;

const BOARD_LIMITS: StaticArray<i32> = [
  VIN_HIGH_FAULT,
  VIN_HIGH_WARNING,
  VIN_LOW_WARNING,
  VIN_LOW_FAULT,
  V5_HIGH_FAULT,
  V5_HIGH_WARNING,
  V5_LOW_WARNING,
  V5_LOW_FAULT,
  V3V3_HIGH_FAULT,
  V3V3_HIGH_WARNING,
  V3V3_LOW_WARNING,
  V3V3_LOW_FAULT,
  I5_HIGH_FAULT,
  I5_HIGH_WARNING,
  NO_LIMIT,
  NO_LIMIT,
  P5_HIGH_FAULT,
  P5_HIGH_WARNING,
  NO_LIMIT,
  NO_LIMIT,
  TEMPERATURE_HIGH_FAULT,
  TEMPERATURE_HIGH_WARNING,
  TEMPERATURE_LOW_WARNING,
  TEMPERATURE_LOW_FAULT,
];

const MINIMUM: StaticArray<i32> = [
  VIN_MINIMUM,
  V5_MINIMUM,
  V3V3_MINIMUM,
  I5_MINIMUM,
  P5_MINIMUM,
  TEMPERATURE_MINIMUM,
];
const MAXIMUM: StaticArray<i32> = [
  VIN_MAXIMUM,
  V5_MAXIMUM,
  V3V3_MAXIMUM,
  I5_MAXIMUM,
  P5_MAXIMUM,
  TEMPERATURE_MAXIMUM,
];
const HYSTERESIS: StaticArray<i32> = [
  VIN_HYSTERESIS,
  V5_HYSTERESIS,
  V3V3_HYSTERESIS,
  I5_HYSTERESIS,
  P5_HYSTERESIS,
  TEMPERATURE_HYSTERESIS,
];
const WARNING_FILTER_MS: StaticArray<i32> = [
  VIN_WARNING_FILTER_MS,
  V5_WARNING_FILTER_MS,
  V3V3_WARNING_FILTER_MS,
  I5_WARNING_FILTER_MS,
  P5_WARNING_FILTER_MS,
  TEMPERATURE_WARNING_FILTER_MS,
];
const FAULT_FILTER_MS: StaticArray<i32> = [
  VIN_FAULT_FILTER_MS,
  V5_FAULT_FILTER_MS,
  V3V3_FAULT_FILTER_MS,
  I5_FAULT_FILTER_MS,
  P5_FAULT_FILTER_MS,
  TEMPERATURE_FAULT_FILTER_MS,
];

export function isFault(kind: i32): bool {
  return kind == Kind.HighFault || kind == Kind.LowFault;
}

export function isHigh(kind: i32): bool {
  return kind == Kind.HighFault || kind == Kind.HighWarning;
}

/** What the board allows limits of a quantity to be. */
export function minimumOf(quantity: i32): i32 {
  return unchecked(MINIMUM[quantity]);
}

export function maximumOf(quantity: i32): i32 {
  return unchecked(MAXIMUM[quantity]);
}

export class Protection {
  private limits: StaticArray<i32> = new StaticArray<i32>(LIMITS);
  /** Since when a quantity has been beyond the limit; NO_DEADLINE while it is not. */
  private since_us: StaticArray<u64> = new StaticArray<u64>(LIMITS);
  /** Limits that count as exceeded: bit of their place. */
  active: u32 = 0;

  constructor() {
    for (let limit = 0; limit < LIMITS; limit++) {
      this.limits[limit] = unchecked(BOARD_LIMITS[limit]);
      this.since_us[limit] = NO_DEADLINE;
    }
  }

  /** In thousandths, or NO_LIMIT. */
  limit(place: i32): i32 {
    return unchecked(this.limits[place]);
  }

  /** False if the board does not allow that value, or has no such limit; the old one stays. */
  setLimit(place: i32, milli: i32): bool {
    const quantity = place / KINDS;
    if (this.limit(place) == NO_LIMIT) return false;
    if (milli < minimumOf(quantity) || milli > maximumOf(quantity)) return false;
    this.limits[place] = milli;
    return true;
  }

  /** Compares one quantity with its limits. Returns those of its kinds that have just begun to count. */
  step(now_us: u64, quantity: i32, milli: i32): u32 {
    let risen: u32 = 0;
    for (let kind = 0; kind < KINDS; kind++) {
      const place = quantity * KINDS + kind;
      const limit = unchecked(this.limits[place]);
      if (limit == NO_LIMIT) continue;
      const beyond_milli = isHigh(kind) ? milli - limit : limit - milli;
      if (this.active & (1 << place)) {
        if (beyond_milli <= -unchecked(HYSTERESIS[quantity])) this.active &= ~(1 << place);
        else continue;
      }
      if (beyond_milli <= 0) {
        this.since_us[place] = NO_DEADLINE;
      } else if (this.isDue(now_us, place)) {
        this.active |= 1 << place;
        risen |= 1 << kind;
      }
    }
    return risen;
  }

  private isDue(now_us: u64, place: i32): bool {
    const quantity = place / KINDS;
    if (unchecked(this.since_us[place]) == NO_DEADLINE) this.since_us[place] = now_us;
    const filters = isFault(place % KINDS) ? FAULT_FILTER_MS : WARNING_FILTER_MS;
    return now_us - unchecked(this.since_us[place]) >= <u64>unchecked(filters[quantity]) * 1000;
  }

  /** Forgets what a quantity was beyond: its rail is off, or its sensor is not to be believed. */
  forget(quantity: i32): void {
    const first = quantity * KINDS;
    for (let kind = 0; kind < KINDS; kind++) this.since_us[first + kind] = NO_DEADLINE;
    this.active &= ~(0xf << first);
  }

  isActive(place: i32): bool {
    return (this.active & (1 << place)) != 0;
  }
}
