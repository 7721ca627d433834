/** Limits of slot-hat with their filter times and hysteresis: to the microsecond and to the thousandth. */
import {
  FAULT_FILTER_MS,
  HYSTERESIS,
  LIMIT_MAXIMUM,
  LIMIT_MINIMUM,
  LIMITS,
  NO_LIMIT,
  WARNING_FILTER_MS,
} from "../../../assembly/generated/board";
import { LIMIT_KINDS, LimitKind, QUANTITIES, Quantity } from "../../../assembly/generated/vocabulary";
import { isFault, isHigh, maximumOf, minimumOf, Protection } from "../../../assembly/protection/protection";
import { isMeasured } from "../../../assembly/sensors/quantities";

const V5 = Quantity.Vout0;
const I5 = Quantity.Iout;
const V5_HIGH_FAULT: i32 = LIMITS[V5 * LIMIT_KINDS + LimitKind.HighFault];
const V5_HIGH_WARNING: i32 = LIMITS[V5 * LIMIT_KINDS + LimitKind.HighWarning];
const V5_LOW_WARNING: i32 = LIMITS[V5 * LIMIT_KINDS + LimitKind.LowWarning];
const V5_LOW_FAULT: i32 = LIMITS[V5 * LIMIT_KINDS + LimitKind.LowFault];
const V5_MINIMUM: i32 = LIMIT_MINIMUM[V5];
const V5_MAXIMUM: i32 = LIMIT_MAXIMUM[V5];
const V5_HYSTERESIS: i32 = HYSTERESIS[V5];
const V5_WARNING_FILTER_MS: i32 = WARNING_FILTER_MS[V5];
const V5_FAULT_FILTER_MS: i32 = FAULT_FILTER_MS[V5];
const I5_HIGH_FAULT: i32 = LIMITS[I5 * LIMIT_KINDS + LimitKind.HighFault];
const I5_HYSTERESIS: i32 = HYSTERESIS[I5];
const I5_FAULT_FILTER_MS: i32 = FAULT_FILTER_MS[I5];
const GOOD_MV: i32 = 5100;
/** Later than 32 bits of microseconds. */
const START: u64 = 1 << 33;

let protection: Protection = new Protection();
let now: u64 = START;

beforeEach(() => {
  protection = new Protection();
  now = START;
});

function limitIndex(quantity: i32, kind: i32): i32 {
  return quantity * LIMIT_KINDS + kind;
}

function bit(kind: i32): u32 {
  return 1 << kind;
}

/** Steps through 10 ms windows for `ms`. Returns the kinds of limits that began to count. */
function shows(quantity: i32, milli: i32, ms: u64): u32 {
  let risen: u32 = 0;
  for (let spent: u64 = 0; spent < ms; spent += 10) {
    risen |= protection.step(now, quantity, milli);
    now += 10000;
  }
  return risen;
}

const V5_LIMITS: StaticArray<i32> = [V5_HIGH_FAULT, V5_HIGH_WARNING, V5_LOW_WARNING, V5_LOW_FAULT];

function mustSet(kind: i32, milli: i32): void {
  expect(protection.setLimit(limitIndex(V5, kind), milli)).toBe(true);
  expect(protection.limit(limitIndex(V5, kind))).toBe(milli);
}

/**
 * A limit comes as near to another as it may, and no nearer. Kinds are numbered from the highest limit down.
 */
function staysBeside(kind: i32, other: i32): void {
  const apart = isHigh(kind) == isHigh(other) ? 0 : 2 * V5_HYSTERESIS;
  const down = kind < other ? 1 : -1;
  const beside = V5_LIMITS[other] + down * apart;
  protection = new Protection();
  expect(protection.setLimit(limitIndex(V5, kind), beside - down)).toBe(false);
  expect(protection.limit(limitIndex(V5, kind))).toBe(V5_LIMITS[kind]);
  // Only a direct neighbour can be reached without crossing the one between.
  if (kind - other == 1 || other - kind == 1) mustSet(kind, beside);
}

let seed: u32 = 7;

/** Four limits in order, on a grid as fine as the distance that high and low ones must have. */
function pickLimits(into: StaticArray<i32>): void {
  const step = 2 * V5_HYSTERESIS;
  let at = 0;
  for (let kind = LIMIT_KINDS - 1; kind >= 0; kind--) {
    seed = seed * 1664525 + 1013904223;
    at += <i32>((seed >> 16) % 3) + (kind == LimitKind.HighWarning ? 1 : 0);
    into[kind] = V5_MINIMUM + at * step;
  }
  expect(into[LimitKind.HighFault] <= V5_MAXIMUM).toBe(true);
}

/** A value that is beyond V5's limit of that kind by `by`; with a negative `by` it is within. */
function beyond(kind: i32, by: i32): i32 {
  return isHigh(kind) ? V5_LIMITS[kind] + by : V5_LIMITS[kind] - by;
}

function filter_us(kind: i32): u64 {
  return <u64>(isFault(kind) ? V5_FAULT_FILTER_MS : V5_WARNING_FILTER_MS) * 1000;
}

