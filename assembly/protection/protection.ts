/**
 * Warning and fault limits of every quantity, each with hysteresis and a filter time: a reading must be
 * beyond a limit for that long without a break before it counts, and come back by the hysteresis before it
 * no longer does. Pure: what a fault switches off is the sequencer's affair.
 */
import { NO_DEADLINE } from "../generated/abi";
import {
  LIMITS as BOARD_LIMITS,
  FAULT_FILTER_MS,
  HYSTERESIS,
  LIMIT_MAXIMUM,
  LIMIT_MINIMUM,
  NO_LIMIT,
  WARNING_FILTER_MS,
} from "../generated/board";
import { LIMIT_KINDS, LimitKind, QUANTITIES } from "../generated/vocabulary";

/** A limit's number among all limits is quantity * LIMIT_KINDS + kind. */
const LIMITS = QUANTITIES * LIMIT_KINDS;
assert(LIMITS <= 64); // `active` has a bit for each

export function isFault(kind: i32): bool {
  return kind == LimitKind.HighFault || kind == LimitKind.LowFault;
}

export function isHigh(kind: i32): bool {
  return kind == LimitKind.HighFault || kind == LimitKind.HighWarning;
}

/** What the board allows limits of a quantity to be. */
export function minimumOf(quantity: i32): i32 {
  return unchecked(LIMIT_MINIMUM[quantity]);
}

export function maximumOf(quantity: i32): i32 {
  return unchecked(LIMIT_MAXIMUM[quantity]);
}

export class Protection {
  private limits: StaticArray<i32> = new StaticArray<i32>(LIMITS);
  /** Since when a quantity has been beyond the limit; NO_DEADLINE while it is not. */
  private since_us: StaticArray<u64> = new StaticArray<u64>(LIMITS);
  /** Limits that count as exceeded: bit of their place. */
  active: u64 = 0;

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
    const quantity = place / LIMIT_KINDS;
    if (this.limit(place) == NO_LIMIT) return false;
    if (milli < minimumOf(quantity) || milli > maximumOf(quantity)) return false;
    this.limits[place] = milli;
    return true;
  }

  /** Compares one quantity with its limits. Returns those of its kinds that have just begun to count. */
  step(now_us: u64, quantity: i32, milli: i32): u32 {
    let risen: u32 = 0;
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      const place = quantity * LIMIT_KINDS + kind;
      const limit = unchecked(this.limits[place]);
      if (limit == NO_LIMIT) continue;
      const beyond_milli = isHigh(kind) ? milli - limit : limit - milli;
      if (this.active & ((<u64>1) << place)) {
        if (beyond_milli <= -unchecked(HYSTERESIS[quantity])) this.active &= ~((<u64>1) << place);
        else continue;
      }
      if (beyond_milli <= 0) {
        this.since_us[place] = NO_DEADLINE;
      } else if (this.isDue(now_us, place)) {
        this.active |= (<u64>1) << place;
        risen |= 1 << kind;
      }
    }
    return risen;
  }

  private isDue(now_us: u64, place: i32): bool {
    const quantity = place / LIMIT_KINDS;
    if (unchecked(this.since_us[place]) == NO_DEADLINE) this.since_us[place] = now_us;
    const filters = isFault(place % LIMIT_KINDS) ? FAULT_FILTER_MS : WARNING_FILTER_MS;
    return now_us - unchecked(this.since_us[place]) >= <u64>unchecked(filters[quantity]) * 1000;
  }

  /** Forgets what a quantity was beyond: its rail is off, or its sensor is not to be believed. */
  forget(quantity: i32): void {
    const first = quantity * LIMIT_KINDS;
    for (let kind = 0; kind < LIMIT_KINDS; kind++) this.since_us[first + kind] = NO_DEADLINE;
    this.active &= ~((<u64>0xf) << first);
  }

  isActive(place: i32): bool {
    return (this.active & ((<u64>1) << place)) != 0;
  }
}
