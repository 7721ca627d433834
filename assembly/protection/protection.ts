/**
 * Compares every quantity with its warning and fault limits. A limit counts as exceeded once the reading has
 * been beyond it for the filter time without a break. It counts until the reading has come back by the
 * hysteresis. This file only compares; the sequencer decides what a fault switches off.
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

const US_PER_MS: u64 = 1000;
/** Number of limits. The index of a limit is quantity * LIMIT_KINDS + kind. */
const LIMITS = QUANTITIES * LIMIT_KINDS;
assert(LIMITS <= 64); // `active` has a bit for each

export function isFault(kind: i32): bool {
  return kind == LimitKind.HighFault || kind == LimitKind.LowFault;
}

export function isHigh(kind: i32): bool {
  return kind == LimitKind.HighFault || kind == LimitKind.HighWarning;
}

/** The smallest value that the board allows for a limit of a quantity, in thousandths. */
export function minimumOf(quantity: i32): i32 {
  return unchecked(LIMIT_MINIMUM[quantity]);
}

/** The largest value that the board allows for a limit of a quantity, in thousandths. */
export function maximumOf(quantity: i32): i32 {
  return unchecked(LIMIT_MAXIMUM[quantity]);
}

export class Protection {
  private limits: StaticArray<i32> = new StaticArray<i32>(LIMITS);
  /** Since when the quantity has been beyond each limit; NO_DEADLINE while it is not. */
  private since_us: StaticArray<u64> = new StaticArray<u64>(LIMITS);
  /** Limits that count as exceeded: one bit for each index. */
  active: u64 = 0;

  constructor() {
    for (let limit = 0; limit < LIMITS; limit++) {
      this.limits[limit] = unchecked(BOARD_LIMITS[limit]);
      this.since_us[limit] = NO_DEADLINE;
    }
  }

  /** The value of a limit in thousandths, or NO_LIMIT. */
  limit(limit: i32): i32 {
    return unchecked(this.limits[limit]);
  }

  /**
   * Sets a limit. False, without a change, if the board has no such limit or does not allow the value, or if
   * the value contradicts another limit of the quantity.
   */
  setLimit(limit: i32, milli: i32): bool {
    const quantity = limit / LIMIT_KINDS;
    if (this.limit(limit) == NO_LIMIT) return false;
    if (milli < minimumOf(quantity) || milli > maximumOf(quantity)) return false;
    if (!this.isInOrder(limit, milli)) return false;
    this.limits[limit] = milli;
    return true;
  }

  /**
   * True if the quantity's limits would keep their order: low fault <= low warning < high warning <= high
   * fault. Between the low and the high limits lie both their hystereses, as in a board file. Otherwise a
   * reading that went beyond one of them would never count as good again. Any four limits in order can be
   * reached from any others: first those that rise, from the highest limit down, then those that fall, from
   * the lowest up.
   */
  private isInOrder(limit: i32, milli: i32): bool {
    const kind = limit % LIMIT_KINDS;
    const apart_milli = max(1, 2 * unchecked(HYSTERESIS[limit / LIMIT_KINDS]));
    for (let other = 0; other < LIMIT_KINDS; other++) {
      const other_milli = this.limit(limit - kind + other);
      if (other == kind || other_milli == NO_LIMIT) continue;
      // The kinds are numbered from the highest limit down.
      const above_milli = other < kind ? other_milli - milli : milli - other_milli;
      if (above_milli < (isHigh(kind) == isHigh(other) ? 0 : apart_milli)) return false;
    }
    return true;
  }

  /**
   * Compares one reading with the limits of its quantity. Returns a bit for each LimitKind newly exceeded.
   */
  step(now_us: u64, quantity: i32, milli: i32): u32 {
    const before = this.activeKinds(quantity);
    let active = before;
    let risen: u32 = 0;
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      const limit = quantity * LIMIT_KINDS + kind;
      const limit_milli = unchecked(this.limits[limit]);
      if (limit_milli == NO_LIMIT) continue;
      const beyond_milli = isHigh(kind) ? milli - limit_milli : limit_milli - milli;
      if (active & (1 << kind)) {
        if (beyond_milli <= -unchecked(HYSTERESIS[quantity])) active &= ~(1 << kind);
        else continue;
      }
      if (beyond_milli <= 0) {
        this.since_us[limit] = NO_DEADLINE;
      } else if (this.isDue(now_us, limit)) {
        active |= 1 << kind;
        risen |= 1 << kind;
      }
    }
    // Shifts of 64 bits are calls on this processor, so that the kinds of a quantity are shifted together.
    if (active != before) this.active ^= (<u64>(active ^ before)) << (quantity * LIMIT_KINDS);
    return risen;
  }

  /** True once the reading has been beyond the limit for the filter time. */
  private isDue(now_us: u64, limit: i32): bool {
    const quantity = limit / LIMIT_KINDS;
    if (unchecked(this.since_us[limit]) == NO_DEADLINE) this.since_us[limit] = now_us;
    const filters = isFault(limit % LIMIT_KINDS) ? FAULT_FILTER_MS : WARNING_FILTER_MS;
    return now_us - unchecked(this.since_us[limit]) >= <u64>unchecked(filters[quantity]) * US_PER_MS;
  }

  /** No limit of the quantity counts as exceeded any more: its rail is off, or its sensor is not trusted. */
  forget(quantity: i32): void {
    const first = quantity * LIMIT_KINDS;
    for (let kind = 0; kind < LIMIT_KINDS; kind++) this.since_us[first + kind] = NO_DEADLINE;
    this.active &= ~((<u64>0xf) << first);
  }

  isActive(limit: i32): bool {
    return (this.active & ((<u64>1) << limit)) != 0;
  }

  /** The limits of a quantity that count as exceeded: one bit for each LimitKind. */
  activeKinds(quantity: i32): u32 {
    return <u32>(this.active >> (quantity * LIMIT_KINDS)) & ((1 << LIMIT_KINDS) - 1);
  }
}