describe("a limit", () => {
  test("is the board's at first, and no reading is beyond it", () => {
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      expect(protection.limit(limitIndex(V5, kind))).toBe(V5_LIMITS[kind]);
    }
    expect(protection.limit(limitIndex(I5, LimitKind.LowFault))).toBe(NO_LIMIT);
    expect(protection.active).toBe(0);
  });

  test("counts once it was exceeded for the whole filter time, and is reported once", () => {
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      protection = new Protection();
      const milli = beyond(kind, 1);
      expect(protection.step(now, V5, milli) & bit(kind)).toBe(0);
      expect(protection.step(now + filter_us(kind) - 1, V5, milli) & bit(kind)).toBe(0);
      expect(protection.isActive(limitIndex(V5, kind))).toBe(false);
      expect(protection.step(now + filter_us(kind), V5, milli) & bit(kind)).toBe(bit(kind));
      expect(protection.isActive(limitIndex(V5, kind))).toBe(true);
      expect(shows(V5, milli, 1000) & bit(kind)).toBe(0, "once");
      expect(protection.isActive(limitIndex(V5, kind))).toBe(true);
    }
  });

  test("is not exceeded by a reading equal to it", () => {
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      protection = new Protection();
      expect(shows(V5, beyond(kind, 0), 5000) & bit(kind)).toBe(0);
    }
  });

  test("starts its filter time again after every break, however short", () => {
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      protection = new Protection();
      for (let i = 0; i < 20; i++) {
        expect(protection.step(now, V5, beyond(kind, 1)) & bit(kind)).toBe(0);
        expect(protection.step(now + filter_us(kind) - 1, V5, beyond(kind, 1)) & bit(kind)).toBe(0);
        expect(protection.step(now + filter_us(kind), V5, beyond(kind, 0)) & bit(kind)).toBe(0);
        now += filter_us(kind) + 1;
      }
      expect(protection.isActive(limitIndex(V5, kind))).toBe(false);
    }
  });

  test("counts until the reading is back by the hysteresis", () => {
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      protection = new Protection();
      shows(V5, beyond(kind, 1), 200);
      expect(protection.isActive(limitIndex(V5, kind))).toBe(true);
      shows(V5, beyond(kind, 1 - V5_HYSTERESIS), 5000);
      expect(protection.isActive(limitIndex(V5, kind))).toBe(true, "a thousandth less than the hysteresis");
      expect(protection.step(now, V5, beyond(kind, -V5_HYSTERESIS)) & bit(kind)).toBe(0);
      expect(protection.isActive(limitIndex(V5, kind))).toBe(false, "back");
    }
  });

  test("needs the whole filter time again after it counted", () => {
    shows(V5, V5_HIGH_FAULT + 1, 200);
    shows(V5, GOOD_MV, 10);
    expect(protection.active).toBe(0);
    expect(protection.step(now, V5, V5_HIGH_FAULT + 1)).toBe(0);
    const due = now + filter_us(LimitKind.HighFault);
    expect(protection.step(due - 1, V5, V5_HIGH_FAULT + 1)).toBe(0);
    expect(protection.step(due, V5, V5_HIGH_FAULT + 1)).toBe(bit(LimitKind.HighFault));
  });

  test("warns later than it is a fault if its filter times say so", () => {
    expect(V5_WARNING_FILTER_MS > V5_FAULT_FILTER_MS).toBe(true);
    expect(shows(V5, V5_LOW_FAULT - 1, V5_FAULT_FILTER_MS + 10)).toBe(bit(LimitKind.LowFault));
    expect(shows(V5, V5_LOW_FAULT - 1, V5_WARNING_FILTER_MS)).toBe(bit(LimitKind.LowWarning));
  });

  test("of one quantity is independent of another's", () => {
    expect(shows(I5, I5_HIGH_FAULT + 1, I5_FAULT_FILTER_MS)).toBe(0);
    expect(shows(V5, GOOD_MV, 1000)).toBe(0);
    // The time is long enough for both by now. V5's reading in between was no break.
    expect(shows(I5, I5_HIGH_FAULT + 1, 10)).toBe(bit(LimitKind.HighFault) | bit(LimitKind.HighWarning));
    expect(protection.active >> limitIndex(I5, 0)).toBe(
      bit(LimitKind.HighFault) | bit(LimitKind.HighWarning),
    );
    expect(protection.active & ((1 << limitIndex(I5, 0)) - 1)).toBe(0);
    shows(V5, V5_HIGH_FAULT + 1, 200);
    shows(I5, I5_HIGH_FAULT - I5_HYSTERESIS, 10);
    expect(protection.isActive(limitIndex(I5, LimitKind.HighFault))).toBe(false);
    expect(protection.isActive(limitIndex(V5, LimitKind.HighFault))).toBe(true);
  });

  test("is never exceeded if it does not exist", () => {
    shows(I5, i32.MIN_VALUE / 2, 5000);
    expect(protection.active).toBe(0);
  });
});

describe("setting a limit", () => {
  test("accepts the board's range including its ends, and nothing else", () => {
    const high = limitIndex(V5, LimitKind.HighFault);
    const low = limitIndex(V5, LimitKind.LowFault);
    expect(protection.setLimit(high, V5_MAXIMUM + 1)).toBe(false);
    expect(protection.setLimit(low, V5_MINIMUM - 1)).toBe(false);
    expect(protection.limit(high)).toBe(V5_HIGH_FAULT);
    expect(protection.limit(low)).toBe(V5_LOW_FAULT);
    expect(protection.setLimit(high, V5_MAXIMUM)).toBe(true);
    expect(protection.limit(high)).toBe(V5_MAXIMUM);
    expect(protection.setLimit(low, V5_MINIMUM)).toBe(true);
    expect(protection.limit(low)).toBe(V5_MINIMUM);
    for (let quantity = 0; quantity < QUANTITIES; quantity++) {
      if (isMeasured(quantity)) expect(minimumOf(quantity) < maximumOf(quantity)).toBe(true);
    }
  });

  test("is refused where the board has no limit", () => {
    expect(protection.setLimit(limitIndex(I5, LimitKind.LowWarning), 100)).toBe(false);
    expect(protection.limit(limitIndex(I5, LimitKind.LowWarning))).toBe(NO_LIMIT);
  });

  test("is refused where it contradicts another limit, and accepted up to it", () => {
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      for (let other = 0; other < LIMIT_KINDS; other++) {
        if (other != kind) staysBeside(kind, other);
      }
    }
    // A quantity without low limits has an order of the others.
    expect(protection.setLimit(limitIndex(I5, LimitKind.HighWarning), I5_HIGH_FAULT + 1)).toBe(false);
    expect(protection.setLimit(limitIndex(I5, LimitKind.HighWarning), I5_HIGH_FAULT)).toBe(true);
  });

  test("leads from any four limits to any others: up from the highest, then down from the lowest", () => {
    const wanted = new StaticArray<i32>(LIMIT_KINDS);
    for (let round = 0; round < 2000; round++) {
      pickLimits(wanted);
      for (let kind = 0; kind < LIMIT_KINDS; kind++) {
        if (wanted[kind] > protection.limit(limitIndex(V5, kind))) mustSet(kind, wanted[kind]);
      }
      for (let kind = LIMIT_KINDS - 1; kind >= 0; kind--) {
        if (wanted[kind] < protection.limit(limitIndex(V5, kind))) mustSet(kind, wanted[kind]);
      }
      for (let kind = 0; kind < LIMIT_KINDS; kind++)
        expect(protection.limit(limitIndex(V5, kind))).toBe(wanted[kind]);
    }
  });

  test("changes the limit that readings are compared with, and its hysteresis", () => {
    const fault = limitIndex(V5, LimitKind.HighFault);
    expect(protection.setLimit(limitIndex(V5, LimitKind.HighWarning), 5000)).toBe(true);
    expect(protection.setLimit(fault, 5000)).toBe(true);
    expect(shows(V5, GOOD_MV, 200) & bit(LimitKind.HighFault)).toBe(bit(LimitKind.HighFault));
    shows(V5, 5000 - V5_HYSTERESIS + 1, 10);
    expect(protection.isActive(fault)).toBe(true);
    shows(V5, 5000 - V5_HYSTERESIS, 10);
    expect(protection.isActive(fault)).toBe(false);
    shows(V5, GOOD_MV, 200);
    expect(protection.isActive(fault)).toBe(true);
    expect(protection.setLimit(fault, 5500)).toBe(true);
    shows(V5, GOOD_MV, 10);
    expect(protection.isActive(fault)).toBe(false, "the limit went up beyond the reading");
  });
});

describe("forgetting", () => {
  test("removes all four kinds", () => {
    for (let kind = 0; kind < LIMIT_KINDS; kind++) {
      shows(V5, beyond(kind, 1), 200);
      expect(protection.isActive(limitIndex(V5, kind))).toBe(true);
      protection.forget(V5);
      expect(protection.active).toBe(0);
    }
  });

  test("ends limits that count, and clears the time that has passed", () => {
    shows(V5, V5_HIGH_FAULT + 1, 200);
    shows(I5, I5_HIGH_FAULT + 1, 300);
    protection.step(now, V5, V5_LOW_FAULT - 1);
    protection.forget(V5);
    for (let kind = 0; kind < LIMIT_KINDS; kind++)
      expect(protection.isActive(limitIndex(V5, kind))).toBe(false);
    expect(protection.isActive(limitIndex(I5, LimitKind.HighFault))).toBe(true, "the other quantity's");
    const due = now + filter_us(LimitKind.LowFault);
    expect(protection.step(due, V5, V5_LOW_FAULT - 1)).toBe(0, "the filter time starts again");
    expect(protection.step(due + filter_us(LimitKind.LowFault), V5, V5_LOW_FAULT - 1)).toBe(
      bit(LimitKind.LowFault),
    );
  });
});
